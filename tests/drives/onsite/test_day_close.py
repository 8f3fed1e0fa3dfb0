"""The evening's tally against each kit's own count."""

from datetime import timedelta
from threading import Event
from uuid import UUID

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connections, transaction
from django.test import Client
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from uuid6 import uuid7

from drives.documents.sheets import minutes
from drives.models import Appointment, Correction, DayClose, Device, Preparation, Visit
from drives.onsite import ledger
from drives.onsite.actions import record_event
from drives.onsite.day_close import KitReport, close_day
from drives.onsite.incidents import open_incident
from tests.drives.onsite.conftest import NOW, Hall
from tests.factories import at
from tests.together import together

pytestmark = pytest.mark.django_db
EVENING = NOW + timedelta(hours=5)


@pytest.fixture
def done(hall: Hall) -> Hall:
    """Two recorded at the first kit, one at the second, one failed."""
    for number, (kind, reason, kit) in enumerate(
        [("recorded", "", 0), ("recorded", "", 0), ("recorded", "", 1), ("failed", "biometric", 1)]
    ):
        visit = hall.expect(f"Siswa {number}")
        record_event(event_id=uuid7(), visit=visit, kind=kind, reason=reason, kit=hall.kits[kit], by=hall.operator, now=NOW)
    return hall


def as_guests(*names: str) -> None:
    """As if they had come without a place."""
    Appointment.objects.filter(person__name__in=names).delete()
    Visit.objects.filter(person__name__in=names).update(is_walk_in=True)


def close(
    hall: Hall, *counts: int, reason: str = "", signed: str = "Budi", unassigned: str = "", knowingly: bool = False
) -> DayClose:
    reports = [KitReport(kit.pk, count, reason) for kit, count in zip(hall.kits, counts, strict=False)]
    return close_day(
        drive_day=hall.today,
        reports=reports,
        signed_by_name=signed,
        unassigned_reason=unassigned,
        knows_what_is_open=knowingly,
        by=hall.lead,
        now=EVENING,
    )


def test_a_close_keeps_the_tally_and_both_counts(done: Hall) -> None:
    closed = close(done, 2, 1)

    assert (closed.tally["recorded"], closed.tally["failed"], closed.tally["present"]) == (3, 1, 0)
    assert [(one["counted"], one["reported"]) for one in closed.kit_counts] == [(2, 2), (1, 1)]


def test_a_gap_needs_a_reason(done: Hall) -> None:
    with pytest.raises(ValidationError, check=lambda error: error.code == "gap_needs_reason"):
        close(done, 2, 2)

    assert close(done, 2, 2, reason="Satu perekaman ulang.").kit_counts[1]["reason"] == "Satu perekaman ulang."


@pytest.mark.parametrize(("counts", "signed", "code"), [((2,), "Budi", "kit_not_reported"), ((2, 1), " ", "signature_missing")])
def test_every_kit_and_a_signature_are_needed(done: Hall, counts: tuple[int, ...], signed: str, code: str) -> None:
    with pytest.raises(ValidationError, check=lambda error: error.code == code):
        close(done, *counts, signed=signed)


def test_a_day_is_closed_once_and_not_before_it_begins(done: Hall) -> None:
    close(done, 2, 1)
    with pytest.raises(ValidationError, check=lambda error: error.code == "day_closed"):
        close(done, 2, 1)

    with pytest.raises(ValidationError, check=lambda error: error.code == "day_not_begun"):
        close_day(drive_day=done.tomorrow, reports=[], signed_by_name="Budi", by=done.lead, now=EVENING)


def test_what_comes_later_leaves_the_snapshot_and_stands_beside_it(done: Hall) -> None:
    closed = close(done, 2, 1)

    record_event(event_id=uuid7(), visit=done.expect("Siswa Susul"), kind="recorded", by=done.operator, now=EVENING)

    closed.refresh_from_db()
    assert closed.tally["recorded"] == 3
    assert done.today.corrections.get().day == done.today.day


def test_guests_are_counted_apart_from_pupils(done: Hall) -> None:
    as_guests("Siswa 0")

    closed = close(done, 2, 1)

    assert (closed.tally["recorded"], closed.tally["walk_ins"]) == (2, 1)


def test_the_lead_closes_in_the_browser_and_an_operator_cannot(done: Hall, client: Client) -> None:
    form = {"signed_by_name": "Budi"}
    for kit, count in zip(done.kits, (2, 1), strict=True):
        form |= {f"count_{kit.pk.hex}": str(count), f"reason_{kit.pk.hex}": ""}
    with time_machine.travel(at(done.today.day, "15.00"), tick=False):
        client.force_login(done.operator)
        assert client.post(f"/today/{done.today.pk}/close/", form).status_code == 404

        client.force_login(done.lead)
        assert client.post(f"/today/{done.today.pk}/close/", form | {"signed_by_name": ""}).status_code == 422
        assert client.post(f"/today/{done.today.pk}/close/", form).status_code == 302
        assert "ditandatangani Budi" in client.get(f"/today/{done.today.pk}/close/").content.decode()


def test_recordings_without_a_kit_are_a_gap_that_needs_a_reason(done: Hall) -> None:
    record_event(event_id=uuid7(), visit=done.expect("Tanpa Alat"), kind="recorded", by=done.operator, now=NOW)

    with pytest.raises(ValidationError, check=lambda error: error.code == "gap_needs_reason"):
        close(done, 2, 1)

    closed = close(done, 2, 1, unassigned="Tablet tanpa pilihan alat.")
    assert closed.kit_counts[2] == {"kit": "", "name": "", "counted": 1, "reported": 0, "reason": "Tablet tanpa pilihan alat."}


def test_open_incidents_unsent_tablets_and_who_waits_are_named_and_closed_over_knowingly(done: Hall, client: Client) -> None:
    open_incident(incident_id=uuid7(), drive_day=done.today, kind="network_down", by=done.operator, now=NOW)
    device = Device.objects.create(office=done.drive.office, name="Tablet 3", registered_at=NOW, seen_at=NOW, unsent_count=14)
    Preparation.objects.create(
        device=device, drive_day=done.today, office=done.drive.office, user=done.operator, letter="C", prepared_at=NOW
    )
    record_event(event_id=uuid7(), visit=done.expect("Masih Menunggu"), kind="arrived", by=done.operator, now=NOW)
    done.expect("Belum Terlihat")

    with pytest.raises(ValidationError, check=lambda error: error.code == "still_open"):
        close(done, 2, 1)
    with time_machine.travel(EVENING, tick=False):
        client.force_login(done.lead)
        page = client.get(f"/today/{done.today.pk}/close/").content.decode()
    said = ["Gangguan: Jaringan mati, sejak 09.41", "Tablet 3: 14 belum terkirim", "1 orang sudah hadir dan belum ada hasilnya."]
    assert [sentence in page for sentence in said] == [True, True, True]

    closed = close(done, 2, 1, knowingly=True)
    kept = {name: closed.tally[name] for name in ("open_incidents", "unsent", "unseen", "scheduled")}
    assert kept == {"open_incidents": 1, "unsent": 14, "unseen": 1, "scheduled": 6}


def test_the_minutes_say_what_the_snapshot_says_whatever_comes_later(done: Hall, client: Client) -> None:
    closed = close(done, 2, 2, reason="Satu perekaman ulang.")
    record_event(event_id=uuid7(), visit=done.expect("Siswa Susul"), kind="recorded", by=done.operator, now=EVENING)

    with translation.override("id"):
        data = minutes(closed, correction_count=1)

    assert [(one["label"], one["count"]) for one in data["outcomes"]] == [
        ("Direkam", "3"),
        ("Gagal", "1"),
        ("Koreksi setelah penutupan", "1"),
    ]
    assert [(one["name"], one["app"], one["reported"], one["gap"]) for one in data["kits"]] == [
        ("Alat 1", "2", "2", "0"),
        ("Alat 2", "1", "2", "+1"),
    ]
    client.force_login(done.lead)
    pdf = client.get(f"/drives/{done.drive.pk}/print/minutes/{done.today.pk}.pdf")
    assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")


def test_there_are_no_minutes_of_a_day_that_is_open(done: Hall, client: Client) -> None:
    client.force_login(done.lead)

    assert client.get(f"/drives/{done.drive.pk}/print/minutes/{done.today.pk}.pdf").status_code == 404


def late_ones(hall: Hall, count: int) -> list[Visit]:
    return [hall.expect(f"Terlambat {number}") for number in range(count)]


def missing(hall: Hall, visits: list[Visit]) -> int:
    """How many of them stand neither in the snapshot's tally nor among the corrections."""
    recorded: int = DayClose.objects.get(drive_day=hall.today).tally["recorded"]
    return len(visits) - recorded - Correction.objects.filter(drive_day=hall.today).count()


def test_who_missed_yesterday_and_is_due_today_stands_in_the_close(hall: Hall, client: Client) -> None:
    for number, (kind, reason) in enumerate([("failed", "biometric"), ("absent", "sick"), ("arrived", ""), ("recorded", "")]):
        visit = hall.expect(f"Siswa {number}")
        record_event(event_id=uuid7(), visit=visit, kind=kind, reason=reason, by=hall.lead, now=NOW - timedelta(days=1))
    early = hall.expect("Siswa Besok", slot=3)
    record_event(event_id=uuid7(), visit=early, kind="recorded", kit=hall.kits[0], by=hall.operator, now=NOW)

    with time_machine.travel(EVENING, tick=False):
        client.force_login(hall.lead)
        page = client.get(f"/today/{hall.today.pk}/close/").content.decode()
    told = close(hall, 1, 0).tally

    assert [told[name] for name in ("scheduled", "unseen", "settled_before", "unscheduled", "recorded")] == [4, 3, 1, 1, 1]
    lines = (
        "Dijadwalkan, belum terlihat",
        "Dijadwalkan, selesai pada hari sebelumnya",
        "Tercatat di atas, dijadwalkan pada hari lain",
    )
    counts = (3, 1, 1)
    assert [f"<dt>{line}</dt><dd>{count}</dd>" in page for line, count in zip(lines, counts, strict=True)] == [True] * 3


@pytest.mark.django_db(transaction=True)
def test_what_arrives_while_the_day_is_being_closed_is_in_the_snapshot_or_a_correction(hall: Hall) -> None:
    visits = late_ones(hall, 12)
    connections.close_all()

    def send(_number: int) -> None:
        for visit in visits:
            record_event(event_id=uuid7(), visit=visit, kind="recorded", kit=hall.kits[0], by=hall.operator, now=EVENING)

    def shut(_number: int) -> None:
        reports = [KitReport(kit.pk, 99, "Uji") for kit in hall.kits]
        close_day(drive_day=hall.today, reports=reports, signed_by_name="Budi", by=hall.lead, now=EVENING)

    together(send, shut)

    assert missing(hall, visits) == 0


@pytest.mark.django_db(transaction=True)
def test_without_the_hold_on_the_day_a_fact_would_be_in_neither(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    (visit,) = late_ones(hall, 1)
    has_looked, is_closed = Event(), Event()

    def unheld(drive_ids: set[UUID]) -> object:
        closed = set(DayClose.objects.filter(drive_day__drive__in=drive_ids).values_list("drive_day", flat=True))
        found = {hall.drive.pk: {day.day: ledger.Day(day.pk, day.day, day.pk in closed) for day in hall.drive.days.all()}}
        has_looked.set()
        is_closed.wait(timeout=120)
        return found

    def send(_number: int) -> None:
        record_event(event_id=uuid7(), visit=visit, kind="recorded", kit=hall.kits[0], by=hall.operator, now=EVENING)

    def shut(_number: int) -> None:
        has_looked.wait(timeout=120)
        reports = [KitReport(kit.pk, 99, "Uji") for kit in hall.kits]
        close_day(drive_day=hall.today, reports=reports, signed_by_name="Budi", by=hall.lead, now=EVENING)
        is_closed.set()

    monkeypatch.setattr(ledger, "_days", unheld)
    connections.close_all()
    together(send, shut)

    assert missing(hall, [visit]) == 1


def test_a_day_on_which_no_kit_worked_is_closed_in_the_browser_all_the_same(hall: Hall, client: Client) -> None:
    hall.today.kit_duties.all().delete()
    with time_machine.travel(EVENING, tick=False):
        client.force_login(hall.lead)
        answer = client.post(f"/today/{hall.today.pk}/close/", {"signed_by_name": "Budi"})

    assert (answer.status_code, DayClose.objects.get().kit_counts) == (302, [])


SAID = st.tuples(st.sampled_from(["recorded", "failed", "arrived"]), st.sampled_from([0, 1, None]), st.booleans())


@settings(max_examples=40)
@given(
    said=st.lists(SAID, max_size=6),
    reported=st.tuples(st.integers(0, 6), st.integers(0, 6)),
    reasons=st.tuples(st.sampled_from(["", " ", "Rusak"]), st.sampled_from(["", "Rusak"])),
    unassigned=st.sampled_from(["", "Lupa"]),
)
def test_a_day_closes_where_every_gap_has_its_reason_and_the_sums_are_those_of_the_facts(
    hall: Hall,
    said: list[tuple[str, int | None, bool]],
    reported: tuple[int, int],
    reasons: tuple[str, str],
    unassigned: str,
) -> None:
    with transaction.atomic():
        for number, (kind, kit, is_guest) in enumerate(said):
            visit = hall.expect(f"Siswa {number}", slot=number % 3)
            if is_guest:
                as_guests(visit.person.name)
            reason, at_kit = "biometric" if kind == "failed" else "", hall.kits[kit] if kit is not None else None
            record_event(event_id=uuid7(), visit=visit, kind=kind, reason=reason, kit=at_kit, by=hall.operator, now=NOW)
        counted = [sum((kind, at) == ("recorded", kit) for kind, at, _guest in said) for kit in (0, 1, None)]
        reports = [KitReport(kit.pk, *told) for kit, told in zip(hall.kits, zip(reported, reasons, strict=True), strict=True)]
        closed, refusal = None, ""
        try:
            closed = close_day(
                drive_day=hall.today,
                reports=reports,
                signed_by_name="Budi",
                unassigned_reason=unassigned,
                knows_what_is_open=True,
                by=hall.lead,
                now=EVENING,
            )
        except ValidationError as error:
            refusal = error.error_list[0].code or ""
        transaction.set_rollback(True)

    gaps = [counted[kit] != reported[kit] and not reasons[kit].strip() for kit in (0, 1)]
    is_refused = any(gaps) or bool(counted[2] and not unassigned)
    assert (refusal, closed is None) == ("gap_needs_reason" if is_refused else "", is_refused)
    if closed:
        assert sum(one["counted"] for one in closed.kit_counts) == sum(kind == "recorded" for kind, _kit, _guest in said)
        states = ("present", "recorded", "failed", "walk_ins")
        assert sum(closed.tally[state] for state in states) == len(said)
        assert closed.tally["walk_ins"] == sum(guest for _kind, _kit, guest in said)


@pytest.mark.parametrize("is_noted_before", [True, False])
def test_what_a_lead_says_of_a_day_on_the_next_one_is_of_that_day(done: Hall, client: Client, *, is_noted_before: bool) -> None:
    """The next day is a day of the same drive, too: nobody moves into its count who was there the day before."""
    visit = Visit.objects.get(person__name="Siswa 3") if is_noted_before else done.expect("Siswa Lupa")
    if is_noted_before:
        close(done, 2, 1)

    with time_machine.travel(at(done.tomorrow.day, "08.00"), tick=False):
        client.force_login(done.lead)
        place = f"/today/{done.today.pk}/visits/{visit.pk}/"
        if is_noted_before:
            client.post(f"{place}correct/", {"event_id": str(uuid7()), "kind": "recorded", "note": "Ternyata terekam."})
        else:
            client.post(f"{place}outcome/", {"event_id": str(uuid7()), "outcome": "recorded"})

    visit.refresh_from_db()
    assert (visit.state, visit.state_on) == ("recorded", done.today.day)
    corrections = [(one.day, one.noted_on) for one in Correction.objects.all()]
    assert corrections == ([(done.today.day, done.tomorrow.day)] if is_noted_before else [])


def test_every_gap_is_told_at_once_beside_its_kit(done: Hall, client: Client) -> None:
    form = {"signed_by_name": "Budi"} | {f"count_{kit.pk.hex}": "9" for kit in done.kits}
    with time_machine.travel(EVENING, tick=False):
        client.force_login(done.lead)
        answer = client.post(f"/today/{done.today.pk}/close/", form)

    wrong = answer.context["form"].errors
    assert (answer.status_code, list(wrong)) == (422, [f"reason_{kit.pk.hex}" for kit in done.kits])
    assert answer.content.decode().count("Alat 2 menghitung 9, aplikasi 1. Tuliskan alasannya.") == 2
    assert not DayClose.objects.exists()


def test_guests_who_were_recorded_are_told_of_the_guests(done: Hall, client: Client) -> None:
    as_guests("Siswa 0", "Siswa 3")
    with time_machine.travel(EVENING, tick=False):
        client.force_login(done.lead)
        page = client.get(f"/today/{done.today.pk}/close/").content.decode()

    assert "<dt>Tamu</dt><dd>2 <small>1 di antaranya direkam</small></dd>" in page


def test_a_correction_after_the_close_says_what_by_whom_and_why(done: Hall, client: Client) -> None:
    close(done, 2, 1)
    visit = Visit.objects.get(person__name="Siswa 3")
    address = f"/today/{done.today.pk}"
    with time_machine.travel(EVENING + timedelta(hours=1), tick=False):
        client.force_login(done.lead)
        form = {"event_id": str(uuid7()), "kind": "recorded", "note": "Terekam, salah ketik.", "kit": str(done.kits[1].pk)}
        client.post(f"{address}/visits/{visit.pk}/correct/", form)
        page = client.get(f"{address}/close/").content.decode()

    listed = page[page.index("Koreksi setelah ditutup") :]
    told = ("Siswa 3", "untuk 24 November 2026, dicatat 24 November 2026", "Budi Ketua", "“Terekam, salah ketik.”", "Alat 2")
    assert [text for text in told if text not in listed] == []
    assert "<strong>Direkam</strong>, Dikoreksi" in listed


def test_a_tap_on_a_closed_day_and_its_undo_are_both_corrections_of_that_day(done: Hall, client: Client) -> None:
    close(done, 2, 1)
    visit, tapped = done.expect("Siswa Lupa"), uuid7()
    place = f"/today/{done.today.pk}/visits/{visit.pk}"
    with time_machine.travel(at(done.tomorrow.day, "08.00"), tick=False):
        client.force_login(done.lead)
        client.post(f"{place}/outcome/", {"event_id": str(tapped), "outcome": "declined"})
        client.post(f"{place}/undo/", {"event_id": str(uuid7()), "target": str(tapped)})

    corrections = Correction.objects.order_by("event__received_at", "event__source_sequence")
    days = (done.today.day, done.tomorrow.day)
    assert [(one.event.kind, one.day, one.noted_on) for one in corrections] == [("declined", *days), ("undone", *days)]
    visit.refresh_from_db()
    assert visit.state == "expected"
