"""Figures from the roll-up alone; live rows are read for the classes of one school, and for whether a day was closed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.db.models.functions import Left

from drives.coverage.measures import FLOWS, GRADUATES
from drives.coverage.suppression import Figures
from drives.coverage.veil import Place
from drives.models import DailyCoverage
from drives.planning.days import Days
from drives.planning.eligibility import LeapRule, MinimumAge, eligible_from
from drives.planning.facts import days_of_offices
from schools.models import Office, Region, School, User
from students.models import ClassGroup

CITY_LENGTH: Final = 5
# How long a change may wait to be recounted before the page says so.
PATIENCE: Final = timedelta(minutes=2)
NOBODY: Final = Figures()


@dataclass(frozen=True, slots=True)
class SchoolDay:
    """A school on a day. `outside`: of the figures, pupils whose home is in another city; `added`: since the closing."""

    npsn: str
    name: str
    kind: str
    district: str
    figures: Figures
    outside: Figures = NOBODY
    added: Figures = NOBODY
    added_on: date | None = None
    flows: Mapping[str, int] = field(default_factory=dict)
    # Who finished school without a recording; in no other figure.
    graduates: int = 0

    @property
    def place(self) -> Place:
        return Place(self.npsn, self.district, self.kind, self.figures)


@dataclass(frozen=True, slots=True)
class State:
    """Which days there are, and how settled the one in question is."""

    first: date | None
    last: date | None
    day: date | None
    drive_count: int
    closed_count: int
    # Since when a change waits to be recounted.
    pending_since: datetime | None
    asked_at: datetime

    @property
    def is_late(self) -> bool:
        """A change waits longer than the minute that it should take."""
        return bool(self.pending_since and self.asked_at - self.pending_since > PATIENCE)

    @property
    def is_closed(self) -> bool:
        return self.drive_count > 0 and self.closed_count == self.drive_count


def _rows(offices: Collection[UUID] | None, *, within: str = "", npsn: str = "") -> QuerySet[DailyCoverage]:
    """`offices` None: all of them (for commands)."""
    rows = DailyCoverage.objects.all()
    if offices is not None:
        rows = rows.filter(office__in=offices)
    if within:
        # The region itself and all below it: "/" follows "." in the order of bytes.
        rows = rows.filter(district__gte=within, district__lt=f"{within}/")
    if npsn:
        rows = rows.filter(school__npsn=npsn)
    return rows


def school_days(
    offices: Collection[UUID] | None, days: Iterable[date], *, within: str = "", npsn: str = ""
) -> dict[date, list[SchoolDay]]:
    """Every school's figures on each of these days, in one query."""
    outside = ~Q(domicile_city="") & ~Q(domicile_city=F("city"))
    late = Q(correction_on__isnull=False)
    found: dict[date, dict[str, SchoolDay]] = {day: {} for day in days}
    rows = (
        _rows(offices, within=within, npsn=npsn)
        .filter(day__in=found)
        .annotate(city=Left("district_id", CITY_LENGTH))
        .values("day", "school__npsn", "school__name", "school__kind", "school__district_id")
        .annotate(
            eligible=Sum("eligible_stock"),
            recorded=Sum("eligible_recorded_stock"),
            outside_eligible=Sum("eligible_stock", filter=outside, default=0),
            outside_recorded=Sum("eligible_recorded_stock", filter=outside, default=0),
            added_eligible=Sum("eligible_stock", filter=late, default=0),
            added_recorded=Sum("eligible_recorded_stock", filter=late, default=0),
            added_on=Max("correction_on"),
            graduates=Sum(GRADUATES),
            **{f"sum_{flow}": Sum(flow) for flow in FLOWS},
        )
    )
    for row in rows:
        found[row["day"]][row["school__npsn"]] = SchoolDay(
            npsn=row["school__npsn"],
            name=row["school__name"],
            kind=row["school__kind"],
            district=row["school__district_id"],
            figures=Figures(row["eligible"], row["recorded"]),
            outside=Figures(row["outside_eligible"], row["outside_recorded"]),
            added=Figures(row["added_eligible"], row["added_recorded"]),
            added_on=row["added_on"],
            flows={flow: row[f"sum_{flow}"] for flow in FLOWS},
            graduates=row["graduates"],
        )
    return {day: list(schools.values()) for day, schools in found.items()}


def totals(
    offices: Collection[UUID] | None, days: Iterable[date], *, within: str = "", npsn: str = "", kind: str = ""
) -> dict[date, Figures]:
    """The sums of each of these days that has any rows."""
    rows = _rows(offices, within=within, npsn=npsn).filter(day__in=list(days))
    if kind:
        rows = rows.filter(school__kind=kind)
    sums = rows.values("day").annotate(eligible=Sum("eligible_stock"), recorded=Sum("eligible_recorded_stock"))
    return {row["day"]: Figures(row["eligible"], row["recorded"]) for row in sums}


_STATE: Final = """
WITH held AS (
    SELECT min(day) AS first, max(day) AS last FROM drives_dailycoverage
     WHERE day <= %(today)s AND (%(every)s OR office_id = ANY(%(offices)s::uuid[]))
),
asked AS (SELECT COALESCE(%(day)s::date, held.last) AS day FROM held),
drive_days AS (
    SELECT close.id IS NOT NULL AS is_closed
      FROM drives_driveday AS drive_day
      JOIN asked ON asked.day = drive_day.day
      JOIN drives_drive AS drive ON drive.id = drive_day.drive_id AND drive.status IN ('published', 'closed')
      JOIN schools_school AS school ON school.id = drive.school_id
      LEFT JOIN drives_dayclose AS close ON close.drive_day_id = drive_day.id
     WHERE (%(every)s OR school.office_id = ANY(%(offices)s::uuid[]))
       AND school.district_id LIKE %(within)s AND (%(npsn)s = '' OR school.npsn = %(npsn)s)
)
SELECT held.first, held.last, asked.day,
       (SELECT count(*) FROM drive_days), (SELECT count(*) FROM drive_days WHERE is_closed),
       (SELECT min(touch.touched_at)
          FROM drives_coveragetouch AS touch JOIN schools_school AS school ON school.id = touch.school_id
         WHERE %(every)s OR school.office_id = ANY(%(offices)s::uuid[])),
       now()
  FROM held CROSS JOIN asked
"""


def state(offices: Collection[UUID] | None, *, today: date, day: date | None = None, within: str = "", npsn: str = "") -> State:
    """The days that are counted in this scope, and how far the one asked for (by default the last) is closed."""
    parameters: dict[str, Any] = {"every": offices is None, "offices": list(offices or []), "within": f"{within}%", "npsn": npsn}
    with connection.cursor() as cursor:
        cursor.execute(_STATE, parameters | {"today": today, "day": day})
        return State(*cursor.fetchone())


@dataclass(frozen=True, slots=True)
class Scope:
    """What one reader may look at: offices with all below them, and the regions in which these have schools.

    `home` is the smallest region that holds them all; None where there are no schools.
    """

    offices: frozenset[UUID] | None
    regions: Mapping[str, Region]
    home: Region | None
    sees_persons: bool
    office: Office | None

    def region(self, code: str) -> Region | None:
        """A region on or below the home, in which there are schools."""
        found = self.regions.get(code)
        return found if found and self.home and code.startswith(self.home.code) else None

    def children(self, code: str) -> list[Region]:
        return [region for region in self.regions.values() if region.parent_id == code]

    def above(self, region: Region) -> list[Region]:
        """Its ancestors, the highest first."""
        found: list[Region] = []
        while region.parent_id and region.parent_id in self.regions:
            region = self.regions[region.parent_id]
            found.insert(0, region)
        return found


def scope_of(user: User, roles: Collection[str], *, person_roles: Collection[str]) -> Scope:
    """By the grants in these roles; with a right to persons only if it holds at each of their offices."""
    offices = frozenset(user.office_ids(roles))
    held = [grant for grant in user.grants_today() if grant.office and grant.role in roles]
    trusted = {grant.office_id for grant in held if grant.role in person_roles}
    sees_persons = all(grant.office_id in trusted for grant in held)
    return _scope(offices, sees_persons=sees_persons, office=held[0].office if held else None)


def scope_of_school(school: School) -> Scope:
    """For the school's own people."""
    return _scope(frozenset({school.office_id}), sees_persons=True, office=school.office)


def scope_of_everything(*, office: Office | None) -> Scope:
    """For commands."""
    return _scope(None, sees_persons=True, office=office)


def _scope(offices: frozenset[UUID] | None, *, sees_persons: bool, office: Office | None) -> Scope:
    schools = School.objects.all() if offices is None else School.objects.filter(office__in=offices)
    districts = Region.objects.filter(code__in=schools.values("district")).select_related("parent__parent").order_by("code")
    regions: dict[str, Region] = {}
    for district in districts:
        region: Region | None = district
        while region:
            regions.setdefault(region.code, region)
            region = region.parent
    return Scope(offices, regions, _home(regions), sees_persons, office)


def _home(regions: Mapping[str, Region]) -> Region | None:
    """The smallest region above all the districts; a country is not one of ours, so several provinces show the first."""
    for length in (8, 5, 2):
        codes = {code[:length] for code in regions if len(code) == 8}
        if len(codes) == 1:
            return regions.get(codes.pop())
    return regions.get(min((code for code in regions if len(code) == 2), default=""))


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class as it stands now, from live rows."""

    name: str
    figures: Figures


def classes(school: School, *, born_by: date) -> list[ClassRow]:
    """Pupils enrolled today, of age if born on or before `born_by`, by class."""
    of_age = Q(enrolments__ends_on=None, enrolments__person__birth_date__lte=born_by)
    recorded = of_age & Q(enrolments__person__recorded_on__isnull=False)
    groups = (
        ClassGroup.objects.filter(school=school)
        .annotate(eligible=Count("enrolments", filter=of_age), recorded=Count("enrolments", filter=recorded))
        .filter(eligible__gt=0)
        .order_by("grade", "name", "id")
    )
    return [ClassRow(name, Figures(*counts)) for name, *counts in groups.values_list("name", "eligible", "recorded")]


def born_by(office: Office, day: date) -> date:
    """The latest birth date that is of age on `day`; the inverse of `eligible_from`."""
    minimum = MinimumAge(*divmod(office.minimum_age_months, 12))
    rule = LeapRule.NEXT_DAY if office.leap_rule == Office.LeapRule.MARCH_FIRST else LeapRule.LAST_DAY
    born = date(day.year - minimum.years, day.month, 1) - timedelta(days=31 * minimum.months) + timedelta(days=62)
    while eligible_from(born, minimum, rule) > day:
        born -= timedelta(days=1)
    return born


def of_kind(schools: Iterable[SchoolDay], kind: str) -> list[SchoolDay]:
    return [school for school in schools if not kind or school.kind == kind]


def by_child(schools: Iterable[SchoolDay], *, within: str) -> dict[str, SchoolDay]:
    """Summed by the regions directly below `within`; a district's rows are its schools, by NPSN."""
    length = {2: 5, 5: 8}.get(len(within))
    if length is None:
        return {school.npsn: school for school in schools}
    sums: dict[str, list[SchoolDay]] = defaultdict(list)
    for school in schools:
        sums[school.district[:length]].append(school)
    return {code: together(code, parts) for code, parts in sums.items()}


def together(name: str, schools: Iterable[SchoolDay]) -> SchoolDay:
    """Several schools as one."""
    sum_of = SchoolDay("", name, "", name, Figures(), flows=dict.fromkeys(FLOWS, 0))
    for school in schools:
        noted = [day for day in (sum_of.added_on, school.added_on) if day]
        sum_of = replace(
            sum_of,
            figures=sum_of.figures + school.figures,
            outside=sum_of.outside + school.outside,
            added=sum_of.added + school.added,
            added_on=max(noted, default=None),
            flows={flow: sum_of.flows[flow] + school.flows.get(flow, 0) for flow in FLOWS},
            graduates=sum_of.graduates + school.graduates,
        )
    return sum_of


def calendars_at(region: Region, *, since: date) -> tuple[Days, ...]:
    """Of the Sudins that record in the region: those of it, or of the city around it. Without any, the national one."""
    codes = [region.code[:length] for length in (2, 5, 8) if len(region.code) >= length]
    here = Office.objects.filter(level=Office.Level.SUDIN)
    offices = list(here.filter(Q(region__code__startswith=region.code) | Q(region__in=codes)).order_by("pk"))
    return tuple(days_of_offices(offices, since=since).values()) or (Days(),)
