"""Who was absent or failed and waits for another chance: what the planner decides, and what a school should know."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Count, Q, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from drives.desk.line import Todo
from drives.followups.people import still_waiting, undecided
from drives.models import FollowUp


def of_office(offices: set[UUID], *, today: date) -> Iterator[Todo]:
    """Who was offered nothing after a day was closed, and who waits for a make-up drive that nobody has planned; one query."""
    nothing = undecided(offices, today=today).annotate(is_offered=Value(value=False, output_field=BooleanField()))
    make_up = still_waiting(FollowUp.objects.filter(office__in=offices, way=FollowUp.Way.MAKE_UP, drive=None))
    waiting = make_up.annotate(is_offered=Value(value=True, output_field=BooleanField()))
    of_each: list[Any] = [rows.values("is_offered").annotate(people=Count("pk")) for rows in (nothing, waiting)]
    counts = {row["is_offered"]: row["people"] for row in of_each[0].union(of_each[1], all=True)}
    url = reverse("drives:follow_up_list")
    if count := counts.get(False, 0):
        yield Todo(
            count=count,
            title=ngettext(
                "student was absent or failed, and is offered nothing",
                "students were absent or failed, and are offered nothing",
                count,
            ),
            detail=_("The next day, a make-up drive or the office"),
            verb=_("Choose"),
            url=f"{url}#undecided",
            urgency=1,
        )
    if count := counts.get(True, 0):
        yield Todo(
            count=count,
            title=ngettext("student waits for a make-up drive", "students wait for a make-up drive", count),
            detail=_("A draft is prepared from the list"),
            verb=_("Plan"),
            url=url,
            urgency=1,
        )


def of_school(schools: set[UUID]) -> Iterator[Todo]:
    """Of the own pupils: who is to come again, to what."""
    waiting = still_waiting(FollowUp.objects.filter(school__in=schools))
    ways = waiting.aggregate(people=Count("pk"), office=Count("pk", filter=Q(way=FollowUp.Way.OFFICE)))
    if count := ways["people"]:
        at_office = ngettext("%(count)s of them at the office", "%(count)s of them at the office", ways["office"])
        yield Todo(
            count=count,
            title=ngettext("student has another chance to be recorded", "students have another chance to be recorded", count),
            detail=at_office % {"count": ways["office"]} if ways["office"] else _("Tell them when they come again"),
            verb=_("See"),
            url=reverse("drives:follow_up_list"),
            urgency=2,
        )
