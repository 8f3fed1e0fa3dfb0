"""`import_roster FILE --school NPSN [--approve] [--column "Heading=field"] [--today DATE] [--json]`: reads, checks, matches;
writes only with --approve. Columns that nobody has explained are a refusal that names them."""

import argparse
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from schools.models import School
from students.models import RosterUpload
from students.problems import RosterRefused
from students.roster import changeset, intake, matching, questions
from students.roster.apply import apply_upload
from students.roster.columns import normalise
from students.roster.limits import MAX_FILE_BYTES
from students.roster.reader import ColumnsUnknown
from students.roster.reading import Roster, read_roster
from students.roster.school_name import is_plainly_another_school

# Somebody else may import between our comparing and our writing; then both are done again.
ATTEMPTS: Final = 3


class Command(BaseCommand):
    help = "Read a school's roster, check it, compare it with what is known; write it only with --approve."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--school", required=True, metavar="NPSN")
        parser.add_argument("--approve", action="store_true", help="import what is ready")
        parser.add_argument("--today", type=date.fromisoformat, metavar="DATE", help="judge ages and the school year on this day")
        parser.add_argument("--force-school", action="store_true", help="the file is this school's although it names another")
        parser.add_argument(
            "--column",
            type=_column,
            action="append",
            default=[],
            metavar="HEADING=FIELD",
            help=f"what a column of this file means, once for each; fields: {', '.join(questions.FIELDS)}; none: HEADING=",
        )
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")

    def handle(self, *args: Any, file: Path, school: str, today: date | None, **options: Any) -> None:
        with translation.override("id"):
            answer = self._answer(
                file,
                school,
                today=today,
                approve=options["approve"],
                is_right_school=options["force_school"],
                answers=dict(options["column"]),
            )
            self.stdout.write(json.dumps(answer, ensure_ascii=False) if options["json"] else _sentences(answer))
        if answer["refused"]:
            raise SystemExit(1)

    def _answer(
        self, file: Path, npsn: str, *, today: date | None, approve: bool, is_right_school: bool, answers: Mapping[str, str]
    ) -> dict[str, Any]:
        try:
            school = _school(npsn)
            data = _content(file)
            now = datetime.combine(today, time(9), school.office.zone) if today else timezone.now()
            return import_file(
                school, data, filename=file.name, approve=approve, is_right_school=is_right_school, now=now, answers=answers
            )
        except ColumnsUnknown as unknown:
            return _asking(file.name, unknown)
        except RosterRefused as refusal:
            return _told(file.name, None, [], refused=(refusal.code, refusal.sentence))
        except ValidationError as refusal:
            return _told(file.name, None, [], refused=(refusal.code or "", refusal.messages[0]))


def import_file(
    school: School,
    data: bytes,
    *,
    filename: str,
    approve: bool,
    is_right_school: bool,
    now: datetime,
    answers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What the command prints; the same importer as the page's, done here without a worker. `answers` (normalised heading →
    field) go before those that the school has given, and are not remembered.

    Raises ValidationError: a refusal of the file, `wrong_school`, `overtaken`.
    """
    today = now.astimezone(school.office.zone).date()
    known = questions.answers_of(school.pk) | dict(answers or {})
    roster = read_roster(data, filename=filename, today=today, regions=intake.regions(), answers=known)
    if roster.asked:
        raise ColumnsUnknown(roster.asked)
    if not is_right_school and is_plainly_another_school(roster.school_name, expected=school.name):
        raise RosterRefused("wrong_school", school=roster.school_name)
    matches = changeset.match_roster(roster, school=school, school_year=intake.school_year(today))
    answer = _told(filename, roster, matches)
    if approve:
        _import(school, roster, data, filename=filename, today=today, now=now)
        answer["applied"] = True
    return answer


def _import(school: School, roster: Roster, data: bytes, *, filename: str, today: date, now: datetime) -> None:
    upload = intake.upload_roster(school=school, data=data, filename=filename, by=None, now=now, ring_worker=False)
    for _attempt in range(ATTEMPTS):
        upload = intake.store(upload=upload, roster=roster, today=today, now=now)
        upload = intake.approve_upload(upload=upload, by=None, now=now, is_right_school=True, ring_worker=False)
        upload = apply_upload(upload=upload, now=now)
        if upload.status == RosterUpload.Status.APPLIED:
            return
    raise ValidationError(_("Somebody else is importing this school's students. Try again in a moment."), code="overtaken")


def _school(npsn: str) -> School:
    found = School.objects.select_related("office").filter(npsn=npsn.upper()).first()
    if found is None:
        raise ValidationError(_("There is no school with the NPSN %(npsn)s."), code="school_unknown", params={"npsn": npsn})
    return found


def _content(file: Path) -> bytes:
    """At most a byte more than is allowed, so that the refusal comes from the reader."""
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError:
        raise ValidationError(
            _("The file %(name)s was not found or cannot be opened."), code="file_not_found", params={"name": file.name}
        ) from None
    if not data:
        raise ValidationError(_("The file is empty. Choose the file that Dapodik gave."), code="file_empty")
    return data


def _told(
    filename: str, roster: Roster | None, matches: Sequence[matching.Match], *, refused: tuple[str, str] | None = None
) -> dict[str, Any]:
    counts = changeset.counts(matches)
    problems = [problem.as_json() for match in matches if match.line for problem in match.line.problems]
    return {
        "file": filename,
        "format": roster.format if roster else None,
        "rows": counts["rows"],
        **{section: counts[section] for section in ("new", "changed", "unchanged", "moved", "similar", "missing")},
        "ready": counts["ready"],
        "problems": problems + [problem.as_json() for problem in (roster.problems if roster else [])],
        "applied": False,
        "refused": {"code": refused[0], "message": refused[1]} if refused else None,
    }


def _asking(filename: str, unknown: ColumnsUnknown) -> dict[str, Any]:
    """The refusal with the headings and what they may be; examples from the file are not printed."""
    answer = _told(filename, None, [], refused=(unknown.code, unknown.sentence))
    answer["refused"]["questions"] = [
        {"heading": question.shown, "guess": question.guess or None} for question in unknown.asked.questions
    ]
    return answer


def _column(written: str) -> tuple[str, str]:
    """ "Pelajar=name" → ("pelajar", "name")."""
    heading, sign, field = written.rpartition("=")
    if not sign or not normalise(heading) or (field and field not in questions.FIELDS):
        raise argparse.ArgumentTypeError(f"'{written}' is not HEADING=FIELD with one of the fields")
    return normalise(heading), field


def _sentences(answer: dict[str, Any]) -> str:
    if answer["refused"]:
        refused = f"{answer['file']}: ditolak. {answer['refused']['message']}"
        asked = [f'--column "{one["heading"]}={one["guess"] or ""}"' for one in answer["refused"].get("questions", [])]
        return "\n".join([refused, *asked])
    lines = [
        f"{answer['file']}: {answer['rows']} baris ({answer['format']}), {answer['ready']} siap.",
        f"Baru {answer['new']}, berubah {answer['changed']}, sudah ada {answer['unchanged']}.",
        f"Pindah {answer['moved']}, mirip {answer['similar']}, tidak ada di berkas {answer['missing']}.",
        *(f"Baris {problem['row']}, {problem['column'] or '-'}: {problem['message']}" for problem in answer["problems"]),
        "Sudah diimpor." if answer["applied"] else "Belum ada yang disimpan; tambahkan --approve untuk mengimpor.",
    ]
    return "\n".join(lines)
