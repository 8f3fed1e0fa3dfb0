"""A session that ends while somebody writes: what was written is found again, by who wrote it, and by nobody else."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import ConnectionError as ValkeyIsDown

from schools.models import School, User
from students import typed
from students.consents.wording import CURRENT
from students.models import Consent, Person, RosterRepair, RosterUpload
from students.roster import tasks
from tests.factories import ClassGroupFactory, PersonFactory, SchoolFactory, UserFactory
from tests.students.roster.uploads import girl, imported, reviewed, roster

pytestmark = pytest.mark.django_db
NIK = "3174036208099999"
WRITTEN = {"name": "SITI YANG DIPERBAIKI", "sex": "P", "birth_date": "2009-08-22", "nik": NIK, "class_name": "XI 1"}


@pytest.fixture
def school(db: None) -> School:
    return SchoolFactory(name="SMAN 55 Jakarta", npsn="20102575")


@pytest.fixture
def clerk(school: School) -> User:
    user: User = UserFactory(school_admin=school, username="clerk")
    user.set_password("a-long-password")
    user.save()
    return user


@pytest.fixture
def site(client: Client, clerk: User) -> Client:
    client.force_login(clerk)
    return client


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.work_on_upload, "delay", lambda *, upload_id: None)


@pytest.fixture
def row(school: School) -> str:
    """The page on which a damaged line is mended."""
    upload = reviewed(school, roster(girl(0), girl(1, NIK="31740362080991")), now=timezone.now())
    return reverse("students:upload_row", args=[upload.pk, upload.rows.get(row_number=8).pk])


def mark_on(site: Client, page: str, action: str = "") -> str:
    """The mark of the form that is sent to `action`, or of the first one."""
    shown = site.get(page).content.decode()
    begun = shown.find(f'action="{action}') if action and "approve" not in action else 0
    found = re.search(rf'name="{typed.FIELD}" value="([^"]+)"', shown[max(begun, 0) :])
    assert found
    return found[1]


def sent_too_late(site: Client, page: str, answers: dict[str, Any], *, action: str = "") -> Any:
    """Somebody opens the page, writes, and sends it after the session has ended."""
    answers = answers | {typed.FIELD: mark_on(site, page, action)}
    site.logout()
    return site.post(action or page, answers)


def test_what_was_written_of_a_row_stands_in_its_form_again_and_is_not_saved(site: Client, clerk: User, row: str) -> None:
    response = sent_too_late(site, row, WRITTEN)
    assert response.headers["Location"] == f"/sign-in/?next={row.replace('/', '%2F')}"
    assert "setengah jam" in site.get(response.headers["Location"]).content.decode()

    after = site.post("/sign-in/", {"username": "clerk", "password": "a-long-password", "next": row}, follow=True)

    assert (after.status_code, after.request["PATH_INFO"]) == (200, row)
    form = after.context["form"]
    assert {name: form[name].value() for name in WRITTEN} == WRITTEN
    assert "Belum disimpan" in after.content.decode()
    assert not RosterRepair.objects.exists()


def test_a_file_is_to_be_chosen_again_and_is_named(site: Client) -> None:
    page = reverse("students:upload_list")
    file = SimpleUploadedFile("daftar_pd-SMAN 55.xlsx", b"content")

    response = sent_too_late(site, page, {"file": file})
    before = site.get(response.headers["Location"]).content.decode()
    after = site.post("/sign-in/", {"username": "clerk", "password": "a-long-password", "next": page}, follow=True)

    assert "berkas itu belum diterima" in before
    assert "setengah jam" not in before
    assert "Berkas “daftar_pd-SMAN 55.xlsx” belum diterima" in html.unescape(after.content.decode())
    assert not RosterUpload.objects.exists()


def test_sent_once_more_it_is_saved_and_kept_no_longer(site: Client, clerk: User, row: str) -> None:
    sent_too_late(site, row, WRITTEN)
    site.force_login(clerk)

    response = site.post(row, WRITTEN | {typed.FIELD: mark_on(site, row)})

    assert (response.status_code, RosterRepair.objects.count()) == (302, 1)
    assert typed.FIELD not in site.session


def test_reloading_the_page_does_not_lose_it(site: Client, clerk: User, row: str) -> None:
    sent_too_late(site, row, WRITTEN)
    site.force_login(clerk)

    first, second = (site.get(row).context["form"]["nik"].value() for _ in range(2))

    assert (first, second) == (NIK, NIK)


def test_somebody_else_at_the_same_machine_finds_nothing(site: Client, school: School, row: str) -> None:
    sent_too_late(site, row, WRITTEN)
    site.force_login(UserFactory(school_admin=school))

    page = site.get(row)

    assert NIK not in page.content.decode()
    assert not page.context["form"].is_bound
    assert typed.FIELD not in site.session


def test_it_is_given_back_on_its_own_page_alone(site: Client, clerk: User, row: str) -> None:
    sent_too_late(site, row, WRITTEN)
    site.force_login(clerk)

    assert not site.get(f"{row}?other=1").context["form"].is_bound


def test_what_is_kept_is_sealed_short_lived_and_in_no_address_or_log(
    site: Client, row: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    stored: list[tuple[str, bytes, int]] = []
    monkeypatch.setattr(cache, "set", lambda key, value, seconds: stored.append((key, value, seconds)))

    response = sent_too_late(site, row, WRITTEN)

    ((key, value, seconds),) = stored
    assert seconds == timedelta(minutes=30).total_seconds()
    assert NIK.encode() not in value
    assert b"SITI" not in value
    said = f"{key} {response.headers['Location']} {response.content!r} {dict(site.session)} {capfd.readouterr()}"
    assert NIK not in said
    assert "SITI" not in said


def test_after_its_time_the_page_is_as_ever(site: Client, clerk: User, row: str) -> None:
    sent_too_late(site, row, WRITTEN)
    site.force_login(clerk)
    cache.delete(f"typed:{site.session[typed.FIELD]}")

    page = site.get(row)

    assert (page.status_code, page.context["form"].is_bound) == (200, False)


@pytest.mark.parametrize("mark", ["", "forged", "eyJieSI6IjEifQ:1vabc:xyz"])
def test_only_a_form_of_ours_is_kept(site: Client, row: str, mark: str) -> None:
    site.logout()

    response = site.post(row, WRITTEN | {typed.FIELD: mark})

    assert response.headers["Location"].startswith("/sign-in/")
    assert typed.FIELD not in site.session


def test_without_the_cache_one_is_led_to_the_sign_in_page_all_the_same(
    site: Client, row: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise ValkeyIsDown

    monkeypatch.setattr(cache, "set", down)

    response = sent_too_late(site, row, WRITTEN)

    assert response.headers["Location"].startswith("/sign-in/")


def test_a_sign_in_in_another_window_does_not_lose_what_stands_in_this_one(clerk: User, row: str) -> None:
    """The sign-in has changed the token, so the older page is refused, as if by a stranger."""
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(clerk)
    mark = mark_on(strict, row)

    refused = strict.post(row, WRITTEN | {typed.FIELD: mark, "csrfmiddlewaretoken": "a" * 64})

    assert (refused.status_code, refused.headers["Location"]) == (302, row)
    assert strict.get(row).context["form"]["nik"].value() == NIK
    assert not RosterRepair.objects.exists()


def test_a_stale_page_of_another_form_is_refused_as_ever(clerk: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(clerk)

    assert strict.post(reverse("schools:profile"), {"language": "en"}).status_code == 403


@pytest.fixture
def pupil(school: School) -> Person:
    pupil: Person = PersonFactory(enrolled=ClassGroupFactory(school=school, name="XI MERDEKA 1"))
    return pupil


def test_consents_of_a_class_stand_in_its_form_again(site: Client, clerk: User, pupil: Person) -> None:
    page = reverse("students:consent_list", query={"school": "20102575", "class": "XI MERDEKA 1"})
    written = {
        "relation": "mother",
        "channel": "letter",
        "declared_on": "2026-11-18",
        "wording_version": CURRENT.version,
        f"{pupil.pk.hex}-is_given": "on",
        f"{pupil.pk.hex}-given_by": "SITI AMINAH",
    }

    response = sent_too_late(site, page, written, action="")
    site.force_login(clerk)
    found = site.get(page)

    assert response.status_code == 302
    (line,) = found.context["pupils"]
    assert (line.form["is_given"].value(), line.form["given_by"].value()) == (True, "SITI AMINAH")
    assert found.context["form"]["channel"].value() == "letter"
    assert not Consent.objects.exists()


@pytest.mark.parametrize("is_refused_before", [False, True])
def test_one_consent_stands_on_the_pupils_page_again(site: Client, clerk: User, pupil: Person, is_refused_before: bool) -> None:
    """Also where it was refused first, so that the browser stands at an address that cannot be opened."""
    page, action = (reverse(f"students:consent_{name}", args=[pupil.pk]) for name in ("detail", "give"))
    written = {"given_by": "SITI AMINAH", "relation": "guardian", "channel": "whatsapp", "declared_on": "2026-11-18"}
    if is_refused_before:
        mark = re.search(rf'name="{typed.FIELD}" value="([^"]+)"', site.post(action, {}).content.decode())
        assert mark
        site.logout()
        response = site.post(action, written | {typed.FIELD: mark[1]}, headers={"referer": f"http://testserver{action}"})
    else:
        response = sent_too_late(site, page, written, action=action)
    assert response.headers["Location"].endswith(page.replace("/", "%2F"))

    site.force_login(clerk)
    form = site.get(page).context["form"]

    assert (form["given_by"].value(), form["relation"].value()) == ("SITI AMINAH", "guardian")


def test_a_homeroom_teacher_stands_beside_the_class_again(site: Client, clerk: User, pupil: Person) -> None:
    group = pupil.enrolments.get().class_group
    assert group
    page = reverse("students:consent_list", query={"school": "20102575", "class": "XI MERDEKA 1"})
    action = reverse("students:homeroom_note", args=[group.pk])

    sent_too_late(site, page, {"homeroom_name": "Bu Rini"}, action=action)
    site.force_login(clerk)

    assert site.get(page).context["homeroom"]["homeroom_name"].value() == "Bu Rini"


@pytest.mark.parametrize("name", ["decide", "approve"])
def test_decisions_stand_chosen_again_and_nothing_is_decided(site: Client, clerk: User, school: School, name: str) -> None:
    imported(school, roster(girl(0), girl(1), girl(2)), now=timezone.now())
    upload = reviewed(school, roster(girl(0)), now=timezone.now())
    page = reverse("students:upload_detail", args=[upload.pk])
    row = upload.rows.filter(section="missing").order_by("search_name")[0]
    chosen = {f"row-{row.pk}": "left", "all-missing": "graduated", "is_right_school": "on"}

    sent_too_late(site, page, chosen, action=reverse(f"students:upload_{name}", args=[upload.pk]))
    site.force_login(clerk)
    found = site.get(page)

    (section,) = [each for each in found.context["review"].sections if each.key == "missing"]
    assert ([each.decision for each in section.rows], section.said_for_all) == (["left", ""], "graduated")
    assert found.context["is_right_school"] is True
    assert '<details id="list-missing" open>' in found.content.decode()
    assert not upload.rows.exclude(decision="").exists()
    assert RosterUpload.objects.get(pk=upload.pk).status == RosterUpload.Status.REVIEW
