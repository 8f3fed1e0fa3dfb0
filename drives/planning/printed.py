"""Slips, class sheets, attendance sheets and letters that were printed and say something else than the schedule does now."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from drives.models import Appointment, Drive, DriveDay, DriveSession, Printout, Visit
from schools.models import User

Kind = Printout.Kind


@dataclass(frozen=True, slots=True)
class Stale:
    """Printed and wrong by now: slips to print anew (`slips`, by person), slips of who has no place any more, sheets by class
    and by day (`attendance`, drive days), and the letter."""

    slips: frozenset[UUID] = frozenset()
    without_place: int = 0
    classes: frozenset[UUID] = frozenset()
    attendance: frozenset[UUID] = frozenset()
    letter: bool = False
    printed_slips: int = 0
    printed_classes: int = 0
    printed_others: int = 0

    @property
    def is_printed(self) -> bool:
        return bool(self.printed_slips or self.printed_classes or self.printed_others)

    @property
    def count(self) -> int:
        return len(self.slips) + self.without_place + len(self.classes) + len(self.attendance) + self.letter


def slip_content(starts_at: datetime, ends_at: datetime) -> str:
    return f"{starts_at.timestamp():.0f}-{ends_at.timestamp():.0f}"


Row = tuple[UUID, datetime, datetime]


def rows_content(rows: Iterable[Row]) -> str:
    """The same for the same people at the same hours, in whatever order."""
    lines = sorted(f"{person}:{slip_content(starts_at, ends_at)}" for person, starts_at, ends_at in rows)
    return _digest(lines)


def letter_content(sessions: Iterable[tuple[datetime, datetime]], days: Iterable[date]) -> str:
    """A letter says on which days and hours the office comes, and to how many people each day; `days` is one for each."""
    hours = sorted(slip_content(starts_at, ends_at) for starts_at, ends_at in sessions)
    counts = [f"{day.isoformat()}:{count}" for day, count in sorted(Counter(days).items())]
    return _digest([*hours, *counts])


def _digest(lines: Iterable[str]) -> str:
    return sha256("\n".join(lines).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Place:
    """Who comes when, as far as prints tell it."""

    person: UUID
    group: UUID | None
    day: UUID
    starts_at: datetime
    ends_at: datetime

    @property
    def row(self) -> Row:
        return self.person, self.starts_at, self.ends_at


def stale_prints(drive: Drive) -> Stale:
    """Compared with what is printed: two queries, however many people; a third where a letter was printed."""
    columns = ("kind", "visit__person", "class_group", "drive_day", "content")
    prints: defaultdict[str, dict[UUID | None, str]] = defaultdict(dict)
    for kind, person, group, day, content in Printout.objects.filter(drive=drive).values_list(*columns):
        prints[kind][person or group or day] = content
    if not prints:
        return Stale()
    places = _standing(drive)
    said = {place.person: slip_content(place.starts_at, place.ends_at) for place in places}
    slips = {person: content for person, content in prints[Kind.SLIP].items() if person}
    letter = prints[Kind.LETTER].get(None)
    return Stale(
        slips=frozenset(person for person, content in slips.items() if person in said and said[person] != content),
        without_place=sum(person not in said for person in slips),
        classes=_differing(prints[Kind.CLASS], places, lambda place: place.group),
        attendance=_differing(prints[Kind.ATTENDANCE], places, lambda place: place.day),
        letter=letter is not None and letter != _letter_of(drive, places),
        printed_slips=len(slips),
        printed_classes=len(prints[Kind.CLASS]),
        printed_others=len(prints[Kind.ATTENDANCE]) + len(prints[Kind.LETTER]),
    )


def _differing(
    printed: Mapping[UUID | None, str], places: Iterable[_Place], key: Callable[[_Place], UUID | None]
) -> frozenset[UUID]:
    """Of the sheets printed, by what they are of, those that say something else than the places do now."""
    rows: defaultdict[UUID | None, list[Row]] = defaultdict(list)
    for place in places:
        rows[key(place)].append(place.row)
    return frozenset(of for of, content in printed.items() if of and rows_content(rows[of]) != content)


def _letter_of(drive: Drive, places: Iterable[_Place]) -> str:
    sessions = DriveSession.objects.filter(drive_day__drive=drive).values_list("starts_at", "ends_at")
    return letter_content(sessions, [place.starts_at.astimezone(drive.office.zone).date() for place in places])


def _standing(drive: Drive) -> list[_Place]:
    rows = Appointment.objects.standing().filter(drive=drive)
    columns = ("person", "class_group", "timeslot__drive_day", "timeslot__starts_at", "timeslot__ends_at")
    return [_Place(*row) for row in rows.values_list(*columns)]


def note_slips(*, drive: Drive, appointments: Sequence[Appointment], by: User | None, now: datetime) -> None:
    """These slips have been printed as they stand."""
    people = [each.person_id for each in appointments]
    known = Visit.objects.filter(drive=drive, person__in=people, token_revoked_at=None)
    visits = dict(known.values_list("person", "pk"))
    _note(
        [
            Printout(
                drive=drive,
                kind=Kind.SLIP,
                visit_id=visits[each.person_id],
                content=slip_content(each.timeslot.starts_at, each.timeslot.ends_at),
                printed_at=now,
                printed_by=by,
            )
            for each in appointments
            if each.person_id in visits
        ],
        "visit",
    )


def note_class_sheets(*, drive: Drive, appointments: Sequence[Appointment], by: User | None, now: datetime) -> None:
    """The sheets of the classes of which everybody was printed."""
    printed: defaultdict[UUID, list[Row]] = defaultdict(list)
    for each in appointments:
        if each.class_group_id:
            printed[each.class_group_id].append((each.person_id, each.timeslot.starts_at, each.timeslot.ends_at))
    _note(
        [
            Printout(
                drive=drive,
                kind=Kind.CLASS,
                class_group_id=group,
                content=rows_content(rows),
                printed_at=now,
                printed_by=by,
            )
            for group, rows in sorted(printed.items(), key=lambda pair: str(pair[0]))
        ],
        "drive",
        "class_group",
    )


def note_attendance(*, drive_day: DriveDay, appointments: Sequence[Appointment], by: User | None, now: datetime) -> None:
    """The attendance sheet of a day, with everybody who comes then."""
    content = rows_content((each.person_id, each.timeslot.starts_at, each.timeslot.ends_at) for each in appointments)
    row = Printout(
        drive_id=drive_day.drive_id, kind=Kind.ATTENDANCE, drive_day=drive_day, content=content, printed_at=now, printed_by=by
    )
    _note([row], "drive_day")


def note_letter(*, drive: Drive, by: User | None, now: datetime) -> None:
    """The letter to the school, as the schedule stands."""
    said = {"content": _letter_of(drive, _standing(drive)), "printed_at": now, "printed_by": by}
    Printout.objects.update_or_create(drive=drive, kind=Kind.LETTER, defaults=said)


def _note(rows: list[Printout], *unique: str) -> None:
    Printout.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=list(unique), update_fields=["content", "printed_at", "printed_by"]
    )
