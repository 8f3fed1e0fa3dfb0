"""`coverage --region CODE [--day DATE] [--json]`: what the dashboard says to an office's planner."""

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from drives.coverage import queries
from drives.coverage.board import Board, build
from drives.coverage.seen import Row
from schools.models import Office


class Command(BaseCommand):
    help = (
        "Coverage of a region on a day. denominator: students old enough on the day, by where they go to school; recorded: of "
        "these; needing and left: denominator less recorded; since_yesterday: change of recorded."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--region", required=True, metavar="CODE", help="Kemendagri code: 31.74 or 31.74.08")
        parser.add_argument("--day", type=date.fromisoformat, metavar="DATE", help="by default the last day counted")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            board = self._board(options["region"], options["day"])
        except CommandError as refusal:
            if options["json"]:
                self.stdout.write(json.dumps({"region": options["region"], "refused": {"message": str(refusal)}}))
            raise
        if options["json"]:
            self.stdout.write(json.dumps(answer(board)))
        else:
            self.stdout.write("\n".join(_lines(answer(board))))

    def _board(self, code: str, day: date | None) -> Board:
        today = timezone.localdate()
        office = Office.objects.filter(region=code).order_by("id").first()
        scope = queries.scope_of_everything(office=office)
        region = scope.regions.get(code)
        if region is None:
            raise CommandError(f"There are no schools in a region with the code {code}.")
        state = queries.state(None, today=today, day=day, within=code)
        if state.first is None or state.last is None:
            raise CommandError("No coverage is counted yet: rollup_coverage counts it.")
        if day and not state.first <= day <= state.last:
            raise CommandError(f"There are figures from {state.first} to {state.last}, none of {day}.")
        return build(scope, region, state=state)


def answer(board: Board) -> dict[str, object]:
    figures, change = board.figures, board.change
    return {
        "region": board.region.code,
        "name": board.name,
        "day": board.day.isoformat(),
        "is_closed": board.state.is_closed,
        "denominator": figures.eligible if figures else 0,
        "denominator_is": "students old enough on the day, by where they go to school",
        "needing": figures.left if figures else 0,
        "recorded": figures.recorded if figures else 0,
        "left": figures.left if figures else 0,
        "percent": _rounded(figures.percent if figures else None),
        "since_yesterday": change.recorded if change else None,
        "by": [_row(row) for row in board.rows],
    }


def _row(row: Row) -> dict[str, object]:
    return {
        "school" if row.is_school else "region": row.code,
        "name": row.name,
        "denominator": row.eligible,
        "needing": row.left,
        "recorded": row.recorded,
        "left": row.left,
        "percent": _rounded(row.percent),
        "since_yesterday": row.change,
    }


def _rounded(percent: float | None) -> float | None:
    return None if percent is None else round(percent, 1)


def _lines(said: dict[str, Any]) -> list[str]:
    change = "" if said["since_yesterday"] is None else f", {said['since_yesterday']:+d} since yesterday"
    percent = "no students" if said["percent"] is None else f"{said['percent']} percent"
    closed = "closed" if said["is_closed"] else "not closed"
    first = f"{said['name']} ({said['region']}), {said['day']}, {closed}: {percent} recorded, {said['recorded']} of "
    first += f"{said['denominator']} {said['denominator_is']}; {said['left']} left{change}."
    return [first] + [
        f"  {row['name']}: {row['percent']} percent, {row['recorded']} of {row['denominator']}, {row['left']} left"
        for row in said["by"]
    ]
