"""Minutes that a team really took: the middle of the time between two recordings of a kit, breaks left out."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from uuid6 import uuid7

from drives.models import DayClose, Drive, Kit, VisitEvent
from drives.planning.learnt import Learnt, Recording, learn, learnt_by
from schools.models import User
from tests.drives.planning.pupils import FRIDAY, make_school
from tests.factories import DriveDayFactory, DriveFactory, KitFactory, OfficeFactory, SchoolFactory, UserFactory, VisitFactory, at

DAY = date(2026, 11, 10)
KIT = UUID(int=1)


def every(seconds: int, count: int, *, kit: UUID = KIT, start: str = "08.00", day: date = DAY) -> list[Recording]:
    return [(kit, day, at(day, start) + timedelta(seconds=seconds * number)) for number in range(count)]


def test_the_middle_of_the_gaps_to_a_tenth_of_a_minute() -> None:
    assert learn(every(504, 31)) == Learnt(Decimal("8.4"), 30)


def test_too_few_recordings_tell_nothing() -> None:
    assert learn(every(504, 30)) == Learnt(None, 29)


def test_a_break_and_another_kit_are_no_time_of_a_person() -> None:
    morning, afternoon = every(600, 16), every(600, 16, start="12.30")
    other = every(300, 2, kit=uuid4(), start="08.02")

    found = learn([*afternoon, *other, *morning])

    assert found == Learnt(Decimal("10.0"), 31)


def test_nobody_takes_less_than_a_minute() -> None:
    assert learn(every(20, 40)).minutes == 1


# From the database


def closed_day(kit: Kit, gaps: int, *, is_closed: bool = True) -> Drive:
    drive = DriveFactory(school=SchoolFactory(office=kit.office), status="published", published_at=FRIDAY)
    day = DriveDayFactory(drive=drive, day=DAY)
    for number in range(gaps + 1):
        record(drive, kit, at(DAY, "08.00") + timedelta(minutes=8.4 * number), number)
    if is_closed:
        DayClose.objects.create(
            drive_day=day, office=kit.office, closed_at=FRIDAY, closed_by=UserFactory(), tally={}, signed_by_name="Rina"
        )
    return drive


def record(drive: Drive, kit: Kit, moment: datetime, number: int, **changes: object) -> VisitEvent:
    facts = {
        "id": uuid7(),
        "visit": VisitFactory(drive=drive, school=drive.school),
        "drive": drive,
        "school": drive.school,
        "office": drive.office,
        "kind": VisitEvent.Kind.RECORDED,
        "source": f"tablet {drive.pk}",
        "source_sequence": number,
        "device_at": moment,
        "received_at": moment,
        "day": DAY,
        "kit": kit,
    }
    return VisitEvent.objects.create(**(facts | changes))


@pytest.mark.django_db
def test_only_closed_days_of_the_office_are_learnt_from() -> None:
    kit = KitFactory()
    closed_day(kit, 40)
    closed_day(kit, 40, is_closed=False)
    closed_day(KitFactory(office=OfficeFactory(name="Suku Dinas Dukcapil Jakarta Barat")), 40)

    assert learnt_by(kit.office) == Learnt(Decimal("8.4"), 40)


@pytest.mark.django_db
def test_what_was_taken_back_does_not_count() -> None:
    kit = KitFactory()
    drive = closed_day(kit, 30)
    last = VisitEvent.objects.latest("device_at")
    record(drive, kit, last.device_at, 99, kind=VisitEvent.Kind.UNDONE, target=last.pk, visit=last.visit)

    assert learnt_by(kit.office) == Learnt(None, 29)


@pytest.fixture
def planner(client: Client) -> User:
    user = UserFactory(planner=OfficeFactory())
    client.force_login(user)
    return user


@pytest.mark.django_db
def test_the_page_offers_what_was_learnt_and_takes_it(client: Client, planner: User) -> None:
    make_school({"XI MERDEKA 1": (3, 3)}, npsn="20102575")
    closed_day(KitFactory(), 40)
    with time_machine.travel(FRIDAY, tick=False):
        response = client.get(reverse("drives:drive_add"), {"school": "20102575"})

        assert "Tim ini perlu 8,4 menit (nilai tengah 40 perekaman terakhir)." in response.content.decode()
        taken = client.get(response.context["learnt_url"])

    assert taken.context["form"].plan().minutes == Decimal("8.4")
    assert taken.context["learnt_url"] == ""


@pytest.mark.django_db
def test_where_too_little_is_known_the_page_says_so(client: Client, planner: User) -> None:
    make_school({"XI MERDEKA 1": (3, 3)}, npsn="20102575")
    closed_day(KitFactory(), 12)
    with time_machine.travel(FRIDAY, tick=False):
        page = client.get(reverse("drives:drive_add"), {"school": "20102575"}).content.decode()

    assert "belum diketahui: 12 dari 30 perekaman" in page
