"""`rollup_coverage [--from DATE --to DATE] [--verify] [--json]`."""

import json
from datetime import date
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from drives.coverage import rollup
from drives.coverage.differences import Difference, differences

SHOWN = 50


class Command(BaseCommand):
    help = "Recount coverage and upsert it. With --verify nothing is written: exits 1 where a cell is not what a recount says."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from", dest="first", type=date.fromisoformat, metavar="DATE", help="by default the first enrolment"
        )
        parser.add_argument("--to", dest="last", type=date.fromisoformat, metavar="DATE", help="by default today")
        parser.add_argument("--verify", action="store_true", help="compare, write nothing")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        last: date = options["last"] or today
        first: date = options["first"] or rollup.first_day() or last
        if last > today:
            self._refuse(f"{last} has not come yet: the last day can be {today}.", as_json=options["json"])
        if first > last:
            self._refuse(f"The first day, {first}, comes after the last, {last}.", as_json=options["json"])
        schools = rollup.schools_between(first, last)
        if options["verify"]:
            self._verify(differences(schools=schools, first=first, last=last), first, last, as_json=options["json"])
            return
        done = rollup.roll_up(since_by_school=dict.fromkeys(schools, first), until=last, noted_on=today)
        if options["json"]:
            answer = {"schools": done.schools, "written": done.written, "removed": done.removed}
            self.stdout.write(json.dumps({"from": str(first), "to": str(last)} | answer))
        else:
            self.stdout.write(
                f"{first} to {last}: {done.schools} schools recounted, {done.written} cells written, {done.removed} removed."
            )

    def _refuse(self, reason: str, *, as_json: bool) -> NoReturn:
        if as_json:
            self.stdout.write(json.dumps({"refused": {"message": reason}}))
        raise CommandError(reason)

    def _verify(self, found: list[Difference], first: date, last: date, *, as_json: bool) -> None:
        if as_json:
            cells = [
                {
                    "school": each.npsn,
                    "day": str(each.day),
                    **each.cell,
                    "measures": {m: list(v) for m, v in each.measures.items()},
                }
                for each in found
            ]
            self.stdout.write(json.dumps({"from": str(first), "to": str(last), "different": cells}))
        elif not found:
            self.stdout.write(f"{first} to {last}: every cell is what a recount says.")
        if found:
            shown = [str(each) for each in found[:SHOWN]]
            more = [f"… and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
            raise CommandError("\n".join([f"{len(found)} cells differ from a recount:", *shown, *more]))
