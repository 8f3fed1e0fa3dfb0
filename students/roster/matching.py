"""Which line is about whom: pure, over plain values. Never merges two people silently, never splits one.

A line finds its person by the NIK (in the whole database), else by NISN or by name and birth date among the pupils of
the school. What is only nearly the same is `similar`: a person decides, since twins are real.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from rapidfuzz.fuzz import token_sort_ratio

from schools.names import normalise
from students.problems import Problem
from students.roster.checks import RosterLine

# Of 100: a letter or a word away, as names are mistyped.
SAME_NAME: Final = 86
NEAR_NAME: Final = 88

NEW, CHANGED, UNCHANGED = "new", "changed", "unchanged"
MOVED, SIMILAR, MISSING, HELD = "moved", "similar", "missing", "held"
SECTIONS: Final = (HELD, MOVED, SIMILAR, CHANGED, NEW, UNCHANGED, MISSING)


@dataclass(frozen=True, slots=True)
class Known:
    """A person in the database, as far as matching needs. `school_id` is that of the live enrolment."""

    person_id: UUID
    name: str
    search_name: str
    sex: str
    birth_date: date | None
    has_nik: bool
    school_id: UUID | None = None
    nisn: str = ""
    class_name: str = ""
    grade: int | None = None
    school_year: int | None = None
    birth_place: str = ""
    phone: str = ""
    address: str = ""
    domicile: str = ""


@dataclass(slots=True)
class Match:
    """A line with its section, the person it is about or resembles, and what would change (old, new)."""

    line: RosterLine | None
    section: str
    search_name: str = ""
    domicile: str = ""
    digest: bytes | None = None
    known: Known | None = None
    changes: dict[str, list[Any]] = field(default_factory=dict)
    gains_nik: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line with what was computed once for all lines."""

    line: RosterLine
    search_name: str
    digest: bytes | None
    domicile: str = ""


def match(
    candidates: Sequence[Candidate],
    *,
    school_id: UUID,
    school_year: int,
    by_digest: Mapping[bytes, Known],
    pupils: Sequence[Known],
) -> list[Match]:
    """Every line in its section, in the order of the file, then who is missing from it.

    `by_digest` are persons of the whole database with a NIK of this file, `pupils` those enrolled at the school now.
    """
    matcher = _Matcher(school_id, school_year, by_digest, pupils)
    found = [matcher.line(candidate) for candidate in candidates]
    return found + matcher.missing()


def same_person(known: Known, search_name: str, birth_date: date | None) -> bool:
    """Name and birth date agree: the name up to a mistyped letter or a turned word, the birth date exactly."""
    return known.birth_date == birth_date and token_sort_ratio(known.search_name, search_name) >= SAME_NAME


class _Matcher:
    def __init__(self, school_id: UUID, school_year: int, by_digest: Mapping[bytes, Known], pupils: Sequence[Known]) -> None:
        self.school_id, self.school_year, self.by_digest = school_id, school_year, by_digest
        self.pupils = {known.person_id: known for known in pupils}
        self.by_nisn = {known.nisn: known for known in pupils if known.nisn}
        self.by_birth: defaultdict[date | None, list[Known]] = defaultdict(list)
        self.by_name: defaultdict[str, list[Known]] = defaultdict(list)
        for known in pupils:
            self.by_birth[known.birth_date].append(known)
            self.by_name[known.search_name].append(known)
        self.taken: set[UUID] = set()

    def line(self, candidate: Candidate) -> Match:
        if not candidate.line.ready:
            return self._match(candidate, HELD)
        if candidate.digest and (known := self.by_digest.get(candidate.digest)):
            return self._by_nik(candidate, known)
        return self._by_data(candidate)

    def missing(self) -> list[Match]:
        """Pupils whom no line is about; asked about, never assumed to have left."""
        rest = [known for known in self.pupils.values() if known.person_id not in self.taken]
        return [
            Match(None, MISSING, known=known) for known in sorted(rest, key=lambda known: (known.search_name, known.person_id))
        ]

    def _by_nik(self, candidate: Candidate, known: Known) -> Match:
        line, here = candidate.line, known.school_id == self.school_id
        agrees = same_person(known, candidate.search_name, line.birth_date)
        if here and not agrees:
            # At one's own school one of the two may be a correction; both at once would be another child.
            agrees = known.birth_date == line.birth_date or known.search_name == candidate.search_name
        if not agrees:
            line.problems.append(Problem("nik_of_another_student", line.row, "NIK"))
            line.nik, line.nik_problem = None, "nik_of_another_student"
            line.ready = bool(line.class_name)
            stripped = Candidate(line, candidate.search_name, None, candidate.domicile)
            return self._by_data(stripped) if line.ready else self._match(stripped, HELD)
        if here:
            return self._enrolled_here(candidate, known)
        if known.school_id is None:
            return self._take(candidate, NEW, known)
        return self._take(candidate, MOVED, known)

    def _by_data(self, candidate: Candidate) -> Match:
        line = candidate.line
        by_nisn = self.by_nisn.get(line.nisn) if line.nisn else None
        if by_nisn and (by_nisn.birth_date == line.birth_date or by_nisn.search_name == candidate.search_name):
            return self._same_or_similar(candidate, by_nisn)
        exact = [known for known in self.by_birth[line.birth_date] if known.search_name == candidate.search_name]
        if len(exact) == 1:
            return self._same_or_similar(candidate, exact[0])
        near = exact or self._near(candidate)
        return self._match(candidate, SIMILAR, near[0]) if near else self._match(candidate, NEW)

    def _same_or_similar(self, candidate: Candidate, known: Known) -> Match:
        """The same pupil, unless both have a NIK and these differ (else the NIK would have found them)."""
        if candidate.digest and known.has_nik:
            return self._match(candidate, SIMILAR, known)
        return self._enrolled_here(candidate, known)

    def _near(self, candidate: Candidate) -> list[Known]:
        """Born on the same day with a near name, or of the same name with day and month turned round."""
        line = candidate.line
        born_alike = [
            known
            for known in self.by_birth[line.birth_date]
            if token_sort_ratio(known.search_name, candidate.search_name) >= NEAR_NAME
        ]
        turned = [known for known in self.by_name[candidate.search_name] if _is_turned(known.birth_date, line.birth_date)]
        return [known for known in born_alike + turned if known.person_id not in self.taken]

    def _enrolled_here(self, candidate: Candidate, known: Known) -> Match:
        changes = self._changes(candidate, known)
        gains = bool(candidate.digest and not known.has_nik)
        is_new_year = known.school_year != self.school_year
        found = self._take(candidate, CHANGED if changes or gains or is_new_year else UNCHANGED, known)
        found.changes, found.gains_nik = changes, gains
        return found

    def _changes(self, candidate: Candidate, known: Known) -> dict[str, list[Any]]:
        """What the file says otherwise; an empty cell takes nothing away."""
        line = candidate.line
        pairs = {
            "name": (known.name, line.name),
            "sex": (known.sex, line.sex),
            "birth_date": (_iso(known.birth_date), _iso(line.birth_date)),
            "birth_place": (known.birth_place, line.birth_place),
            "nisn": (known.nisn, line.nisn),
            "class": (known.class_name, line.class_name),
            "phone": (known.phone, line.phone),
            "address": (known.address, line.address),
            "domicile": (known.domicile, candidate.domicile),
        }
        changed = {name: [old, new] for name, (old, new) in pairs.items() if new and new != old}
        if "name" in changed and normalise(known.name) == candidate.search_name:
            del changed["name"]
        return changed

    def _take(self, candidate: Candidate, section: str, known: Known) -> Match:
        """One person is one line: of a second line about the same person a human decides."""
        if known.person_id in self.taken:
            return self._match(candidate, SIMILAR, known)
        self.taken.add(known.person_id)
        return self._match(candidate, section, known)

    def _match(self, candidate: Candidate, section: str, known: Known | None = None) -> Match:
        if section == SIMILAR and known:
            # Not "missing" either: the file says something about this pupil, and a decision is asked for.
            self.taken.add(known.person_id)
        return Match(candidate.line, section, candidate.search_name, candidate.domicile, candidate.digest, known)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _is_turned(one: date | None, other: date | None) -> bool:
    """2009-03-04 and 2009-04-03: day and month turned round, as some programs write dates."""
    return bool(one and other and one != other and (one.year, one.month, one.day) == (other.year, other.day, other.month))
