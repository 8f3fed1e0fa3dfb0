"""Changing a day that the school knows: what would follow is shown, and happens in one step."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from config import gunicorn
from drives.models import Appointment, Drive, DriveDay, DriveSession, KitDuty, Notice, Timeslot
from drives.planning.actions import Relaid, assign_everybody, change_published, create_drive, free_place
from drives.planning.capacity import Session
from drives.planning.wishes import DayWish, KitHours, ScheduleWish, wish_of
from drives.publishing import actions, changes
from drives.publishing.forms import hours_name
from schools.models import AuditEntry, Closure, User
from students.models import ClassGroup
from tests.drives.planning.pupils import (
    AFTERNOON,
    FRIDAY,
    MORNING,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    make_kits,
    make_school,
    plan,
    refused,
)
from tests.factories import KitFactory, OfficeFactory, SchoolFactory, UserFactory, at

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
def drive(planner: User) -> Drive:
    """Two kits on two mornings: 60 places for 40 pupils, published."""
    make_kits(3)
    school = make_school({"XI MERDEKA 1": (10, 6), "XI MERDEKA 2": (8, 6), "X MERDEKA 1": (0, 10)})
    ClassGroup.objects.update(homeroom_email="wali@sekolah.example")
    wish = plan(kits=2, days=(TUESDAY, WEDNESDAY), sessions=(MORNING,))
    found = create_drive(school=school, plan=wish, by=planner, now=FRIDAY)
    assign_everybody(drive=found, by=planner, now=FRIDAY)
    return actions.publish(drive=found, by=planner, now=FRIDAY)


def seats(drive: Drive) -> dict[Any, Any]:
    return dict(Appointment.objects.live().filter(drive=drive).values_list("person", "timeslot__starts_at"))


def on(wish: ScheduleWish, day: date, **changed: Any) -> ScheduleWish:
    return replace(wish, days=tuple(replace(each, **changed) if each.day == day else each for each in wish.days))


def without(wish: ScheduleWish, day: date) -> ScheduleWish:
    return replace(wish, days=tuple(each for each in wish.days if each.day != day))


def until(wish: ScheduleWish, day: date, end: time) -> ScheduleWish:
    """The first kit of the day leaves at `end`."""
    standing = wish.on(day)
    assert standing
    first, *others = standing.kits
    return on(wish, day, kits=(replace(first, end=end), *others))


def change(drive: Drive, wish: ScheduleWish, by: User, **more: Any) -> Relaid:
    seen = changes.preview_change(drive=drive, wish=wish, by=by, now=FRIDAY).relaid.seen
    return changes.change(drive=drive, wish=wish, by=by, now=FRIDAY, seen=seen, **more)


def test_a_preview_writes_nothing(drive: Drive, planner: User) -> None:
    before = (seats(drive), list(Timeslot.objects.order_by("pk").values_list()), Notice.objects.count(), drive.revision)

    changes.preview_change(drive=drive, wish=without(wish_of(drive), WEDNESDAY), by=planner, now=FRIDAY)

    drive.refresh_from_db()
    after = (seats(drive), list(Timeslot.objects.order_by("pk").values_list()), Notice.objects.count(), drive.revision)
    assert after == before


def test_a_day_taken_away_moves_whom_it_can_and_the_youngest_lose_their_places(drive: Drive, planner: User) -> None:
    before = seats(drive)
    ages: dict[Any, Any] = dict(Appointment.objects.live().values_list("person", "person__birth_date"))

    done = change(drive, without(wish_of(drive), WEDNESDAY), planner)

    after = seats(drive)
    assert (len(before), len(after), len(done.lost)) == (40, 30, 10)
    assert {moment.date() for moment in after.values()} == {TUESDAY}
    assert {ages[each.person.id] for each in done.lost} == {date(2010, 6, 1)}
    assert [each.day for each in drive.days.all()] == [TUESDAY]
    assert done.kept == sum(before[person] == moment for person, moment in after.items())
    assert Appointment.objects.filter(ending="cancelled").count() == 10


def test_what_ended_with_a_day_is_still_told_of_its_people(drive: Drive, planner: User) -> None:
    lost: Any = change(drive, without(wish_of(drive), WEDNESDAY), planner).lost[0].person.id

    ended = Appointment.objects.select_related("timeslot").get(person=lost)

    assert (ended.ending, ended.timeslot.starts_at.date()) == ("cancelled", WEDNESDAY)
    assert not Timeslot.objects.filter(pk=ended.timeslot_id).exists()


def test_a_kit_that_leaves_takes_its_places_along_and_people_keep_their_hours_as_far_as_they_fit(
    drive: Drive, planner: User
) -> None:
    before = seats(drive)

    done = change(drive, until(wish_of(drive), TUESDAY, time(8)), planner)

    places = list(
        Timeslot.objects.filter(drive_day__day=TUESDAY).order_by("starts_at").values_list("starts_at", "places", "places_taken")
    )
    assert [count for _start, count, _taken in places] == [5, 5, 2, 3, 2, 3]
    assert all(taken <= count for _start, count, taken in places)
    after = seats(drive)
    assert done.lost == ()
    assert len(after) == 40
    assert {person for person, moment in before.items() if moment < at(TUESDAY, "08.00")} <= {
        person for person, moment in after.items() if before[person] == moment
    }


def test_shorter_timeslots_keep_the_hour_of_arrival_where_it_remains(drive: Drive, planner: User) -> None:
    before = seats(drive)
    rows = dict(Timeslot.objects.values_list("starts_at", "pk"))

    done = change(drive, replace(wish_of(drive), slot_minutes=20), planner)

    after = seats(drive)
    assert len(after) == 40
    assert not done.lost
    assert Timeslot.objects.filter(drive=drive).count() == 18
    same = [start for start in dict.fromkeys(Timeslot.objects.values_list("starts_at", flat=True)) if start in rows]
    assert {start: pk for start, pk in Timeslot.objects.values_list("starts_at", "pk") if start in same}.items() <= rows.items()
    assert done.kept == sum(before[person] == moment for person, moment in after.items()) > 0


def test_a_change_is_told_with_a_new_revision_and_old_notices_are_taken_back(drive: Drive, planner: User) -> None:
    wish = on(wish_of(drive), TUESDAY, sessions=(Session(time(8), time(11)),))
    preview = changes.preview_change(drive=drive, wish=wish, by=planner, now=FRIDAY)

    changes.change(drive=drive, wish=wish, by=planner, now=FRIDAY, seen=preview.relaid.seen)

    drive.refresh_from_db()
    waiting = Notice.objects.filter(drive=drive, withdrawn_at=None)
    assert drive.revision == 2
    assert set(waiting.values_list("revision", flat=True)) == {2}
    assert waiting.count() == sum(line.count for line in preview.statement.lines) > 0
    assert not actions.has_unannounced_changes(drive)
    entry = AuditEntry.objects.filter(action="published").latest("at", "pk")
    assert (entry.detail["revision"], entry.detail["changed_days"]) == (2, ["2026-11-24"])


def test_a_second_press_of_the_button_changes_nothing_more(drive: Drive, planner: User) -> None:
    wish = until(wish_of(drive), TUESDAY, time(9))
    seen = changes.preview_change(drive=drive, wish=wish, by=planner, now=FRIDAY).relaid.seen
    changes.change(drive=drive, wish=wish, by=planner, now=FRIDAY, seen=seen)
    before = (Notice.objects.count(), seats(drive), AuditEntry.objects.count())

    again = changes.change(drive=drive, wish=wish, by=planner, now=FRIDAY, seen=seen)

    drive.refresh_from_db()
    assert not again.is_change
    assert (Notice.objects.count(), seats(drive), AuditEntry.objects.count()) == before
    assert drive.revision == 2


def test_somebody_who_booked_in_between_stops_the_change(drive: Drive, planner: User) -> None:
    wish = without(wish_of(drive), WEDNESDAY)
    seen = changes.preview_change(drive=drive, wish=wish, by=planner, now=FRIDAY).relaid.seen
    free_place(appointment=Appointment.objects.live().earliest("pk"), by=planner, now=FRIDAY)
    before = seats(drive)

    with refused("changed_meanwhile"):
        changes.change(drive=drive, wish=wish, by=planner, now=FRIDAY, seen=seen)

    assert seats(drive) == before


def test_an_added_day_gets_its_timeslots_and_nobody_moves(drive: Drive, planner: User) -> None:
    before = seats(drive)
    wish = wish_of(drive)
    thursday = replace(wish.days[0], day=THURSDAY)

    change(drive, replace(wish, days=(*wish.days, thursday)), planner)

    assert seats(drive) == before
    assert sum(Timeslot.objects.filter(drive_day__day=THURSDAY).values_list("places", flat=True)) == 30
    assert KitDuty.objects.filter(drive_day__day=THURSDAY).count() == 2


def test_a_day_is_left_alone_by_the_change_of_another(drive: Drive, planner: User) -> None:
    rows = list(Timeslot.objects.filter(drive_day__day=WEDNESDAY).order_by("pk").values_list("pk", "ends_at", "places"))

    change(drive, on(wish_of(drive), TUESDAY, sessions=(MORNING, AFTERNOON)), planner)

    assert list(Timeslot.objects.filter(drive_day__day=WEDNESDAY).order_by("pk").values_list("pk", "ends_at", "places")) == rows


# A day under way


def test_on_a_day_that_has_begun_a_kit_can_leave_and_what_has_begun_stays(drive: Drive, planner: User) -> None:
    now = at(TUESDAY, "08.10")
    begun = list(
        Timeslot.objects.filter(starts_at__lte=now).order_by("starts_at").values_list("starts_at", "places", "places_taken")
    )
    wish = until(wish_of(drive), TUESDAY, time(8))
    seen = changes.preview_change(drive=drive, wish=wish, by=planner, now=now).relaid.seen

    changes.change(drive=drive, wish=wish, by=planner, now=now, seen=seen)

    slots = Timeslot.objects.filter(drive_day__day=TUESDAY).order_by("starts_at")
    assert list(slots.filter(starts_at__lte=now).values_list("starts_at", "places", "places_taken")) == begun
    assert [slot.places for slot in slots.filter(starts_at__gt=now)] == [3, 2, 3]
    assert all(slot.places_taken <= slot.places for slot in slots)


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("day_has_begun", lambda wish: on(wish, TUESDAY, sessions=(Session(time(7), time(11)),))),
        ("day_has_begun", lambda wish: without(wish, TUESDAY)),
        ("kit_has_begun", lambda wish: on(wish, TUESDAY, kits=wish.on(TUESDAY).kits[1:])),
        ("no_kits", lambda wish: on(wish, WEDNESDAY, kits=())),
        ("sessions_overlap", lambda wish: on(wish, WEDNESDAY, sessions=(MORNING, Session(time(9), time(12))))),
        ("no_sessions", lambda wish: on(wish, WEDNESDAY, sessions=())),
        ("minutes_out_of_range", lambda wish: replace(wish, minutes=0)),
        ("slack_out_of_range", lambda wish: replace(wish, slack_percent=101)),
        ("slot_length_out_of_range", lambda wish: replace(wish, slot_minutes=5)),
        ("holiday", lambda wish: replace(wish, days=(*wish.days, replace(wish.days[1], day=date(2026, 12, 25))))),
        ("past_day", lambda wish: replace(wish, days=(*wish.days, replace(wish.days[1], day=date(2026, 11, 23))))),
        ("kit_hours_empty", lambda wish: until(wish, WEDNESDAY, time(6))),
    ],
)
def test_what_cannot_be_is_refused_and_the_schedule_stays(drive: Drive, planner: User, code: str, changed: Any) -> None:
    now = at(TUESDAY, "08.10")
    before = seats(drive)

    with refused(code):
        change_published(drive=drive, wish=changed(wish_of(drive)), by=planner, now=now)

    assert seats(drive) == before


def test_a_session_over_a_break_of_the_school_is_refused_with_the_hours_that_can_be(drive: Drive, planner: User) -> None:
    Closure.objects.create(
        school=drive.school, starts_on=TUESDAY, ends_on=TUESDAY, starts_at=time(9), ends_at=time(9, 30), reason="Istirahat"
    )
    wish = on(wish_of(drive), TUESDAY, sessions=(Session(time(8), time(11)),))

    with pytest.raises(ValidationError, match=r"08\.00–09\.00, 09\.30–11\.00") as refusal:
        change_published(drive=drive, wish=wish, by=planner, now=FRIDAY)

    assert refusal.value.code == "session_in_a_break"


def test_a_kit_that_is_elsewhere_cannot_come(drive: Drive, planner: User) -> None:
    third = next(kit for kit in drive.office.kits.order_by("name") if not kit.duties.exists())
    create_drive(
        school=SchoolFactory(name="SMAN 8 Jakarta"), plan=plan(kit_ids=frozenset({third.pk}), kits=1), by=None, now=FRIDAY
    )
    wish = wish_of(drive)
    kits = wish.days[0].kits

    with refused("kit_elsewhere"):
        change_published(
            drive=drive, wish=on(wish, TUESDAY, kits=(*kits, KitHours(third.pk, time(7), time(10)))), by=planner, now=FRIDAY
        )


def test_a_draft_is_not_changed_this_way(drive: Drive, planner: User) -> None:
    actions.withdraw(drive=drive, by=planner, now=FRIDAY)

    with refused("drive_not_published"):
        change_published(drive=drive, wish=wish_of(drive), by=planner, now=FRIDAY)


def test_a_schedule_that_was_changed_can_become_a_draft_and_be_edited(drive: Drive, planner: User) -> None:
    from drives.planning.actions import update_draft

    change(drive, without(wish_of(drive), WEDNESDAY), planner)
    actions.withdraw(drive=drive, by=planner, now=FRIDAY)

    update_draft(drive=drive, plan=plan(kits=1, days=(WEDNESDAY,)), by=planner, now=FRIDAY)

    assert (DriveDay.objects.count(), DriveSession.everything.count()) == (1, 2)


# Any change at all

HOURS = st.sampled_from([MORNING, AFTERNOON, Session(time(8), time(9)), Session(time(7), time(8, 30))])


@settings(max_examples=25, deadline=None)
@given(
    slot_minutes=st.sampled_from([10, 20, 30, 45]),
    minutes=st.sampled_from([6, 10, 15]),
    days=st.lists(st.tuples(st.sampled_from([TUESDAY, WEDNESDAY, THURSDAY]), HOURS, st.integers(7, 9)), min_size=1, max_size=3),
)
def test_whatever_is_changed_everybody_keeps_moves_or_is_told_and_no_slot_is_over_full_or_in_a_break(
    drive: Drive, planner: User, slot_minutes: int, minutes: int, days: list[tuple[date, Session, int]]
) -> None:
    standing = wish_of(drive)
    kits = [kit.kit_id for kit in standing.days[0].kits]
    wish = ScheduleWish(
        tuple(
            DayWish(day, (session,), (KitHours(kits[0], time(6), time(16)), KitHours(kits[1], time(7), time(leaves, 20))))
            for day, session, leaves in {day: (day, session, leaves) for day, session, leaves in days}.values()
        ),
        slot_minutes,
        Decimal(minutes),
        15,
    )
    before = seats(drive)

    done = change(drive, wish, planner)

    after = seats(drive)
    lost = {each.person.id for each in done.lost}
    if done.is_change:
        assert len(before) == done.kept + len(done.moves) + len(done.lost)
    assert set(after) == set(before) - lost
    taken = Counter[Any]()
    for slot, places in Appointment.objects.standing().filter(drive=drive).values_list("timeslot", "places"):
        taken[slot] += places
    hours = {each.day: each.sessions for each in wish.days}
    for each in Timeslot.objects.filter(drive=drive):
        start = each.starts_at.astimezone(drive.office.zone)
        end = each.ends_at.astimezone(drive.office.zone)
        assert taken[each.pk] == each.places_taken <= each.places
        assert any(session.start <= start.time() and end.time() <= session.end for session in hours[start.date()])
    assert set(taken) <= set(Timeslot.objects.filter(drive=drive).values_list("pk", flat=True))
    if lost:
        kept_births = Appointment.objects.live().filter(drive=drive).values_list("person__birth_date", flat=True)
        assert max(born for born in kept_births if born) <= min(each.person.birth_date for each in done.lost)


# The pages


def answered(page: str) -> dict[str, list[str]]:
    """What the page's form would send, the confirmation included."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page):
        found.setdefault(name, []).append(value.replace("&amp;", "&"))
    return found


def test_the_page_asks_shows_and_changes(client: Client, drive: Drive) -> None:
    url = reverse("drives:drive_change", args=[drive.pk])
    first = client.get(url)
    assert first.status_code == 200
    form = first.context["form"]
    asked = dict(form.told.lists()) | {"days": ["2026-11-24"], "preview": ["1"]}

    preview = client.get(url, asked)

    assert preview.status_code == 200
    page = preview.content.decode()
    assert "10 siswa kehilangan tempat, dengan urutan ini" in page
    assert seats(drive).__len__() == 40
    done = client.post(url, answered(page), follow=True)
    assert done.redirect_chain[-1][0] == reverse("drives:slot_board", args=[drive.pk])
    assert len(seats(drive)) == 30
    assert "Jadwal telah diubah" in done.content.decode()


def test_after_a_booking_in_between_the_page_shows_the_preview_again(client: Client, drive: Drive, planner: User) -> None:
    url = reverse("drives:drive_change", args=[drive.pk])
    told = client.get(url).context["form"].told
    asked = dict(told.lists()) | {"slot_minutes": ["20"], "preview": ["1"]}
    page = client.get(url, asked).content.decode()
    free_place(appointment=Appointment.objects.live().earliest("pk"), by=planner, now=FRIDAY)

    again = client.post(url, answered(page))

    assert again.status_code == 409
    assert "Papan ini sudah diubah orang lain." in again.content.decode()
    assert Timeslot.objects.filter(drive=drive).count() == 12
    assert client.post(url, answered(again.content.decode())).status_code == 302
    assert Timeslot.objects.filter(drive=drive).count() == 18


def test_eight_days_of_twenty_kits_fit_the_address_that_the_web_server_reads(client: Client, drive: Drive) -> None:
    url = reverse("drives:drive_change", args=[drive.pk])
    KitFactory.create_batch(17, office=drive.office)
    days = [(TUESDAY + timedelta(days=number)).isoformat() for number in range(8)]
    told = client.get(url).context["form"].told
    form = client.get(url, dict(told.lists()) | {"days": days}).context["form"]

    # As a browser sends them: every field, also an empty one, and a box for each of six kits.
    written = [(name, "08.00–11.00" if name[0] == "s" else "") for name in form.fields if not name.startswith("k-")]
    boxes = [(f"k-{day}", str(kit.pk)) for day in days for kit in form.kits[:6]]

    assert len(form.kits) == 20
    assert len(f"GET {url}?{urlencode([*written, *boxes, ('preview', '1')])} HTTP/1.1") < gunicorn.limit_request_line


def test_the_hours_of_one_kit_are_read_from_its_own_field(client: Client, drive: Drive) -> None:
    url = reverse("drives:drive_change", args=[drive.pk])
    told = client.get(url).context["form"].told
    kits = told.getlist(f"k-{TUESDAY}")
    asked = dict(told.lists()) | {hours_name(TUESDAY, UUID(kits[0])): ["08.00–09.00"]}

    wish = client.get(url, asked).context["form"].wish()

    assert {str(kit.kit_id): kit.end for kit in wish.on(TUESDAY).kits} == {kits[0]: time(9), kits[1]: MORNING.end}


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("minutes", "0", "Menit per orang harus 1 sampai 120."),
        ("minutes", "x", "Masukkan sebuah bilangan."),
        ("slack_percent", "101", "Cadangan waktu harus 0 sampai 90 persen."),
        ("slot_minutes", "5", "Panjang slot harus 10 sampai 60 menit."),
        ("s1-2026-11-24", "10.00-08.00", "10.00–08.00"),
        ("s2-2026-11-24", "09.00-12.00", "Sesi tidak boleh bertumpuk."),
        ("s1-2026-11-24", "pagi", "Tuliskan sesi seperti 08.00–11.00."),
        ("k-2026-11-24", "", "sedikitnya satu alat rekam"),
        ("days", "", "setidaknya satu hari"),
    ],
)
def test_what_cannot_be_read_or_done_gets_a_sentence_on_the_page(
    client: Client, drive: Drive, field: str, value: str, sentence: str
) -> None:
    url = reverse("drives:drive_change", args=[drive.pk])
    told = client.get(url).context["form"].told
    asked = dict(told.lists()) | {field: [value] if value else [], "preview": ["1"]}
    if field == "days":
        asked["days"] = ["x"]

    response = client.get(url, asked)

    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_a_minute_later_than_published_the_planner_may_undo_nothing_of_before(drive: Drive, planner: User) -> None:
    change(drive, until(wish_of(drive), TUESDAY, time(9)), planner)

    assert not drive.steps.filter(undone_at=None).exists()
    assert Timeslot.objects.filter(starts_at__gt=FRIDAY + timedelta(days=1)).exists()
