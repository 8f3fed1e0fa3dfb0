"""The visits of who is invited: what a slip's QR and its typed code lead to."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from drives.models import Drive, Visit

# Without letters and digits that look alike on paper.
CODE_LETTERS: Final = "ABCDEFGHJKMNPQRTUVWXYZ2346789"
CODE_LENGTH: Final = 6


def new_token() -> str:
    """Random and revocable, for the slip's QR and the student's own link."""
    return secrets.token_urlsafe(16)


def new_code(*, taken: set[str]) -> str:
    """A code that is free in its drive; it is added to `taken`."""
    while True:
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        if code not in taken:
            taken.add(code)
            return code


def make_visits(*, drive: Drive, people: Iterable[UUID], now: datetime) -> int:
    """A visit for each person who has none in this drive; one that stands keeps its token and code."""
    rows = list(Visit.objects.filter(drive=drive).values_list("person_id", "code"))
    known, taken = {person for person, _code in rows}, {code for _person, code in rows}
    made = [
        Visit(
            drive=drive,
            person_id=person,
            school_id=drive.school_id,
            office_id=drive.office_id,
            token=new_token(),
            code=new_code(taken=taken),
            created_at=now,
        )
        for person in people
        if person not in known
    ]
    Visit.objects.bulk_create(made)
    return len(made)
