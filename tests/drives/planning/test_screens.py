"""The planner's pages: from the questions to the board."""

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from drives.models import Appointment, Drive, OperatorDuty
from drives.planning.actions import assign_everybody, create_drive, publish_drive
from schools.models import Closure, School, User
from tests.drives.planning.pupils import FRIDAY, THURSDAY, TUESDAY, make_kits, make_school, plan, sman_55
from tests.factories import OfficeFactory, SchoolFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def friday() -> Any:
    with time_machine.travel(FRIDAY, tick=False):
        yield


@pytest.fixture
def planner(client: Client) -> User:
    user = UserFactory(planner=OfficeFactory())
    client.force_login(user)
    return user


@pytest.fixture
def school() -> School:
    return make_school({"XI MERDEKA 1": (3, 3), "XI MERDEKA 2": (2, 2)}, name="SMAN 55 Jakarta", npsn="20102575")


@pytest.fixture
def drive(school: School, planner: User) -> Drive:
    make_kits(2)
    return create_drive(school=school, plan=plan(kits=1), by=planner, now=FRIDAY)


@pytest.fixture
def board(drive: Drive, planner: User) -> Drive:
    assign_everybody(drive=drive, by=planner, now=FRIDAY)
    return drive


def answers(**changes: Any) -> dict[str, Any]:
    wishes: dict[str, Any] = {
        "school": "20102575",
        "days": ["2026-11-24", "2026-11-25", "2026-11-26"],
        "kits": "1",
        "session_1": "07.00–10.00",
        "session_2": "10.30-13.30",
        "session_3": "",
        "minutes": "10",
        "slack_percent": "15",
        "slot_minutes": "30",
        "minimum_age_months": "192",
    }
    return wishes | changes


def text_of(client: Client, url: str, data: dict[str, Any] | None = None) -> str:
    response = client.get(url, data)
    assert response.status_code == 200
    return response.content.decode()


# The questions


def test_four_kits_are_86_places_short_for_452_students(client: Client, planner: User) -> None:
    sman_55()
    make_kits(6)

    page = text_of(client, reverse("drives:drive_add"), answers(kits="4"))

    assert "366 tempat untuk 452 siswa." in page
    assert "Kurang 86" in page
    assert "5 alat × 3 hari = 456 tempat, sisa 4" in page
    assert "452 siswa perlu direkam, 228 sudah 17 tahun" in page


def test_the_way_out_leads_to_a_plan_that_suffices(client: Client, planner: User) -> None:
    sman_55()
    make_kits(6)

    response = client.get(reverse("drives:drive_add"), answers(kits="4"))
    more_kits = next(out for out in response.context["ways"] if out.way.kits)

    assert "456 tempat untuk 452 siswa." in text_of(client, more_kits.url)


def test_a_way_that_needs_a_kit_which_is_away_has_no_button(client: Client, planner: User) -> None:
    sman_55()
    make_kits(5)
    create_drive(school=SchoolFactory(), plan=plan(kits=1), by=None, now=FRIDAY)

    response = client.get(reverse("drives:drive_add"), answers(kits="4"))

    more_kits = next(out for out in response.context["ways"] if "alat ×" in out.way.sentence and out.way.kits is not None)
    assert (more_kits.url, more_kits.saves) == ("", False)
    assert "Hanya 4 alat bebas pada semua hari." in more_kits.way.sentence


def test_the_fragment_stands_verbatim_in_the_page(client: Client, planner: User, school: School) -> None:
    make_kits(2)
    page = text_of(client, reverse("drives:drive_add"), answers())

    fragment = text_of(client, reverse("drives:drive_consequences"), answers())

    start = fragment.index('<section class="jb-sticky"')
    assert fragment[:start].strip() in page
    assert fragment[start:].split("csrfmiddlewaretoken")[0] in page
    assert 'id="school-facts"' in fragment
    assert 'id="day-choices"' in fragment


def test_a_school_in_the_address_is_filled_in(client: Client, planner: User, school: School) -> None:
    assert 'value="SMAN 55 Jakarta (20102575)"' in text_of(client, reverse("drives:drive_add"), {"school": "20102575"})


@pytest.mark.parametrize("text", ["SMAN 55 Jakarta (20102575)", "sman 55 jkt", "20102575"])
def test_a_school_is_found_as_people_write_it(client: Client, planner: User, school: School, text: str) -> None:
    assert "NPSN 20102575" in text_of(client, reverse("drives:drive_consequences"), answers(school=text))


def test_a_foreign_school_is_not_found(client: Client, planner: User) -> None:
    make_school({"XI MERDEKA 1": (1, 0)}, npsn="20102575", office=OfficeFactory(name="Suku Dinas Dukcapil Jakarta Barat"))

    assert "Tidak ada sekolah kantor Anda yang cocok." in text_of(client, reverse("drives:drive_consequences"), answers())


def test_holidays_and_exams_near_the_days_are_named(client: Client, planner: User, school: School) -> None:
    Closure.objects.create(school=school, starts_on=THURSDAY, ends_on=THURSDAY, reason="Penilaian akhir semester")
    make_kits(1)

    page = text_of(client, reverse("drives:drive_consequences"), answers(days=["2026-11-24", "2026-12-24"]))

    assert "Penilaian akhir semester" in page
    assert "Hari Raya Natal" in page


@pytest.mark.parametrize(
    "broken",
    [
        {"days": ["nonsense"]},
        {"days": ["2026-13-45"]},
        {"kits": "-3"},
        {"kits": "many"},
        {"kit": "nonsense"},
        {"session_1": "pagi"},
        {"session_1": "25.00-26.00"},
        {"session_1": "10.00-08.00"},
        {"session_2": "08.00-12.00"},
        {"minutes": "0"},
        {"minutes": ""},
        {"slack_percent": "150"},
        {"slot_minutes": "5"},
        {"minimum_age_months": "1"},
        {"grades": "42"},
        {"first": "yesterday"},
        {"school": ""},
        {"days": ["2026-11-19"]},
        {"days": ["2026-12-25"]},
        {"days": [f"2027-{month:02}-{day:02}" for month in range(1, 4) for day in range(1, 28)]},
    ],
)
def test_nonsense_gets_a_sentence_and_writes_nothing(
    client: Client, planner: User, school: School, broken: dict[str, Any]
) -> None:
    make_kits(2)

    assert client.get(reverse("drives:drive_consequences"), answers(**broken)).status_code == 200
    response = client.post(reverse("drives:drive_add"), answers(**broken))

    assert (response.status_code, Drive.objects.count()) == (422, 0)


def test_saving_twice_makes_one_draft(client: Client, planner: User, school: School) -> None:
    make_kits(4)
    page = client.get(reverse("drives:drive_add"), answers())
    data = answers(draft_id=str(page.context["draft_id"]))

    first = client.post(reverse("drives:drive_add"), data)
    second = client.post(reverse("drives:drive_add"), data)

    drive = Drive.objects.get()
    assert first.url == second.url == reverse("drives:slot_board", args=[drive.pk])  # type: ignore[attr-defined]


def test_a_kit_that_is_elsewhere_is_refused_beside_the_kits(client: Client, planner: User, school: School) -> None:
    make_kits(1)
    create_drive(school=SchoolFactory(name="SMAN 8 Jakarta"), plan=plan(kits=1), by=None, now=FRIDAY)

    response = client.post(reverse("drives:drive_add"), answers())

    assert response.status_code == 422
    assert "Alat 1 ada di SMAN 8 Jakarta pada Selasa, 24 November 2026, 07.00–13.30." in response.content.decode()


def test_a_draft_is_edited_with_its_own_answers(client: Client, board: Drive) -> None:
    page = client.get(reverse("drives:drive_edit", args=[board.pk]))
    assert 'value="07.00–10.00"' in page.content.decode()

    response = client.post(reverse("drives:drive_edit", args=[board.pk]), answers(days=["2026-11-25"], kits="2"), follow=True)

    assert "kehilangan tempat" in response.content.decode()
    assert [each.day.isoformat() for each in board.days.all()] == ["2026-11-25"]


# The board


def test_the_board_says_who_is_scheduled_and_what_is_left(client: Client, board: Drive) -> None:
    page = text_of(client, reverse("drives:slot_board", args=[board.pk]))

    assert "10 dari 10 siswa terjadwal." in page
    assert "Semua siswa yang perlu direkam dan cukup umur sudah mendapat tempat." in page
    assert "10/30 tempat terisi" in page
    assert "Istirahat" in page


def test_the_board_is_read_with_as_many_queries_for_many_as_for_few(
    client: Client, planner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_kits(6)
    small = create_drive(school=make_school({"XI MERDEKA 1": (1, 0)}), plan=plan(kits=1), by=planner, now=FRIDAY)
    large = create_drive(school=sman_55(), plan=plan(kits=5), by=planner, now=FRIDAY)
    for each in (small, large):
        assign_everybody(drive=each, by=planner, now=FRIDAY)

    for each in (small, large):
        client.get(reverse("drives:slot_board", args=[each.pk]))
        with django_assert_num_queries(21):
            client.get(reverse("drives:slot_board", args=[each.pk]))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_is_read_with_the_same_queries(
    client: Client, planner: User, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    make_kits(3)
    for _number in range(count):
        create_drive(school=SchoolFactory(), plan=plan(kits=1), by=planner, now=FRIDAY)
    client.get(reverse("drives:drive_list"))

    with django_assert_num_queries(9):
        response = client.get(reverse("drives:drive_list"))

    assert len(response.context["rows"]) == count


def test_the_list_is_filtered_by_its_address(client: Client, board: Drive, planner: User) -> None:
    url = reverse("drives:drive_list")

    def count(**wishes: str) -> int:
        return len(client.get(url, wishes).context["rows"])

    assert (count(), count(q="sman 55"), count(q="smk"), count(state="published"), count(time="past")) == (1, 1, 0, 0, 0)
    assert count(district="31.74.08", time="all") == 1


def test_a_preview_shows_where_each_class_goes_and_placing_follows_it(client: Client, drive: Drive, school: School) -> None:
    group = school.class_groups.get(name="XI MERDEKA 2")
    url = reverse("drives:drive_assign", args=[drive.pk])

    preview = client.get(url, {"class": str(group.pk)})
    assert "4 siswa mendapat tempat" in preview.content.decode()
    assert Appointment.objects.count() == 0

    data = {"class": str(group.pk), "board": preview.context["placement"].board}
    client.post(url, data)
    again = client.post(url, data, follow=True)

    assert Appointment.objects.live().count() == 4
    assert "Tidak ada lagi siswa yang perlu ditempatkan." in again.content.decode()


def test_a_preview_that_somebody_overtook_is_refused_with_a_sentence(client: Client, drive: Drive, school: School) -> None:
    url = reverse("drives:drive_assign", args=[drive.pk])
    preview = client.get(url)
    group = school.class_groups.get(name="XI MERDEKA 2")
    assign_everybody(drive=drive, by=None, now=FRIDAY, classes=[group.pk])

    response = client.post(url, {"board": preview.context["placement"].board}, follow=True)

    assert "Papan ini baru saja diubah oleh orang lain." in response.content.decode()
    assert Appointment.objects.live().count() == 4


def test_a_class_is_moved_as_a_whole_and_the_step_is_undone(client: Client, board: Drive, school: School) -> None:
    group = school.class_groups.get(name="XI MERDEKA 2")
    appointment = Appointment.objects.live().filter(class_group=group).order_by("timeslot__starts_at")[0]
    last = board.timeslots.order_by("-starts_at")[0]
    there = Appointment.objects.live().filter(class_group=group, timeslot=appointment.timeslot).count()
    before = set(Appointment.objects.live().values_list("person", "timeslot"))

    client.post(
        reverse("drives:timeslot_move", args=[board.pk, appointment.timeslot_id]),
        {"class": str(group.pk), "to": str(last.pk), "day": "2026-11-24"},
    )
    assert Appointment.objects.live().filter(timeslot=last).count() == there

    page = client.get(reverse("drives:slot_board", args=[board.pk]))
    client.post(reverse("drives:drive_undo", args=[board.pk]), {"step": str(page.context["board"].step.pk)})
    assert set(Appointment.objects.live().values_list("person", "timeslot")) == before


def test_people_of_a_timeslot_are_moved_freed_and_placed(client: Client, board: Drive) -> None:
    first, *_others, last = board.timeslots.order_by("starts_at")
    appointment = Appointment.objects.live().filter(timeslot=first).order_by("pk")[0]
    detail = reverse("drives:timeslot_detail", args=[board.pk, first.pk])
    assert appointment.person.name in text_of(client, detail)

    client.post(
        reverse("drives:timeslot_move", args=[board.pk, first.pk]), {"appointment": str(appointment.pk), "to": str(last.pk)}
    )
    moved = Appointment.objects.live().get(person=appointment.person)
    assert (moved.timeslot, moved.is_pinned) == (last, True)

    client.post(reverse("drives:timeslot_free", args=[board.pk, last.pk]), {"appointment": str(moved.pk)})
    assert not Appointment.objects.live().filter(person=appointment.person).exists()

    assert appointment.person.name in text_of(client, detail)
    client.post(reverse("drives:timeslot_place", args=[board.pk, first.pk]), {"person": str(appointment.person_id)})
    assert Appointment.objects.live().get(person=appointment.person).timeslot == first


@pytest.mark.parametrize("name", ["timeslot_move", "timeslot_free", "timeslot_place"])
def test_an_empty_or_nonsensical_choice_gets_a_sentence(client: Client, board: Drive, name: str) -> None:
    slot = board.timeslots.order_by("starts_at")[0]
    before = set(Appointment.objects.live().values_list("pk", flat=True))

    for data in ({}, {"appointment": "x", "person": "x", "to": "x", "day": "x"}, {"to": str(slot.pk)}):
        response = client.post(reverse(f"drives:{name}", args=[board.pk, slot.pk]), data, follow=True)
        assert response.status_code == 200
        assert "Pilih" in response.content.decode()

    assert set(Appointment.objects.live().values_list("pk", flat=True)) == before


# Who sees what


@pytest.mark.parametrize("name", ["slot_board", "drive_edit", "drive_assign", "drive_operators", "drive_publish", "drive_cancel"])
def test_a_drive_of_another_office_does_not_exist(client: Client, drive: Drive, name: str) -> None:
    client.force_login(UserFactory(planner=OfficeFactory(name="Suku Dinas Dukcapil Jakarta Barat")))

    assert client.get(reverse(f"drives:{name}", args=[drive.pk])).status_code == 404


def test_a_timeslot_of_another_drive_does_not_exist(client: Client, board: Drive, planner: User) -> None:
    other = create_drive(school=SchoolFactory(), plan=plan(kits=1), by=planner, now=FRIDAY)
    slot = other.timeslots.order_by("pk")[0]

    assert client.get(reverse("drives:timeslot_detail", args=[board.pk, slot.pk])).status_code == 404


def test_a_school_reads_its_published_schedule_by_class_and_changes_nothing(client: Client, board: Drive, school: School) -> None:
    client.force_login(UserFactory(school_admin=school))
    url = reverse("drives:slot_board", args=[board.pk])
    assert client.get(url).status_code == 404
    publish_drive(drive=board, by=None, now=FRIDAY)

    page = text_of(client, url)

    assert "Menurut kelas" in page
    assert "Belum terjadwal" not in page
    assert "draggable" not in page
    slot = board.timeslots.order_by("starts_at")[0]
    assert client.post(reverse("drives:timeslot_free", args=[board.pk, slot.pk])).status_code == 404
    assert "Kosongkan" not in text_of(client, reverse("drives:timeslot_detail", args=[board.pk, slot.pk]))


def test_another_school_sees_no_schedule(client: Client, board: Drive) -> None:
    publish_drive(drive=board, by=None, now=FRIDAY)
    client.force_login(UserFactory(school_admin=SchoolFactory()))

    assert client.get(reverse("drives:slot_board", args=[board.pk])).status_code == 404
    assert client.get(reverse("drives:drive_list")).context["rows"] == []


# Operators


def test_operators_are_put_on_duty_by_day(client: Client, drive: Drive) -> None:
    operator = UserFactory(operator=drive.office, name="Agus Setiawan")
    first = drive.days.get(day=TUESDAY)
    url = reverse("drives:drive_operators", args=[drive.pk])
    assert "Agus Setiawan" in text_of(client, url)

    client.post(url, {f"on_{first.pk}": str(operator.pk)})
    assert list(OperatorDuty.objects.values_list("user", "drive_day")) == [(operator.pk, first.pk)]

    client.post(url, {f"on_{first.pk}": str(UserFactory().pk)})
    assert list(OperatorDuty.objects.values_list("user", "drive_day")) == [(operator.pk, first.pk)]
