"""Whatever is typed or sent on the drive day and the evening after it: kept whole, or refused with a sentence; never half."""

from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from uuid6 import uuid7

from drives.models import Incident, Visit, VisitEvent
from drives.onsite.actions import record_event
from drives.onsite.day_close import KitReport, close_day
from drives.onsite.incidents import close_incident, open_incident
from drives.onsite.paper import AFTER, BEFORE, CODES, hours_of, read_time
from tests.drives.onsite.conftest import DAY, NOW, Hall
from tests.factories import UserFactory, at

pytestmark = pytest.mark.django_db
EVENING = at(DAY, "15.00")
NASTY = st.sampled_from(
    ["\x00", "a\x00b", "🎉\u202e\u0301", "x" * 5000, "-1", "0", "9" * 40, "1e400", "NaN", "٣", "²", "0001-01-01", "%s{0}", "[]"]
)
ANYTHING = st.text(max_size=20) | NASTY


@given(st.text(max_size=8) | st.from_regex(r"\A\s?[0-9٠-٩]{1,2}\s?[.:,]?\s?[0-9²]{2}\s?\Z"), st.integers(0, 60 * 24))
def test_a_time_of_a_sheet_is_a_minute_of_its_day_that_has_come_or_is_refused(hall: Hall, text: str, minutes: int) -> None:
    now = at(DAY, "00.00") + timedelta(minutes=minutes)
    hours = hours_of(hall.today)
    assert hours is not None
    read, refusal = None, ""
    try:
        read = read_time(text, drive_day=hall.today, hours=hours, now=now)
    except ValidationError as error:
        refusal = error.code or ""

    if read:
        assert (read.date(), read.second) == (DAY, 0)
        assert hours[0] - BEFORE <= read <= min(now, hours[1] + AFTER)
    else:
        assert refusal in ("time_unreadable", "time_ahead", "time_outside")


WORD = st.sampled_from([*CODES, "", "z"]) | ANYTHING
CLOCK = st.sampled_from(["", "9.35", "0940", "21.40"]) | ANYTHING
ROW = st.tuples(WORD, CLOCK, ANYTHING)


@given(rows=st.tuples(ROW, ROW), writer=st.just("Bu Sari") | ANYTHING, kit=ANYTHING)
def test_a_sheet_is_kept_whole_or_not_at_all(
    hall: Hall, client: Client, rows: tuple[tuple[str, str, str], ...], writer: str, kit: str
) -> None:
    with transaction.atomic():
        visits = [hall.expect("Adi"), hall.expect("Bela")]
        form = {"writer": writer, "kit": kit}
        for visit, (code, clock, of_row) in zip(visits, rows, strict=True):
            form |= {f"code_{visit.pk.hex}": code, f"time_{visit.pk.hex}": clock, f"kit_{visit.pk.hex}": of_row}
        with time_machine.travel(EVENING, tick=False):
            client.force_login(hall.operator)
            answer = client.post(f"/today/{hall.today.pk}/paper/slots/{hall.slots[1].pk}/", form)
        written = VisitEvent.objects.count()
        said = sum(bool(code[:12].strip() or clock[:12].strip()) for code, clock, _kit in rows)
        transaction.set_rollback(True)

    assert answer.status_code in (302, 422)
    assert written == (said if answer.status_code == 302 else 0)
    if answer.status_code == 422:
        assert answer.context["problems"] or answer.context["writer_problem"]


KIND = st.sampled_from([*Incident.Kind.values, "fire"])
OPEN = st.tuples(st.just("open"), st.integers(0, 2), KIND, st.integers(-1, 1), ANYTHING)
CLOSE = st.tuples(st.just("close"), st.integers(0, 2), ANYTHING | st.just("Selesai."), st.integers(-60, 60))


@settings(max_examples=60)
@given(st.lists(OPEN | CLOSE, max_size=8))
def test_of_a_report_the_first_word_stands_and_it_is_closed_once_and_not_before_it_was_opened(
    hall: Hall, steps: list[tuple[Any, ...]]
) -> None:
    ids = [uuid7() for _ in range(3)]
    opened: dict[UUID, tuple[str, str]] = {}
    closed: dict[UUID, str] = {}
    with transaction.atomic():
        for what, number, *told in steps:
            with suppress(ValidationError):
                if what == "open":
                    kind, kit, note = told
                    chosen = hall.kits[kit] if kit >= 0 else None
                    open_incident(
                        incident_id=ids[number], drive_day=hall.today, kind=kind, kit=chosen, note=note, by=hall.operator, now=NOW
                    )
                    opened.setdefault(ids[number], (kind, note.strip()))
                elif found := Incident.objects.filter(pk=ids[number]).first():
                    resolution, minutes = told
                    moment = NOW + timedelta(minutes=minutes)
                    close_incident(incident=found, resolution=resolution, by=hall.lead, now=moment)
                    closed.setdefault(ids[number], resolution.strip())
        stored = {one.pk: one for one in Incident.objects.all()}
        transaction.set_rollback(True)

    assert {pk: (one.kind, one.note) for pk, one in stored.items()} == opened
    assert {pk: one.resolution for pk, one in stored.items() if one.closed_at} == closed
    assert all(one.closed_at >= one.opened_at and len(one.resolution) <= 200 for one in stored.values() if one.closed_at)
    assert all((one.kit_id is not None) == (one.kind == "kit_broken") for one in stored.values())


def evening(hall: Hall) -> tuple[Visit, Visit, Incident]:
    """One who was recorded, one who was absent, and an open problem; the day is closed."""
    done, missed = hall.expect("Adi"), hall.expect("Bela")
    record_event(event_id=uuid7(), visit=done, kind="recorded", by=hall.operator, now=NOW)
    record_event(event_id=uuid7(), visit=missed, kind="absent", reason="sick", by=hall.operator, now=NOW)
    incident = open_incident(incident_id=uuid7(), drive_day=hall.today, kind="crowd", by=hall.operator, now=NOW)
    close_day(
        drive_day=hall.today,
        reports=[KitReport(kit.pk, 0) for kit in hall.kits],
        unassigned_reason="Uji",
        signed_by_name="Budi",
        knows_what_is_open=True,
        by=hall.lead,
        now=EVENING,
    )
    return done, missed, incident


FORMS: dict[str, tuple[str, dict[str, str]]] = {
    "guest": ("/today/{day}/walk-in/", {"event_id": "{id}", "name": "Siti", "kind": "teacher", "service": "renewal"}),
    "look-up": ("/today/{day}/walk-in/check/", {"name": "Siti", "birth_date": "04031985", "nik": "3174086106099001"}),
    "guests": ("/today/{day}/paper/guests/", {"writer": "Sari", "name_1": "Siti", "kind_1": "staff", "service_1": "renewal"}),
    "close": ("/today/{day}/close/", {"signed_by_name": "Budi", "knows_what_is_open": "on"}),
    "incident": ("/today/{day}/incidents/add/", {"what": "crowd", "note": "Ramai", "incident_id": "{id}"}),
    "incident's end": ("/today/{day}/incidents/{incident}/close/", {"resolution": "Selesai."}),
    "offer": ("/follow-ups/days/{day}/offer/", {"all": "office", "way_{missed}": "office"}),
    "make-up": ("/follow-ups/schools/{npsn}/", {"drive_id": "{id}", "day": "2026-12-02", "hours": "08.00–11.00", "kits": "1"}),
    "outcome": ("/today/{day}/visits/{visit}/outcome/", {"event_id": "{id}", "outcome": "failed:biometric"}),
    "undo": ("/today/{day}/visits/{visit}/undo/", {"event_id": "{id}", "target": "{id}"}),
    "correction": ("/today/{day}/visits/{visit}/correct/", {"event_id": "{id}", "kind": "recorded", "note": "Salah ketik."}),
    "kit": ("/today/{day}/kit/", {"kit": "{id}"}),
}


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=25)
@given(data=st.data())
def test_no_body_of_the_drive_day_makes_a_server_error(hall: Hall, client: Client, name: str, data: st.DataObject) -> None:
    """An exception that no view foresees is raised here by the client."""
    url, fields = FORMS[name]
    with transaction.atomic():
        done, missed, incident = evening(hall)
        known = {
            "day": hall.today.pk,
            "visit": done.pk,
            "missed": missed.pk.hex,
            "incident": incident.pk,
            "npsn": hall.school.npsn,
            "id": uuid7(),
        }
        good = {key.format(**known): value.format(**known) for key, value in fields.items()}
        spoilt = data.draw(st.fixed_dictionaries({}, optional={key: ANYTHING | st.just(value) for key, value in good.items()}))
        with time_machine.travel(EVENING + timedelta(hours=1), tick=False):
            client.force_login(UserFactory(planner=hall.drive.office) if name == "make-up" else hall.lead)
            answer = client.post(url.format(**known), spoilt)
        transaction.set_rollback(True)

    assert answer.status_code in (200, 302, 404, 422)
