"""`plan_drive --school NPSN --days D,D --sessions … --kits N [--approve]`: one drive, from its plan to who comes when."""

import json
from collections import Counter
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from drives.models import Drive, Kit, Timeslot
from drives.planning import actions
from drives.planning.capacity import Session
from drives.planning.command_line import moment_of, refuse
from drives.planning.facts import people_to_record, places_of
from drives.planning.forms import read_hours
from drives.planning.plan import Plan, leap_rule_of, minimum_age
from schools.models import Office, School

GRADES = {"X": 10, "XI": 11, "XII": 12, "XIII": 13}
MORNING = time(6)


class Command(BaseCommand):
    help = "Plan one drive and give everybody a place; writes a draft only with --approve."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--school", required=True, metavar="NPSN")
        parser.add_argument("--days", required=True, type=_days, metavar="D,D", help="days as 2026-11-24")
        parser.add_argument("--sessions", required=True, type=_sessions, metavar="S,S", help="as 07.00-10.00,10.30-13.30")
        parser.add_argument("--kits", required=True, type=int, metavar="N")
        parser.add_argument("--minutes", type=int, metavar="M", help="per person; the office's own otherwise")
        parser.add_argument("--slack", type=_slack, metavar="SHARE", help="such as 0.15; the office's own otherwise")
        parser.add_argument("--slot", type=int, metavar="M", help="minutes of a timeslot; the office's own otherwise")
        parser.add_argument("--grades", type=_grades, default=(), metavar="X,XI", help="all of them otherwise")
        parser.add_argument("--approve", action="store_true", help="write the draft, with everybody in a timeslot")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--today", type=_day, metavar="DATE", help="another day than today")

    def handle(self, *args: Any, school: str, approve: bool, **options: Any) -> None:
        found = School.objects.select_related("office").filter(npsn=school).first()
        if found is None:
            raise CommandError(f"There is no school with the NPSN {school}.", returncode=2)
        now = moment_of(found.office, options["today"], morning=MORNING)
        try:
            with transaction.atomic():
                answer = _plan(found, _wishes(found, options), now=now)
                if not approve:
                    transaction.set_rollback(True)
        except ValidationError as refusal:
            refuse(self, refusal, as_json=options["json"])
        else:
            self._say(answer, approve=approve, as_json=options["json"])

    def _say(self, answer: dict[str, Any], *, approve: bool, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        self.stdout.write(f"{answer['places']} places for {answer['eligible']} students: ", ending="")
        self.stdout.write(f"{answer['short']} short." if answer["short"] else "enough.")
        for slot in answer["timeslots"]:
            self.stdout.write(f"  {slot['day']} {slot['start']}-{slot['end']}  {slot['taken']}/{slot['places']}")
        self.stdout.write(f"{answer['assigned']} have a place; {answer['classes_split']} classes come on several days.")
        for left in answer["left_over"]:
            self.stdout.write(f"  {left['count']} have none: {left['reason']}")
        self.stdout.write("The draft is written." if approve else "Nothing was written; use --approve.")


def _plan(school: School, plan: Plan, *, now: datetime) -> dict[str, Any]:
    _register_first_kits(school.office, plan.kits)
    drive = actions.create_drive(school=school, plan=plan, by=None, now=now)
    last = max(plan.days)
    people = people_to_record(school=school, grades=plan.grades, now=now, drive=drive)
    eligible = people.eligible(last, minimum_age=minimum_age(plan.minimum_age_months), leap_rule=leap_rule_of(drive))
    placement = actions.assign_everybody(drive=drive, by=None, now=now)
    return _answer(drive, placement, eligible=len(eligible), needed=places_of(eligible))


def _answer(drive: Drive, placement: actions.Placement, *, eligible: int, needed: int) -> dict[str, Any]:
    zone = drive.office.zone
    slots = list(Timeslot.objects.filter(drive=drive).order_by("starts_at"))
    places = sum(slot.places for slot in slots)
    left_over = Counter(reason for _person, reason in placement.assignment.left_over)
    return {
        "eligible": eligible,
        "places": places,
        "short": max(0, needed - places),
        "timeslots": [
            {
                "day": slot.starts_at.astimezone(zone).date().isoformat(),
                "start": f"{slot.starts_at.astimezone(zone):%H.%M}",
                "end": f"{slot.ends_at.astimezone(zone):%H.%M}",
                "places": slot.places,
                "taken": slot.places_taken,
            }
            for slot in slots
        ],
        "assigned": len(placement.new),
        "left_over": [{"reason": reason.value, "count": count} for reason, count in sorted(left_over.items())],
        "classes_split": len(placement.assignment.classes_split),
    }


def _register_first_kits(office: Office, count: int) -> None:
    """An office that has never registered a kit gets the ones that this plan speaks of; later ones are added by hand."""
    if not Kit.objects.filter(office=office).exists():
        Kit.objects.bulk_create([Kit(office=office, name=f"Alat {number}") for number in range(1, min(count, 50) + 1)])


def _wishes(school: School, options: dict[str, Any]) -> Plan:
    office = school.office
    return Plan(
        days=options["days"],
        sessions=options["sessions"],
        kits=options["kits"],
        minutes=office.minutes_per_person if options["minutes"] is None else options["minutes"],
        slack_percent=office.slack_percent if options["slack"] is None else options["slack"],
        slot_minutes=office.slot_minutes if options["slot"] is None else options["slot"],
        setup_minutes=office.setup_minutes,
        packup_minutes=office.packup_minutes,
        grades=options["grades"],
        minimum_age_months=office.minimum_age_months,
    )


def _day(text: str) -> date:
    return date.fromisoformat(text.strip())


def _days(text: str) -> tuple[date, ...]:
    return tuple(sorted({_day(each) for each in text.split(",") if each.strip()}))


def _sessions(text: str) -> tuple[Session, ...]:
    try:
        return tuple(read_hours(each) for each in text.split(",") if each.strip())
    except ValidationError as refusal:
        raise ValueError(refusal.messages[0]) from None


def _slack(text: str) -> int:
    """A share as whole percent: 0.15 is 15."""
    try:
        percent = Decimal(text) * 100
    except InvalidOperation:
        raise ValueError(text) from None
    if percent != percent.to_integral_value():
        raise ValueError(text)
    return int(percent)


def _grades(text: str) -> tuple[int, ...]:
    return tuple(
        sorted({GRADES[each] if each in GRADES else int(each) for each in text.upper().replace(" ", "").split(",") if each})
    )
