"""What stands on the school's calendar against an hour that a planner chooses by hand. It warns; the planner may know better."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from drives.models import Drive, Timeslot
from drives.planning.actions.refusals import hours_name
from drives.planning.capacity import Session
from drives.planning.days import Days
from drives.planning.facts import NO_CLASS, class_names, days_of
from drives.planning.late import Hop
from schools.templatetags.house import day, figure

ClassKey = tuple[UUID | None, str]


def against(drive: Drive, hops: Sequence[Hop]) -> list[str]:
    """A sentence for each class and hour that is closed to it, or lies outside the lessons; the same reason once."""
    coming: defaultdict[UUID, defaultdict[ClassKey, int]] = defaultdict(lambda: defaultdict(int))
    slots: dict[UUID, Timeslot] = {}
    for hop in hops:
        if hop.after:
            slots[hop.after.pk] = hop.after
            coming[hop.after.pk][hop.class_id, hop.grade] += 1
    if not slots or drive.school is None:
        return []
    zone = drive.office.zone
    days = days_of(drive.school, since=min(slot.starts_at.astimezone(zone).date() for slot in slots.values()))
    names = class_names({class_id for classes in coming.values() for class_id, _grade in classes})
    ordered = sorted(slots.values(), key=lambda slot: slot.starts_at)
    return [sentence for slot in ordered for sentence in _at(drive, slot, coming[slot.pk], days, names)]


def _at(drive: Drive, slot: Timeslot, classes: Mapping[ClassKey, int], days: Days, names: Mapping[object, str]) -> list[str]:
    zone = drive.office.zone
    starts_at, ends_at = slot.starts_at.astimezone(zone), slot.ends_at.astimezone(zone)
    on, session = starts_at.date(), Session(starts_at.time(), ends_at.time())
    when = {"day": day(on), "hours": hours_name(starts_at, ends_at)}
    closing = [each for each in days.closures if each.overlaps(on, session.start, session.end)]
    found = []
    for (class_id, grade), count in sorted(classes.items(), key=lambda pair: names.get(pair[0][0], "")):
        what = when | {"class": names.get(class_id, _("Without a class")), "count": figure(count)}
        reasons = {each.reason for each in closing if each.concerns(grade, class_id or NO_CLASS)}
        found += [_sentence(count) % (what | {"reason": reason}) for reason in sorted(reasons)]
    if not any(each.concerns_everybody for each in closing) and not _is_in_lessons(days, on, session):
        found.append(_("%(day)s, %(hours)s lies outside the lesson hours that the school has told, or in a break.") % when)
    return found


def _sentence(count: int) -> str:
    return ngettext(
        "%(class)s (%(count)s student) is away on %(day)s, %(hours)s: %(reason)s.",
        "%(class)s (%(count)s students) is away on %(day)s, %(hours)s: %(reason)s.",
        count,
    )


def _is_in_lessons(days: Days, on: date, session: Session) -> bool:
    """Whether the whole of it lies in one stretch of lessons; unknown hours and special working days have nothing against it."""
    if not days.lessons or on in days.special_days:
        return True
    lessons = days.lessons.get(on.weekday(), ())
    return any(lesson.start <= session.start and session.end <= lesson.end for lesson in lessons)
