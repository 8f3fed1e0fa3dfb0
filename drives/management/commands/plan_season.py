"""Which school has its turn when, for the whole city.

`plan_season --city 31.74 --from DATE --to DATE --kits N [--deadline DATE] [--reference DATE] [--approve]`
"""

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from drives.models import Kit, Season
from drives.planning.command_line import moment_of, refuse, sudin_of
from drives.season import actions
from drives.season.actions import proposals, wishes
from drives.season.facts import Question, question
from drives.season.reasons import Reasons
from drives.season.solver.plan import best_plan
from drives.season.solver.problem import Plan
from drives.season.wording import sentences
from schools.models import Office

MORNING: Final = time(6)
# A gap that nobody sees; below it the plan is called optimal.
OPTIMAL: Final = 0.0005


class Command(BaseCommand):
    help = "Plan a season for all schools of a city; puts the turns in force only with --approve."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--city", required=True, metavar="CODE", help="the city of a Sudin, such as 31.74")
        parser.add_argument("--from", required=True, type=date.fromisoformat, metavar="DATE", dest="first")
        parser.add_argument("--to", required=True, type=date.fromisoformat, metavar="DATE", dest="last")
        parser.add_argument("--kits", required=True, type=int, metavar="N", help="kits that are on the way at one time")
        parser.add_argument(
            "--deadline", type=date.fromisoformat, metavar="DATE", help="by then every school should have been visited"
        )
        parser.add_argument(
            "--reference", type=date.fromisoformat, metavar="DATE", help="who is 17 then comes first, such as on an election day"
        )
        parser.add_argument("--seconds", type=int, default=proposals.USUAL_SECONDS, metavar="S", help="of search; 60 otherwise")
        parser.add_argument("--approve", action="store_true", help="put the turns in force, on the season's board")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--today", type=date.fromisoformat, metavar="DATE", help="another day than today")

    def handle(self, *args: Any, city: str, approve: bool, **options: Any) -> None:
        office = sudin_of(city)
        if not 1 <= options["seconds"] <= proposals.MOST_SECONDS:
            raise CommandError(f"--seconds must be from 1 to {proposals.MOST_SECONDS}.", returncode=2)
        try:
            answer = _plan(office, options, approve=approve, now=moment_of(office, options["today"], morning=MORNING))
        except ValidationError as refusal:
            refuse(self, refusal, as_json=options["json"])
        else:
            self._say(answer, approve=approve, as_json=options["json"])

    def _say(self, answer: Mapping[str, Any], *, approve: bool, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        gap = "" if answer["gap"] is None else f", at most {answer['gap']:.2%} above the best"
        people = sum(each["people"] for each in answer["placements"])
        self.stdout.write(f"{len(answer['placements'])} schools with {people} students have a turn: {answer['status']}{gap}.")
        for each in answer["placements"]:
            days = each["days"][0] if len(each["days"]) == 1 else f"{each['days'][0]} to {each['days'][-1]}"
            self.stdout.write(f"  {days}  {each['kits']} kits  {each['school']} ({each['people']})")
            for why in each["why"]:
                self.stdout.write(f"      {why}")
        for each in answer["unplaced"]:
            self.stdout.write(f"  no turn: {each['school']}: {each['why']}")
        self.stdout.write("The turns are in force." if approve else "Nothing was written; use --approve.")


def _plan(office: Office, options: Mapping[str, Any], *, approve: bool, now: datetime) -> dict[str, Any]:
    kits, seconds = options["kits"], options["seconds"]
    season = _season(office, options["first"], options["last"], kits=kits)
    dates = {"deadline_on": options["deadline"], "reference_on": options["reference"]}
    told = {name: day for name, day in dates.items() if day}
    for name, day in told.items():
        setattr(season, name, day)
    # Without --approve it is only reckoned with, as if the office had so many kits.
    wishes.check(season, now=now, kit_count=kits)
    if approve:
        season = _kept(season, told, kits=kits, now=now)
    asked = question(season=season, now=now, kit_count=kits)
    proposals.refuse_impossible(asked, office)
    plan = best_plan(asked.problem, seconds=seconds)
    if approve:
        proposal = proposals.store(season=season, asked=asked, plan=plan, by=None, now=now, seconds=seconds, is_searched=True)
        actions.accept(proposal=proposal, by=None, now=now)
    return _answer(asked, plan)


@transaction.atomic
def _kept(season: Season, told: Mapping[str, date], *, kits: int, now: datetime) -> Season:
    """The season on the board. An office that has never registered a kit gets the ones that this plan speaks of."""
    if not Kit.objects.filter(office=season.office).exists():
        Kit.objects.bulk_create([Kit(office=season.office, name=f"Alat {number}") for number in range(1, min(kits, 50) + 1)])
    wishes.check_kit_count(season.office, kits)
    if not season._state.adding:
        return actions.update_season(season=season, by=None, now=now, kit_limit=kits, **told)
    period = {"name": season.name, "starts_on": season.starts_on, "ends_on": season.ends_on}
    return actions.create_season(office=season.office, by=None, now=now, kit_limit=kits, **period, **told)


def _season(office: Office, first: date, last: date, *, kits: int) -> Season:
    """The one of this period that an earlier command has made, or a new one that is not stored."""
    name = f"Musim {first:%d-%m-%Y} – {last:%d-%m-%Y}"
    found = Season.objects.filter(office=office, name=name).select_related("office").first()
    season = found or Season(
        office=office,
        name=name,
        starts_on=first,
        ends_on=last,
        minutes_per_person=office.minutes_per_person,
        slack_percent=office.slack_percent,
        minimum_age_months=office.minimum_age_months,
    )
    season.kit_limit = kits
    return season


def _answer(asked: Question, plan: Plan) -> dict[str, Any]:
    reasons = Reasons(asked, plan, is_thorough=True)
    order = sorted(plan.placements, key=lambda school: (plan.placements[school], _name(asked, school)))
    return {
        "status": _status(plan),
        "objective": round(plan.objective, 2),
        "bound": None if plan.bound is None else round(plan.bound, 2),
        "gap": None if plan.gap is None else round(plan.gap, 6),
        "seconds": round(plan.seconds, 2),
        "placements": [
            {
                "school": _name(asked, school),
                "days": [day.isoformat() for day in plan.placements[school].days],
                "part": str(plan.placements[school].part),
                "kits": plan.placements[school].kits,
                "people": asked.figures_of(school, plan.placements[school])["people"],
                "why": sentences(reasons.of(school)),
            }
            for school in order
            if school in asked.waiting
        ],
        "unplaced": [{"school": fact["name"], "why": " ".join(sentences([fact]))} for fact in reasons.unplaced()],
        "locked": [each.name for each in asked.locked],
    }


def _status(plan: Plan) -> str:
    if not plan.placements:
        return "empty"
    return "optimal" if plan.gap is not None and plan.gap <= OPTIMAL else "feasible"


def _name(asked: Question, school: UUID) -> str:
    return asked.waiting[school].name if school in asked.waiting else str(school)
