"""A drive day of today with people who wait, made as a hall has them, and those who work there."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from drives.models import Drive, DriveDay, Visit
from schools.models import School, User
from tests.factories import (
    ClassGroupFactory,
    DriveDayFactory,
    DriveFactory,
    DriveSessionFactory,
    KitDutyFactory,
    KitFactory,
    OperatorDutyFactory,
    PersonFactory,
    TimeslotFactory,
    UserFactory,
    VisitFactory,
)


@dataclass(frozen=True)
class Hall:
    drive_day: DriveDay
    operators: list[User]
    # People who have not been seen yet: ids of their visits, and the codes on their slips.
    visits: list[str]
    codes: list[str]


def hall_of_today(*, visits: int, operators: int = 1) -> Hall:
    now = timezone.now()
    school = School.objects.get(npsn="20102575")
    drive = DriveFactory(school=school, office=school.office, status=Drive.Status.PUBLISHED, published_at=now)
    today = DriveDayFactory(drive=drive, day=timezone.localdate())
    opens = now - timedelta(hours=1)
    session = DriveSessionFactory(drive_day=today, starts_at=opens, ends_at=now + timedelta(hours=3))
    TimeslotFactory(session=session, starts_at=opens, ends_at=now + timedelta(hours=1))
    KitDutyFactory(kit=KitFactory(), drive_day=today)
    people: list[User] = [UserFactory(operator=drive.office) for _ in range(operators)]
    for one in people:
        OperatorDutyFactory(user=one, drive_day=today)
    waiting = _waiting(drive, school, visits)
    return Hall(today, people, [str(visit.pk) for visit in waiting], [visit.code for visit in waiting])


def session_of(user: User) -> str:
    """Of somebody who is signed in."""
    client = Client()
    client.force_login(user)
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def console_headers(cookies: dict[str, str]) -> dict[str, str]:
    """As the console's script sends an outcome."""
    return {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": cookies[settings.CSRF_COOKIE_NAME],
        "Content-Type": "application/x-www-form-urlencoded",
        "HX-Request": "true",
    }


def _waiting(drive: Drive, school: School, count: int) -> list[Visit]:
    """People with a visit each, of a class: made as a hall has them, copied as many times as are needed."""
    group = ClassGroupFactory(school=school, name=f"XII {drive.pk.hex[-8:]}", grade=12)
    first: Visit = VisitFactory(drive=drive, person=PersonFactory(enrolled=group))
    visits = [VisitFactory.build(drive=drive, person=first.person) for _ in range(count - 1)]
    made = []
    for number, visit in enumerate(visits):
        visit.person = PersonFactory.build(office=drive.office, school=None, name=f"Siswa Tunggu {number}")
        visit.school_id, visit.office_id, visit.code = first.school_id, first.office_id, f"{number:06d}"
        made.append(visit)
    type(first.person).objects.bulk_create([visit.person for visit in made], batch_size=1000)
    Visit.objects.bulk_create(made, batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return made
