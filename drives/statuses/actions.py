"""Result lists in, single statuses by hand, and the appointments of who turns out to be recorded."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from drives.models import Appointment, Drive, DukcapilStatus, StatusImport, Timeslot, Visit
from drives.statuses.reader import Line, read_list
from drives.statuses.review import Known, Row, counts, judge
from schools.models import AuditEntry, Office, User, record_access
from students import privacy
from students.models import Person

BATCH = 2_000


@dataclass(frozen=True)
class Outcome:
    """What an approval did. `freed_count`: places in drafts that were given free; `to_decide_count`: published ones."""

    added_count: int
    freed_count: int
    to_decide_count: int


def read_result_list(
    *, data: bytes, filename: str, dated_on: date, office: Office, by: User | None, now: datetime
) -> StatusImport:
    """Reads and judges the file; nothing but the review is written. The file itself is not kept.

    Raises ListRefused (see `reader.read_list`).
    """
    today = now.astimezone(office.zone).date()
    lines = read_list(data, dated_on=min(dated_on, today), today=today)
    rows = judge(lines, known=known_persons(lines, office=office))
    return StatusImport.objects.create(
        office=office,
        uploaded_by=by,
        created_at=now,
        filename=filename[:200],
        rows=[row.as_json() for row in rows],
        counts=counts(rows),
    )


def known_persons(lines: Iterable[Line], *, office: Office) -> dict[str, Known]:
    """Persons of the office and of those below it, by NIK, with what is known of each."""
    nik_of = {privacy.digest(line.nik): line.nik for line in lines if line.nik}
    offices = Office.objects.within({office.pk})
    found = Person.objects.filter(nik_digest__in=list(nik_of), office__in=offices, anonymised_at=None)
    persons = {person: nik_of[bytes(digest)] for person, digest in found.values_list("pk", "nik_digest") if digest}
    statuses: defaultdict[UUID, set[tuple[str, date]]] = defaultdict(set)
    for person, status, dated_on in DukcapilStatus.objects.filter(person__in=list(persons)).values_list(
        "person", "status", "dated_on"
    ):
        statuses[person].add((status, dated_on))
    return {nik: Known(str(person), frozenset(statuses[person])) for person, nik in persons.items()}


def rows_of(status_import: StatusImport) -> list[Row]:
    return [Row(**row) for row in status_import.rows]


@transaction.atomic
def approve_import(*, status_import: StatusImport, by: User | None, now: datetime) -> Outcome:
    """Writes the statuses under review, once: a second approval answers with what the first one did.

    Raises ValidationError: `import_cancelled`.
    """
    locked = StatusImport.objects.select_for_update().select_related("office").get(pk=status_import.pk)
    if locked.status == StatusImport.Status.CANCELLED:
        raise ValidationError(_("This list was discarded. Upload it again to import it."), code="import_cancelled")
    if locked.status == StatusImport.Status.APPLIED:
        return Outcome(**locked.counts["outcome"])
    added = _write([row for row in rows_of(locked) if row.is_new], status_import=locked, by=by, now=now)
    outcome = Outcome(
        added_count=added,
        freed_count=free_draft_places(persons=locked.statuses.values("person"), now=now),
        to_decide_count=to_decide(now=now).filter(named_in(locked)).count(),
    )
    locked.status, locked.approved_at, locked.approved_by = StatusImport.Status.APPLIED, now, by
    locked.counts["outcome"] = vars(outcome)
    locked.save(update_fields=["status", "approved_at", "approved_by", "counts"])
    detail = {"added": added, "freed": outcome.freed_count}
    record_access(action=AuditEntry.Action.IMPORTED, subject=locked, by=by, at=now, office_id=locked.office_id, detail=detail)
    return outcome


def _write(rows: Collection[Row], *, status_import: StatusImport, by: User | None, now: datetime) -> int:
    """How many were new; what somebody else has entered meanwhile stays as it is."""
    office_of = dict(Person.objects.filter(pk__in={row.person for row in rows}).values_list("pk", "office"))
    new = [
        DukcapilStatus(
            person_id=UUID(row.person),
            office_id=office_of[UUID(row.person)],
            status=row.status,
            dated_on=date.fromisoformat(row.dated_on),
            status_import=status_import,
            entered_by=by,
            created_at=now,
        )
        for row in rows
        if UUID(row.person) in office_of
    ]
    DukcapilStatus.objects.bulk_create(new, ignore_conflicts=True, batch_size=BATCH)
    return status_import.statuses.count()


@transaction.atomic
def cancel_import(*, status_import: StatusImport) -> None:
    """Discards a list under review; what was approved stays. Raises ValidationError: `import_applied`."""
    locked = StatusImport.objects.select_for_update().get(pk=status_import.pk)
    if locked.status == StatusImport.Status.APPLIED:
        raise ValidationError(_("This list has been imported already."), code="import_applied")
    locked.status, locked.rows = StatusImport.Status.CANCELLED, []
    locked.save(update_fields=["status", "rows"])


@transaction.atomic
def enter_status(*, person: Person, status: str, dated_on: date, by: User | None, now: datetime) -> DukcapilStatus:
    """One status typed by hand; the same status of the same day is entered once. Places in drafts are given free.

    Raises ValidationError: `status_unknown`, `date_in_future`.
    """
    if status not in DukcapilStatus.Status.values:
        raise ValidationError(_("Choose one of the statuses."), code="status_unknown")
    if dated_on > now.astimezone(person.office.zone).date():
        raise ValidationError(_("The date of the status lies in the future."), code="date_in_future")
    entered, _is_new = DukcapilStatus.objects.get_or_create(
        person=person,
        status=status,
        dated_on=dated_on,
        defaults={"office": person.office, "entered_by": by, "created_at": now},
    )
    free_draft_places(persons={person.pk}, now=now)
    return entered


def to_decide(*, now: datetime) -> QuerySet[Appointment]:
    """Places in published drives, still to come, of persons who are recorded already and have not been seen there."""
    seen = Visit.objects.filter(drive=OuterRef("drive"), person=OuterRef("person")).exclude(state=Visit.State.EXPECTED)
    return Appointment.objects.live().filter(
        ~Exists(seen),
        drive__status=Drive.Status.PUBLISHED,
        person__recorded_on__isnull=False,
        timeslot__ends_at__gt=now,
    )


def named_in(status_import: StatusImport) -> Exists:
    """Appointments of persons about whom the list brought something new."""
    return Exists(DukcapilStatus.objects.filter(status_import=status_import, person=OuterRef("person")))


def free_draft_places(*, persons: Collection[UUID] | QuerySet[DukcapilStatus, Any], now: datetime) -> int:
    """Ends, as cancelled, the appointments in drafts of those of these persons who are recorded."""
    return _cancel(
        Appointment.objects.live().filter(
            person__in=persons, person__recorded_on__isnull=False, drive__status=Drive.Status.DRAFT
        ),
        now=now,
    )


@transaction.atomic
def cancel_recorded(*, appointments: QuerySet[Appointment], now: datetime) -> int:
    """Gives free the places of recorded persons that somebody decided on; what no longer needs a decision is left."""
    return _cancel(to_decide(now=now).filter(pk__in=appointments.values("pk")), now=now)


def _cancel(appointments: QuerySet[Appointment], *, now: datetime) -> int:
    """Timeslots are locked in the order of their ids, as everywhere, before places are given free."""
    chosen = list(appointments.values_list("pk", "timeslot"))
    slots = {slot for _, slot in chosen}
    list(Timeslot.objects.filter(pk__in=slots).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    return (
        Appointment.objects.live()
        .filter(pk__in=[pk for pk, _ in chosen])
        .update(ending=Appointment.Ending.CANCELLED, ended_at=now)
    )
