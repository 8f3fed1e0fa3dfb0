"""A guest at the door: in one form, once, and a NIK tells no more than it must."""

from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connections
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from redis.exceptions import ConnectionError as NoConnectionError
from uuid6 import uuid7

from drives.models import Drive, DriveDay, Timeslot, Visit
from drives.onsite import walk_ins
from drives.onsite.actions import record_event
from drives.onsite.forms import LookUpForm
from drives.onsite.lookups import Known, look_up
from drives.onsite.room import Room, Span, room_at, room_for_one
from drives.onsite.walk_ins import Guest, WalkIn, add_walk_in
from schools.models import AuditEntry
from students.models import Consent, Person
from students.nik import synthetic
from students.privacy import digest, seal, unseal
from tests.drives.onsite.conftest import NOW, Hall
from tests.factories import AppointmentFactory, ClassGroupFactory, DukcapilStatusFactory, PersonFactory
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("this_morning")]
BORN = date(1985, 3, 4)
NIK = synthetic(district="31.74.08", birth_date=BORN, sex="P", serial=9002)


def come(hall: Hall, *, event_id: UUID | None = None, **more: Any) -> WalkIn:
    how = {name: more.pop(name) for name in ("arrives", "is_lead", "overrule") if name in more}
    told: dict[str, Any] = {"name": "Siti Rahma", "kind": "teacher", "service": "recording", "birth_date": BORN} | more
    return add_walk_in(event_id=event_id or uuid7(), drive_day=hall.today, guest=Guest(**told), by=hall.operator, now=NOW, **how)


def known(**more: Any) -> Person:
    person: Person = PersonFactory(name="SITI RAHMA", birth_date=BORN, **more)
    person.nik_sealed, person.nik_digest = seal(NIK, row_id=person.pk), digest(NIK)
    person.save()
    return person


def refused(field: str, code: str) -> Any:
    return pytest.raises(ValidationError, check=lambda error: error.error_dict[field][0].code == code)


def test_a_guest_is_here_at_once(hall: Hall) -> None:
    visit = come(hall).visit

    assert (visit.state, visit.arrived_at, visit.is_walk_in, visit.kind) == ("present", NOW, True, "teacher")
    assert visit.person.search_name == "SITI RAHMA"


def test_the_same_form_twice_is_one_guest(hall: Hall) -> None:
    event_id = uuid7()

    first, second = come(hall, event_id=event_id), come(hall, event_id=event_id)

    assert first.visit == second.visit
    assert (Visit.objects.count(), Person.objects.count()) == (1, 1)


def test_a_nik_is_sealed_and_never_stands_in_the_open(hall: Hall) -> None:
    person = come(hall, nik=f" {NIK[:8]} {NIK[8:]}").visit.person

    sealed = bytes(person.nik_sealed or b"")
    assert unseal(sealed, row_id=person.pk) == NIK
    assert NIK.encode() not in sealed


def test_an_exact_nik_finds_the_known_person(hall: Hall) -> None:
    person = known()

    guest = come(hall, name="Rahma Siti", nik=NIK)

    assert (guest.visit.person, guest.is_known, guest.needs_recording) == (person, True, True)


def test_a_known_person_who_is_recorded_is_not_to_be_recorded(hall: Hall) -> None:
    DukcapilStatusFactory(person=known())

    assert come(hall, nik=NIK).needs_recording is False


@pytest.mark.parametrize("other", [{"name": "Siti Aminah"}, {"birth_date": date(1985, 3, 5)}])
def test_another_name_or_birth_date_is_told_nothing_about_the_nik(hall: Hall, other: dict[str, Any]) -> None:
    known()

    with refused("nik", "nik_of_another_person"):
        come(hall, nik=NIK, **other)

    assert Visit.objects.count() == 0


def test_a_pupil_of_this_drive_at_the_door_is_the_expected_visit(hall: Hall) -> None:
    visit = hall.expect("Siti Rahma", birth_date=BORN)
    visit.person.nik_sealed, visit.person.nik_digest = seal(NIK, row_id=visit.person_id), digest(NIK)
    visit.person.save()

    assert come(hall, kind="other_student", nik=NIK).visit == visit


@pytest.mark.parametrize(
    ("told", "field", "code"),
    [
        ({"name": " . "}, "name", "name_missing"),
        ({"kind": "student"}, "kind", "kind_unknown"),
        ({"service": "haircut"}, "service", "service_unknown"),
        ({"birth_date": None}, "birth_date", "birth_date_missing"),
        ({"birth_date": date(2030, 1, 1)}, "birth_date", "birth_date_impossible"),
        ({"nik": "12345"}, "nik", "nik_length"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(hall: Hall, told: dict[str, Any], field: str, code: str) -> None:
    with refused(field, code):
        come(hall, **told)

    assert Person.objects.count() == 0


def test_a_replacement_needs_no_birth_date_and_ends_as_served(hall: Hall, tablet: Client) -> None:
    visit = come(hall, service="replacement", birth_date=None).visit

    card = tablet.get(f"/today/{hall.today.pk}/?visit={visit.pk}").content.decode()

    assert 'value="served"' in card
    assert 'value="recorded"' not in card


def test_a_resident_belongs_to_no_school_and_a_teacher_to_this_one(hall: Hall) -> None:
    assert come(hall, kind="resident").visit.school is None
    assert come(hall, name="Guru Lain").visit.school == hall.school


def test_the_form_leads_to_the_card(hall: Hall, tablet: Client) -> None:
    form = {"event_id": str(uuid7()), "name": "Siti Rahma", "kind": "teacher", "service": "renewal"}

    answer = tablet.post(f"/today/{hall.today.pk}/walk-in/", form)
    empty = tablet.post(f"/today/{hall.today.pk}/walk-in/", {})

    assert answer.headers["Location"] == f"/today/{hall.today.pk}/?visit={Visit.objects.get().pk}"
    assert empty.status_code == 422


def pupil_elsewhere(*, consent_required: bool) -> Person:
    """A student of another school of the same office, whose NIK is known."""
    person = known(enrolled=ClassGroupFactory())
    person.office.consent_required = consent_required
    person.office.save()
    return person


def test_a_consent_seen_on_paper_is_noted_for_a_student_whose_office_asks_for_it(hall: Hall, tablet: Client) -> None:
    person = pupil_elsewhere(consent_required=True)
    assert "persetujuan orang tua" in tablet.get(f"/today/{hall.today.pk}/walk-in/").content.decode()
    form = {"event_id": str(uuid7()), "name": "Siti Rahma", "kind": "resident", "service": "recording", "nik": NIK}

    paper = {"birth_date": BORN.isoformat(), "consent_from": "mother", "consent_given_by": "AMINAH"}
    tablet.post(f"/today/{hall.today.pk}/walk-in/", form | paper)

    line = Consent.objects.get(person=person)
    assert (line.is_given, line.relation, line.channel, line.entered_by) == (True, "mother", "paper", hall.operator)
    assert (line.given_by, line.school) == ("AMINAH", person.school)


@pytest.mark.parametrize(("is_required", "seen"), [(True, ""), (False, "mother")])
def test_no_consent_is_noted_that_nobody_saw_or_asks_for(hall: Hall, is_required: bool, seen: str) -> None:
    pupil_elsewhere(consent_required=is_required)

    come(hall, kind="resident", nik=NIK, consent_from=seen, consent_given_by="AMINAH")

    assert not Consent.objects.exists()


def ask_for_consent(hall: Hall) -> None:
    office = hall.drive.office
    office.consent_required = True
    office.save()
    hall.today.refresh_from_db()


CHILD = date(2010, 1, 5)
PAPER: dict[str, Any] = {"consent_from": "guardian", "consent_given_by": "  AMINAH "}


@pytest.mark.parametrize(("kind", "birth_date"), [("resident", CHILD), ("other_student", CHILD), ("other_student", BORN)])
def test_of_a_pupil_from_elsewhere_and_of_a_child_the_paper_is_noted_at_the_door(hall: Hall, kind: str, birth_date: date) -> None:
    ask_for_consent(hall)

    guest = come(hall, kind=kind, birth_date=birth_date, **PAPER)

    line = Consent.objects.get(person=guest.visit.person)
    assert (line.given_by, line.relation, line.channel, line.entered_by) == ("AMINAH", "guardian", "paper", hall.operator)
    assert (line.school, line.office) == (None, hall.drive.office)


def test_of_a_grown_guest_no_parent_is_asked(hall: Hall) -> None:
    ask_for_consent(hall)

    come(hall, kind="teacher", birth_date=BORN, **PAPER)

    assert not Consent.objects.exists()


def test_a_paper_that_was_seen_names_who_signed_it(hall: Hall) -> None:
    ask_for_consent(hall)

    with refused("consent_given_by", "who_missing"):
        come(hall, kind="other_student", birth_date=CHILD, consent_from="mother", consent_given_by=" ")


def test_a_child_without_a_paper_shows_amber_and_with_one_green(hall: Hall, tablet: Client) -> None:
    ask_for_consent(hall)

    without, with_paper = come(hall, birth_date=CHILD, kind="resident"), come(hall, birth_date=CHILD, kind="resident", **PAPER)

    headlines = [
        tablet.get(f"/today/{hall.today.pk}/", {"visit": str(each.visit.pk)}).context["card"].headline
        for each in (without, with_paper)
    ]
    assert headlines[0] == "Tanpa persetujuan orang tua"
    assert headlines[1].startswith("Hadir sejak") or headlines[1].startswith("Sudah hadir")


def test_where_no_office_asks_for_consent_the_form_does_not_either(hall: Hall, tablet: Client) -> None:
    assert "consent_from" not in tablet.get(f"/today/{hall.today.pk}/walk-in/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_clients_that_send_one_guest_at_once_make_one(hall: Hall) -> None:
    ids = [uuid7() for _ in range(6)]

    def send(number: int) -> None:
        for place, event_id in enumerate(ids):
            come(hall, event_id=event_id, name=f"Tamu {place}", nik=NIK[:-1] + str(place))

    together(send, send)

    assert (Visit.objects.count(), Person.objects.exclude(nik_digest=None).count()) == (6, 6)


def asked(hall: Hall, **more: Any) -> Known:
    told: dict[str, Any] = {"nik": NIK, "name": "Rahma Siti", "birth_date": BORN} | more
    return look_up(drive_day=hall.today, by=hall.operator, now=NOW, **told)


def test_a_nik_tells_whether_the_person_is_known_and_needs_recording_and_no_more(hall: Hall) -> None:
    assert asked(hall) == Known(is_known=False, needs_recording=None)

    person = known()
    assert asked(hall) == Known(is_known=True, needs_recording=True)

    DukcapilStatusFactory(person=person)
    assert asked(hall) == Known(is_known=True, needs_recording=False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Siti Aminah"},
        {"birth_date": date(1985, 3, 5)},
        {"nik": synthetic(district="31.74.08", birth_date=BORN, sex="P", serial=9003)},
    ],
)
def test_one_thing_wrong_is_answered_like_an_unknown_nik(hall: Hall, wrong: dict[str, Any]) -> None:
    known()

    assert asked(hall, **wrong) == Known()


def test_every_look_up_is_in_the_audit_trail_without_the_nik(hall: Hall) -> None:
    asked(hall)
    person = known()
    asked(hall)

    lines = AuditEntry.objects.filter(action="looked_up").order_by("pk")
    assert [(line.subject_id, line.by, line.detail) for line in lines] == [
        (hall.today.pk, hall.operator, {"known": False}),
        (person.pk, hall.operator, {"known": True}),
    ]


def test_after_forty_five_look_ups_an_operator_waits_and_another_one_does_not(hall: Hall) -> None:
    for _attempt in range(45):
        asked(hall)

    with pytest.raises(ValidationError, check=lambda error: error.code == "too_many_look_ups"):
        asked(hall)
    look_up(drive_day=hall.today, nik=NIK, name="Siti", birth_date=BORN, by=hall.lead, now=NOW)


def test_where_nobody_counts_nothing_is_looked_up(hall: Hall) -> None:
    with (
        patch.object(cache, "add", side_effect=NoConnectionError),
        pytest.raises(ValidationError, check=lambda error: error.code == "too_many_look_ups"),
    ):
        asked(hall)


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {}])
def test_the_look_up_answers_on_the_form_and_saves_nothing(hall: Hall, tablet: Client, headers: dict[str, str]) -> None:
    known()
    form = {"event_id": str(uuid7()), "name": "Siti Rahma", "birth_date": BORN.isoformat(), "nik": NIK, "kind": "resident"}

    answer = tablet.post(f"/today/{hall.today.pk}/walk-in/check/", form, headers=headers)
    nothing = tablet.post(f"/today/{hall.today.pk}/walk-in/check/", {"nik": NIK}, headers=headers)

    assert "NIK sudah dikenal; perlu direkam." in answer.content.decode()
    assert "; perlu direkam" not in nothing.content.decode()
    assert not Visit.objects.exists()
    if not headers:
        assert answer.context["form"].initial["kind"] == "resident"


def fill(hall: Hall, *, until: int = 2) -> None:
    """All places of the timeslots up to this one are taken."""
    for slot in hall.slots[:until]:
        Timeslot.objects.filter(pk=slot.pk).update(places=1)
        slot.places = 1
        AppointmentFactory(timeslot=slot, places=1)


def test_a_full_day_takes_another_guest_for_a_recording_only_from_a_lead_with_a_reason(hall: Hall) -> None:
    fill(hall)

    with pytest.raises(ValidationError, check=lambda error: error.code == "over_capacity") as caught:
        come(hall)
    assert "Penuh sampai 10.00; tamu akan menunggu kira-kira 19 menit." in caught.value.messages[0]
    with refused("overrule", "reason_missing"):
        come(hall, is_lead=True)
    visit = come(hall, is_lead=True, overrule="Guru lansia.").visit

    assert visit.events.get().note == "Guru lansia."


def crowd(hall: Hall, *, places: int, guests: int) -> list[str]:
    """So many guests at the same moment, where so many places are left; answers what each was told."""
    Timeslot.objects.filter(drive_day=hall.today).update(places=0)
    Timeslot.objects.filter(pk=hall.slots[1].pk).update(places=places)
    told: list[str] = []

    def arrive(number: int) -> None:
        try:
            come(hall, name=f"Tamu {number}")
        except ValidationError as error:
            told.append(error.code or "")
        else:
            told.append("here")

    connections.close_all()
    together(*[arrive] * guests)
    return sorted(told)


@pytest.mark.django_db(transaction=True)
def test_guests_at_once_take_no_more_than_the_places_that_are_left(hall: Hall) -> None:
    assert crowd(hall, places=2, guests=5) == ["here", "here", "over_capacity", "over_capacity", "over_capacity"]
    assert Visit.objects.filter(state="present").count() == 2


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_guests_would_both_take_the_last_place(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    both_have_looked = Barrier(2)

    def look_together(drive_day: DriveDay, *, now: datetime) -> Room:
        room = room_at(drive_day, now=now)
        both_have_looked.wait(timeout=120)
        return room

    monkeypatch.setattr(walk_ins, "lock_room", lambda _drive_day: None)
    monkeypatch.setattr(walk_ins, "room_at", look_together)

    assert crowd(hall, places=1, guests=2) == ["here", "here"]


@pytest.mark.django_db(transaction=True)
def test_a_guest_who_is_a_pupil_of_the_day_and_a_tap_on_that_pupil_at_once_never_wait_in_a_circle(hall: Hall) -> None:
    visits = [hall.expect(f"Siswa Kenal {number}", birth_date=BORN) for number in range(8)]
    niks = [synthetic(district="31.74.08", birth_date=BORN, sex="P", serial=9100 + number) for number in range(8)]
    for visit, nik in zip(visits, niks, strict=True):
        visit.person.nik_sealed, visit.person.nik_digest = seal(nik, row_id=visit.person_id), digest(nik)
        visit.person.save()
    connections.close_all()

    def at_the_door(_number: int) -> None:
        for visit, nik in zip(visits, niks, strict=True):
            come(hall, name=visit.person.name, nik=nik, kind="other_student")

    def by_tap(_number: int) -> None:
        for visit in reversed(visits):
            record_event(event_id=uuid7(), visit=visit, kind="arrived", by=hall.lead, now=NOW)

    together(at_the_door, by_tap)

    assert Visit.objects.filter(state="present", has_conflict=False).count() == 8


def test_a_service_without_recording_takes_no_place(hall: Hall) -> None:
    fill(hall)

    assert come(hall, service="renewal").visit.state == "present"
    assert room_at(hall.today, now=NOW).minutes == 19


def test_what_a_tablet_tells_of_a_guest_is_not_argued_with(hall: Hall) -> None:
    fill(hall, until=3)

    assert come(hall, arrives=False).visit.is_walk_in


def test_the_form_says_until_when_the_day_is_full_and_asks_a_lead_alone_for_a_reason(hall: Hall, client: Client) -> None:
    fill(hall, until=3)
    client.force_login(hall.operator)
    page = client.get(f"/today/{hall.today.pk}/walk-in/").content.decode()
    client.force_login(hall.lead)
    as_lead = client.get(f"/today/{hall.today.pk}/walk-in/").content.decode()

    assert "Penuh sampai akhir hari ini." in page
    assert ('name="overrule"' in page, 'name="overrule"' in as_lead) == (False, True)


def test_who_is_absent_leaves_a_place_and_who_waits_takes_one(hall: Hall) -> None:
    Timeslot.objects.filter(drive_day=hall.today).update(places=1)
    visit = hall.expect("Tidak Datang")
    assert room_at(hall.today, now=NOW).full_until == hall.slots[2].starts_at

    record_event(event_id=uuid7(), visit=visit, kind="absent", reason="sick", by=hall.operator, now=NOW)
    assert room_at(hall.today, now=NOW) == Room()

    come(hall)
    assert room_at(hall.today, now=NOW).full_until == hall.slots[2].starts_at


@pytest.mark.parametrize("kind", ["absent", "declined"])
def test_who_is_due_again_today_takes_a_place_whatever_was_said_yesterday(hall: Hall, kind: str) -> None:
    Timeslot.objects.filter(drive_day=hall.today).update(places=1)
    reason = "sick" if kind == "absent" else ""
    for visit in [hall.expect(f"Siswa {slot}", slot=slot) for slot in range(3)]:
        record_event(event_id=uuid7(), visit=visit, kind=kind, reason=reason, by=hall.lead, now=NOW - timedelta(days=1))

    assert room_at(hall.today, now=NOW) == Room(is_full=True)


SPANS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 6)), min_size=1, max_size=6)


@given(SPANS, st.integers(0, 12))
def test_one_more_guest_before_never_makes_the_wait_shorter(places: list[tuple[int, int]], before: int) -> None:
    half_hour = timedelta(minutes=30)
    spans = [Span(NOW + number * half_hour, NOW + (number + 1) * half_hour, *of_slot) for number, of_slot in enumerate(places)]

    def wait(before: int) -> float:
        room = room_for_one(spans, before=before, now=NOW)
        return float("inf") if room.is_full and room.full_until is None else room.minutes

    assert wait(before) <= wait(before + 1)
    assert (wait(before) == float("inf")) == (sum(max(0, all_ - taken) for all_, taken in places) <= before)


def test_ikd_alone_is_offered_where_the_drive_offers_it_and_served_by_the_activation(hall: Hall, tablet: Client) -> None:
    address = f"/today/{hall.today.pk}/walk-in/"
    assert 'value="ikd"' not in tablet.get(address).content.decode()
    Drive.objects.filter(pk=hall.drive.pk).update(ikd_minimum_age=17)
    hall.today.drive.refresh_from_db()
    assert 'value="ikd"' in tablet.get(address).content.decode()

    visit = come(hall, service="ikd").visit
    outcome = {"event_id": str(uuid7()), "outcome": "ikd_activated"}
    tablet.post(f"/today/{hall.today.pk}/visits/{visit.pk}/outcome/", outcome)

    visit.refresh_from_db()
    assert (visit.state, visit.state_on, visit.ikd_state) == ("served", NOW.date(), "ikd_activated")
    assert "IKD 0 dari 0 direkam, 1 lainnya" in tablet.get(f"/today/{hall.today.pk}/").content.decode()


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("04031985", BORN),
        ("4-3-1985", BORN),
        (" 04/03/1985 ", BORN),
        ("1985-03-04", BORN),
        ("431985", None),
        ("1111985", None),
        ("31021985", None),
        ("kemarin", None),
    ],
)
def test_a_birth_date_is_typed_with_or_without_strokes_and_never_guessed(typed: str, read: date | None) -> None:
    form = LookUpForm({"birth_date": typed})

    assert (form.is_valid(), form.cleaned_data.get("birth_date")) == (read is not None, read)
