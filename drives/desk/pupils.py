"""What waits for somebody because pupils come, go, grow out of school, or lack a parent's consent."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from drives.desk import people
from drives.desk.line import Todo
from drives.models import Departure
from drives.planning.doubts import counts_by_drive
from schools.models import Office, School, User
from schools.templatetags.house import day, figure
from students.consents.rows import NO_CLASS, class_url
from students.models import Consent, Enrolment, Person

# Of the classes without consent so many have a line of their own; the rest is one line.
MOST_CLASSES = 4


def places_in_doubt(offices: set[Any], *, now: datetime) -> Iterator[Todo]:
    """Places of pupils who left the school, or whose consent was withdrawn; one query, whatever the drives."""
    for found in counts_by_drive(offices, now=now):
        where = f"{found.school_name}, {day(found.starts_at)}"
        url = reverse("drives:slot_board", args=[found.drive_id]) + "#doubts"
        if count := found.left:
            title = ngettext("student with a place has left the school", "students with places have left the school", count)
            yield Todo(count, title, where, _("See"), url, urgency=1)
        if count := found.without_consent:
            title = ngettext("student has a place without a consent", "students have places without a consent", count)
            yield Todo(count, title, where, _("See"), url, urgency=1)


def departures(user: User) -> Iterator[Todo]:
    """Of the user's own schools: whom another school has enrolled, until somebody has understood it."""
    unseen = Departure.objects.filter(school__in=user.school_ids()).standing().unseen()
    if count := unseen.count():
        yield Todo(
            count=count,
            title=ngettext("student was enrolled at another school", "students were enrolled at another school", count),
            detail=_("Their enrolment with you has ended. Say so if it is a mistake."),
            verb=_("See"),
            url=reverse("drives:departure_list"),
            urgency=1,
        )


def objections(user: User) -> Iterator[Todo]:
    """Moves that a former school calls a mistake: the planner's to look into."""
    objected = Departure.objects.visible_to(user).standing().objected()
    newest = objected.select_related("school").order_by("-objected_at", "-pk").first()
    if newest:
        count = objected.count()
        yield Todo(
            count=count,
            title=ngettext("move is called a mistake by the school", "moves are called a mistake by the school", count),
            detail=newest.school.name,
            verb=_("See"),
            url=reverse("drives:departure_list"),
            urgency=1,
        )


def of_the_year(user: User, *, today: date, of_school: bool) -> Iterator[Todo]:
    """Who has not moved on and nobody said why; and, for offices, who turned 17 this week with the recording done, and who
    finished school without one. One query."""
    seen, office = Person.objects.visible_to(user), user.home_office()
    views: dict[str, Office | None] = {"last_year": None}
    if not of_school:
        views |= {"graduated": None, "seventeen": office}
    ways = {key: Q(pk__in=people.in_view(seen, key, office=of, today=today).values("pk")) for key, of in views.items()}
    counts: dict[str, Count] = {key: Count("pk", filter=way) for key, way in ways.items()}
    if "seventeen" in ways:
        counts["schools_of_seventeen"] = Count("school", filter=ways["seventeen"], distinct=True)
    found = seen.aggregate(**counts)
    if count := found.get("seventeen", 0):
        yield _turned_seventeen(count, found["schools_of_seventeen"])
    if count := found["last_year"]:
        yield Todo(
            count=count,
            title=ngettext("student has not moved on", "students have not moved on", count),
            detail=_("Not in this year's list. The next upload asks about them again.")
            if of_school
            else _("Not in this year's list of their school"),
            verb=_("See"),
            url=reverse("drives:student_list") + "?view=last_year",
        )
    if count := found.get("graduated", 0):
        yield Todo(
            count=count,
            title=ngettext("graduate was not recorded", "graduates were not recorded", count),
            detail=_("Make-up sessions are held at the office"),
            verb=_("See"),
            url=reverse("drives:student_list") + "?view=graduated",
        )


def _turned_seventeen(count: int, schools: int) -> Todo:
    detail = ngettext("Recorded already, at %(count)s school", "Recorded already, at %(count)s schools", schools)
    return Todo(
        count=count,
        title=ngettext("student turned 17 this week", "students turned 17 this week", count),
        detail=detail % {"count": figure(schools)},
        verb=_("See"),
        url=reverse("drives:student_list") + "?view=seventeen",
    )


def without_consent(schools: set[Any]) -> Iterator[Todo]:
    """By class, only where the office asks for consent, and only who still needs recording; the emptiest class first."""
    asking = School.objects.filter(pk__in=schools, office__consent_required=True)
    lacking = (
        Enrolment.objects.live()
        .filter(school__in=asking, person__recorded_on=None, person__anonymised_at=None)
        .annotate(has_consent=Consent.objects.standing_for("person"))
        .filter(has_consent=False)
        .values_list("school", "class_group__name")
        .annotate(people=Count("pk"))
        .order_by("-people", "class_group__name", "school")
    )
    by_school: defaultdict[UUID, list[tuple[str, int]]] = defaultdict(list)
    for school_id, name, count in lacking:
        by_school[school_id].append((name or "", count))
    found = School.objects.in_bulk(list(by_school)) if by_school else {}
    for school_id, classes in by_school.items():
        yield from _classes_without_consent(found[school_id], classes)


def _classes_without_consent(school: School, classes: list[tuple[str, int]]) -> Iterator[Todo]:
    for name, count in classes[:MOST_CLASSES]:
        title = ngettext("student of %(name)s has no consent yet", "students of %(name)s have no consent yet", count)
        yield Todo(
            count=count,
            title=title % {"name": name or _("no class")},
            detail=_("Who has none is not scheduled"),
            verb=_("Complete"),
            url=class_url(school, name or NO_CLASS),
            urgency=1,
        )
    if rest := classes[MOST_CLASSES:]:
        count = sum(count for _name, count in rest)
        title = ngettext("student of other classes has no consent yet", "students of other classes have no consent yet", count)
        yield Todo(
            count=count,
            title=title,
            detail=ngettext("%(count)s class", "%(count)s classes", len(rest)) % {"count": len(rest)},
            verb=_("Complete"),
            url=f"{reverse('students:consent_list')}?school={school.npsn}",
            urgency=1,
        )
