"""The operator's console: found in a second, one tap, undone for ten seconds; never a NIK."""

import gzip
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from uuid6 import uuid7

from drives.models import Drive, Kit, Visit, VisitEvent
from drives.onsite.card import Card
from students.consents import actions
from students.consents.wording import CURRENT
from students.nik import synthetic
from students.privacy import digest, seal
from tests.drives.onsite.conftest import DAY, NOW, Hall
from tests.factories import DriveDayFactory, DukcapilStatusFactory, OperatorDutyFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("this_morning")]
HTMX = {"HX-Request": "true"}
Queries = Callable[..., object]


def page_of(hall: Hall) -> str:
    return f"/today/{hall.today.pk}/"


def tap(client: Client, hall: Hall, visit: Visit, outcome: str, *, event_id: object = None, htmx: bool = True) -> Any:
    return client.post(
        f"{page_of(hall)}visits/{visit.pk}/outcome/",
        {"event_id": str(event_id or uuid7()), "outcome": outcome},
        headers=HTMX if htmx else {},
    )


def search(client: Client, hall: Hall, text: str) -> str:
    return client.post(f"{page_of(hall)}search/", {"q": text}, headers=HTMX).content.decode()


def test_one_drive_today_opens_its_console(hall: Hall, tablet: Client) -> None:
    assert tablet.get("/today/").headers["Location"] == page_of(hall)


def test_several_drives_today_are_offered_and_none_is_named_with_the_next_duty(hall: Hall, tablet: Client) -> None:
    other = DriveDayFactory(day=DAY, drive__status=Drive.Status.PUBLISHED, drive__published_at=NOW)
    duty = OperatorDutyFactory(user=hall.operator, drive_day=other)
    assert tablet.get("/today/").content.decode().count('class="fw-semibold"') == 2

    duty.delete()
    hall.operator.duties.all().delete()
    OperatorDutyFactory(user=hall.operator, drive_day=hall.tomorrow)
    assert "Tugas berikutnya Rabu, 25 November 2026 di SMAN 55 Jakarta" in tablet.get("/today/").content.decode()


@pytest.mark.parametrize(("days", "is_offered"), [(3, True), (4, False)])
def test_a_tablet_is_made_ready_up_to_three_days_before_the_next_duty(
    hall: Hall, tablet: Client, days: int, is_offered: bool
) -> None:
    hall.operator.duties.all().delete()
    later = DriveDayFactory(drive=hall.drive, day=DAY + timedelta(days=days))
    OperatorDutyFactory(user=hall.operator, drive_day=later)

    page = tablet.get("/today/").content.decode()

    assert (f"/today/{later.pk}/tablet/" in page) == is_offered


def test_another_days_drive_does_not_exist_for_an_operator(hall: Hall, tablet: Client) -> None:
    foreign = DriveDayFactory(day=DAY, drive__status=Drive.Status.PUBLISHED, drive__published_at=NOW)
    OperatorDutyFactory(user=hall.operator, drive_day=hall.tomorrow)

    assert tablet.get(f"/today/{foreign.pk}/").status_code == 404
    assert tablet.get(f"/today/{hall.tomorrow.pk}/").status_code == 404


def test_a_draft_has_no_console(hall: Hall, tablet: Client) -> None:
    Drive.objects.filter(pk=hall.drive.pk).update(status=Drive.Status.DRAFT, published_at=None)

    assert tablet.get(page_of(hall)).status_code == 404


def test_a_lead_opens_any_day_of_the_office_and_no_other_office(hall: Hall, client: Client) -> None:
    client.force_login(hall.lead)
    elsewhere = DriveDayFactory(day=DAY, drive__status=Drive.Status.PUBLISHED, drive__published_at=NOW)
    elsewhere.office = elsewhere.drive.office = UserFactory(lead_operator=_another_office()).home_office()
    elsewhere.drive.save()
    elsewhere.save()

    assert client.get(f"/today/{hall.tomorrow.pk}/").status_code == 200
    assert client.get(f"/today/{elsewhere.pk}/").status_code == 404


def _another_office() -> object:
    from tests.factories import OfficeFactory

    return OfficeFactory(name="Suku Dinas Dukcapil Jakarta Timur")


@pytest.mark.parametrize("role", ["official", "school_admin", "system_admin", "planner"])
def test_other_roles_have_no_console(hall: Hall, client: Client, role: str) -> None:
    client.force_login(UserFactory(**{role: hall.school if role == "school_admin" else hall.drive.office}))

    assert client.get(page_of(hall)).status_code == 404


@pytest.mark.parametrize(
    "text",
    [
        "rizky muh",
        "MUHAMMAD",
        "0091234",
        "k2m7px",
        " K2M 7PX ",
        "k2m-7px",
        "https://contoh.go.id/s/token-dari-lembar-undangan/",
        "token-dari-lembar-undangan",
    ],
)
def test_a_person_is_found_by_name_nisn_code_or_slip(hall: Hall, tablet: Client, text: str) -> None:
    visit = hall.expect("Muhammad Rízky Pratama", nisn="0091234567")
    Visit.objects.filter(pk=visit.pk).update(code="K2M7PX", token="token-dari-lembar-undangan")
    hall.expect("Aisyah Zahra")

    found = search(tablet, hall, text)

    assert "Siap direkam" in found
    assert "Muhammad Rízky Pratama" in found


@pytest.mark.parametrize("text", ["http://[", "//[/s/x/", "%", "\x00", "'; --", "🎉" * 100])
def test_what_no_scanner_reads_finds_nobody(hall: Hall, tablet: Client, text: str) -> None:
    hall.expect("Muhammad Rizky")

    assert "Muhammad Rizky" not in search(tablet, hall, text)


def test_a_name_of_six_letters_is_no_code(hall: Hall, tablet: Client) -> None:
    hall.expect("Aditya")

    assert "Siap direkam" in search(tablet, hall, "aditya")


def test_a_revoked_slip_finds_nobody(hall: Hall, tablet: Client) -> None:
    visit = hall.expect("Muhammad Rizky")
    Visit.objects.filter(pk=visit.pk).update(token="token-dari-lembar-undangan", token_revoked_at=NOW)

    assert "Muhammad Rizky" not in search(tablet, hall, "http://x/s/token-dari-lembar-undangan/")
    assert "Muhammad Rizky" not in search(tablet, hall, "token-dari-lembar-undangan")


def test_a_person_of_another_drive_is_not_found(hall: Hall, tablet: Client) -> None:
    from tests.factories import VisitFactory

    VisitFactory(person__name="Rizky Lain")

    assert "Tidak ada yang cocok" in search(tablet, hall, "rizky lain")


@pytest.mark.parametrize(("birth_date", "backdrop"), [(date(2009, 6, 1), "Merah (2009)"), (date(2008, 6, 1), "Biru (2008)")])
def test_the_backdrop_follows_the_birth_year(hall: Hall, tablet: Client, birth_date: date, backdrop: str) -> None:
    hall.expect("Aisyah Zahra", birth_date=birth_date)

    assert backdrop in search(tablet, hall, "aisyah")


def test_who_is_here_already_is_yellow_with_the_time(hall: Hall, tablet: Client) -> None:
    visit = hall.expect("Bagus Wicaksono")
    tap(tablet, hall, visit, "arrived")

    assert "jb-result--wait" in search(tablet, hall, "bagus")
    assert "Sudah hadir 09.41" in search(tablet, hall, "bagus")


def test_who_is_recorded_is_red_and_says_since_when(hall: Hall, tablet: Client) -> None:
    visit = hall.expect("Nadia Permatasari")
    DukcapilStatusFactory(person=visit.person, dated_on=date(2026, 11, 3))

    card = search(tablet, hall, "nadia")

    assert "jb-result--stop" in card
    assert "Tercatat sudah rekam sejak 3 November 2026" in card


def test_who_is_too_young_is_red_and_says_from_when(hall: Hall, tablet: Client) -> None:
    hall.expect("Anak Muda", birth_date=date(2010, 12, 25))

    assert "Cukup umur mulai 25 Desember 2026" in search(tablet, hall, "anak muda")


def test_who_is_scheduled_for_another_day_is_yellow(hall: Hall, tablet: Client) -> None:
    hall.expect("Siswa Besok", slot=3)

    assert "Slotnya Rabu, 25 November 2026, 09.00–09.30" in search(tablet, hall, "besok")


def test_one_tap_records_and_offers_to_undo(hall: Hall, tablet: Client) -> None:
    visit = hall.expect("Dewi Anggraini")

    answer = tap(tablet, hall, visit, "recorded").content.decode()

    visit.refresh_from_db()
    assert (visit.state, visit.events.get().operator) == ("recorded", hall.operator)
    assert "Dewi Anggraini: Direkam." in answer
    assert 'data-onsite-undo="10"' in answer


def test_without_htmx_the_same_tap_comes_back_to_the_page_with_undo(hall: Hall, tablet: Client) -> None:
    visit = hall.expect("Dewi Anggraini")

    answer = tap(tablet, hall, visit, "failed:biometric", htmx=False)

    assert answer.headers["Location"] == page_of(hall)
    page = tablet.get(page_of(hall)).content.decode()
    assert "Dewi Anggraini: Gagal, biometrik." in page


def test_a_form_sent_twice_does_nothing_twice(hall: Hall, tablet: Client) -> None:
    visit, event_id = hall.expect("Dewi Anggraini"), uuid7()

    answers = [tap(tablet, hall, visit, "recorded", event_id=event_id).status_code for _ in range(3)]

    assert (answers, VisitEvent.objects.count()) == ([200, 200, 200], 1)


def test_undo_from_the_bar_brings_the_card_back(hall: Hall, tablet: Client) -> None:
    visit = hall.expect("Dewi Anggraini")
    answer = tap(tablet, hall, visit, "recorded").content.decode()
    fields = dict(re.findall(r'name="(event_id|target)" value="([^"]+)"', answer))

    again = tablet.post(f"{page_of(hall)}visits/{visit.pk}/undo/", fields, headers=HTMX).content.decode()

    visit.refresh_from_db()
    assert visit.state == "expected"
    assert "Siap direkam" in again


def test_a_refused_outcome_says_why_beside_the_card(hall: Hall, tablet: Client) -> None:
    visit = hall.expect("Nadia Permatasari")
    DukcapilStatusFactory(person=visit.person, dated_on=date(2026, 11, 3))

    answer = tap(tablet, hall, visit, "recorded")

    assert answer.status_code == 422
    assert "Jangan direkam: orang ini sudah rekam." in answer.content.decode()


@pytest.mark.parametrize("form", [{}, {"event_id": "x", "outcome": "recorded"}, {"event_id": str(uuid7()), "outcome": "'; --"}])
def test_nonsense_is_refused_with_a_sentence(hall: Hall, tablet: Client, form: dict[str, str]) -> None:
    visit = hall.expect("Dewi Anggraini")

    answer = tablet.post(f"{page_of(hall)}visits/{visit.pk}/outcome/", form, headers=HTMX)

    assert (answer.status_code, VisitEvent.objects.count()) == (422, 0)


def test_the_visit_of_another_drive_does_not_exist(hall: Hall, tablet: Client) -> None:
    from tests.factories import VisitFactory

    foreign = VisitFactory()

    assert tap(tablet, hall, foreign, "recorded").status_code == 404


def test_the_station_is_remembered_and_stands_on_the_fact(hall: Hall, tablet: Client) -> None:
    visit = hall.expect("Dewi Anggraini")

    tablet.post(f"{page_of(hall)}kit/", {"kit": str(hall.kits[1].pk)})
    tap(tablet, hall, visit, "recorded")

    visit.refresh_from_db()
    assert visit.kit == hall.kits[1]


def test_a_kit_that_is_not_on_duty_cannot_be_chosen(hall: Hall, tablet: Client) -> None:
    from tests.factories import KitFactory

    assert tablet.post(f"{page_of(hall)}kit/", {"kit": str(KitFactory().pk)}).status_code == 404


def test_the_figures_count_those_due_today_and_the_rest_apart(hall: Hall, tablet: Client) -> None:
    due = [hall.expect(f"Siswa {number}") for number in range(3)]
    early = hall.expect("Siswa Besok", slot=3)
    tap(tablet, hall, due[0], "recorded")
    tap(tablet, hall, early, "recorded")
    tap(tablet, hall, due[1], "arrived")

    page = re.sub(r"<[^>]+>", " ", tablet.get(page_of(hall)).content.decode())

    assert re.search(r"Direkam\s+1\s+dari 3 hari ini\s+· 1 di luar jadwal", page)
    assert re.search(r"Menunggu\s+1\s+paling lama 0 menit", page)


def test_no_answer_carries_a_nik(hall: Hall, tablet: Client) -> None:
    visit = hall.expect("Dewi Anggraini")
    nik = synthetic(district="31.74.08", birth_date=date(2009, 6, 1), sex="P", serial=9001)
    person = visit.person
    person.nik_sealed, person.nik_digest = seal(nik, row_id=person.pk), digest(nik)
    person.save()

    answers = [
        tablet.get(page_of(hall)),
        tablet.get(f"{page_of(hall)}?visit={visit.pk}"),
        tablet.post(f"{page_of(hall)}search/", {"q": "dewi"}),
        tablet.post(f"{page_of(hall)}search/", {"q": nik}, headers=HTMX),
        tap(tablet, hall, visit, "recorded"),
        tablet.get(f"/drives/{hall.drive.pk}/live/"),
    ]

    for answer in answers[:3] + answers[4:]:
        assert not re.search(r"(?<![\d-])\d{16}(?!\d)|•{4}", answer.content.decode())
    assert "Dewi" not in answers[3].content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_console_asks_the_same_number_of_questions_for_any_number_of_people(
    hall: Hall, tablet: Client, count: int, django_assert_num_queries: Queries
) -> None:
    visits = [hall.expect(f"Siswa {number}") for number in range(count)]
    tap(tablet, hall, visits[0], "arrived")

    with django_assert_num_queries(15):  # type: ignore[attr-defined]
        tablet.get(page_of(hall))


def test_an_outcome_asks_few_questions_and_answers_in_one_kibibyte(
    hall: Hall, tablet: Client, django_assert_num_queries: Queries
) -> None:
    visits = [hall.expect(f"Muhammad Fathurrahman Al Ghifari Hidayatullah {number}") for number in range(3)]
    tap(tablet, hall, visits[1], "arrived")

    with django_assert_num_queries(21):  # type: ignore[attr-defined]
        answer = tap(tablet, hall, visits[0], "recorded")

    assert len(gzip.compress(answer.content)) <= 1024


def test_the_fragment_stands_verbatim_in_the_page(hall: Hall, tablet: Client) -> None:
    visit = hall.expect("Dewi Anggraini")
    plain = re.compile(r'(name="(csrfmiddlewaretoken|event_id)" value=")[^"]+')

    fragment = tablet.get(f"{page_of(hall)}?visit={visit.pk}", headers=HTMX).content.decode().strip()
    page = tablet.get(f"{page_of(hall)}?visit={visit.pk}").content.decode()

    assert plain.sub(r"\1", fragment) in plain.sub(r"\1", page)


def test_after_the_day_was_closed_the_console_says_so(hall: Hall, tablet: Client) -> None:
    from drives.models import DayClose

    DayClose.objects.create(drive_day=hall.today, office=hall.drive.office, closed_at=NOW, closed_by=hall.lead, tally={})

    assert "Hari ini sudah ditutup." in tablet.get(page_of(hall)).content.decode()


def test_the_current_slot_is_shown_and_others_are_one_tap_away(hall: Hall, tablet: Client) -> None:
    hall.expect("Siswa Kini", slot=1)
    hall.expect("Siswa Nanti", slot=2)

    page = tablet.get(page_of(hall)).content.decode()
    later = tablet.get(f"{page_of(hall)}?slot={hall.slots[2].pk}").content.decode()

    assert ("Siswa Kini" in page, "Siswa Nanti" in page) == (True, False)
    assert ("Siswa Kini" in later, "Siswa Nanti" in later) == (False, True)


def test_a_tablet_is_handed_on_by_signing_out(hall: Hall, tablet: Client) -> None:
    page = tablet.get(page_of(hall)).content.decode()

    assert 'action="/sign-out/"' in page
    assert hall.operator.name in page


def test_who_has_not_chosen_a_station_is_told_so_until_it_is_chosen(hall: Hall, tablet: Client) -> None:
    before = tablet.get(page_of(hall)).content.decode()
    tablet.post(f"{page_of(hall)}kit/", {"kit": str(hall.kits[0].pk)})
    after = tablet.get(page_of(hall)).content.decode()

    assert "Meja Anda belum dipilih" in before
    assert "Meja Anda belum dipilih" not in after


def test_stations_stand_in_the_order_of_their_numbers(hall: Hall, tablet: Client) -> None:
    Kit.objects.filter(pk=hall.kits[0].pk).update(name="Alat 10")
    Kit.objects.filter(pk=hall.kits[1].pk).update(name="Alat 2")

    page = tablet.get(page_of(hall)).content.decode()

    assert page.index(">Alat 2<") < page.index(">Alat 10<")


def requires_consent(hall: Hall) -> None:
    hall.school.office.consent_required = True
    hall.school.office.save()


def consent(hall: Hall, visit: Visit) -> None:
    actions.give(
        persons=[visit.person],
        given_by="SITI",
        relation="mother",
        wording_version=CURRENT.version,
        channel="paper",
        by=hall.lead,
        now=NOW,
    )


def card(hall: Hall, client: Client, visit: Visit) -> Card:
    found: Card = client.get(page_of(hall), {"visit": str(visit.pk)}).context["card"]
    return found


def test_without_a_consent_the_card_warns_and_with_one_it_is_green(hall: Hall, tablet: Client) -> None:
    visit = hall.expect("ADE ROSMAN")
    assert card(hall, tablet, visit).tone == "ok"

    requires_consent(hall)
    assert (card(hall, tablet, visit).tone, card(hall, tablet, visit).headline) == ("wait", "Tanpa persetujuan orang tua")

    consent(hall, visit)
    assert card(hall, tablet, visit).tone == "ok"


def test_a_withdrawn_consent_stops(hall: Hall, tablet: Client) -> None:
    requires_consent(hall)
    visit = hall.expect("ADE ROSMAN")
    consent(hall, visit)

    actions.withdraw(person=visit.person, given_by="SITI", by=hall.lead, now=NOW)

    found = card(hall, tablet, visit)
    assert (found.tone, found.headline, found.best) == ("stop", "Jangan direkam: tanpa persetujuan", "")


def offer_ikd(hall: Hall, *, minimum_age: int = 16) -> None:
    Drive.objects.filter(pk=hall.drive.pk).update(ikd_minimum_age=minimum_age, ikd_needs_printable=False)


def test_after_the_recording_the_card_goes_on_to_the_activation_where_the_drive_offers_it(hall: Hall, tablet: Client) -> None:
    visit = hall.expect("Dewi Anggraini", birth_date=date(2009, 6, 1))
    offer_ikd(hall)
    assert "ikd_activated" not in search(tablet, hall, "dewi")

    recorded = tap(tablet, hall, visit, "recorded").content.decode()
    failed = tap(tablet, hall, visit, "ikd_failed:no_phone").content.decode()
    activated = tap(tablet, hall, visit, "ikd_activated").content.decode()

    assert "Sudah rekam: IKD dapat diaktifkan" in recorded
    assert 'value="recorded"' not in recorded
    assert "Dewi Anggraini: IKD tidak diaktifkan, tidak punya ponsel pintar." in failed
    assert "Dewi Anggraini: IKD diaktifkan." in activated
    assert "IKD 1 dari 1 direkam" in activated
    visit.refresh_from_db()
    assert (visit.state, visit.ikd_state) == ("recorded", "ikd_activated")


def test_who_is_too_young_for_ikd_or_at_a_drive_without_it_is_not_asked(hall: Hall, tablet: Client) -> None:
    visits = [hall.expect(name, birth_date=date(2009, 6, 1)) for name in ("Dewi Anggraini", "Bagus Wicaksono")]

    without = tap(tablet, hall, visits[0], "recorded").content.decode()
    offer_ikd(hall, minimum_age=18)
    too_young = tap(tablet, hall, visits[1], "recorded").content.decode()
    refusal = tap(tablet, hall, visits[1], "ikd_activated")

    assert "ikd_activated" not in without + too_young
    assert "IKD" not in without
    assert (refusal.status_code, "belum cukup umur untuk IKD" in refusal.content.decode()) == (422, True)


def test_a_lead_corrects_an_activation_and_reads_its_story(hall: Hall, client: Client) -> None:
    visit = hall.expect("Dewi Anggraini", birth_date=date(2009, 6, 1))
    offer_ikd(hall)
    client.force_login(hall.lead)
    for outcome in ("recorded", "ikd_activated"):
        tap(client, hall, visit, outcome)
    address = f"{page_of(hall)}visits/{visit.pk}/correct/"

    page = client.get(address).content.decode()
    client.post(address, {"event_id": str(uuid7()), "kind": "ikd_failed", "note": "Ponsel orang lain."})

    visit.refresh_from_db()
    assert "<strong>IKD diaktifkan</strong>" in page
    assert (visit.state, visit.ikd_state) == ("recorded", "ikd_failed")


@pytest.mark.parametrize("text", ["pratama rízky", "RIZKY  muhammad", "izky prat"])
def test_a_name_is_found_without_accents_in_any_order_and_by_any_part(hall: Hall, tablet: Client, text: str) -> None:
    hall.expect("Muhammad Rízky Pratama")
    hall.expect("Aisyah Zahra")

    assert "Siap direkam" in search(tablet, hall, text)
