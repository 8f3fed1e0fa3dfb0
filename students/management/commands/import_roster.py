"""`import_roster FILE --school NPSN [--approve] [--today DATE] [--json]`: reads, checks, matches; writes only with --approve."""

import json
from argparse import ArgumentTypeError
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone, translation

from schools.models import School
from students.models import RosterUpload
from students.problems import RosterRefused
from students.roster import changeset, intake, matching
from students.roster.apply import apply_upload
from students.roster.reading import Roster, read_roster


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("a date like 2026-11-21 is needed") from None


class Command(BaseCommand):
    help = "Read a school's roster, check it, compare it with what is known; write it only with --approve."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--school", required=True, metavar="NPSN")
        parser.add_argument("--approve", action="store_true", help="import what is ready")
        parser.add_argument("--today", type=day, help="judge ages and the school year on this day")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")

    def handle(self, *args: Any, file: Path, school: str, approve: bool, today: date | None, **options: Any) -> None:
        found = School.objects.select_related("office").filter(npsn=school.upper()).first()
        if found is None:
            self._refuse(f"Tidak ada sekolah dengan NPSN {school}.", code=1)
        if not file.is_file():
            self._refuse(f"Berkas tidak ditemukan: {file.name}", code=1)
        now = datetime.combine(today, time(9), found.office.zone) if today else timezone.now()
        with translation.override("id"):
            answer = import_file(found, file, approve=approve, now=now)
            self.stdout.write(json.dumps(answer, ensure_ascii=False) if options["json"] else _sentences(answer))
        if answer["refused"]:
            raise SystemExit(1)

    def _refuse(self, sentence: str, *, code: int) -> NoReturn:
        self.stderr.write(sentence)
        raise SystemExit(code)


def import_file(school: School, file: Path, *, approve: bool, now: datetime) -> dict[str, Any]:
    """What the command prints; the same importer as the page's, done here without a worker."""
    data = file.read_bytes()
    today = now.astimezone(school.office.zone).date()
    try:
        roster = read_roster(data, filename=file.name, today=today, regions=intake.regions())
    except RosterRefused as refusal:
        return _answer(file, None, [], refusal=refusal)
    matches = changeset.match_roster(roster, school=school, school_year=intake.school_year(today))
    answer = _answer(file, roster, matches)
    if approve:
        upload = intake.upload_roster(school=school, data=data, filename=file.name, by=None, now=now)
        upload = intake.store(upload=upload, roster=roster, today=today, now=now)
        upload = apply_upload(upload=intake.approve_upload(upload=upload, by=None, now=now), now=now)
        answer["applied"] = upload.status == RosterUpload.Status.APPLIED
    return answer


def _answer(
    file: Path, roster: Roster | None, matches: list[matching.Match], *, refusal: RosterRefused | None = None
) -> dict[str, Any]:
    counts = changeset.counts(matches)
    problems = [problem.as_json() for match in matches if match.line for problem in match.line.problems]
    return {
        "file": file.name,
        "format": roster.format if roster else None,
        "rows": counts["rows"],
        **{section: counts[section] for section in ("new", "changed", "unchanged", "moved", "similar", "missing")},
        "ready": counts["ready"],
        "problems": problems + [problem.as_json() for problem in (roster.problems if roster else [])],
        "applied": False,
        "refused": {"code": refusal.code, "message": refusal.sentence} if refusal else None,
    }


def _sentences(answer: dict[str, Any]) -> str:
    if answer["refused"]:
        return f"{answer['file']}: ditolak. {answer['refused']['message']}"
    lines = [
        f"{answer['file']}: {answer['rows']} baris ({answer['format']}), {answer['ready']} siap.",
        f"Baru {answer['new']}, berubah {answer['changed']}, sudah ada {answer['unchanged']}.",
        f"Pindah {answer['moved']}, mirip {answer['similar']}, tidak ada di berkas {answer['missing']}.",
        *(f"Baris {problem['row']}, {problem['column'] or '-'}: {problem['message']}" for problem in answer["problems"]),
        "Sudah diimpor." if answer["applied"] else "Belum ada yang disimpan; tambahkan --approve untuk mengimpor.",
    ]
    return "\n".join(lines)
