"""What a page says after a calendar was changed: that it is noted, and which published drives stand against it."""

from datetime import date

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from drives.models import DriveDay
from drives.schooldays.affected import Affected, affected_days
from schools.templatetags.house import day, figure

MOST_NAMED = 3


def tell_affected(request: HttpRequest, days: QuerySet[DriveDay], *, today: date) -> None:
    """A warning that names the drives; without any it says nothing."""
    found = affected_days(days, today=today)
    if found:
        messages.warning(request, affected_sentence(found))


def affected_sentence(found: list[Affected]) -> str:
    named = "; ".join(
        _("%(school)s on %(day)s (%(people)s with a place)")
        % {"school": each.drive, "day": day(each.day), "people": figure(each.people)}
        for each in found[:MOST_NAMED]
    )
    if len(found) > MOST_NAMED:
        named = _("%(named)s; and %(count)s more") % {"named": named, "count": figure(len(found) - MOST_NAMED)}
    sentence = ngettext(
        "%(count)s published drive day is affected: %(named)s. Nothing was cancelled; the planner decides.",
        "%(count)s published drive days are affected: %(named)s. Nothing was cancelled; the planner decides.",
        len(found),
    )
    return sentence % {"count": figure(len(found)), "named": named}
