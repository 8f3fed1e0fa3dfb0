"""`import_statuses FILE [--approve]`: a result list of Dukcapil; writes only with `--approve`."""

import json
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from drives.statuses import actions
from drives.statuses.problems import TITLES
from schools.models import Office

NOTHING = {"rows": 0, "new": 0, "known": 0, "errors": 0, "warnings": 0, "persons": 0, "by_status": {}}


class Command(BaseCommand):
    help = "Read a result list of Dukcapil (xlsx, xls, ods, csv): what it would change, and with --approve the change."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--approve", action="store_true", help="import what can be imported")
        parser.add_argument("--office", default="", metavar="NAME", help="the office; needed where several have schools")
        parser.add_argument("--dated", type=date.fromisoformat, metavar="DATE", help="for lines without a date; today")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, file: Path, approve: bool, office: str, json: bool, **options: Any) -> None:
        now = timezone.now()
        home = _office(office)
        if not file.is_file():
            raise CommandError(f"There is no file {file}.", returncode=2)
        dated_on = options["dated"] or now.astimezone(home.zone).date()
        answer: dict[str, Any] = {"file": file.name, **NOTHING, "problems": [], "applied": False, "refused": None}
        try:
            with transaction.atomic():
                self._read(answer, file=file, office=home, dated_on=dated_on, approve=approve, now=now)
        except ValidationError as refusal:
            answer["refused"] = {"code": refusal.code, "message": refusal.messages[0]}
        self._say(answer, as_json=json)

    def _read(self, answer: dict[str, Any], *, file: Path, office: Office, dated_on: date, approve: bool, now: Any) -> None:
        found = actions.read_result_list(
            data=file.read_bytes(), filename=file.name, dated_on=dated_on, office=office, by=None, now=now
        )
        answer |= found.counts
        answer["problems"] = [row.problem_as_json() for row in actions.rows_of(found) if row.problem]
        if approve:
            outcome = actions.approve_import(status_import=found, by=None, now=now)
            answer |= {"applied": True, **vars(outcome)}
        else:
            found.delete()

    def _say(self, answer: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        elif answer["refused"] is None:
            self.stdout.write("\n".join(_sentences(answer)))
        if answer["refused"] and not as_json:
            raise CommandError(answer["refused"]["message"], returncode=1)
        if answer["refused"]:
            sys.exit(1)


def _sentences(answer: dict[str, Any]) -> list[str]:
    said = [
        f"{answer['rows']} lines: {answer['new']} new statuses, {answer['known']} known already, {answer['errors']} with errors.",
        *(f"  {TITLES[code]}: {count}" for code, count in Counter(each["code"] for each in answer["problems"]).most_common()),
    ]
    if answer["applied"]:
        said.append(
            f"Imported {answer['added_count']}; {answer['freed_count']} places in drafts given free, "
            f"{answer['to_decide_count']} places in published drives to be decided."
        )
    else:
        said.append("Nothing was written; use --approve.")
    return said


def _office(name: str) -> Office:
    """The office of that name, else the only one that has schools. Exits with 2 where neither is clear."""
    offices = Office.objects.filter(name=name) if name else Office.objects.filter(schools__isnull=False).distinct()
    found = list(offices.order_by("name", "pk")[:2])
    if len(found) != 1:
        raise CommandError("Name the office with --office." if not name else f"No office is called {name}.", returncode=2)
    return found[0]
