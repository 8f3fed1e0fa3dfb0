"""Guests who stand on a sheet by pen: with the times of the paper, all lines or none."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connections
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from uuid6 import uuid7

from drives.models import Visit, VisitEvent
from drives.onsite.day_close import close_day, unfinished_of
from drives.onsite.paper import CODES, Entered, read_code
from drives.onsite.paper_guests import GuestLine, Outcome, enter_guests, outcome_of
from drives.onsite.walk_ins import Guest, add_walk_in
from schools.models import User
from students.models import Person
from tests.drives.onsite.conftest import DAY, NOW, Hall
from tests.factories import at
from tests.together import together

pytestmark = pytest.mark.django_db
EVENING = at(DAY, "15.00")
BORN = date(1985, 3, 4)


@pytest.fixture
def this_evening() -> Iterator[None]:
    with time_machine.travel(EVENING, tick=False):
        yield


def line(name: str, here: str, code: str = "", clock: str = "", *, visit_id: UUID | None = None, **more: Any) -> GuestLine:
    told: dict[str, Any] = {"kind": "teacher", "service": "recording", "birth_date": BORN} | more
    outcome = None
    if code:
        read = read_code(code)
        outcome = outcome_of(read, service=told["service"], at=at(DAY, clock), here_at=at(DAY, here), kit_id=None)
    return GuestLine(visit_id or uuid7(), Guest(name=name, **told), at(DAY, here), outcome)


def enter(hall: Hall, *lines: GuestLine, by: User | None = None) -> Entered:
    return enter_guests(drive_day=hall.today, lines=lines, writer="Bu Sari", by=by or hall.operator, now=EVENING)


def guests() -> list[tuple[str, str, Any, Any]]:
    rows = Visit.objects.filter(is_walk_in=True).order_by("arrived_at", "pk")
    return [(one.person.name, one.state, one.arrived_at, one.state_at) for one in rows.select_related("person")]


def test_a_guest_on_paper_was_here_and_recorded_when_the_sheet_says_so(hall: Hall) -> None:
    entered = enter(hall, line("Siti Rahma", "09.10", "D", "09.31"), line("Budi", "09.20"))

    assert (entered.saved, entered.same, entered.refused) == (2, 0, {})
    assert guests() == [
        ("Siti Rahma", "recorded", at(DAY, "09.10"), at(DAY, "09.31")),
        ("Budi", "present", at(DAY, "09.20"), at(DAY, "09.20")),
    ]
    events = VisitEvent.objects.all()
    assert {(event.received_at, event.note, event.source.startswith("paper:")) for event in events} == {
        (EVENING, "Di kertas, ditulis oleh Bu Sari", True)
    }


@pytest.mark.parametrize(("service", "kind"), [("recording", "recorded"), ("renewal", "served"), ("ikd", "ikd_activated")])
def test_done_means_what_the_guest_came_for(service: str, kind: str) -> None:
    outcome = outcome_of(read_code("D"), service=service, at=NOW, here_at=NOW, kit_id=None)

    assert outcome == Outcome(kind, "", NOW)


@given(st.sampled_from(sorted(CODES)), st.integers(-60, 60))
def test_no_code_lets_an_outcome_stand_before_the_arrival_or_a_guest_be_absent(code: str, minutes: int) -> None:
    refusal, outcome = "", None
    try:
        at_once = NOW + timedelta(minutes=minutes)
        outcome = outcome_of(read_code(code), service="recording", at=at_once, here_at=NOW, kit_id=None)
    except ValidationError as error:
        refusal = error.code or ""

    is_later = minutes >= 0 or code == "H"
    assert refusal == ("guest_was_here" if code.startswith("T") else "" if is_later else "outcome_before_arrival")
    assert (outcome is None) == (bool(refusal) or code == "H")


def test_one_line_that_cannot_be_leaves_nothing_of_the_sheet(hall: Hall) -> None:
    wrong = line("Budi", "09.20", birth_date=None)

    entered = enter(hall, line("Siti Rahma", "09.10", "D", "09.31"), wrong)

    assert list(entered.refused) == [wrong.visit_id]
    assert (entered.saved, Visit.objects.count(), Person.objects.count(), VisitEvent.objects.count()) == (0, 0, 0, 0)


def test_an_outcome_that_does_not_belong_to_the_service_leaves_nothing_either(hall: Hall) -> None:
    wrong = line("Budi", "09.20", "U", "09.25", service="renewal")

    entered = enter(hall, line("Siti Rahma", "09.10"), wrong)

    assert list(entered.refused) == [wrong.visit_id]
    assert (Visit.objects.count(), VisitEvent.objects.count()) == (0, 0)


def test_the_same_sheet_again_is_the_same_guests_whoever_types_it(hall: Hall) -> None:
    enter(hall, line("Siti Rahma", "09.10", "D", "09.31"))

    again = enter(hall, line(" siti  RAHMA ", "09.10", "D", "09.31"), by=hall.lead)

    assert (again.saved, again.same) == (0, 1)
    assert (Visit.objects.count(), VisitEvent.objects.count()) == (1, 2)


SITI = Guest(name="Siti Rahma", kind="teacher", service="recording", birth_date=BORN)


@pytest.mark.parametrize(
    ("before", "is_doubted"),
    [
        (replace(SITI, name="RAHMA, Siti"), True),
        (replace(SITI, nik="3174084403859002"), True),
        (replace(SITI, name="Siti Aminah"), False),
        (replace(SITI, birth_date=BORN + timedelta(days=1)), False),
        (replace(SITI, kind="staff"), False),
    ],
)
def test_who_is_on_paper_and_seems_to_be_noted_already_is_kept_and_a_lead_is_asked(
    hall: Hall, client: Client, this_evening: object, before: Guest, is_doubted: bool
) -> None:
    add_walk_in(event_id=uuid7(), drive_day=hall.today, guest=before, by=hall.operator, now=NOW, arrives=False, is_argued=False)

    entered = enter(hall, line("Siti Rahma", "09.10", "D", "09.31"))

    visit = Visit.objects.get(state="recorded")
    assert (entered.saved, Visit.objects.count(), visit.doubts) == (1, 2, ["twice"] if is_doubted else [])
    assert unfinished_of(hall.today, now=EVENING).conflicts == int(is_doubted)
    client.force_login(hall.lead)
    page = client.get(f"/today/{hall.today.pk}/conflicts/").content.decode()
    assert ("nama dan tanggal lahir yang sama" in page) == is_doubted


def test_guests_with_niks_of_their_own_are_two_people_however_alike(hall: Hall) -> None:
    for nik in ("3174084403859002", "3174084403859003"):
        guest = replace(SITI, nik=nik)
        add_walk_in(event_id=uuid7(), drive_day=hall.today, guest=guest, by=hall.operator, now=NOW, arrives=False)

    assert list(Visit.objects.values_list("doubts", flat=True)) == [[], []]


def test_an_outcome_forgotten_first_is_added_to_the_same_guest(hall: Hall) -> None:
    enter(hall, line("Siti Rahma", "09.10"))

    enter(hall, line("Siti Rahma", "09.10", "D", "09.31"))

    assert guests() == [("Siti Rahma", "recorded", at(DAY, "09.10"), at(DAY, "09.31"))]


@pytest.mark.django_db(transaction=True)
def test_two_people_who_type_one_sheet_at_once_make_one_guest_of_each_line(hall: Hall) -> None:
    connections.close_all()

    together(*[lambda _number: enter(hall, *[line(f"Tamu {each}", "09.10", "D", "09.31") for each in range(5)])] * 3)

    assert (Visit.objects.count(), VisitEvent.objects.count()) == (5, 10)


def form_of(*rows: dict[str, str]) -> dict[str, str]:
    form = {"writer": "Bu Sari"}
    for number, row in enumerate(rows, start=1):
        defaults = {"kind": "teacher", "service": "renewal", "id": uuid7().hex}
        form |= {f"{name}_{number}": value for name, value in (defaults | row).items()}
    return form


GOOD = {"name": "Siti Rahma", "here": "9.10", "code": "d", "time": "0931"}


def test_the_page_keeps_the_lines_and_shows_them_afterwards(hall: Hall, client: Client, this_evening: object) -> None:
    client.force_login(hall.operator)
    url = f"/today/{hall.today.pk}/paper/guests/"
    form = form_of(GOOD)

    answers = [client.post(url, form).status_code for _press in range(2)]

    assert answers == [302, 302]
    assert guests() == [("Siti Rahma", "served", at(DAY, "09.10"), at(DAY, "09.31"))]
    assert [one[0].person.name for one in client.get(url).context["told"]] == ["Siti Rahma"]
    assert url in client.get(f"/today/{hall.today.pk}/paper/").content.decode()


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"here": ""}, "Tulis kapan tamu datang, seperti 09.12."),
        ({"here": "jam 9"}, "Tulis jam seperti 09.12."),
        ({"here": "15.01"}, "Jam ini belum tiba."),
        ({"here": "03.00"}, "Kegiatan hari itu berlangsung pukul 09.00–12.00."),
        ({"time": "09.05"}, "Hasil tidak dapat lebih awal daripada kedatangan."),
        ({"time": ""}, "Tulis jam hasilnya, seperti 09.12."),
        ({"code": ""}, "Tulis kode hasilnya."),
        ({"code": "T1"}, "Tamu yang tercatat di lembar sudah hadir. Kosongkan hasilnya."),
        ({"code": "Z"}, "“Z” bukan kode pada lembar."),
        ({"name": ""}, "Tuliskan nama sesuai kartu keluarga."),
        ({"birth": "32011985"}, "Tulis tanggal, bulan, dan tahun, misalnya 04031985."),
    ],
)
def test_nonsense_is_refused_with_a_sentence_and_nothing_is_half_written(
    hall: Hall, client: Client, this_evening: object, row: dict[str, str], sentence: str
) -> None:
    client.force_login(hall.operator)

    answer = client.post(f"/today/{hall.today.pk}/paper/guests/", form_of(GOOD | {"name": "Tamu Lain"}, GOOD | row))

    assert (answer.status_code, [one.problem for one in answer.context["lines"]][:2]) == (422, ["", sentence])
    assert (Visit.objects.count(), Person.objects.count(), VisitEvent.objects.count()) == (0, 0, 0)
    assert 'value="Tamu Lain"' in answer.content.decode()


def test_the_lines_that_are_folded_away_are_open_where_one_of_them_says_something(
    hall: Hall, client: Client, this_evening: object
) -> None:
    client.force_login(hall.operator)
    url = f"/today/{hall.today.pk}/paper/guests/"

    empty = client.get(url)
    wrong = client.post(url, form_of(GOOD, GOOD, GOOD, GOOD | {"here": "jam 9"}))

    assert (empty.context["more_open"], wrong.context["more_open"], wrong.status_code) == (False, True, 422)


def test_on_a_closed_day_the_guests_of_a_late_sheet_are_corrections_of_that_day(hall: Hall, client: Client) -> None:
    hall.today.kit_duties.all().delete()
    close_day(drive_day=hall.today, reports=[], signed_by_name="Budi", by=hall.lead, now=EVENING)
    with time_machine.travel(EVENING + timedelta(days=2), tick=False):
        client.force_login(hall.lead)
        client.post(f"/today/{hall.today.pk}/paper/guests/", form_of(GOOD))

    (visit,) = Visit.objects.all()
    assert (visit.state_on, visit.state_at, hall.today.corrections.count()) == (DAY, at(DAY, "09.31"), 2)


GOOD_ROW = {"kind": "resident", "service": "recording", "birth": "04031985", "kit": "", "id": ""} | GOOD
TYPED = ("name", "birth", "here", "code", "time")
ROWS = st.fixed_dictionaries({name: st.just(value) | st.text(max_size=14) for name, value in GOOD_ROW.items()})


@given(ROWS)
def test_whatever_is_typed_is_kept_whole_or_refused(
    hall: Hall, client: Client, this_evening: object, row: dict[str, str]
) -> None:
    client.force_login(hall.operator)
    before = Visit.objects.count(), VisitEvent.objects.count()

    answer = client.post(f"/today/{hall.today.pk}/paper/guests/", form_of(row | {"id": uuid7().hex}))

    is_unchanged = (Visit.objects.count(), VisitEvent.objects.count()) == before
    problem = "".join(one.problem for one in answer.context["lines"]) if answer.status_code == 422 else ""
    assert (answer.status_code, bool(problem)) in ((302, False), (422, True))
    assert is_unchanged or not problem
