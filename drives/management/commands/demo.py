"""`demo [--students 12000] [--today DATE] [--reset] [--json]`: the two cases and their city, with invented people."""

import json
from argparse import ArgumentTypeError
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections, transaction
from django.utils import timezone, translation

from drives.demo import reset
from drives.demo.city import STUDENTS
from drives.demo.story import Demonstration, Told
from drives.models import DriveDay
from schools import reference
from schools.models import Office, User


def count(text: str) -> int:
    if not text.isdigit() or not 700 <= int(text) <= 50_000:
        raise ArgumentTypeError("from 700 to 50000 students")
    return int(text)


class Command(BaseCommand):
    help = "Fill an empty database with the demonstration: yesterday, today and tomorrow at two schools, and their city."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--students", type=count, default=STUDENTS, help="people of 16 and 17 in the city")
        parser.add_argument(
            "--today", type=date.fromisoformat, metavar="DATE", help="the second day of the drive at SMAN 55; at 09.41 then"
        )
        parser.add_argument("--reset", action="store_true", help="empty the database first")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, students: int, today: date | None, **options: Any) -> None:
        if options["reset"]:
            if not settings.DEMO:
                raise CommandError("This is no demonstration (DEMO is not set); nothing was emptied.")
            reset.empty(connections["owner"])
        if not Office.objects.exists():
            reference.load()
        now = timezone.now()
        if today:
            now = datetime.combine(today, time(9, 41), timezone.get_default_timezone())
        today = today or timezone.localdate(now)
        if User.objects.exists():
            self._already_there(today, as_json=options["json"])
            return
        demonstration = Demonstration(today=today, now=now, students=students)
        with translation.override("id"), transaction.atomic():
            for step in demonstration.tell():
                if not options["json"]:
                    self.stdout.write(f"  {step} …")
                    self.stdout.flush()
        self._say(demonstration.told(), as_json=options["json"])

    def _say(self, told: Told, *, as_json: bool) -> None:
        if as_json:
            facts = {
                "today": told.today.isoformat(),
                "schools": told.schools,
                "students": told.students,
                "recorded": told.recorded,
            }
            self.stdout.write(json.dumps(facts))
        else:
            self.stdout.write(
                f"  {told.schools} schools, {told.students} students, {told.recorded} recorded; today is {told.today}."
            )

    def _already_there(self, today: date, *, as_json: bool) -> None:
        """A demonstration of an earlier day still works, but its drive is over."""
        days = list(DriveDay.objects.filter(drive__school__npsn="20102575").order_by("day").values_list("day", flat=True))
        if as_json:
            self.stdout.write(json.dumps({"today": days[1].isoformat() if len(days) > 1 else None, "already_there": True}))
        elif len(days) > 1 and days[1] != today:
            self.stdout.write(f"  The demonstration is of {days[1]}. `python manage.py demo --reset` makes it anew for today.")
        else:
            self.stdout.write("  The database is not empty; nothing was added. `--reset` empties it first.")
