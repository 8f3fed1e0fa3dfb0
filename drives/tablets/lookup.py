"""Whether a guest is known and needs recording, asked at the door. Nothing more is told, and one thing wrong is as all."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.core.exceptions import ValidationError

from schools.names import normalise
from students import nik as nik_digits
from students.models import Person
from students.privacy import digest

# A guest without a birth date and NIK is of no cohort; the century of a NIK is then the nearest to this.
TYPICAL_BIRTH: Final = date(1985, 1, 1)


@dataclass(frozen=True, slots=True)
class Known:
    is_known: bool
    needs_recording: bool | None


UNKNOWN: Final = Known(is_known=False, needs_recording=None)


def look_up(*, nik: str, name: str, birth_date: date) -> Known:
    """NIK, name and birth date must all be those of one person; a NIK that is none is unknown like any other."""
    try:
        digits = nik_digits.read(nik, declared=birth_date, cohort=TYPICAL_BIRTH).digits
    except ValidationError:
        return UNKNOWN
    person = Person.objects.filter(nik_digest=digest(digits)).only("name", "birth_date", "recorded_on").first()
    if person is None or _words(person.name) != _words(name) or person.birth_date != birth_date:
        return UNKNOWN
    return Known(is_known=True, needs_recording=person.recorded_on is None)


def _words(name: str) -> list[str]:
    return sorted(normalise(name).split())
