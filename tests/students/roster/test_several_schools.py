"""Who keeps several schools says which one a file is of."""

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from schools.models import Grant, Role, School, User
from students.models import RosterUpload
from tests.factories import SchoolFactory, UserFactory
from tests.students.roster.clerks import LIST, clerk, doorbell, school, site, text
from tests.students.roster.uploads import girl, roster

__all__ = ["clerk", "doorbell", "school", "site"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(school: School, clerk: User) -> School:
    """Another school of the same administrator."""
    other = SchoolFactory(name="SMAN 8 Jakarta", npsn="20102577", office=school.office)
    Grant.objects.create(user=clerk, role=Role.SCHOOL_ADMIN, school=other, starts_on=date(2020, 1, 1))
    return other


def test_who_keeps_several_schools_chooses_one_and_no_other(site: Client, school: School, second: School) -> None:
    SchoolFactory(name="SMAN 3 Jakarta", npsn="20102500", office=school.office)
    page = text(site.get(LIST, {"school": second.npsn}))

    assert re.findall(r'<option value="(\d{8})"( selected)?', page) == [("20102575", ""), ("20102577", " selected")]
    for said, told in [("", "Pilih sekolahnya dahulu."), ("20102500", "id_school")]:
        refused = site.post(LIST, {"school": said, "file": SimpleUploadedFile("a.xlsx", roster(girl(0)))})
        assert (refused.status_code, told in text(refused)) == (422, True)
    site.post(LIST, {"school": second.npsn, "file": SimpleUploadedFile("a.xlsx", roster(girl(0)))})
    assert RosterUpload.objects.get().school == second


def test_one_school_stays_without_a_question(site: Client) -> None:
    assert 'name="school"' not in text(site.get(LIST))


def test_a_planner_who_also_keeps_a_school_names_the_school(client: Client, school: School) -> None:
    planner = UserFactory(planner=school.office, school_admin=SchoolFactory())
    client.force_login(planner)

    client.post(LIST, {"school": school.npsn, "file": SimpleUploadedFile("a.xlsx", roster(girl(0)))})

    assert RosterUpload.objects.get().school == school


def test_an_official_does_not_upload_for_the_schools_that_are_only_seen(client: Client, school: School) -> None:
    seen = SchoolFactory(office=school.office)
    client.force_login(UserFactory(official=school.office, school_admin=school))

    client.post(LIST, {"school": seen.npsn, "file": SimpleUploadedFile("a.xlsx", roster(girl(0)))})

    assert RosterUpload.objects.get().school == school


def test_consents_of_who_keeps_several_schools_begin_with_the_choice_of_one(site: Client, school: School, second: School) -> None:
    assert "Pilih sekolah dahulu" in text(site.get(reverse("students:consent_list")))
    assert second.name in text(site.get(reverse("students:consent_list"), {"school": second.npsn}))
