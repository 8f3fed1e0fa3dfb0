"""`export_check_list --school NPSN FILE`: the audited list for the Sudin's own look-up."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from drives.statuses.check_list import persons_to_check, take_check_list
from schools.models import School


class Command(BaseCommand):
    help = "Write NIK, name and birth date of who needs recording at a school to an Excel file; the audit trail notes it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="the .xlsx file to write; only its owner may read it")
        parser.add_argument("--school", required=True, metavar="NPSN")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, file: Path, school: str, json: bool, **options: Any) -> None:
        found = School.objects.select_related("office").filter(npsn=school).first()
        if found is None:
            raise CommandError(f"No school has the NPSN {school}.", returncode=2)
        if not file.parent.is_dir():
            raise CommandError(f"There is no folder {file.parent}.", returncode=2)
        try:
            taken, content = take_check_list(school=found, by=None, now=timezone.now())
        except ValidationError as refusal:
            self._refuse(str(file), refusal, as_json=json)
        _write_for_owner(file, content)
        without = persons_to_check(school=found).filter(nik_sealed=None).count()
        self._say({"file": str(file), "persons": taken.person_count, "without_nik": without, "refused": None}, as_json=json)

    def _refuse(self, file: str, refusal: ValidationError, *, as_json: bool) -> None:
        reason = {"code": refusal.code, "message": refusal.messages[0]}
        if not as_json:
            raise CommandError(refusal.messages[0], returncode=1)
        self._say({"file": file, "persons": 0, "without_nik": 0, "refused": reason}, as_json=True)
        sys.exit(1)

    def _say(self, answer: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            self.stdout.write(
                f"{answer['persons']} persons written to {answer['file']}; {answer['without_nik']} have no usable NIK."
            )


def _write_for_owner(file: Path, content: bytes) -> None:
    """Nobody else on the machine may read the numbers."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        os.fchmod(opened.fileno(), 0o600)
        opened.write(content)
