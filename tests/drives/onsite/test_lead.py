"""What a lead operator decides, and nobody else."""

import pytest
import time_machine
from django.test import Client
from uuid6 import uuid7

from drives.models import OperatorDuty, Visit
from drives.onsite.actions import record_event, record_events
from drives.onsite.ledger import NewEvent
from schools.models import AuditEntry
from tests.drives.onsite.conftest import NOW, Hall
from tests.factories import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("this_morning")]


@pytest.fixture
def disputed(hall: Hall) -> Visit:
    visit = hall.expect("Kevin Situmorang")
    said = [("recorded", ""), ("absent", "sick")]
    batch = [
        NewEvent(id=uuid7(), visit_id=visit.pk, kind=kind, source=f"t{n}", sequence=1, device_at=NOW, reason=reason)
        for n, (kind, reason) in enumerate(said)
    ]
    record_events(events=batch, visits=[visit], by=hall.operator, now=NOW)
    visit.refresh_from_db()
    return visit


def test_a_contradiction_is_listed_with_both_sides_and_decided(hall: Hall, disputed: Visit, client: Client) -> None:
    client.force_login(hall.lead)
    listed = client.get(f"/today/{hall.today.pk}/conflicts/").content.decode()
    assert ("Kevin Situmorang" in listed, "Tidak hadir" in listed, "Direkam" in listed) == (True, True, True)

    form = {"event_id": str(uuid7()), "kind": "absent", "note": "Tertukar dengan teman sekelas."}
    client.post(f"/today/{hall.today.pk}/visits/{disputed.pk}/correct/", form)

    disputed.refresh_from_db()
    assert (disputed.state, disputed.has_conflict) == ("absent", False)
    assert "Tidak ada catatan bertentangan" in client.get(f"/today/{hall.today.pk}/conflicts/").content.decode()
    assert AuditEntry.objects.get(action="corrected").detail == {"from": "recorded", "to": "absent"}


def test_a_correction_without_a_reason_is_refused(hall: Hall, disputed: Visit, client: Client) -> None:
    client.force_login(hall.lead)

    answer = client.post(
        f"/today/{hall.today.pk}/visits/{disputed.pk}/correct/", {"event_id": str(uuid7()), "kind": "absent", "note": ""}
    )

    assert (answer.status_code, disputed.events.count()) == (422, 2)


def test_an_operator_corrects_nothing_unless_leading_on_this_day(hall: Hall, disputed: Visit, tablet: Client) -> None:
    pages = [f"/today/{hall.today.pk}/conflicts/", f"/today/{hall.today.pk}/visits/{disputed.pk}/correct/"]
    assert [tablet.get(page).status_code for page in pages] == [404, 404]

    OperatorDuty.objects.filter(user=hall.operator, drive_day=hall.today).update(is_lead=True)
    assert [tablet.get(page).status_code for page in pages] == [200, 200]


def test_a_decision_keeps_the_kit_at_which_the_person_sat(hall: Hall, client: Client) -> None:
    """In the evening the kit's own count has that person, too."""
    visit = hall.expect("Dewi")
    record_event(event_id=uuid7(), visit=visit, kind="failed", reason="biometric", kit=hall.kits[1], by=hall.operator, now=NOW)
    page = f"/today/{hall.today.pk}/visits/{visit.pk}/correct/"
    client.force_login(hall.lead)

    offered = client.get(page).context["form"]["kit"].value()
    client.post(page, {"event_id": str(uuid7()), "kind": "recorded", "note": "Berhasil pada percobaan kedua.", "kit": offered})

    visit.refresh_from_db()
    assert (visit.state, visit.kit) == ("recorded", hall.kits[1])


@pytest.mark.parametrize("page_of", ["today", "tomorrow"])
def test_a_decision_is_of_the_day_of_what_it_decides(hall: Hall, client: Client, page_of: str) -> None:
    """Made the next morning, from the console of either day."""
    visit = hall.expect("Dewi")
    record_event(event_id=uuid7(), visit=visit, kind="recorded", kit=hall.kits[0], by=hall.operator, now=NOW)
    place = getattr(hall, page_of).pk

    with time_machine.travel(at(hall.tomorrow.day, "09.10"), tick=False):
        client.force_login(hall.lead)
        form = {"event_id": str(uuid7()), "kind": "failed", "note": "Sidik jari ditolak pusat."}
        client.post(f"/today/{place}/visits/{visit.pk}/correct/", form)

    visit.refresh_from_db()
    assert (visit.state, visit.state_on) == ("failed", hall.today.day)
