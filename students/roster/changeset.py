"""The changeset of an upload: lines matched with the database, and stored beside the upload until somebody says yes."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.db import connection
from psycopg.copy import QueuedLibpqWriter

from schools.models import School
from schools.names import normalise
from students import privacy
from students.models import RosterUpload
from students.roster import domicile, matching, new_year, worklist
from students.roster.copying import ROWS_AT_ONCE, block
from students.roster.matching import Candidate, Known, Match
from students.roster.overlay import Address, address
from students.roster.reading import Roster
from students.roster.row_ids import row_ids

KNOWN: Final = """
    SELECT person.nik_digest, person.id, person.name, person.search_name, person.sex, person.birth_date,
           person.nik_digest IS NOT NULL, enrolment.school_id, COALESCE(enrolment.nisn, ''), COALESCE(class_group.name, ''),
           class_group.grade, enrolment.school_year, person.birth_place, person.phone, person.address,
           COALESCE(person.domicile_id, '')
      FROM students_person AS person
      LEFT JOIN students_enrolment AS enrolment ON enrolment.person_id = person.id AND enrolment.ends_on IS NULL
      LEFT JOIN students_classgroup AS class_group ON class_group.id = enrolment.class_group_id
"""
KNOWN_BY_DIGEST: Final = f"""
    {KNOWN}
     WHERE person.nik_digest = ANY(ARRAY(SELECT decode(digest, 'hex') FROM unnest(string_to_array(%s, ',')) AS digest))
       AND person.anonymised_at IS NULL
"""  # noqa: S608
BEFORE: Final = "SELECT id, sheet, row_number, section, person_id, decision FROM students_rosterrow WHERE upload_id = %s"
COLUMNS: Final = (
    "id", "upload_id", "school_id", "office_id", "row_number", "sheet", "section", "decision", "name", "search_name", "sex",
    "birth_date", "birth_place", "nik_sealed", "nik_digest", "nik_problem", "nisn", "grade", "class_name", "phone", "address",
    "domicile_code", "city_code", "person_id", "made_person", "changes", "problems",
)  # fmt: skip


def write(*, upload: RosterUpload, roster: Roster) -> dict[str, Any]:
    """Match the lines and replace the rows of the upload; returns the counts that the page and the command show. A row whose
    line was there before keeps its id, and its decision where it is still about the same."""
    matches = match_roster(roster, school=upload.school, school_year=upload.school_year or 0)
    if upload.follows_id:
        left = _left_by_the_import(upload)
        matches = [match for match in matches if match.line and address(match.line.sheet, match.line.row) in left]
    with connection.cursor() as cursor:
        before = _Before(cursor, upload)
        cursor.execute("DELETE FROM students_rosterrow WHERE upload_id = %s", [upload.pk])
        # Sent by a thread of its own, so that the next rows are sealed while the server stores these.
        writer = QueuedLibpqWriter(cursor.cursor)
        with cursor.copy(f"COPY students_rosterrow ({', '.join(COLUMNS)}) FROM STDIN", writer=writer) as copy:
            rows = _rows(upload, _to_ask_about(matches), before)
            while some := list(islice(rows, ROWS_AT_ONCE)):
                copy.write(block(some))
    return counts(matches)


class _Before:
    """The rows of an earlier reading: their ids by line, and what was decided about whom."""

    def __init__(self, cursor: Any, upload: RosterUpload) -> None:
        self.ids: dict[Address, UUID] = {}
        self.fresh = row_ids()
        self.decisions: dict[tuple[str, int, str, UUID | None], str] = {}
        if upload.read_at is None:
            return
        cursor.execute(BEFORE, [upload.pk])
        for row_id, sheet, row_number, section, person_id, decision in cursor.fetchall():
            if row_number:
                self.ids[sheet, row_number] = row_id
            self.decisions[sheet, row_number, section, person_id] = decision

    def id_of(self, match: Match) -> UUID:
        """Given once: two sheets of one name may share a number."""
        line = match.line if self.ids else None
        return (self.ids.pop(address(line.sheet, line.row), None) if line else None) or next(self.fresh)

    def decision_on(self, match: Match, person_id: UUID | None) -> str | None:
        """None where nobody was asked."""
        if not self.decisions:
            return None
        at = address(match.line.sheet, match.line.row) if match.line else ("", 0)
        return self.decisions.get((*at, match.section, person_id))


def _left_by_the_import(upload: RosterUpload) -> set[Address]:
    newest = worklist.newest_of(upload)
    return worklist.lines_left(newest) if newest else set()


def imports_of(school_id: UUID) -> int:
    """How often a roster of the school was imported or undone: one more, and what was compared before is out of date."""
    uploads = RosterUpload.objects.filter(school=school_id)
    return uploads.filter(applied_at__isnull=False).count() + uploads.filter(undone_at__isnull=False).count()


def match_roster(roster: Roster, *, school: School, school_year: int) -> list[Match]:
    """The roster's lines against the database; writes nothing."""
    homes = domicile.codes_of({(line.village, line.district) for line in roster.lines}, school=school)
    digest = privacy.digester()
    candidates = [
        Candidate(line, normalise(line.name), digest(line.nik) if line.nik else None, homes[line.village, line.district])
        for line in roster.lines
    ]
    pupils = pupils_of(school.pk)
    by_digest = {digest: known for digest, known in pupils if digest}
    elsewhere = [found.digest for found in candidates if found.digest and found.digest not in by_digest]
    matches = matching.match(
        candidates,
        school_id=school.pk,
        school_year=school_year,
        by_digest=by_digest | known_by_digest(elsewhere),
        pupils=[known for _digest, known in pupils],
    )
    _settle_the_new_year(matches, [known for _digest, known in pupils], school_year=school_year)
    return matches


def _settle_the_new_year(matches: Sequence[Match], pupils: Sequence[Known], *, school_year: int) -> None:
    """Who is missing gets a fate in place of the plain "not in the file"."""
    missing = {match.known.person_id: match for match in matches if match.section == matching.MISSING and match.known}
    standing = [
        new_year.Pupil(known.person_id, known.grade, known.school_year or school_year, known.person_id not in missing)
        for known in pupils
    ]
    grades = [match.line.grade for match in matches if match.line]
    for person_id, fate in new_year.settle(standing, grades=grades, school_year=school_year).items():
        missing[person_id].section = fate


def known_by_digest(digests: Sequence[bytes]) -> dict[bytes, Known]:
    """Persons with one of these NIKs, wherever they are enrolled. The one narrow door beyond the school's own pupils:
    what it finds elsewhere is compared and never shown."""
    if not digests:
        return {}
    with connection.cursor() as cursor:
        # One text: 12,000 parameters would each be written and read on their own.
        cursor.execute(KNOWN_BY_DIGEST, [",".join([digest.hex() for digest in digests])])
        return {bytes(digest): Known(*facts) for digest, *facts in cursor.fetchall()}


def pupils_of(school_id: UUID) -> list[tuple[bytes | None, Known]]:
    """Who is enrolled at the school now, with the digest of the NIK."""
    with connection.cursor() as cursor:
        cursor.execute(KNOWN + " WHERE enrolment.school_id = %s", [school_id])
        return [(bytes(digest) if digest else None, Known(*facts)) for digest, *facts in cursor.fetchall()]


def counts(matches: Iterable[Match]) -> dict[str, Any]:
    """Lines by section; of these ready, without a usable NIK, held; and how often each problem occurs."""
    found = list(matches)
    sections = Counter(match.section for match in found)
    lines = [match.line for match in found if match.line]
    return {
        "rows": len(lines),
        "ready": sum(line.ready for line in lines),
        # A pupil whose number is known keeps it, whatever the file has made of it.
        "without_nik": sum(_has_no_nik(match) and not _is_known_by_nik(match) for match in found),
        "keeps_nik": sum(_has_no_nik(match) and _is_known_by_nik(match) for match in found),
        "classes": len({line.class_name for line in lines if line.class_name}),
        **{section: sections[section] for section in matching.SECTIONS},
        "problems": dict(sorted(Counter(problem.code for line in lines for problem in line.problems).items())),
        # For a part of a school at the start of a year: last year's pupils of whom the file says nothing, and what it holds.
        "left_alone_by_grade": new_year.by_grade(
            match.known.grade for match in found if match.section == matching.LEFT_ALONE and match.known
        ),
        "grades": new_year.mostly(line.grade for line in lines),
    }


def _has_no_nik(match: Match) -> bool:
    return bool(match.line and match.line.ready and match.line.nik is None)


def _is_known_by_nik(match: Match) -> bool:
    return match.section in (matching.CHANGED, matching.UNCHANGED) and bool(match.known and match.known.has_nik)


def _to_ask_about(matches: Sequence[Match]) -> list[Match]:
    """All but the lines that say nothing new; these are counted. One stays where another line may be the same person."""
    resembled = {match.known.person_id for match in matches if match.section == matching.SIMILAR and match.known}
    return [
        match
        for match in matches
        if match.section not in (matching.UNCHANGED, matching.LEFT_ALONE)
        or (match.line and match.line.problems)
        or (match.known and match.known.person_id in resembled)
    ]


def _rows(upload: RosterUpload, matches: Sequence[Match], before: _Before) -> Iterator[tuple[Any, ...]]:
    seal = privacy.sealer()
    # As text, once for all rows.
    ours = (str(upload.pk), str(upload.school_id), str(upload.office_id))
    for match in matches:
        row_id = before.id_of(match)
        scope = (row_id, *ours)
        yield scope + (_missing(match, before) if match.line is None else _line(row_id, match, seal, before))


def _line(row_id: UUID, match: Match, seal: Callable[[str, UUID], bytes], before: _Before) -> tuple[Any, ...]:
    line, known = match.line, match.known
    assert line is not None
    is_made = match.section == matching.NEW and known is None
    person_id = known.person_id if known else row_id if is_made else None
    is_sealed = line.nik is not None and match.section not in (matching.HELD, matching.UNCHANGED)
    changes: Mapping[str, Any] = match.changes | ({"nik": ["", ""]} if match.gains_nik else {})
    return (
        line.row,
        line.sheet[:60],
        match.section,
        before.decision_on(match, person_id) or "",
        line.name,
        match.search_name,
        line.sex,
        line.birth_date,
        line.birth_place,
        # A new person takes this row's id, so the seal stays good; on an existing one it is sealed anew.
        seal(line.nik, row_id) if line.nik and is_sealed else None,
        match.digest if is_sealed else None,
        line.nik_problem,
        line.nisn,
        line.grade,
        line.class_name,
        line.phone,
        line.address,
        match.domicile,
        match.domicile[:5],
        person_id,
        is_made,
        json.dumps(changes) if changes else "{}",
        json.dumps([problem.as_json() for problem in line.problems]) if line.problems else "[]",
    )


def _missing(match: Match, before: _Before) -> tuple[Any, ...]:
    known = match.known
    assert known is not None
    decided = before.decision_on(match, known.person_id)
    return (
        0,
        "",
        match.section,
        decided if decided is not None else "graduated" if match.section == matching.GRADUATED else "",
        known.name,
        known.search_name,
        known.sex,
        known.birth_date,
        "",
        None,
        None,
        "",
        known.nisn,
        known.grade,
        known.class_name,
        "",
        "",
        "",
        "",
        known.person_id,
        False,
        "{}",
        "[]",
    )
