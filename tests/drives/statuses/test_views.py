"""The planner's pages: what they show, what they refuse, and for whom they do not exist."""

import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from drives.models import Appointment, CheckList, DukcapilStatus, StatusImport
from drives.statuses import actions
from schools.models import User
from students.models import Person
from tests.drives.statuses.lists import FIRST, SECOND, STRANGER, line, workbook
from tests.drives.statuses.test_actions import appointment_in
from tests.factories import (
    NOW,
    TODAY,
    ClassGroupFactory,
    OfficeFactory,
    PersonFactory,
    SchoolFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def planner() -> User:
    user: User = UserFactory(planner=OfficeFactory())
    return user


@pytest.fixture
def desk(client: Client, planner: User) -> Client:
    client.force_login(planner)
    return client


def upload(desk: Client, content: bytes, name: str = "hasil.xlsx") -> Any:
    fields = {"file": SimpleUploadedFile(name, content), "dated_on": "2026-11-20"}
    return desk.post(reverse("drives:status_upload"), fields, follow=True)


def imported(*rows: Any) -> StatusImport:
    return actions.read_result_list(
        data=workbook(*rows), filename="hasil.xlsx", dated_on=TODAY, office=OfficeFactory(), by=None, now=NOW
    )


def test_upload_review_approve_and_the_place_to_decide(desk: Client) -> None:
    person = PersonFactory(nik=FIRST, name="CITRA LESTARI")
    appointment_in("published", person)

    with time_machine.travel(NOW, tick=False):
        review = upload(desk, workbook(line(FIRST, "SUDAH REKAM"), line(STRANGER, "PRR")))
        made = StatusImport.objects.get()
        approved = desk.post(reverse("drives:status_import_approve", args=[made.pk]), follow=True)

    assert "1 status akan diimpor." in review.content.decode()
    assert "NIK tidak ditemukan" in review.content.decode()
    assert (DukcapilStatus.objects.count(), "1 status sudah diimpor." in approved.content.decode()) == (1, True)
    assert "Bebaskan tempat CITRA LESTARI" in approved.content.decode()


def test_no_page_shows_a_nik(desk: Client) -> None:
    PersonFactory(nik=FIRST, enrolled=ClassGroupFactory())

    pages = [upload(desk, workbook(line(FIRST, "PRR"), line(STRANGER, "PRR"), line(SECOND, SECOND)))]
    pages += [desk.get(reverse("drives:status_list"))]

    assert [nik for nik in (FIRST, STRANGER, SECOND) for page in pages if nik in page.content.decode()] == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"%PDF-1.7", "Berkas tidak dapat dibaca"),
        (b"Nama;Kelas\nA;XI\n", "Tidak ada daftar hasil dalam berkas ini."),
        (b"NIK;Status\n", "tidak ada baris di bawahnya"),
        (b"", ""),
    ],
)
def test_a_file_that_is_no_result_list_is_refused_beside_the_field(desk: Client, content: bytes, sentence: str) -> None:
    response = upload(desk, content, "x.csv")

    assert (response.status_code, sentence in response.content.decode(), StatusImport.objects.count()) == (422, True, 0)


def test_a_double_click_on_approve_imports_once(desk: Client) -> None:
    PersonFactory(nik=FIRST)
    made = imported(line(FIRST, "PRR"))

    for _ in range(2):
        desk.post(reverse("drives:status_import_approve", args=[made.pk]))

    assert DukcapilStatus.objects.count() == 1


def test_a_discarded_list_says_that_nothing_changed(desk: Client) -> None:
    made = imported(line(FIRST, "PRR"))

    page = desk.post(reverse("drives:status_import_cancel", args=[made.pk]), follow=True)

    made.refresh_from_db()
    assert (made.status, made.rows, "Tidak ada yang berubah" in page.content.decode()) == ("cancelled", [], True)


def test_chosen_places_are_given_free_and_others_stay(desk: Client) -> None:
    chosen, other = (appointment_in("published", PersonFactory()) for _ in range(2))
    for each in (chosen, other):
        DukcapilStatus.objects.create(
            person=each.person, office=each.office, status="BIO_CAPTURED", dated_on=TODAY, created_at=NOW
        )

    with time_machine.travel(NOW, tick=False):
        desk.post(reverse("drives:status_appointments_cancel"), {"appointment": [str(chosen.pk)]})

    endings = dict(Appointment.objects.values_list("pk", "ending"))
    assert (endings[chosen.pk], endings[other.pk]) == ("cancelled", "")


def test_a_status_is_typed_by_hand(desk: Client) -> None:
    person = PersonFactory()
    address = reverse("drives:status_enter", args=[person.pk])

    refused = desk.post(address, {"status": "NONSENSE", "dated_on": "2026-11-18"})
    desk.post(address, {"status": "PRINT_READY_RECORD", "dated_on": "2026-11-18"})

    assert (refused.status_code, Person.objects.get(pk=person.pk).recorded_on is not None) == (422, True)


def test_the_check_list_is_announced_before_and_noted_after(desk: Client) -> None:
    group = ClassGroupFactory()
    PersonFactory(nik=FIRST, enrolled=group)
    address = reverse("drives:check_list", args=[group.school_id])

    page = desk.get(address).content.decode()
    file = desk.post(address)

    sheet = openpyxl.load_workbook(io.BytesIO(file.content)).worksheets[0]
    assert ("jejak audit" in page, FIRST in page, sheet["A4"].value) == (True, False, FIRST)
    assert (file["Cache-Control"], CheckList.objects.get().person_count) == ("no-store", 1)
    assert FIRST not in file["Content-Disposition"]


def test_other_roles_and_other_offices_find_nothing(client: Client) -> None:
    school = SchoolFactory()
    person = PersonFactory(enrolled=ClassGroupFactory(school=school))
    made = imported(line(FIRST, "PRR"))
    elsewhere = OfficeFactory(name="Suku Dinas Dukcapil Jakarta Pusat")
    strangers = [
        UserFactory(planner=elsewhere),
        UserFactory(school_admin=school),
        UserFactory(official=school.office),
        UserFactory(operator=school.office),
        UserFactory(lead_operator=school.office),
        UserFactory(system_admin=school.office),
    ]
    looks = [
        reverse("drives:status_import", args=[made.pk]),
        reverse("drives:status_enter", args=[person.pk]),
        reverse("drives:check_list", args=[school.pk]),
    ]
    writes = [reverse("drives:status_import_approve", args=[made.pk]), reverse("drives:check_list", args=[school.pk])]

    answers = set()
    for stranger in strangers:
        client.force_login(stranger)
        answers |= {client.get(address).status_code for address in looks}
        answers |= {client.post(address).status_code for address in writes}

    assert (answers, DukcapilStatus.objects.count(), CheckList.objects.count()) == ({404}, 0, 0)


def test_a_list_page_asks_the_same_number_of_questions_for_one_row_and_for_three(
    desk: Client, django_assert_num_queries: Any
) -> None:
    imported(line(FIRST, "PRR"))
    desk.get(reverse("drives:status_list"))
    with django_assert_num_queries(9):
        desk.get(reverse("drives:status_list"))
    for _ in range(2):
        imported(line(FIRST, "PRR"))

    with django_assert_num_queries(9):
        desk.get(reverse("drives:status_list"))


def test_the_command_reads_without_writing_and_writes_with_a_yes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    school = SchoolFactory()
    PersonFactory(nik=FIRST, office=school.office)
    file = tmp_path / "hasil.xlsx"
    file.write_bytes(workbook(line(FIRST, "PRR"), line(STRANGER, "PRR")))

    answers = []
    for arguments in ([], ["--approve"], ["--approve"]):
        call_command("import_statuses", str(file), "--json", *arguments)
        answers.append(json.loads(capsys.readouterr().out))

    assert [(each["new"], each["known"], each["errors"], each["applied"]) for each in answers] == [
        (1, 0, 1, False),
        (1, 0, 1, True),
        (0, 1, 1, True),
    ]
    assert answers[0]["problems"] == [
        {"row": 3, "code": "nik_unknown", "level": "error", "message": "Tidak ada warga di kantor ini dengan NIK tersebut."}
    ]
    assert (DukcapilStatus.objects.count(), StatusImport.objects.count()) == (1, 2)


def test_the_command_refuses_with_one_and_a_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    SchoolFactory()
    file = tmp_path / "bukan.pdf"
    file.write_bytes(b"%PDF-1.7")

    with pytest.raises(SystemExit) as ending:
        call_command("import_statuses", str(file), "--json")

    assert (ending.value.code, json.loads(capsys.readouterr().out)["refused"]["code"]) == (1, "file_unreadable")


def test_the_check_list_command_writes_a_file_for_its_owner_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    group = ClassGroupFactory()
    PersonFactory(nik=FIRST, enrolled=group)
    PersonFactory(enrolled=group)
    file = tmp_path / "periksa.xlsx"

    call_command("export_check_list", str(file), "--school", group.school.npsn, "--json")

    answer = json.loads(capsys.readouterr().out)
    assert (answer["persons"], answer["without_nik"], file.stat().st_mode & 0o777) == (1, 1, 0o600)
    assert openpyxl.load_workbook(file).worksheets[0]["A4"].value == FIRST


def test_an_unknown_school_is_a_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("export_check_list", str(tmp_path / "x.xlsx"), "--school", "00000000")

    assert refusal.value.returncode == 2
