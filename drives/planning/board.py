"""The slot board as it is shown: days, timeslots with their classes, who waits, what can be undone."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from uuid import UUID

from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from drives.models import Appointment, Drive, DriveDay, DriveSession, KitDuty, OperatorDuty, PlanningStep, Timeslot
from drives.planning.actions import last_step
from drives.planning.assignment import LeftOver
from drives.planning.assignment import Person as Candidate
from drives.planning.eligibility import eligible_from
from drives.planning.facts import People, people_to_record, spoken_order
from drives.planning.labels import State, age_name, state_of
from drives.planning.plan import leap_rule_of, minimum_age
from schools.models import User
from schools.templatetags.house import clock, day, day_plain, figure
from students.models import ClassGroup

NOON = time(12)
Stretch = tuple[datetime, datetime, int]


@dataclass(frozen=True, slots=True)
class ClassTag:
    """So many people of one class in one timeslot."""

    class_id: UUID | None
    name: str
    count: int
    pinned: int = 0


@dataclass(frozen=True, slots=True)
class SlotRow:
    id: UUID
    starts_at: datetime
    ends_at: datetime
    places: int
    taken: int
    tags: tuple[ClassTag, ...]
    has_begun: bool

    @property
    def room(self) -> int:
        return self.places - self.taken

    @property
    def pinned(self) -> int:
        return sum(tag.pinned for tag in self.tags)

    @property
    def name(self) -> str:
        return f"{clock(self.starts_at)}–{clock(self.ends_at)}"


@dataclass(frozen=True, slots=True)
class BreakRow:
    starts_at: datetime
    ends_at: datetime
    name: str


@dataclass(frozen=True, slots=True)
class DayTab:
    id: UUID
    day: date
    number: int
    places: int
    taken: int
    is_current: bool

    @property
    def room(self) -> int:
        return self.places - self.taken


@dataclass(frozen=True, slots=True)
class TrayClass:
    """People of one class who wait for a place."""

    class_id: str
    name: str
    count: int
    note: str


@dataclass(frozen=True, slots=True)
class ClassLine:
    """A class with its stretches of time (start, end, people); `is_split` when they lie on several days."""

    name: str
    count: int
    slots: tuple[Stretch, ...]

    @property
    def is_split(self) -> bool:
        return len({starts_at.date() for starts_at, _ends_at, _count in self.slots}) > 1


@dataclass(frozen=True, slots=True)
class Board:
    state: State
    tabs: tuple[DayTab, ...]
    current: DayTab | None
    rows: tuple[SlotRow | BreakRow, ...]
    tray: tuple[TrayClass, ...]
    scheduled: int
    class_count: int
    kit_count: int
    operators: tuple[str, ...]
    too_young: int
    without_birth_date: int
    without_consent: int
    step: PlanningStep | None
    saved_at: datetime | None

    @property
    def waiting(self) -> int:
        return sum(each.count for each in self.tray)

    @property
    def people(self) -> int:
        """Scheduled and waiting: of whom the board's sentence speaks."""
        return self.scheduled + self.waiting

    @property
    def room(self) -> int:
        return sum(tab.room for tab in self.tabs)

    @property
    def room_sentence(self) -> str:
        """`Tersisa 45 tempat: 6 hari ini, 39 pada Kamis.`"""
        if not self.room:
            return _("No place is left.")
        parts = [
            _("%(count)s on this day") % {"count": figure(tab.room)}
            if tab.is_current
            else _("%(count)s on %(day)s") % {"count": figure(tab.room), "day": day(tab.day).split(",")[0]}
            for tab in sorted(self.tabs, key=lambda tab: not tab.is_current)
            if tab.room
        ]
        left = ngettext("%(count)s place is left: %(where)s.", "%(count)s places are left: %(where)s.", self.room)
        return left % {"count": figure(self.room), "where": ", ".join(parts)}


def board_of(drive: Drive, *, wanted: date | None, by: User | None, now: datetime) -> Board:
    """Everything on the board's page for one day of the drive (the first one that is not over, where none is wanted)."""
    zone = drive.office.zone
    today = now.astimezone(zone).date()
    days = list(drive.days.order_by("day"))
    slots = list(Timeslot.objects.filter(drive=drive).order_by("starts_at", "pk"))
    current = _current(days, wanted, today)
    tabs = tuple(_tab(number, each, slots, is_current=each is current) for number, each in enumerate(days, 1))
    people = _waiting(drive, now=now)
    waiting, too_young = _split_by_age(drive, people.candidates, last=days[-1].day if days else None)
    lacking, _young = _split_by_age(drive, people.without_consent, last=days[-1].day if days else None)
    facts = Appointment.objects.standing().filter(drive=drive)
    counted = facts.aggregate(people=Count("pk"), classes=Count("class_group", distinct=True))
    step = PlanningStep.objects.filter(drive=drive).aggregate(last=Max("at"))["last"]
    return Board(
        state=state_of(drive, first_day=days[0].day if days else None, last_day=days[-1].day if days else None, today=today),
        tabs=tabs,
        current=next((tab for tab in tabs if tab.is_current), None),
        rows=tuple(_rows(drive, current, slots, now=now)) if current else (),
        tray=_tray(drive, waiting, days),
        scheduled=counted["people"],
        class_count=counted["classes"],
        kit_count=KitDuty.objects.filter(drive_day=current, released_at=None).count() if current else 0,
        operators=_operators(current) if current else (),
        too_young=len(too_young),
        without_birth_date=people.without_birth_date,
        without_consent=len(lacking),
        step=_undoable(drive, by),
        saved_at=(step or drive.created_at).astimezone(zone),
    )


def _current(days: Sequence[DriveDay], wanted: date | None, today: date) -> DriveDay | None:
    asked = next((each for each in days if each.day == wanted), None)
    coming = next((each for each in days if each.day >= today), None)
    return asked or coming or (days[-1] if days else None)


def _tab(number: int, drive_day: DriveDay, slots: Sequence[Timeslot], *, is_current: bool) -> DayTab:
    of_day = [slot for slot in slots if slot.drive_day_id == drive_day.pk]
    places, taken = sum(slot.places for slot in of_day), sum(slot.places_taken for slot in of_day)
    return DayTab(drive_day.pk, drive_day.day, number, places, taken, is_current)


def _undoable(drive: Drive, by: User | None) -> PlanningStep | None:
    if by is None or not drive.is_open_to_change:
        return None
    return last_step(drive, by=by)


def _operators(current: DriveDay) -> tuple[str, ...]:
    duties = OperatorDuty.objects.filter(drive_day=current).select_related("user").order_by("-is_lead", "user__name", "pk")
    return tuple(duty.user.name for duty in duties)


# Rows


def _rows(drive: Drive, current: DriveDay, slots: Sequence[Timeslot], *, now: datetime) -> Iterable[SlotRow | BreakRow]:
    zone = drive.office.zone
    tags = _tags(current)
    sessions = list(DriveSession.objects.filter(drive_day=current).order_by("starts_at"))
    for number, session in enumerate(sessions):
        if number:
            yield _break(sessions[number - 1].ends_at.astimezone(zone), session.starts_at.astimezone(zone))
        for slot in slots:
            if slot.session_id == session.pk:
                yield _slot(slot, zone, tags[slot.pk], has_begun=slot.starts_at <= now)


def _slot(slot: Timeslot, zone: tzinfo, tags: list[ClassTag], *, has_begun: bool) -> SlotRow:
    starts_at, ends_at = slot.starts_at.astimezone(zone), slot.ends_at.astimezone(zone)
    return SlotRow(slot.pk, starts_at, ends_at, slot.places, slot.places_taken, tuple(tags), has_begun)


def _break(starts_at: datetime, ends_at: datetime) -> BreakRow:
    over_noon = starts_at.time() <= NOON < ends_at.time()
    return BreakRow(starts_at, ends_at, _("Break and prayer") if over_noon else _("Break"))


def _tags(current: DriveDay) -> defaultdict[UUID, list[ClassTag]]:
    """By timeslot, the largest class first."""
    counted = (
        Appointment.objects.standing()
        .filter(timeslot__drive_day=current)
        .values_list("timeslot", "class_group", "class_group__name")
        .annotate(count=Count("pk"), pinned=Count("pk", filter=Q(is_pinned=True)))
        .order_by("timeslot", "-count", "class_group__name")
    )
    found: defaultdict[UUID, list[ClassTag]] = defaultdict(list)
    for slot, group, name, count, pinned in counted:
        found[slot].append(ClassTag(group, name or _("Without a class"), count, pinned))
    return found


def class_lines(drive: Drive) -> list[ClassLine]:
    """The schedule by class, in the order of their names."""
    zone = drive.office.zone
    counted = (
        Appointment.objects.standing()
        .filter(drive=drive)
        .values_list("class_group__name", "timeslot__starts_at", "timeslot__ends_at")
        .annotate(count=Count("pk"))
        .order_by("class_group__name", "timeslot__starts_at")
    )
    found: defaultdict[str, list[Stretch]] = defaultdict(list)
    for name, starts_at, ends_at, count in counted:
        found[name or ""].append((starts_at.astimezone(zone), ends_at.astimezone(zone), count))
    lines = [class_line(name or _("Without a class"), slots) for name, slots in found.items()]
    return sorted(lines, key=lambda line: spoken_order(line.name))


def class_line(name: str, slots: Iterable[Stretch]) -> ClassLine:
    """Neighbouring timeslots become one stretch; `slots` are in order."""
    stretches: list[Stretch] = []
    for starts_at, ends_at, count in slots:
        if stretches and stretches[-1][1] == starts_at:
            first, _end, before = stretches.pop()
            stretches.append((first, ends_at, before + count))
        else:
            stretches.append((starts_at, ends_at, count))
    return ClassLine(name, sum(count for *_hours, count in stretches), tuple(stretches))


# The tray


def _waiting(drive: Drive, *, now: datetime) -> People:
    if drive.school is None or not drive.is_open_to_change:
        return People(())
    return people_to_record(school=drive.school, grades=drive.grades, now=now, drive=drive)


def _split_by_age(drive: Drive, candidates: Sequence[Candidate], *, last: date | None) -> tuple[list[Candidate], list[Candidate]]:
    """Who will be old enough on one of the drive's days, and who on none."""
    old: list[Candidate] = []
    young: list[Candidate] = []
    for each in candidates:
        (old if last and _of_age(drive, each) <= last else young).append(each)
    return old, young


def _of_age(drive: Drive, candidate: Candidate) -> date:
    return eligible_from(candidate.birth_date, minimum_age(drive.minimum_age_months), leap_rule_of(drive))


def _tray(drive: Drive, waiting: Sequence[Candidate], days: Sequence[DriveDay]) -> tuple[TrayClass, ...]:
    by_class: defaultdict[str, list[Candidate]] = defaultdict(list)
    for each in waiting:
        by_class[str(each.class_id)].append(each)
    groups = {str(group.pk): group for group in ClassGroup.objects.filter(pk__in=[key for key in by_class if key])}
    placed = set(map(str, Appointment.objects.live().filter(drive=drive).values_list("class_group", flat=True).distinct()))
    found = [
        TrayClass(
            key,
            groups[key].name if key in groups else _("Without a class"),
            len(people),
            _tray_note(drive, people, groups.get(key), days, is_rest=key in placed),
        )
        for key, people in by_class.items()
    ]
    return tuple(sorted(found, key=lambda each: (not each.class_id, spoken_order(each.name))))


def _tray_note(
    drive: Drive, people: Sequence[Candidate], group: ClassGroup | None, days: Sequence[DriveDay], *, is_rest: bool
) -> str:
    """The two things that most concern a placing: why only some, extra time, birthdays; else who leads the class."""
    notes = [_("The rest of the class")] if is_rest else []
    if extra := sum(each.places > 1 for each in people):
        notes.append(ngettext("%(count)s needs extra time", "%(count)s need extra time", extra) % {"count": figure(extra)})
    first = days[0].day if days else None
    later = [of_age for each in people if first and (of_age := _of_age(drive, each)) > first]
    if later:
        turning = ngettext("%(count)s turns %(age)s on %(day)s", "%(count)s turn %(age)s from %(day)s on", len(later))
        age = age_name(drive.minimum_age_months)
        notes.append(turning % {"count": figure(len(later)), "age": age, "day": day_plain(min(later))})
    if not notes and group and group.homeroom_name:
        notes.append(_("Homeroom teacher: %(name)s") % {"name": group.homeroom_name})
    return "; ".join(notes)


LEFT_OVER = {
    LeftOver.TOO_YOUNG: lambda count: ngettext(
        "%(count)s student is too young on every day of the drive.",
        "%(count)s students are too young on every day of the drive.",
        count,
    ),
    LeftOver.CLOSED: lambda count: ngettext(
        "%(count)s student is in a class or grade that is closed on every day.",
        "%(count)s students are in classes or grades that are closed on every day.",
        count,
    ),
    LeftOver.NO_ROOM: lambda count: ngettext(
        "%(count)s student gets no place: the elder ones go first.",
        "%(count)s students get no place: the elder ones go first.",
        count,
    ),
    LeftOver.NO_ROOM_TOGETHER: lambda count: ngettext(
        "%(count)s student needs several places in one timeslot, and none has so many left.",
        "%(count)s students need several places in one timeslot, and none has so many left.",
        count,
    ),
}


def left_over_sentence(reason: LeftOver, count: int) -> str:
    return LEFT_OVER[reason](count) % {"count": figure(count)}
