"""Whether a guest is known and needs recording, asked at the door. Nothing more is told, every question is counted and noted."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from drives.models import DriveDay
from schools.models import AuditEntry, User, record_access
from schools.names import normalise
from students import nik as nik_digits
from students.models import Person
from students.privacy import digest

# A guest without a birth date and NIK is of no cohort; the century of a NIK is then the nearest to this.
TYPICAL_BIRTH: Final = date(1985, 1, 1)
QUARTER_SECONDS: Final = 15 * 60
# A guest every 20 seconds; a NIK cannot be guessed at this pace.
MOST_A_QUARTER: Final = 45


@dataclass(frozen=True, slots=True)
class Known:
    """`needs_recording` is None where nobody is known."""

    is_known: bool = False
    needs_recording: bool | None = None


def look_up(*, drive_day: DriveDay, nik: str, name: str, birth_date: date | None, by: User, now: datetime) -> Known:
    """NIK, name and birth date must be those of one person; one of them wrong is answered like an unknown NIK.

    Raises ValidationError: `too_many_look_ups`; beside `nik` what `students.nik.read` raises; beside `name` and
    `birth_date` that they are missing.
    """
    _check(name, birth_date)
    digits = _digits(nik, birth_date)
    _count(by.pk)
    person = Person.objects.filter(nik_digest=digest(digits)).only("name", "birth_date", "recorded_on").first()
    is_same = person is not None and words_of(person.name) == words_of(name) and person.birth_date in (None, birth_date)
    known = Known(True, person.recorded_on is None) if person and is_same else Known()
    record_access(
        action=AuditEntry.Action.LOOKED_UP,
        subject=person if person and is_same else drive_day,
        by=by,
        at=now,
        office_id=drive_day.office_id,
        school_id=drive_day.drive.school_id,
        detail={"known": known.is_known},
    )
    return known


def words_of(name: str) -> list[str]:
    return sorted(normalise(name).split())


def _check(name: str, birth_date: date | None) -> None:
    problems = {}
    if not normalise(name):
        problems["name"] = ValidationError(_("Write the name as on the family card."), code="name_missing")
    if birth_date is None:
        problems["birth_date"] = ValidationError(_("To look up a NIK the birth date is needed."), code="birth_date_missing")
    if problems:
        raise ValidationError(problems)


def _digits(nik: str, birth_date: date | None) -> str:
    try:
        return nik_digits.read(nik, declared=birth_date, cohort=TYPICAL_BIRTH).digits
    except ValidationError as error:
        raise ValidationError({"nik": error}) from None


def _count(user_id: UUID) -> None:
    """Where nobody counts, nothing is looked up."""
    key = f"look-up:{user_id.hex}"
    try:
        cache.add(key, 0, QUARTER_SECONDS)
        is_within = cache.incr(key) <= MOST_A_QUARTER
    except ValueError:  # it ran out between the two
        is_within = True
    except RedisError:
        is_within = False
    if not is_within:
        raise ValidationError(_("Too many NIKs were looked up. Wait a quarter of an hour."), code="too_many_look_ups")
