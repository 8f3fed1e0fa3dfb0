"""Sheets filled in by pen and typed in afterwards: the real times, the same order, and never the same thing twice."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connections
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from uuid6 import uuid7

from drives.documents import sheets as printed
from drives.models import Appointment, Visit, VisitEvent
from drives.onsite import paper
from drives.onsite.actions import record_event
from drives.onsite.paper import Entered, Entry, enter_sheet, read_code, read_time
from drives.onsite.rules import ABSENCES, FAILURES, check_reason
from schools.models import User
from tests.drives.onsite.conftest import DAY, NOW, Hall
from tests.factories import OperatorDutyFactory, UserFactory, at
from tests.together import together

pytestmark = pytest.mark.django_db
EVENING = at(DAY, "15.00")


@pytest.fixture
def this_evening() -> Iterator[None]:
    with time_machine.travel(EVENING, tick=False):
        yield


def entry(visit: Visit, code: str, clock: str, kit: object = None) -> Entry:
    meant = read_code(code)
    return Entry(visit.pk, meant.kind, meant.reason, at(DAY, clock), kit.pk if kit else None)  # type: ignore[attr-defined]


def enter(hall: Hall, *entries: Entry, by: User | None = None) -> Entered:
    return enter_sheet(drive_day=hall.today, entries=entries, writer="Rina", by=by or hall.operator, now=EVENING)


def test_every_outcome_with_every_reason_has_one_code_that_its_event_may_carry() -> None:
    for code in paper.CODES.values():
        check_reason(kind=code.kind, reason=code.reason, service="recording")

    assert [code.reason for code in paper.FAILED] == list(FAILURES)
    assert [code.reason for code in paper.ABSENT] == list(ABSENCES)


@given(st.sampled_from(sorted(paper.CODES)), st.booleans())
def test_a_code_is_read_as_it_is_typed(code: str, is_small: bool) -> None:
    assert read_code(f" {code.lower() if is_small else code} ").text == code


@pytest.mark.parametrize("text", ["X", "G7", "T0", "DD", "1G", ""])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, check=lambda error: error.code == "code_unknown"):
        read_code(text)


@pytest.mark.parametrize("text", ["9.12", "09.12", "09:12", "0912", "912", " 9 . 12 "])
def test_a_time_is_read_in_the_offices_zone(hall: Hall, text: str) -> None:
    assert read_time(text, drive_day=hall.today, hours=paper.hours_of(hall.today), now=EVENING) == at(DAY, "09.12")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("25.10", "time_unreadable"),
        ("9", "time_unreadable"),
        ("9.61", "time_unreadable"),
        ("jam 9", "time_unreadable"),
        ("15.01", "time_ahead"),
        ("06.59", "time_outside"),
    ],
)
def test_a_time_that_cannot_be_is_refused(hall: Hall, text: str, code: str) -> None:
    with pytest.raises(ValidationError, check=lambda error: error.code == code):
        read_time(text, drive_day=hall.today, hours=paper.hours_of(hall.today), now=EVENING)


def test_what_the_paper_says_stands_with_its_real_time_its_kit_and_who_wrote_it(hall: Hall) -> None:
    visit = hall.expect("Dewi Anggraini")

    entered = enter(hall, entry(visit, "D", "09.12", hall.kits[1]))

    visit.refresh_from_db()
    event = visit.events.get()
    assert (entered.saved, entered.same, entered.contradicting, entered.refused) == (1, 0, [], {})
    assert (visit.state, visit.state_at, visit.kit, event.received_at) == ("recorded", at(DAY, "09.12"), hall.kits[1], EVENING)
    assert (event.source.startswith("paper:"), event.note, event.operator) == (
        True,
        "Di kertas, ditulis oleh Rina",
        hall.operator,
    )


def test_the_same_sheet_again_changes_nothing_whoever_types_it(hall: Hall) -> None:
    first, second = hall.expect("Adi"), hall.expect("Bela")
    rows = [entry(first, "D", "09.12", hall.kits[0]), entry(second, "T1", "09.30")]
    enter(hall, *rows)

    again = enter(hall, *rows)
    by_another = enter(hall, *rows, by=hall.lead)

    assert (again.saved, again.same, by_another.saved, by_another.same) == (0, 2, 0, 2)
    assert VisitEvent.objects.count() == 2


def test_who_typed_wrongly_corrects_the_own_typing_and_back_again(hall: Hall) -> None:
    visit = hall.expect("Dewi")

    for code in ("D", "G1", "D"):
        enter(hall, entry(visit, code, "09.12"))

    visit.refresh_from_db()
    assert (visit.state, visit.has_conflict, visit.events.count()) == ("recorded", False, 3)


def test_a_sheet_that_says_something_else_is_kept_and_shown_as_a_contradiction(hall: Hall) -> None:
    typed, tapped = hall.expect("Adi"), hall.expect("Bela")
    enter(hall, entry(typed, "D", "09.12"))
    record_event(event_id=uuid7(), visit=tapped, kind="recorded", by=hall.operator, now=NOW)

    entered = enter(hall, entry(typed, "G1", "09.12"), entry(tapped, "T3", "09.30"), by=hall.lead)

    assert (entered.saved, set(entered.contradicting)) == (2, {typed.pk, tapped.pk})
    assert set(Visit.objects.values_list("state", "has_conflict")) == {("recorded", True)}


def test_a_person_of_another_drive_and_a_sheet_without_a_hand_are_refused(hall: Hall) -> None:
    visit = hall.expect("Dewi")
    stranger = Entry(hall.drive.pk, "recorded", "", at(DAY, "09.12"))

    assert list(enter(hall, stranger).refused) == [hall.drive.pk]
    with pytest.raises(ValidationError, check=lambda error: error.code == "writer_missing"):
        enter_sheet(drive_day=hall.today, entries=[entry(visit, "D", "09.12")], writer=" ", by=hall.operator, now=EVENING)


def test_where_one_row_is_refused_no_row_of_the_sheet_is_written(hall: Hall) -> None:
    visit = hall.expect("Dewi")
    stranger = Entry(hall.drive.pk, "recorded", "", at(DAY, "09.12"))

    entered = enter(hall, entry(visit, "D", "09.12"), stranger)

    assert (entered.saved, list(entered.refused), VisitEvent.objects.count()) == (0, [hall.drive.pk], 0)
    visit.refresh_from_db()
    assert visit.state == "expected"


@pytest.mark.django_db(transaction=True)
def test_two_presses_of_the_button_at_once_are_one_sheet(hall: Hall) -> None:
    visits = [hall.expect(f"Siswa {number}") for number in range(6)]
    connections.close_all()

    together(*[lambda _number: enter(hall, *[entry(visit, "D", "09.12") for visit in visits])] * 3)

    assert VisitEvent.objects.count() == 6


@pytest.mark.parametrize("by_class", [False, True])
def test_the_page_has_the_very_order_of_the_paper(hall: Hall, client: Client, by_class: bool, this_evening: object) -> None:
    for name, slot, group in (("Éva", 1, "XII 2"), ("adi", 1, "XII 1"), ("Bela", 0, "XII 2"), ("Çelik", 1, "XII 2")):
        hall.expect(name, slot=slot, class_name=group)
    appointments = printed.scheduled(Appointment.objects.filter(timeslot__drive_day=hall.today))
    on_paper = [
        [row["name"] for row in sheet["rows"]]
        for sheet in printed.attendance(hall.today, appointments, by_class=by_class)["slots"]
    ]
    client.force_login(hall.operator)
    index = client.get(f"/today/{hall.today.pk}/paper/").context["classes" if by_class else "slots"]

    typed = [[row.appointment.person.name for row in client.get(url).context["rows"]] for _title, url, _done, _total in index]

    assert typed == on_paper


def test_a_sheet_is_typed_in_by_keyboard_and_an_impossible_time_loses_nothing(
    hall: Hall, client: Client, this_evening: object
) -> None:
    adi, bela = hall.expect("Adi"), hall.expect("Bela")
    client.force_login(hall.operator)
    url = f"/today/{hall.today.pk}/paper/slots/{hall.slots[1].pk}/"
    form = {"writer": "Bu Sari", "kit": str(hall.kits[0].pk)}
    form |= {f"code_{adi.pk.hex}": "d", f"time_{adi.pk.hex}": "9.35", f"code_{bela.pk.hex}": "g3", f"time_{bela.pk.hex}": "21.35"}

    refused = client.post(url, form)
    page = refused.content.decode()

    assert (refused.status_code, VisitEvent.objects.count()) == (422, 0)
    assert [row.problem for row in refused.context["rows"]] == ["", "Jam ini belum tiba."]
    assert all(f'value="{typed}"' in page for typed in ("d", "9.35", "g3", "21.35", "Bu Sari"))

    saved = client.post(url, form | {f"time_{bela.pk.hex}": "9.41"}, follow=True)
    adi.refresh_from_db()
    bela.refresh_from_db()
    assert (adi.state, adi.state_at, adi.kit) == ("recorded", at(DAY, "09.35"), hall.kits[0])
    assert (bela.state, bela.reason, bela.state_at) == ("failed", "data_mismatch", at(DAY, "09.41"))
    assert [(row.code, row.time) for row in saved.context["rows"]] == [("D", "09.35"), ("G3", "09.41")]


def test_who_never_came_needs_no_time_once_the_timeslot_is_over(hall: Hall, client: Client) -> None:
    visit = hall.expect("Dewi", slot=1)
    url = f"/today/{hall.today.pk}/paper/slots/{hall.slots[1].pk}/"
    form = {"writer": "Rina", f"code_{visit.pk.hex}": "T2"}

    with time_machine.travel(at(DAY, "09.41"), tick=False):
        client.force_login(hall.operator)
        assert client.post(url, form).status_code == 422
    with time_machine.travel(EVENING, tick=False):
        assert client.post(url, form).status_code == 302

    visit.refresh_from_db()
    assert (visit.state, visit.reason, visit.state_at) == ("absent", "excused", at(DAY, "10.00"))


def test_days_later_a_lead_types_it_in_and_it_counts_for_the_day_of_the_sheet(hall: Hall, client: Client) -> None:
    visit = hall.expect("Dewi", slot=1)
    url = f"/today/{hall.today.pk}/paper/slots/{hall.slots[1].pk}/"
    form = {"writer": "Rina", f"code_{visit.pk.hex}": "D", f"time_{visit.pk.hex}": "0950"}

    with time_machine.travel(EVENING + timedelta(days=3), tick=False):
        client.force_login(hall.operator)
        assert client.post(url, form).status_code == 404
        client.force_login(hall.lead)
        client.post(url, form)

    visit.refresh_from_db()
    assert (visit.state, visit.state_on, visit.state_at) == ("recorded", DAY, at(DAY, "09.50"))


@pytest.mark.parametrize("count", [1, 3])
def test_a_sheet_asks_the_same_number_of_questions_for_any_number_of_rows(
    hall: Hall, client: Client, count: int, this_evening: object, django_assert_num_queries: Callable[..., object]
) -> None:
    for number in range(count):
        enter(hall, entry(hall.expect(f"Siswa {number}"), "D", "09.35"))
    client.force_login(hall.operator)

    with django_assert_num_queries(13):  # type: ignore[attr-defined]
        client.get(f"/today/{hall.today.pk}/paper/slots/{hall.slots[1].pk}/")
    with django_assert_num_queries(10):  # type: ignore[attr-defined]
        client.get(f"/today/{hall.today.pk}/paper/")


def test_another_days_operator_types_in_nothing(hall: Hall, client: Client, this_evening: object) -> None:
    hall.expect("Dewi")
    other = UserFactory(operator=hall.drive.office)
    OperatorDutyFactory(user=other, drive_day=hall.tomorrow)
    client.force_login(other)

    assert client.get(f"/today/{hall.today.pk}/paper/slots/{hall.slots[1].pk}/").status_code == 404
