"""The reference data: complete, loaded twice without a difference, and never against the staff's own corrections."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from schools import reference
from schools.models import Office, Region, School

SELATAN = "31.74"


@pytest.fixture
def loaded(db: None) -> reference.Loaded:
    return reference.load()


def test_every_level_is_complete(loaded: reference.Loaded) -> None:
    current = Region.objects.filter(is_historic=False)

    counts = {level: current.filter(level=level).count() for level in Region.Level.values}

    assert counts == {"province": 38, "city": 514, "district": 7285, "village": 267}
    assert Region.objects.filter(is_historic=True).count() == 620


def test_jakarta_selatan_has_269_schools_under_its_sudin(loaded: reference.Loaded) -> None:
    schools = School.objects.filter(office__region=SELATAN)

    assert (schools.count(), School.objects.count()) == (269, 1185)
    assert not schools.exclude(district__parent=SELATAN).exists()


def test_the_sudin_stand_below_the_dinas(loaded: reference.Loaded) -> None:
    dinas = Office.objects.get(level=Office.Level.DINAS)

    assert dinas.region_id == "31"
    assert dinas.children.count() == 6


def test_the_population_is_dukcapils(loaded: reference.Loaded) -> None:
    assert Region.objects.get(pk=SELATAN).population_count == 2_331_411


@pytest.mark.parametrize(
    ("npsn", "name", "district"),
    [("20102575", "SMAN 55 Jakarta", "Pancoran"), ("20107313", "SMA Labschool Kebayoran", "Kebayoran Baru")],
)
def test_the_two_cases_are_there(loaded: reference.Loaded, npsn: str, name: str, district: str) -> None:
    school = School.objects.select_related("district").get(npsn=npsn)

    assert (school.name, school.district.name) == (name, district)


def test_vocational_and_special_schools_are_loaded_too(loaded: reference.Loaded) -> None:
    kinds = {kind: School.objects.filter(kind=kind).count() for kind in ("SMA", "SMK", "SLB")}

    assert kinds == {"SMA": 507, "SMK": 597, "SLB": 81}


def test_loading_twice_writes_nothing_the_second_time(loaded: reference.Loaded) -> None:
    again = reference.load()

    assert (again.regions_added, again.regions_changed, again.offices_added, again.schools_added) == (0, 0, 0, 0)


def test_what_staff_changed_stays(loaded: reference.Loaded) -> None:
    School.objects.filter(npsn="20102575").update(email="tu@sman55.example", name="SMA Negeri 55")
    Office.objects.filter(region=SELATAN).update(minutes_per_person=7)

    reference.load()

    school = School.objects.get(npsn="20102575")
    assert (school.email, school.name) == ("tu@sman55.example", "SMA Negeri 55")
    assert Office.objects.get(region=SELATAN).minutes_per_person == 7


def test_a_region_follows_the_files(loaded: reference.Loaded) -> None:
    Region.objects.filter(pk=SELATAN).update(name="Jaksel")

    again = reference.load()

    assert (again.regions_changed, Region.objects.get(pk=SELATAN).name) == (1, "Kota Administrasi Jakarta Selatan")


def test_codes_that_are_gone_are_still_known_for_old_niks() -> None:
    codes = reference.region_codes()

    assert {level: len(found) for level, found in codes.items()} == {"province": 38, "city": 540, "district": 7879}
    assert "91.01" in codes["city"]


def test_the_command_answers_with_one_object(db: None) -> None:
    out = StringIO()

    call_command("load_reference", "--json", stdout=out)

    assert json.loads(out.getvalue()) == {
        "regions_added": 8724,
        "regions_changed": 0,
        "offices_added": 7,
        "schools_added": 1185,
        "regions": 8724,
        "offices": 7,
        "schools": 1185,
    }
