"""Kits out of service: not offered, and told to whom a drive counts on them."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from drives.models import Drive, Kit, KitDuty, KitOutage
from drives.planning.actions import create_drive, end_outage, note_outage, replace_kit
from drives.planning.outages import broken_at, broken_drives
from schools.models import School, User
from tests.drives.planning.pupils import FRIDAY, THURSDAY, TUESDAY, WEDNESDAY, make_kits, plan, refused
from tests.factories import OfficeFactory, SchoolFactory, UserFactory, at

pytestmark = pytest.mark.django_db


def broken(kit: Kit, first: date = WEDNESDAY, last: date | None = WEDNESDAY) -> KitOutage:
    return note_outage(kit=kit, starts_on=first, ends_on=last, reason="Pemindai iris rusak", by=None, now=FRIDAY)


def kits_on(drive: Drive, day: date) -> set[str]:
    duties = KitDuty.objects.filter(drive_day__drive=drive, drive_day__day=day, released_at=None)
    return set(duties.values_list("kit__name", flat=True))


def test_a_kit_out_of_service_on_a_day_is_not_chosen_for_it(school: School) -> None:
    first, _second = make_kits(2)
    broken(first)

    drive = create_drive(school=school, plan=plan(kits=1), by=None, now=FRIDAY)

    assert kits_on(drive, WEDNESDAY) == {"Alat 2"}


def test_too_few_kits_that_work_are_refused_with_the_reason(school: School) -> None:
    first, _second = make_kits(2)
    broken(first)

    with pytest.raises(ValidationError) as refusal:
        create_drive(school=school, plan=plan(kits=2), by=None, now=FRIDAY)

    assert refusal.value.code == "kit_out_of_service"
    few = "Hanya 1 alat dapat dipakai pada Rabu, 25 November 2026."
    assert refusal.value.messages == [f"{few} Alat 1 tidak bisa dipakai pada Rabu, 25 November 2026: Pemindai iris rusak."]


def test_a_kit_chosen_by_name_is_refused_on_days_out_of_service_alone(school: School) -> None:
    first, _second = make_kits(2)
    broken(first, first=WEDNESDAY, last=None)

    with refused("kit_out_of_service"):
        create_drive(school=school, plan=plan(kit_ids=frozenset({first.pk}), kits=1), by=None, now=FRIDAY)
    drive = create_drive(school=school, plan=plan(kit_ids=frozenset({first.pk}), kits=1, days=(TUESDAY,)), by=None, now=FRIDAY)

    assert kits_on(drive, TUESDAY) == {"Alat 1"}


def test_once_it_works_again_it_is_offered(school: School) -> None:
    (kit,) = make_kits(1)
    end_outage(outage=broken(kit), by=None, now=FRIDAY)

    assert create_drive(school=school, plan=plan(kits=1), by=None, now=FRIDAY).days.count() == 3


@pytest.mark.parametrize(("changes", "code"), [({"reason": " "}, "reason_missing"), ({"ends_on": TUESDAY}, "ends_before_start")])
def test_an_outage_needs_a_reason_and_an_end_after_its_start(changes: dict[str, object], code: str) -> None:
    (kit,) = make_kits(1)
    said = {"kit": kit, "starts_on": WEDNESDAY, "ends_on": None, "reason": "Rusak", "by": None, "now": FRIDAY}

    with refused(code):
        note_outage(**(said | changes))  # type: ignore[arg-type]


def test_the_same_outage_said_twice_is_one() -> None:
    (kit,) = make_kits(1)

    assert broken(kit) == broken(kit)


def test_a_drive_that_counts_on_a_broken_kit_is_named_with_what_could_stand_in(drive: Drive) -> None:
    kit = Kit.objects.get(duties__drive_day__drive=drive, duties__drive_day__day=WEDNESDAY)
    broken(kit)

    (line,) = broken_at(drive, now=FRIDAY)

    assert (line.day, line.reason, len(line.free)) == (WEDNESDAY, "Pemindai iris rusak", 1)
    assert broken_drives({drive.office_id}, now=FRIDAY) == [(drive, 1)]
    assert broken_drives({drive.office_id}, now=at(THURSDAY, "05.00")) == []


def test_a_free_kit_takes_over_and_a_second_press_changes_nothing(drive: Drive, planner: User) -> None:
    duty = KitDuty.objects.get(drive_day__drive=drive, drive_day__day=WEDNESDAY)
    broken(duty.kit)
    free = Kit.objects.exclude(pk=duty.kit_id).get()

    for _press in range(2):
        replace_kit(drive=drive, duty_id=duty.pk, kit_id=free.pk, by=planner, now=FRIDAY)

    assert kits_on(drive, WEDNESDAY) == {free.name}
    assert broken_at(drive, now=FRIDAY) == []


def test_a_kit_that_breaks_during_the_day_is_replaced_from_then_on(drive: Drive, planner: User) -> None:
    duty = KitDuty.objects.get(drive_day__drive=drive, drive_day__day=WEDNESDAY)
    free = Kit.objects.exclude(pk=duty.kit_id).get()
    now = at(WEDNESDAY, "10.00")

    replace_kit(drive=drive, duty_id=duty.pk, kit_id=free.pk, by=planner, now=now)

    hours = KitDuty.objects.filter(drive_day__day=WEDNESDAY).order_by("starts_at").values_list("kit", "starts_at", "ends_at")
    assert list(hours) == [(duty.kit_id, duty.starts_at, now), (free.pk, now, duty.ends_at)]


def test_a_kit_that_is_elsewhere_or_broken_does_not_take_over(drive: Drive, planner: User) -> None:
    duty = KitDuty.objects.get(drive_day__drive=drive, drive_day__day=WEDNESDAY)
    other = Kit.objects.exclude(pk=duty.kit_id).get()
    create_drive(school=SchoolFactory(), plan=plan(kits=1, kit_ids=frozenset({other.pk})), by=None, now=FRIDAY)

    with refused("kit_elsewhere"):
        replace_kit(drive=drive, duty_id=duty.pk, kit_id=other.pk, by=planner, now=FRIDAY)
    broken(other)
    with refused("kit_out_of_service"):
        replace_kit(drive=drive, duty_id=duty.pk, kit_id=other.pk, by=planner, now=FRIDAY)


# The pages


@pytest.fixture
def friday() -> object:
    with time_machine.travel(FRIDAY, tick=False):
        yield


@pytest.mark.usefixtures("friday")
def test_the_board_and_the_first_page_tell_the_planner(client: Client, drive: Drive, planner: User) -> None:
    duty = KitDuty.objects.get(drive_day__drive=drive, drive_day__day=WEDNESDAY)
    broken(duty.kit)
    client.force_login(planner)
    board = reverse("drives:slot_board", args=[drive.pk])

    assert "alat yang bertugas tidak bisa dipakai" in client.get("/").content.decode()
    page = client.get(board).content.decode()
    assert f"{duty.kit.name}, Rabu, 25 November 2026" in page
    free = Kit.objects.exclude(pk=duty.kit_id).get()
    client.post(reverse("drives:drive_kit", args=[drive.pk]), {"duty": duty.pk, "kit": free.pk})

    assert 'id="broken"' not in client.get(board).content.decode()


@pytest.mark.usefixtures("friday")
def test_an_administrator_notes_days_and_that_it_works_again(client: Client) -> None:
    (kit,) = make_kits(1)
    client.force_login(UserFactory(system_admin=OfficeFactory()))
    url = reverse("drives:kit_outage", args=[kit.pk])

    refused_page = client.post(url, {"starts_on": "2026-11-25", "ends_on": "2026-11-24", "reason": "Rusak"})
    client.post(url, {"starts_on": "2026-11-25", "ends_on": "", "reason": "Rusak"})

    assert refused_page.status_code == 422
    outage = KitOutage.objects.get()
    page = client.get(reverse("drives:kit_edit", args=[kit.pk])).content.decode()
    assert "25 November 2026 – sampai pemberitahuan berikutnya" in page
    client.post(reverse("drives:kit_outage_end", args=[kit.pk, outage.pk]))
    assert not KitOutage.objects.in_force().exists()
    assert KitOutage.objects.get().ended_at == FRIDAY + timedelta()
