"""What a tablet sends is kept whenever it comes, in whatever order, and only the receipt says so."""

import random
import string
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db.models import Q, Sum
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from uuid6 import uuid7

from drives.coverage.rollup import roll_up_all
from drives.models import DailyCoverage, Incident, Visit, VisitEvent
from drives.onsite.actions import correct
from drives.onsite.batches import uuid_of
from drives.tablets.actions import prepare, revoke
from schools.models import Grant, Role
from students.models import Person
from students.nik import synthetic
from students.privacy import digest, seal
from tests.drives.onsite.conftest import DAY, NOW, Hall
from tests.drives.tablets.conftest import Tablet, make_ready
from tests.factories import OfficeFactory, PersonFactory, VisitFactory, at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("this_morning")]

BUDIS_NIK = synthetic(district="31.74.08", birth_date=date(1980, 1, 1), sex="L", serial=9044)
TEACHER = {"name": "Budi Santoso", "kind": "teacher", "service": "replacement", "birth_date": "1980-01-01"}


def refusals(answer: Any) -> list[str]:
    return [one["code"] for one in answer.json()["refused"]]


def state_of(visit: Visit) -> tuple[str, bool]:
    visit.refresh_from_db()
    return visit.state, visit.has_conflict


def test_the_receipt_names_what_stands_and_how_far_it_is_without_gaps(hall: Hall, tablet: Tablet) -> None:
    visit = hall.expect("Dewi")
    events = [tablet.event(visit, "arrived"), tablet.event(visit, "failed", reason="biometric"), tablet.event(visit, "recorded")]

    first = tablet.send(events[0], events[2]).json()
    then = tablet.send(events[1]).json()

    assert (first["receipt"], first["device"], first["highest"], first["missing"]) == (1, str(tablet.device.pk), 1, [2])
    assert (then["accepted"], then["refused"], then["highest"], then["missing"]) == ([events[1]["id"]], [], 3, [])
    assert state_of(visit) == ("recorded", False)


def test_a_fact_carries_tablet_operator_kit_and_queue_number(hall: Hall, tablet: Tablet) -> None:
    visit = hall.expect("Dewi")

    tablet.send(tablet.event(visit, "arrived", queue="A-07", kit=str(hall.kits[0].pk)))

    event = VisitEvent.objects.get()
    assert (event.device, event.operator, event.kit, event.queue_number) == (tablet.device, hall.operator, hall.kits[0], "A-07")
    assert event.source == f"device:{tablet.device.pk.hex}"


def test_after_a_change_of_shift_each_fact_is_of_whoever_worked_with_the_tablet_then(hall: Hall, tablet: Tablet) -> None:
    visits = [hall.expect(f"Siswa {number}") for number in range(3)]
    prepare(drive_day=hall.today, by=hall.lead, now=NOW + timedelta(hours=2), device=tablet.device)
    moments = [NOW - timedelta(minutes=5), NOW + timedelta(hours=1), NOW + timedelta(hours=3)]
    told = [tablet.event(visit, "recorded", at=moment) for visit, moment in zip(visits, moments, strict=True)]

    with time_machine.travel(NOW + timedelta(hours=4), tick=False):
        tablet.send(*told)

    said = VisitEvent.objects.order_by("source_sequence").values_list("operator", flat=True)
    assert list(said) == [hall.operator.pk, hall.operator.pk, hall.lead.pk]


def test_a_person_is_named_by_slip_code_token_or_id(hall: Hall, tablet: Tablet) -> None:
    visits = [hall.expect(f"Siswa {number}") for number in range(4)]
    names: list[dict[str, Any]] = [
        {"code": visits[0].code.lower()},
        {"code": "", "visit": visits[1].token},
        {"code": "", "visit": str(visits[2].pk).upper()},
        {"drive": None},
    ]

    answer = tablet.send(*(tablet.event(visit, "recorded") | name for visit, name in zip(visits, names, strict=True)))

    assert refusals(answer) == []
    assert set(Visit.objects.values_list("state", flat=True)) == {"recorded"}


def test_nobody_but_the_tablets_own_drive_is_known(hall: Hall, tablet: Tablet) -> None:
    hall.expect("Dewi")
    elsewhere = VisitFactory()

    answer = tablet.send(tablet.event(elsewhere, "recorded"), tablet.item("recorded", visit=elsewhere.token))

    assert refusals(answer) == ["visit_unknown", "visit_unknown"]


def test_days_late_it_still_counts_on_the_day_it_happened(hall: Hall, tablet: Tablet) -> None:
    visit = hall.expect("Dewi")

    with time_machine.travel(NOW + timedelta(days=9), tick=False):
        tablet.send(tablet.event(visit, "recorded", at=at(DAY, "11.00")))

    visit.refresh_from_db()
    assert (visit.state, visit.state_on, visit.state_at) == ("recorded", DAY, at(DAY, "11.00"))


@pytest.mark.parametrize("wrong", [timedelta(hours=48), timedelta(hours=-48), timedelta(days=365 * 56)])
def test_a_clock_that_was_mended_before_sending_leaves_days_and_times_right(hall: Hall, tablet: Tablet, wrong: timedelta) -> None:
    """Each note says how far the clock was behind when it was made; the batch is sent by the right clock."""
    visits = [hall.expect(f"Siswa {number}") for number in range(3)]
    happened = [NOW - timedelta(minutes=10 * number) for number in (3, 2, 1)]
    milliseconds = round(wrong.total_seconds() * 1000)
    told = [
        tablet.event(visit, "recorded", at=moment - wrong, skew_ms=milliseconds)
        for visit, moment in zip(visits, happened, strict=True)
    ]

    receipt = tablet.send(*told, sent_at=NOW.isoformat()).json()

    found = Visit.objects.in_bulk([visit.pk for visit in visits])
    assert len(receipt["accepted"]) == 3
    assert [(found[visit.pk].state_on, found[visit.pk].state_at) for visit in visits] == [(DAY, moment) for moment in happened]


def test_a_time_that_nobody_can_mend_is_that_of_the_receipt(hall: Hall, tablet: Tablet) -> None:
    visit = hall.expect("Siswa")

    receipt = tablet.send(tablet.event(visit, "recorded", at=datetime(1970, 1, 1, 0, 5, tzinfo=UTC))).json()

    visit.refresh_from_db()
    assert (receipt["refused"], visit.state, visit.state_on, visit.state_at) == ([], "recorded", DAY, NOW)


@pytest.mark.parametrize("wrong", [timedelta(hours=48), timedelta(hours=-48)])
def test_a_clock_wrong_by_two_days_leaves_order_times_and_totals_right(hall: Hall, tablet: Tablet, wrong: timedelta) -> None:
    """Noted offline between 09.00 and 09.20, sent in random order at 09.41 by the tablet's own wrong clock."""
    visits = [hall.expect(f"Siswa {number}") for number in range(10)]
    told = []
    for number, visit in enumerate(visits):
        said = at(DAY, "09.00") + wrong + timedelta(minutes=2 * number)
        told += [
            tablet.event(visit, "arrived", at=said),
            tablet.event(visit, "failed", at=said + timedelta(seconds=30), reason="biometric"),
            tablet.event(visit, "recorded", at=said + timedelta(minutes=1)),
        ]
    random.Random(48).shuffle(told)

    for event in told:
        tablet.send(event, sent_at=(NOW + wrong).isoformat())

    times = [(visit.state, visit.state_on, visit.arrived_at, visit.state_at) for visit in Visit.objects.order_by("code")]
    assert times == [
        ("recorded", DAY, at(DAY, "09.00") + timedelta(minutes=2 * n), at(DAY, "09.01") + timedelta(minutes=2 * n))
        for n in range(10)
    ]
    assert recorded_by_coverage(hall) == 10


def recorded_by_coverage(hall: Hall) -> int:
    roll_up_all(today=DAY)
    found: int = DailyCoverage.objects.filter(school=hall.school, day=DAY).aggregate(sum=Sum("recorded_count"))["sum"]
    return found


def test_an_undo_within_seconds_of_the_tablets_own_clock_counts_though_it_comes_first(hall: Hall, tablet: Tablet) -> None:
    visit = hall.expect("Dewi")
    recorded = tablet.event(visit, "recorded", at=NOW - timedelta(hours=1))
    undone = tablet.event(visit, "undone", at=NOW - timedelta(hours=1) + timedelta(seconds=9), target=recorded["id"])

    tablet.send(undone)
    tablet.send(recorded)

    assert state_of(visit) == ("expected", False)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_undo_that_came_too_late_counts_in_no_order(hall: Hall, tablet: Tablet, order: tuple[int, int]) -> None:
    visit = hall.expect("Dewi")
    recorded = tablet.event(visit, "recorded", at=NOW - timedelta(hours=1))
    undone = tablet.event(visit, "undone", target=recorded["id"])

    for place in order:
        tablet.send([recorded, undone][place])

    assert state_of(visit) == ("recorded", False)


def test_an_open_outcome_of_another_tablet_that_the_screen_showed_is_replaced_knowingly(hall: Hall, tablet: Tablet) -> None:
    visits = [hall.expect("Dewi"), hall.expect("Sari")]
    other = make_ready(hall)
    other.send(*(other.event(visit, "absent", reason="unexplained") for visit in visits))

    tablet.send(tablet.event(visits[0], "recorded", saw="absent"), tablet.event(visits[1], "recorded"))

    assert [state_of(visit) for visit in visits] == [("recorded", False), ("recorded", True)]


def test_a_guest_is_noted_offline_and_facts_may_speak_of_the_guest_at_once(hall: Hall, tablet: Tablet) -> None:
    visit_id = str(uuid4())
    told = [
        tablet.item("walk_in", drive=str(hall.drive.pk), visit=visit_id, guest=TEACHER),
        tablet.item("arrived", visit=visit_id, queue="A-01"),
        tablet.item("served", visit=visit_id),
    ]

    receipts = [tablet.send(*told).json() for _ in range(3)]

    visit = Visit.objects.get()
    assert [sorted(receipt["accepted"]) for receipt in receipts] == [sorted(one["id"] for one in told)] * 3
    assert (str(visit.pk), visit.kind, visit.state, visit.is_walk_in) == (visit_id, "teacher", "served", True)
    assert (visit.person.name, visit.queue_number) == ("Budi Santoso", "A-01")


def test_what_speaks_of_a_guest_who_has_not_come_yet_waits_and_is_not_refused(hall: Hall, tablet: Tablet) -> None:
    visit_id = str(uuid4())
    guest = tablet.item("walk_in", drive=str(hall.drive.pk), visit=visit_id, guest=TEACHER)
    served = tablet.item("served", visit=visit_id)

    early = tablet.send(served).json()
    tablet.send(guest)
    again = tablet.send(served).json()

    assert (early["accepted"], early["refused"], early["later"]) == ([], [], [served["id"]])
    assert (again["accepted"], again["highest"]) == ([served["id"]], 2)
    assert Visit.objects.get().state == "served"


def note_offline(hall: Hall, tablet: Tablet, told: dict[str, Any], outcome: str = "recorded") -> tuple[Any, Visit | None]:
    """A guest who came and was served without a network, sent in one batch; the answer, and the visit as the tablet names it."""
    visit_id = str(uuid4())
    answer = tablet.send(
        tablet.item("walk_in", drive_day=str(hall.today.pk), visit=visit_id, guest=TEACHER | {"service": "recording"} | told),
        tablet.item("arrived", visit=visit_id, queue="A-03"),
        tablet.item(outcome, visit=visit_id),
    )
    return answer, Visit.objects.filter(Q(pk=visit_id) | Q(guest_ids__contains=[visit_id])).select_related("person").first()


def budi(**more: Any) -> Person:
    person: Person = PersonFactory(name="BUDI SANTOSO", birth_date=date(1980, 1, 1), **more)
    person.nik_sealed, person.nik_digest = seal(BUDIS_NIK, row_id=person.pk), digest(BUDIS_NIK)
    person.save()
    return person


@pytest.mark.parametrize(
    ("told", "doubt"),
    [
        ({"nik": "3174083213809001"}, "nik"),
        ({"nik": "3174080101800000"}, "nik"),
        ({"nik": "31740801"}, "nik"),
        ({"name": "Joko Widada", "nik": BUDIS_NIK}, "nik"),
        ({"birth_date": "1980-01-02", "nik": BUDIS_NIK}, "nik"),
        ({"birth_date": "1980-02-30"}, "birth_date"),
        ({"birth_date": "1880-01-01"}, "birth_date"),
        ({"birth_date": "2027-01-01"}, "birth_date"),
        ({"birth_date": ""}, "birth_date"),
        ({"name": "ꦱꦶꦠꦶ"}, "name"),
        ({"name": "Budi " * 25}, "name"),
        ({"consent_from": "mother", "consent_given_by": "\u200b"}, "consent"),
        ({"consent_from": "uncle", "consent_given_by": "Aminah"}, "consent"),
    ],
)
def test_a_guest_of_whom_something_cannot_be_right_was_recorded_all_the_same(
    hall: Hall, tablet: Tablet, told: dict[str, Any], doubt: str
) -> None:
    budi()

    answer, visit = note_offline(hall, tablet, told)

    assert visit
    assert refusals(answer) == []
    assert (visit.state, visit.queue_number, visit.doubts) == ("recorded", "A-03", [doubt])
    assert (visit.person.has_nik, Person.objects.exclude(nik_digest=None).count()) == (False, 1)
    assert len(visit.person.name) <= 120


def test_a_tablet_is_not_told_whether_a_nik_that_was_left_out_is_somebody_elses(hall: Hall, tablet: Tablet) -> None:
    told = {"name": "Joko Widada", "birth_date": "1980-01-01", "nik": BUDIS_NIK}
    _answer, unknown = note_offline(hall, tablet, told)
    assert unknown
    Person.objects.filter(pk=unknown.person_id).update(nik_digest=None, nik_sealed=None)
    budi()
    answer, known = note_offline(hall, tablet, told | {"birth_date": "1980-01-03"})
    assert known

    people = tablet.pack(hall.today.pk).json()["people"]

    assert (refusals(answer), unknown.doubts, known.doubts) == ([], [], ["nik"])
    assert people["verdict"] == [people["verdict"][0]] * 2
    assert people["conflict"] == people["extra"]


@pytest.mark.parametrize(
    ("known_for", "noted_for", "outcome"), [("replacement", "recording", "recorded"), ("recording", "renewal", "served")]
)
def test_a_guest_known_for_another_service_keeps_what_happened_and_a_lead_decides(
    hall: Hall, tablet: Tablet, client: Client, known_for: str, noted_for: str, outcome: str
) -> None:
    visit = VisitFactory(drive=hall.drive, person=budi(), kind="teacher", service=known_for)

    answer, _found = note_offline(hall, tablet, {"nik": BUDIS_NIK, "service": noted_for}, outcome)

    assert (refusals(answer), state_of(visit), visit.doubts) == ([], (outcome, False), ["service"])
    client.force_login(hall.lead)
    assert "layanan lain" in client.get(f"/today/{hall.today.pk}/conflicts/").content.decode()
    page = client.get(f"/today/{hall.today.pk}/visits/{visit.pk}/correct/").content.decode()
    assert ('value="recorded"' in page, 'value="served"' in page) == (True, True)

    correct(event_id=uuid7(), visit=visit, kind=outcome, note="Formulir sudah diperiksa.", by=hall.lead, now=NOW)

    assert (state_of(visit), visit.doubts) == ((outcome, False), [])
    assert visit.person.name not in client.get(f"/today/{hall.today.pk}/conflicts/").content.decode()


def test_what_a_lead_decided_about_a_guest_is_not_asked_again_when_the_tablet_sends_anew(hall: Hall, tablet: Tablet) -> None:
    visit = VisitFactory(drive=hall.drive, person=budi(), kind="teacher", service="replacement")
    guest = TEACHER | {"service": "recording", "nik": BUDIS_NIK}
    told = tablet.item("walk_in", drive_day=str(hall.today.pk), visit=str(uuid4()), guest=guest)
    tablet.send(told)
    visit.refresh_from_db()
    correct(event_id=uuid7(), visit=visit, kind="recorded", note="Sudah diperiksa.", by=hall.lead, now=NOW)

    tablet.send(told)

    visit.refresh_from_db()
    assert visit.doubts == []


def test_what_speaks_of_a_guest_who_was_refused_is_refused(hall: Hall, tablet: Tablet) -> None:
    visit_id = str(uuid4())

    answer = tablet.send(
        tablet.item("walk_in", drive=str(hall.drive.pk), visit=visit_id, guest=TEACHER | {"name": "!"}),
        tablet.item("served", visit=visit_id),
    )

    assert refusals(answer) == ["name_missing", "visit_unknown"]
    assert (answer.json()["highest"], Person.objects.count()) == (2, 0)


def test_a_guest_who_has_a_visit_already_is_known_by_both_ids(hall: Hall, tablet: Tablet) -> None:
    listed = hall.expect("Dewi Anggraini", nik="3174084106099001", birth_date=DAY.replace(year=2009, month=6, day=1))
    guest = {
        "name": "Anggraini Dewi",
        "kind": "other_student",
        "service": "recording",
        "birth_date": "2009-06-01",
        "nik": "3174084106099001",
    }
    ids = [str(uuid4()), str(uuid4())]
    for visit_id in ids:
        tablet.send(tablet.item("walk_in", drive_day=str(hall.today.pk), visit=visit_id, guest=guest))

    answer = tablet.send(tablet.item("arrived", visit=ids[1]), tablet.item("recorded", visit=ids[0]))

    assert refusals(answer) == []
    assert (Visit.objects.count(), state_of(listed)) == (1, ("recorded", False))


def test_an_incident_is_opened_once_and_closed_with_what_was_done(hall: Hall, tablet: Tablet) -> None:
    opened = tablet.item(
        "incident_opened",
        drive_day=str(hall.today.pk),
        incident="kit_broken",
        kit=str(hall.kits[0].pk),
        note="Lampu mati",
        at=NOW - timedelta(hours=1),
    )
    closed = tablet.item("incident_closed", incident=opened["id"], note="Diganti")

    early = tablet.send(closed).json()
    for _ in range(2):
        late = tablet.send(closed, opened).json()

    incident = Incident.objects.get()
    assert early["later"] == [closed["id"]]
    assert sorted(late["accepted"]) == sorted([opened["id"], closed["id"]])
    assert (str(incident.pk), incident.kit, incident.resolution, incident.device) == (
        opened["id"],
        hall.kits[0],
        "Diganti",
        tablet.device,
    )
    assert (incident.opened_at, incident.opened_by) == (NOW - timedelta(hours=1), hall.operator)


def test_an_incident_of_another_day_is_refused(hall: Hall, tablet: Tablet) -> None:
    answer = tablet.send(
        tablet.item("incident_opened", drive_day=str(hall.tomorrow.pk), incident="crowd"),
        tablet.item("incident_closed", incident=str(uuid7()), note="Selesai"),
    )

    assert refusals(answer) == ["day_unknown", "incident_unknown"]


def test_a_revoked_tablet_sends_what_it_has_and_reads_nothing(hall: Hall, tablet: Tablet) -> None:
    visit = hall.expect("Dewi")
    revoke(device=tablet.device, by=hall.lead, now=NOW)

    receipt = tablet.send(tablet.event(visit, "recorded")).json()

    assert len(receipt["accepted"]) == 1
    pack = tablet.pack(hall.today.pk)
    assert (pack.status_code, pack.json()["code"]) == (410, "revoked")


def test_whose_grant_has_ended_still_sends_what_was_noted(hall: Hall, tablet: Tablet) -> None:
    visit = hall.expect("Dewi")
    Grant.objects.filter(user=hall.operator).update(ends_on=DAY - timedelta(days=1), starts_on=DAY - timedelta(days=9))

    receipt = tablet.send(tablet.event(visit, "recorded")).json()

    assert len(receipt["accepted"]) == 1
    assert VisitEvent.objects.get().operator == hall.operator
    assert tablet.pack(hall.today.pk).status_code == 404


def test_only_a_lead_corrects_from_a_tablet(hall: Hall, tablet: Tablet) -> None:
    visits = [hall.expect("Dewi"), hall.expect("Sari")]
    leads = make_ready(hall, by=hall.lead)

    mine = tablet.send(tablet.event(visits[0], "recorded", reason="correction", note="Salah tekan"))
    theirs = leads.send(leads.event(visits[1], "recorded", reason="correction", note="Salah tekan"))

    assert (refusals(mine), refusals(theirs)) == (["lead_only"], [])


def test_who_leads_elsewhere_corrects_nothing_here(hall: Hall, tablet: Tablet) -> None:
    elsewhere = OfficeFactory(name="Suku Dinas Dukcapil Jakarta Timur", region__code="31.75", region__name="Jakarta Timur")
    Grant.objects.create(user=hall.operator, office=elsewhere, role=Role.LEAD_OPERATOR, starts_on=DAY - timedelta(days=9))
    visit = hall.expect("Dewi")

    assert hall.operator.has_role(Role.LEAD_OPERATOR)
    assert refusals(tablet.send(tablet.event(visit, "recorded", reason="correction", note="Salah tekan"))) == ["lead_only"]


@pytest.mark.parametrize(
    "authorization", ["", "Tablet", "Tablet x.y", "Bearer {id}.{secret}", "Tablet {id}.", "Tablet {id}.{secret}x"]
)
def test_a_wrong_credential_is_told_nothing(hall: Hall, tablet: Tablet, authorization: str) -> None:
    header = authorization.format(id=tablet.device.pk, secret=tablet.secret)

    answers = [
        Client(enforce_csrf_checks=True).post(path, "{}", content_type="application/json", headers={"Authorization": header})
        for path in ("/api/v1/events", "/api/v1/tablet/ping", "/api/v1/tablet/walk-in-lookup")
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 401]


def test_by_session_a_token_against_forgery_is_still_needed(hall: Hall) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(hall.operator)

    assert browser.post("/api/v1/events", "{}", content_type="application/json").status_code == 403


def test_a_tablet_made_ready_for_nothing_has_nobody_to_tell_of(hall: Hall, tablet: Tablet) -> None:
    tablet.device.preparations.all().delete()

    answer = tablet.send()

    assert (answer.status_code, answer.json()["code"]) == (404, "not_prepared")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
moments = st.datetimes().map(lambda moment: f"{moment.isoformat()}+07:00")
almost_events = st.fixed_dictionaries(
    {},
    optional={
        "id": st.uuids().map(str) | anything,
        "kind": st.sampled_from([*VisitEvent.Kind.values, "walk_in", "incident_opened", "incident_closed"]) | anything,
        "sequence": st.integers(-1, 2**64) | anything,
        "at": moments | anything,
        "code": st.sampled_from(["K00000", ""]) | anything,
        "drive": anything,
        "visit": st.uuids().map(str) | anything,
        "drive_day": anything,
        "guest": st.just(TEACHER) | st.fixed_dictionaries(dict.fromkeys(TEACHER, anything)) | anything,
        "incident": st.sampled_from(Incident.Kind.values) | anything,
        "kit": anything,
        "target": st.uuids().map(str) | anything,
        "reason": st.sampled_from(VisitEvent.Reason.values) | anything,
        "note": st.text(string.printable) | anything,
        "queue": anything,
        "saw": st.sampled_from(Visit.State.values) | anything,
        "skew_ms": st.integers(-(2**48), 2**48) | anything,
    },
)


@settings(max_examples=150, deadline=None)
@given(events=st.lists(almost_events | anything, max_size=6), sent_at=moments | anything)
def test_whatever_is_sent_is_answered_and_every_line_is_named_or_waits(
    hall: Hall, tablet: Tablet, events: list[object], sent_at: object
) -> None:
    answer = tablet.send(*events, sent_at=sent_at)

    assert answer.status_code == 200
    receipt = answer.json()
    ids = {str(uuid_of(event.get("id"))) for event in events if isinstance(event, dict) and uuid_of(event.get("id"))}
    nameless = [event for event in events if not (isinstance(event, dict) and uuid_of(event.get("id")))]
    refused = [one["id"] for one in receipt["refused"]]
    assert ids <= {*receipt["accepted"], *receipt["later"], *(str(uuid_of(told)) for told in refused)}
    assert len(refused) >= len(nameless)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"events": 3}', b"\xff", b'{"events": [' + b"0," * 600 + b"0]}", b"[" * 100_000]
)
def test_what_is_no_batch_is_refused_whole(hall: Hall, tablet: Tablet, body: bytes) -> None:
    answer = Client().post("/api/v1/events", body, content_type="application/json", headers=tablet.headers)

    assert (answer.status_code, answer.json()["code"]) == (400, "batch_malformed")


def test_nothing_that_a_tablet_says_stands_in_a_log(hall: Hall, tablet: Tablet, caplog: pytest.LogCaptureFixture) -> None:
    guest = TEACHER | {"nik": "3174080101809001"}
    with caplog.at_level("DEBUG"):
        tablet.send(tablet.item("walk_in", drive=str(hall.drive.pk), visit=str(uuid4()), guest=guest))
        tablet.post(
            "/api/v1/tablet/walk-in-lookup",
            {"nik": "3174080101809001", "name": "Budi Santoso", "birth_date": "1980-01-01", "drive_day": str(hall.today.pk)},
        )

    written = caplog.text
    assert [secret for secret in (tablet.secret, "3174080101809001", "Budi") if secret in written] == []
    assert "/api/v1/events" in written


def test_a_batch_costs_the_same_queries_for_one_event_and_for_three(
    hall: Hall, tablet: Tablet, django_assert_num_queries: Any
) -> None:
    visits = [hall.expect(f"Siswa {number}") for number in range(4)]

    with django_assert_num_queries(11):
        tablet.send(tablet.event(visits[0], "arrived"))
    with django_assert_num_queries(11):
        tablet.send(*(tablet.event(visit, "arrived") for visit in visits[1:]))
