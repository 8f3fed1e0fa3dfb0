"""Which line is about whom: pure, over plain values. Never merges two people silently, never splits one.

A line finds its person by the NIK (in the whole database), else by NISN or by name and birth date among the pupils of
the school. What is only nearly the same is `similar`: a person decides, since twins are real.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple
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
# Of who is missing, those whose school years are over, and those of whom this file says nothing (`new_year`).
GRADUATED, LEFT_ALONE = "graduated", "left_alone"
SECTIONS: Final = (HELD, MOVED, SIMILAR, CHANGED, NEW, UNCHANGED, MISSING, GRADUATED, LEFT_ALONE)


class Known(NamedTuple):
    """A person in the database, as far as matching needs. `school_id` is that of the live enrolment. (A tuple, as a candidate
    is: of either there are thousands.)"""

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


class Candidate(NamedTuple):
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
    digests = [candidate.digest for candidate in candidates if candidate.digest]
    if len(set(digests)) < len(digests):
        raise ValueError("Two lines with one NIK: the checks of a file take it from both.")
    matcher = _Matcher(school_id, school_year, by_digest, pupils)
    found = matcher.lines(candidates)
    return found + matcher.missing()


def same_person(known: Known, search_name: str, birth_date: date | None) -> bool:
    """Name and birth date agree: the name up to a mistyped letter or a turned word, the birth date exactly."""
    return known.birth_date == birth_date and token_sort_ratio(known.search_name, search_name) >= SAME_NAME


class _Matcher:
    """The surest evidence first, over all lines: a NIK, then NISN or name and birth date, then what is only near. So the
    order of the lines in the file decides nothing."""

    def __init__(self, school_id: UUID, school_year: int, by_digest: Mapping[bytes, Known], pupils: Sequence[Known]) -> None:
        self.school_id, self.school_year, self.by_digest = school_id, school_year, by_digest
        pupils = sorted(pupils, key=lambda known: known.person_id)
        self.pupils = {known.person_id: known for known in pupils}
        self.by_nisn = {known.nisn: known for known in pupils if known.nisn}
        self.by_birth: defaultdict[date | None, list[Known]] = defaultdict(list)
        self.by_name: defaultdict[str, list[Known]] = defaultdict(list)
        for known in pupils:
            self.by_birth[known.birth_date].append(known)
            self.by_name[known.search_name].append(known)
        # Whose line is found; and whom the file says anything about at all, so that they are not missing from it.
        self.taken: set[UUID] = set()
        self.mentioned: set[UUID] = set()

    def lines(self, candidates: Sequence[Candidate]) -> list[Match]:
        found: dict[int, Match] = {}
        rest: list[tuple[int, Candidate]] = []
        for place, candidate in enumerate(candidates):
            known = self.by_digest.get(candidate.digest) if candidate.digest else None
            if not candidate.line.ready:
                found[place] = self._held(candidate)
            elif known is None:
                rest.append((place, candidate))
            elif self._agrees(candidate, known):
                found[place] = self._by_nik(candidate, known)
            elif (stripped := _without_nik(candidate)).line.ready:
                rest.append((place, stripped))
            else:
                found[place] = self._held(stripped)
        found |= self._by_data(rest)
        return [found[place] for place in range(len(candidates))]

    def missing(self) -> list[Match]:
        """Pupils about whom no line says anything; asked about, never assumed to have left."""
        rest = [known for known in self.pupils.values() if known.person_id not in self.mentioned]
        return [
            Match(None, MISSING, known=known) for known in sorted(rest, key=lambda known: (known.search_name, known.person_id))
        ]

    def _held(self, candidate: Candidate) -> Match:
        """Does not enter; but whom it seems to be about has not left the school."""
        seen = [self.by_digest.get(candidate.digest or b""), self.by_nisn.get(candidate.line.nisn)]
        seen += self.by_name.get(candidate.search_name, [])
        self.mentioned.update(known.person_id for known in seen if known)
        return self._match(candidate, HELD)

    def _agrees(self, candidate: Candidate, known: Known) -> bool:
        """At one's own school one of name and birth date may be a correction; both at once would be another child."""
        if same_person(known, candidate.search_name, candidate.line.birth_date):
            return True
        is_one_the_same = known.birth_date == candidate.line.birth_date or known.search_name == candidate.search_name
        return known.school_id == self.school_id and is_one_the_same

    def _by_nik(self, candidate: Candidate, known: Known) -> Match:
        if known.school_id == self.school_id:
            return self._enrolled_here(candidate, known)
        return self._take(candidate, NEW if known.school_id is None else MOVED, known)

    def _by_data(self, rest: Sequence[tuple[int, Candidate]]) -> dict[int, Match]:
        """Who is found for sure before who is only near; of two lines about one pupil a person decides."""
        sure = {place: known for place, candidate in rest if (known := self._sure(candidate))}
        claims = Counter(known.person_id for known in sure.values())
        alone = {place for place, known in sure.items() if claims[known.person_id] == 1 and known.person_id not in self.taken}
        found = {}
        for place, candidate in rest:
            if place in alone:
                found[place] = self._same_or_similar(candidate, sure[place])
        for place, candidate in rest:
            if place not in alone:
                found[place] = self._similar_or_new(candidate, sure.get(place))
        return found

    def _sure(self, candidate: Candidate) -> Known | None:
        line = candidate.line
        by_nisn = self.by_nisn.get(line.nisn) if line.nisn else None
        if by_nisn and (by_nisn.birth_date == line.birth_date or by_nisn.search_name == candidate.search_name):
            return by_nisn
        exact = self._exact(candidate)
        return exact[0] if len(exact) == 1 else None

    def _exact(self, candidate: Candidate) -> list[Known]:
        born_alike = self.by_birth.get(candidate.line.birth_date, ())
        return [known for known in born_alike if known.search_name == candidate.search_name]

    def _same_or_similar(self, candidate: Candidate, known: Known) -> Match:
        """The same pupil, unless both have a NIK and these differ (else the NIK would have found them)."""
        if candidate.digest and known.has_nik:
            return self._match(candidate, SIMILAR, known)
        return self._enrolled_here(candidate, known)

    def _similar_or_new(self, candidate: Candidate, sure: Known | None) -> Match:
        near = [sure] if sure else self._exact(candidate) or self._near(candidate)
        return self._match(candidate, SIMILAR, near[0]) if near else self._match(candidate, NEW)

    def _near(self, candidate: Candidate) -> list[Known]:
        """Born on the same day with a near name, or of the same name with day and month turned round; the nearest first.

        Two who each have a NIK and a line of their own in this file are two: twins, most often.
        """
        line = candidate.line
        nearness = {}
        for known in self.by_birth.get(line.birth_date, ()):
            ratio = token_sort_ratio(known.search_name, candidate.search_name)
            if ratio >= NEAR_NAME:
                nearness[known] = ratio
        for known in self.by_name.get(candidate.search_name, ()):
            if _is_turned(known.birth_date, line.birth_date):
                nearness[known] = 100.0
        near = [known for known in nearness if not (candidate.digest and known.has_nik and known.person_id in self.taken)]
        return sorted(near, key=lambda known: (-nearness[known], known.person_id))

    def _enrolled_here(self, candidate: Candidate, known: Known) -> Match:
        changes = self._changes(candidate, known)
        gains = bool(candidate.digest and not known.has_nik)
        is_new_year = known.school_year != self.school_year
        found = self._take(candidate, CHANGED if changes or gains or is_new_year else UNCHANGED, known)
        if is_new_year:
            changes = {"year": [str(known.school_year or ""), str(self.school_year)]} | changes
        found.changes, found.gains_nik = changes, gains
        return found

    def _changes(self, candidate: Candidate, known: Known) -> dict[str, list[Any]]:
        """What the file says otherwise; an empty cell takes nothing away."""
        line = candidate.line
        if (
            known.name, known.sex, known.birth_date, known.birth_place, known.nisn, known.class_name, known.phone, known.address,
            known.domicile,
        ) == (
            line.name, line.sex, line.birth_date, line.birth_place, line.nisn, line.class_name, line.phone, line.address,
            candidate.domicile,
        ):  # fmt: skip
            return {}
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
        self.taken.add(known.person_id)
        return self._match(candidate, section, known)

    def _match(self, candidate: Candidate, section: str, known: Known | None = None) -> Match:
        if known:
            self.mentioned.add(known.person_id)
        return Match(candidate.line, section, candidate.search_name, candidate.domicile, candidate.digest, known)


def _without_nik(candidate: Candidate) -> Candidate:
    """The number belongs to another student: it is not used, and the line enters only if its class tells who it is."""
    line = candidate.line
    line.problems.append(Problem("nik_of_another_student", line.row, "NIK"))
    line.nik, line.nik_problem = None, "nik_of_another_student"
    line.ready = bool(line.class_name)
    return Candidate(line, candidate.search_name, None, candidate.domicile)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _is_turned(one: date | None, other: date | None) -> bool:
    """2009-03-04 and 2009-04-03: day and month turned round, as some programs write dates."""
    return bool(one and other and one != other and (one.year, one.month, one.day) == (other.year, other.day, other.month))
