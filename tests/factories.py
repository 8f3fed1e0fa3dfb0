"""Rows for tests, with traits. Numbers are synthetic: NIK serials from 9000 on."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import factory
from factory.django import DjangoModelFactory
from uuid6 import uuid7

from drives.models import (
    Appointment,
    Drive,
    DriveDay,
    DriveSession,
    DukcapilStatus,
    Kit,
    KitDuty,
    OperatorDuty,
    Timeslot,
    Visit,
)
from schools.models import Grant, Office, Region, Role, School, User
from schools.names import normalise, normalise_school
from students import privacy
from students.models import ClassGroup, Enrolment, Person

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
JAKARTA = ZoneInfo("Asia/Jakarta")


def at(day: date, clock: str) -> datetime:
    """`at(date(2026, 11, 24), "07.00")`: that moment in Jakarta."""
    hour, minute = clock.split(".")
    return datetime.combine(day, time(int(hour), int(minute)), JAKARTA)


class RegionFactory(DjangoModelFactory[Region]):
    """A district of Jakarta Selatan with its city and province."""

    class Meta:
        model = Region
        django_get_or_create = ("code",)

    code = "31.74.08"
    name = "Pancoran"
    search_name = factory.LazyAttribute(lambda region: normalise(region.name))
    level = Region.Level.DISTRICT
    parent = factory.SubFactory("tests.factories.CityFactory")


class ProvinceFactory(DjangoModelFactory[Region]):
    class Meta:
        model = Region
        django_get_or_create = ("code",)

    code = "31"
    name = "DKI Jakarta"
    search_name = "DKI JAKARTA"
    level = Region.Level.PROVINCE


class CityFactory(DjangoModelFactory[Region]):
    class Meta:
        model = Region
        django_get_or_create = ("code",)

    code = "31.74"
    name = "Kota Administrasi Jakarta Selatan"
    search_name = "KOTA ADMINISTRASI JAKARTA SELATAN"
    level = Region.Level.CITY
    parent = factory.SubFactory(ProvinceFactory)


class OfficeFactory(DjangoModelFactory[Office]):
    class Meta:
        model = Office
        django_get_or_create = ("name",)

    name = "Suku Dinas Dukcapil Jakarta Selatan"
    level = Office.Level.SUDIN
    region = factory.SubFactory(CityFactory)


class SchoolFactory(DjangoModelFactory[School]):
    class Meta:
        model = School

    npsn = factory.Sequence(lambda n: f"{20190000 + n}")
    name = factory.Sequence(lambda n: f"SMAN {100 + n} Jakarta")
    search_name = factory.LazyAttribute(lambda school: normalise_school(school.name))
    kind = School.Kind.SMA
    ownership = School.Ownership.STATE
    office = factory.SubFactory(OfficeFactory)
    district = factory.SubFactory(RegionFactory)
    email = factory.LazyAttribute(lambda school: f"{school.npsn}@sekolah.example")


class UserFactory(DjangoModelFactory[User]):
    """`UserFactory(planner=office)`, `UserFactory(school_admin=school)`, and so on: a user with that one grant."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    name = factory.Sequence(lambda n: f"Pengguna {n}")

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> User:
        scopes = {role: kwargs.pop(role) for role in Role.values if role in kwargs}
        user: User = super()._create(model_class, *args, **kwargs)
        for role, scope in scopes.items():
            place = {"school": scope} if role == Role.SCHOOL_ADMIN else {"office": scope}
            Grant.objects.create(user=user, role=role, starts_on=date(2020, 1, 1), **place)
        return user


class ClassGroupFactory(DjangoModelFactory[ClassGroup]):
    class Meta:
        model = ClassGroup

    school = factory.SubFactory(SchoolFactory)
    school_year = 2026
    grade = 11
    name = factory.Sequence(lambda n: f"XI MERDEKA {n + 1}")


class PersonFactory(DjangoModelFactory[Person]):
    """A pupil of seventeen. `PersonFactory(enrolled=class_group)` enrols; `nik="…"` seals a number (serials from 9000)."""

    class Meta:
        model = Person
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"SISWA NOMOR {n}")
    search_name = factory.LazyAttribute(lambda person: normalise(person.name))
    sex = Person.Sex.FEMALE
    birth_date = date(2009, 6, 1)
    office = factory.SubFactory(OfficeFactory)
    created_at = NOW
    updated_at = NOW

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Person:
        group: ClassGroup | None = kwargs.pop("enrolled", None)
        since: date = kwargs.pop("enrolled_since", date(2026, 7, 13))
        nisn: str = kwargs.pop("nisn", "")
        if nik := kwargs.pop("nik", ""):
            row_id = kwargs.setdefault("id", uuid7())
            kwargs |= {"nik_sealed": privacy.seal(nik, row_id=row_id), "nik_digest": privacy.digest(nik)}
        if group:
            kwargs["office"] = group.school.office
        person: Person = super()._create(model_class, *args, **kwargs)
        if group:
            Enrolment.objects.create(
                person=person,
                school=group.school,
                office=group.school.office,
                class_group=group,
                school_year=group.school_year,
                starts_on=since,
                nisn=nisn,
            )
            person.refresh_from_db()
        return person


class KitFactory(DjangoModelFactory[Kit]):
    class Meta:
        model = Kit

    office = factory.SubFactory(OfficeFactory)
    name = factory.Sequence(lambda n: f"Alat {n + 1}")


class DriveFactory(DjangoModelFactory[Drive]):
    class Meta:
        model = Drive

    school = factory.SubFactory(SchoolFactory)
    office = factory.LazyAttribute(lambda drive: drive.school.office)
    minimum_age_months = 192
    minutes_per_person = 10
    slack_percent = 15
    slot_minutes = 30
    created_at = NOW


class DriveDayFactory(DjangoModelFactory[DriveDay]):
    class Meta:
        model = DriveDay

    drive = factory.SubFactory(DriveFactory)
    office = factory.LazyAttribute(lambda drive_day: drive_day.drive.office)
    day = date(2026, 11, 24)


class DriveSessionFactory(DjangoModelFactory[DriveSession]):
    class Meta:
        model = DriveSession

    drive_day = factory.SubFactory(DriveDayFactory)
    starts_at = factory.LazyAttribute(lambda session: at(session.drive_day.day, "07.00"))
    ends_at = factory.LazyAttribute(lambda session: session.starts_at + timedelta(hours=3))


class KitDutyFactory(DjangoModelFactory[KitDuty]):
    class Meta:
        model = KitDuty

    kit = factory.SubFactory(KitFactory)
    drive_day = factory.SubFactory(DriveDayFactory)
    starts_at = factory.LazyAttribute(lambda duty: at(duty.drive_day.day, "07.00"))
    ends_at = factory.LazyAttribute(lambda duty: at(duty.drive_day.day, "13.30"))


class OperatorDutyFactory(DjangoModelFactory[OperatorDuty]):
    class Meta:
        model = OperatorDuty

    user = factory.SubFactory(UserFactory)
    drive_day = factory.SubFactory(DriveDayFactory)


class TimeslotFactory(DjangoModelFactory[Timeslot]):
    class Meta:
        model = Timeslot

    session = factory.SubFactory(DriveSessionFactory)
    drive_day = factory.LazyAttribute(lambda slot: slot.session.drive_day)
    drive = factory.LazyAttribute(lambda slot: slot.session.drive_day.drive)
    session_starts_at = factory.LazyAttribute(lambda slot: slot.session.starts_at)
    session_ends_at = factory.LazyAttribute(lambda slot: slot.session.ends_at)
    starts_at = factory.LazyAttribute(lambda slot: slot.session.starts_at)
    ends_at = factory.LazyAttribute(lambda slot: slot.starts_at + timedelta(minutes=30))
    places = 20


class AppointmentFactory(DjangoModelFactory[Appointment]):
    class Meta:
        model = Appointment

    timeslot = factory.SubFactory(TimeslotFactory)
    drive = factory.LazyAttribute(lambda appointment: appointment.timeslot.drive)
    person = factory.SubFactory(PersonFactory)
    school = factory.LazyAttribute(lambda appointment: appointment.drive.school)
    office = factory.LazyAttribute(lambda appointment: appointment.drive.office)
    created_at = NOW


class VisitFactory(DjangoModelFactory[Visit]):
    class Meta:
        model = Visit

    drive = factory.SubFactory(DriveFactory)
    person = factory.SubFactory(PersonFactory)
    school = factory.LazyAttribute(lambda visit: visit.drive.school)
    office = factory.LazyAttribute(lambda visit: visit.drive.office)
    token = factory.Sequence(lambda n: f"token{n:027d}")
    code = factory.Sequence(lambda n: f"K{n:05d}")
    created_at = NOW


class DukcapilStatusFactory(DjangoModelFactory[DukcapilStatus]):
    class Meta:
        model = DukcapilStatus

    person = factory.SubFactory(PersonFactory)
    office = factory.LazyAttribute(lambda status: status.person.office)
    status = DukcapilStatus.Status.PRINT_READY_RECORD
    dated_on = TODAY
    created_at = NOW
