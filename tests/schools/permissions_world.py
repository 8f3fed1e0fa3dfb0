"""One school with everything that an address can name, and people of every role: inside its scope, and outside."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker
from uuid6 import uuid7

from drives.models import (
    DayClose,
    Departure,
    Device,
    DriveRequest,
    Feed,
    Incident,
    KitOutage,
    Notice,
    Season,
    SeasonCard,
    SeasonProposal,
    SeasonPublication,
    SlotRequest,
    StatusImport,
)
from drives.statuses.review import counts
from schools.models import Closure, FastingMonth, HolidayChange, Office, Role, School, User
from students.models import ClassGroup, Enrolment, RosterRow, RosterUpload
from students.roster import repairs
from tests.factories import (
    AppointmentFactory,
    CityFactory,
    ClassGroupFactory,
    DriveDayFactory,
    DriveFactory,
    DriveSessionFactory,
    KitDutyFactory,
    KitFactory,
    OfficeFactory,
    OperatorDutyFactory,
    PersonFactory,
    RegionFactory,
    SchoolFactory,
    TimeslotFactory,
    UserFactory,
    VisitFactory,
)


@dataclass
class World:
    """`objects` by the stem of an address's parameter: `drive_id` is filled from `objects["drive"]`."""

    objects: dict[str, Any]
    insiders: dict[str, User]
    outsiders: dict[str, User]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """One for all tests of a module: what each of them does is rolled back with its own transaction, the world at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


def make_world() -> World:
    office, school = OfficeFactory(), SchoolFactory()
    insiders = _people(office, school)
    objects = _objects(office, school, insiders)
    for role in (Role.OPERATOR, Role.LEAD_OPERATOR):
        OperatorDutyFactory(user=insiders[role], drive_day=objects["drive_day"])
    return World(objects, insiders, _people(*_elsewhere()))


def _people(office: Office, school: School) -> dict[str, User]:
    return {role: UserFactory(**{role: school if role == Role.SCHOOL_ADMIN else office}) for role in Role.values}


def _elsewhere() -> tuple[Office, School]:
    """Another city of the same province."""
    city = CityFactory(code="31.75", name="Kota Administrasi Jakarta Timur", search_name="KOTA ADMINISTRASI JAKARTA TIMUR")
    office = OfficeFactory(name="Suku Dinas Dukcapil Jakarta Timur", region=city)
    district = RegionFactory(code="31.75.01", name="Matraman", parent=city)
    return office, SchoolFactory(office=office, district=district)


def _upload(school: School) -> dict[str, Any]:
    """A roster in review, with a line that needs repair and one that was repaired."""
    upload = RosterUpload.objects.create(
        school=school,
        office=school.office,
        created_at=timezone.now(),
        filename="daftar.xlsx",
        file_digest=b"1",
        status="review",
        counts=dict.fromkeys([*RosterRow.Section.values, "without_nik", "ready", "rows"], 0),
    )
    problem = {"code": "sex_invalid", "level": "error", "column": "JK", "row": 7, "message": "…"}
    row = RosterRow.objects.create(
        upload=upload, school=school, office=school.office, row_number=7, section="held", name="Siti", problems=[problem]
    )
    repairs.keep(upload=upload, found={("", 8): {"sex": "P"}}, by=None, now=timezone.now())
    return {"upload": upload, "row": row, "repair": upload.repairs.get()}


def _objects(office: Office, school: School, people: dict[str, User]) -> dict[str, Any]:
    now, today = timezone.now(), timezone.localdate()
    group = ClassGroupFactory(school=school)
    person = PersonFactory(enrolled=group)
    drive = DriveFactory(school=school, status="published", published_at=now)
    drive_day = DriveDayFactory(drive=drive, day=today)
    timeslot = TimeslotFactory(session=DriveSessionFactory(drive_day=drive_day))
    kit = KitFactory(office=office)
    KitDutyFactory(kit=kit, drive_day=drive_day)
    AppointmentFactory(timeslot=timeslot, person=person, class_group=group)
    visit = VisitFactory(drive=drive, person=person)
    return {
        "office": office,
        "school": school,
        "user": people[Role.PLANNER],
        "grant": people[Role.PLANNER].grants.get(),
        "closure": Closure.objects.create(school=school, starts_on=today, ends_on=today + timedelta(days=1), reason="Ujian"),
        "holiday": HolidayChange.objects.create(office=office, day=today, effect="added", name="Libur", made_at=now),
        "fasting_month": FastingMonth.objects.create(
            office=office, starts_on=today, ends_on=today + timedelta(days=29), made_at=now
        ),
        "feed": Feed.objects.create(kind="school", office=office, school=school, token="t" * 32, made_at=now),
        "class": group,
        "person": person,
        "kit": kit,
        "device": Device.objects.create(office=office, name="Tablet 1", registered_at=now),
        "outage": KitOutage.objects.create(kit=kit, starts_on=today, ends_on=today, reason="Rusak", made_at=now),
        "drive": drive,
        "drive_day": drive_day,
        "incident": Incident.objects.create(
            id=uuid7(),
            drive_day=drive_day,
            office=office,
            kind="kit_broken",
            kit=kit,
            opened_at=now,
            opened_by=people[Role.PLANNER],
        ),
        "day_close": DayClose.objects.create(
            drive_day=drive_day, office=office, closed_at=now, closed_by=people[Role.PLANNER], tally={}, signed_by_name="Budi"
        ),
        "slot": timeslot,
        "visit": visit,
        **_upload(school),
        "status_import": StatusImport.objects.create(office=office, created_at=now, filename="hasil.xlsx", counts=counts([])),
        "departure": _departure(school, group),
        **_season(office, school),
        "drive_request": DriveRequest.objects.create(
            school=school, office=office, days=[today + timedelta(days=30)], asked_at=now, changed_at=now
        ),
        "slot_request": SlotRequest.objects.create(
            visit=visit, drive=drive, school=school, office=office, note="Ujian praktik", requested_at=now
        ),
        "notice": Notice.objects.create(
            kind=Notice.Kind.PUBLISHED,
            channel=Notice.Channel.COPY,
            subject_kind=Notice.Subject.CLASS,
            subject_id=group.pk,
            recipient="kelas",
            drive=drive,
            class_group=group,
            school=school,
            office=office,
            created_at=now,
            due_at=now,
        ),
    }


def _season(office: Office, school: School) -> dict[str, Any]:
    """A season with a turn of the school, and a proposal for another one."""
    now, day = timezone.now(), timezone.localdate() + timedelta(days=30)
    season = Season.objects.create(office=office, name="Semester", starts_on=day, ends_on=day, created_at=now)
    SeasonCard.objects.create(season=season, office=office, school=school, days=[day], kits=1)
    proposal = SeasonProposal.objects.create(season=season, office=office, status="ready", asked_at=now)
    proposal.cards.create(office=office, school=school, days=[day], kits=2, change="moved", before_days=[day], before_kits=1)
    publication = SeasonPublication.objects.create(season=season, office=office, status="done", asked_at=now)
    publication.turns.create(office=office, school=school, days=[day], is_due=False)
    return {"season": season, "proposal": proposal, "publication": publication}


def _departure(school: School, group: ClassGroup) -> Departure:
    """A pupil whom another school has enrolled since."""
    enrolment = Enrolment.objects.get(person=PersonFactory(enrolled=group))
    enrolment.ends_on, enrolment.end_reason = timezone.localdate(), Enrolment.EndReason.MOVED
    enrolment.save()
    return Departure.objects.create(enrolment=enrolment, school=school, office_id=school.office_id, told_at=timezone.now())
