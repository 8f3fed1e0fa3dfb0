"""What is printed: for whom, how many pages, and never a NIK or a birth date."""

import json
import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from drives.documents import sheets
from drives.documents.typesetting import qr_svg, typeset
from drives.models import Appointment, Drive, Visit
from schools.models import AuditEntry, User
from students.nik import synthetic
from students.privacy import digest, seal
from tests.drives.onsite.conftest import DAY, Hall, hall  # noqa: F401  (a fixture)
from tests.factories import OfficeFactory, SchoolFactory, UserFactory

pytestmark = pytest.mark.django_db


def pages(pdf: bytes) -> int:
    assert pdf.startswith(b"%PDF-")
    (count,) = re.findall(rb"/Count (\d+)", pdf)
    return int(count)


def data_of(hall: Hall, document: str) -> dict[str, Any]:  # noqa: F811
    appointments = sheets.scheduled(Appointment.objects.filter(drive=hall.drive))
    with translation.override("id"):
        if document == "letter":
            return sheets.letter(hall.drive, appointments, today=DAY)
        if document == "attendance":
            return sheets.attendance(hall.today, appointments)
        return {"slips": sheets.slips, "classes": sheets.classes}[document](hall.drive, appointments)


@pytest.mark.parametrize(("people", "expected"), [(1, 1), (4, 1), (5, 2), (9, 3)])
def test_slips_stand_four_to_a_page(hall: Hall, people: int, expected: int) -> None:  # noqa: F811
    for number in range(people):
        hall.expect(f"Siswa {number}", slot=number % 3)

    assert pages(typeset("slips", data_of(hall, "slips"))) == expected


def test_each_class_begins_a_page(hall: Hall) -> None:  # noqa: F811
    for number in range(6):
        hall.expect(f"Siswa {number}", class_name=f"XII IPS {number % 3}")

    assert pages(typeset("classes", data_of(hall, "classes"))) == 3


def test_a_slip_says_who_when_where_and_that_it_is_free(hall: Hall, settings: Any) -> None:  # noqa: F811
    settings.SITE_URL = "https://jemputbola.contoh.go.id/"
    visit = hall.expect("Dewi Anggraini", class_name="XII MIPA 2", slot=1)

    data = data_of(hall, "slips")

    (slip,) = data["slips"]
    assert (slip["name"], slip["class"], slip["code"]) == ("Dewi Anggraini", "XII MIPA 2", visit.code)
    assert (slip["day"], slip["time"]) == ("Selasa, 24 November 2026", "09.30–10.00")
    assert slip["qr"] == qr_svg(f"https://jemputbola.contoh.go.id/s/{visit.token}/")
    assert (data["texts"]["free"], data["place"]) == ("GRATIS. Tidak dipungut biaya apa pun.", "SMAN 55 Jakarta")


def test_a_revoked_link_is_not_printed(hall: Hall) -> None:  # noqa: F811
    visit = hall.expect("Dewi Anggraini")
    Visit.objects.filter(pk=visit.pk).update(token_revoked_at=visit.created_at)

    assert data_of(hall, "slips")["slips"] == []


@pytest.mark.parametrize("document", ["slips", "classes", "attendance", "letter"])
def test_no_document_carries_a_nik_or_a_birth_date(hall: Hall, document: str) -> None:  # noqa: F811
    born = date(2009, 3, 17)
    person = hall.expect("Dewi Anggraini", birth_date=born).person
    nik = synthetic(district="31.74.08", birth_date=born, sex="P", serial=9003)
    person.nik_sealed, person.nik_digest = seal(nik, row_id=person.pk), digest(nik)
    person.save()

    text = json.dumps(data_of(hall, document), default=str)

    assert not re.search(r"(?<!\d)\d{16}(?!\d)|2009|17 Maret|17-03|17/03|••", text)


@pytest.mark.parametrize("document", ["slips", "classes", "attendance", "letter"])
@pytest.mark.parametrize("name", ["#panic()", "$ x^", "*[]_`\\", '"', "Nur'aini ✓ ё 王", "A" * 120, "<b>&amp;"])
def test_a_name_is_never_markup(hall: Hall, document: str, name: str) -> None:  # noqa: F811
    hall.expect(name, class_name="#let x = 1")
    hall.school.principal_name = name

    assert pages(typeset(document, data_of(hall, document))) >= 1


def test_the_letter_names_each_day_with_its_hours_and_students(hall: Hall) -> None:  # noqa: F811
    for number in range(3):
        hall.expect(f"Siswa {number}", slot=3 if number else 0)

    assert data_of(hall, "letter")["days"] == [
        {"day": "Selasa, 24 November 2026", "hours": "09.00–12.00", "students": "1"},
        {"day": "Rabu, 25 November 2026", "hours": "09.00–12.00", "students": "2"},
    ]


def test_the_attendance_sheet_has_its_days_slots_alone(hall: Hall) -> None:  # noqa: F811
    hall.expect("Siswa Kini", slot=1)
    hall.expect("Siswa Besok", slot=3)

    slots = data_of(hall, "attendance")["slots"]

    assert [(slot["time"], [row["name"] for row in slot["rows"]]) for slot in slots] == [("09.30–10.00", ["Siswa Kini"])]


PRINTS = ("slips.pdf", "classes.pdf", "letter.pdf")


def statuses(client: Client, hall: Hall, user: User) -> list[int]:  # noqa: F811
    client.force_login(user)
    addresses = [*PRINTS, f"attendance/{hall.today.pk}.pdf", ""]
    return [client.get(f"/drives/{hall.drive.pk}/print/{address}").status_code for address in addresses]


def test_each_role_prints_what_its_work_needs(hall: Hall, client: Client) -> None:  # noqa: F811
    hall.expect("Dewi Anggraini")
    office = hall.drive.office

    assert statuses(client, hall, UserFactory(planner=office)) == [200, 200, 200, 200, 200]
    assert statuses(client, hall, UserFactory(school_admin=hall.school)) == [200, 200, 200, 404, 200]
    assert statuses(client, hall, hall.operator) == [404, 404, 404, 200, 404]
    assert statuses(client, hall, UserFactory(official=office)) == [404, 404, 404, 404, 404]


def test_another_school_or_office_prints_nothing(hall: Hall, client: Client) -> None:  # noqa: F811
    hall.expect("Dewi Anggraini")
    elsewhere = OfficeFactory(name="Suku Dinas Dukcapil Jakarta Timur")

    for stranger in (UserFactory(school_admin=SchoolFactory()), UserFactory(planner=elsewhere), UserFactory(operator=elsewhere)):
        assert statuses(client, hall, stranger) == [404, 404, 404, 404, 404]


def test_a_school_prints_nothing_of_a_draft(hall: Hall, client: Client) -> None:  # noqa: F811
    hall.expect("Dewi Anggraini")
    Drive.objects.filter(pk=hall.drive.pk).update(status=Drive.Status.DRAFT, published_at=None)

    assert statuses(client, hall, UserFactory(school_admin=hall.school)) == [404, 404, 404, 404, 404]


def test_every_print_is_in_the_audit_trail_without_a_name(hall: Hall, client: Client) -> None:  # noqa: F811
    hall.expect("Dewi Anggraini")
    client.force_login(UserFactory(planner=hall.drive.office))

    client.get(f"/drives/{hall.drive.pk}/print/slips.pdf")

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.detail) == ("exported", {"document": "slips", "persons": 1})


@pytest.mark.parametrize("query", ["?class=x", "?day=1", "?class=01a20056-294b-72d9-b7e3-3646f838f612"])
def test_what_nobody_is_in_does_not_exist(hall: Hall, client: Client, query: str) -> None:  # noqa: F811
    hall.expect("Dewi Anggraini")
    client.force_login(UserFactory(planner=hall.drive.office))

    assert client.get(f"/drives/{hall.drive.pk}/print/slips.pdf{query}").status_code == 404
