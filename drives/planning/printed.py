"""Slips and class sheets that were printed and say something else than the schedule does now."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from drives.models import Appointment, Drive, Printout, Visit
from schools.models import User


@dataclass(frozen=True, slots=True)
class Stale:
    """Printed and wrong by now: slips to print anew (`slips`, by person), slips of who has no place any more, class sheets."""

    slips: frozenset[UUID] = frozenset()
    without_place: int = 0
    classes: frozenset[UUID] = frozenset()
    printed_slips: int = 0
    printed_classes: int = 0

    @property
    def is_printed(self) -> bool:
        return bool(self.printed_slips or self.printed_classes)

    @property
    def count(self) -> int:
        return len(self.slips) + self.without_place + len(self.classes)


def slip_content(starts_at: datetime, ends_at: datetime) -> str:
    return f"{starts_at.timestamp():.0f}-{ends_at.timestamp():.0f}"


def class_content(rows: Iterable[tuple[UUID, datetime, datetime]]) -> str:
    """The same for the same people at the same hours, in whatever order."""
    lines = sorted(f"{person}:{slip_content(starts_at, ends_at)}" for person, starts_at, ends_at in rows)
    return sha256("\n".join(lines).encode()).hexdigest()


def stale_prints(drive: Drive) -> Stale:
    """Compared with what is printed: two queries, however many people."""
    prints: list[tuple[UUID | None, UUID | None, str]] = list(
        Printout.objects.filter(drive=drive).values_list("visit__person", "class_group", "content")
    )
    slips = [(person, content) for person, _group, content in prints if person is not None]
    sheets = [(group, content) for _person, group, content in prints if group is not None]
    if not slips and not sheets:
        return Stale()
    now = _standing(drive)
    said = {person: slip_content(starts_at, ends_at) for person, _group, starts_at, ends_at in now}
    by_class: defaultdict[UUID | None, list[tuple[UUID, datetime, datetime]]] = defaultdict(list)
    for person, group, starts_at, ends_at in now:
        by_class[group].append((person, starts_at, ends_at))
    return Stale(
        slips=frozenset(person for person, content in slips if person in said and said[person] != content),
        without_place=sum(person not in said for person, _content in slips),
        classes=frozenset(group for group, content in sheets if class_content(by_class[group]) != content),
        printed_slips=len(slips),
        printed_classes=len(sheets),
    )


def _standing(drive: Drive) -> list[tuple[UUID, UUID | None, datetime, datetime]]:
    rows = Appointment.objects.standing().filter(drive=drive)
    return list(rows.values_list("person", "class_group", "timeslot__starts_at", "timeslot__ends_at"))


def note_slips(*, drive: Drive, appointments: Sequence[Appointment], by: User | None, now: datetime) -> None:
    """These slips have been printed as they stand."""
    people = [each.person_id for each in appointments]
    known = Visit.objects.filter(drive=drive, person__in=people, token_revoked_at=None)
    visits = dict(known.values_list("person", "pk"))
    _note(
        [
            Printout(
                drive=drive,
                kind=Printout.Kind.SLIP,
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
    printed: defaultdict[UUID, list[tuple[UUID, datetime, datetime]]] = defaultdict(list)
    for each in appointments:
        if each.class_group_id:
            printed[each.class_group_id].append((each.person_id, each.timeslot.starts_at, each.timeslot.ends_at))
    _note(
        [
            Printout(
                drive=drive,
                kind=Printout.Kind.CLASS,
                class_group_id=group,
                content=class_content(rows),
                printed_at=now,
                printed_by=by,
            )
            for group, rows in sorted(printed.items(), key=lambda pair: str(pair[0]))
        ],
        "drive",
        "class_group",
    )


def _note(rows: list[Printout], *unique: str) -> None:
    Printout.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=list(unique), update_fields=["content", "printed_at", "printed_by"]
    )
