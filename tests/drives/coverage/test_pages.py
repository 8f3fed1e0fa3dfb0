"""The coverage page: who sees what of which place and day."""

import json
import re
from datetime import date, timedelta
from io import BytesIO, StringIO

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from drives.coverage import rollup
from drives.coverage.queries import SchoolDay
from drives.coverage.seen import ACTIVITY, GUESTS, shown_additions, shown_flows
from drives.coverage.suppression import Figures
from drives.models import DailyCoverage, DukcapilStatus
from schools.models import AuditEntry, Office, School, User
from students.models import Enrolment, Person
from tests.drives.coverage.conftest import TODAY, fill
from tests.factories import NOW, CityFactory, OfficeFactory, RegionFactory, SchoolFactory, UserFactory

pytestmark = pytest.mark.django_db
PAGE = "/coverage/"


def signed_in(client: Client, **role: object) -> User:
    user: User = UserFactory(**role)
    client.force_login(user)
    return user


def cells(html: str, name: str) -> list[str]:
    """The figures beside a name in a table."""
    row = next(row for row in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL) if f">{name}<" in row)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_page_says_how_many_of_whom_are_left_as_of_when(client: Client, office: Office, city: dict[str, School]) -> None:
    signed_in(client, planner=office)

    html = client.get(PAGE).content.decode()

    assert "<h1>43 persen siswa sudah rekam. Tinggal 170 dari 300 orang.</h1>" in html
    assert "per Selasa, 24 November 2026, hari belum ditutup (tidak ada kegiatan)" in text(html)
    assert cells(html, "Pancoran") == ["40,0", "100", "40", "60", "+1"]
    assert cells(html, "Jagakarsa") == ["30,0", "100", "30", "70", "0"]
    assert cells(html, "Jumlah") == ["43,3", "300", "130", "170", "+1"]
    assert "Di antaranya 10 berdomisili di luar kota sekolahnya: 10 sudah rekam, 0 belum." in text(html)


def test_the_change_since_yesterday_is_of_the_day_that_is_asked_for(
    client: Client, office: Office, city: dict[str, School]
) -> None:
    signed_in(client, planner=office)

    html = client.get(PAGE, {"day": "2026-11-23"}).content.decode()

    assert cells(html, "Jagakarsa") == ["30,0", "100", "30", "70", "+10"]


def test_a_district_lists_its_schools_and_links_back(client: Client, office: Office, city: dict[str, School]) -> None:
    signed_in(client, lead_operator=office)

    html = client.get(PAGE, {"region": "31.74.08"}).content.decode()

    assert cells(html, "Sekolah small") == ["15,0", "20", "3", "17", "0"]
    assert f'href="{PAGE}?region=31.74">Jakarta Selatan</a>' in html


def test_an_official_sees_no_small_number_nor_what_gives_it_away(client: Client, office: Office, city: dict[str, School]) -> None:
    signed_in(client, official=office)

    html = client.get(PAGE, {"region": "31.74.08"}).content.decode()

    assert cells(html, "Sekolah small") == ["⋯", "20", "⋯", "⋯", "⋯"]
    assert cells(html, "Sekolah middle") == ["⋯", "30", "⋯", "⋯", "⋯"]
    assert cells(html, "Sekolah large") == ["42,0", "50", "21", "29", "⋯"]
    assert cells(html, "Jumlah") == ["40,0", "100", "40", "60", "–"]


@pytest.mark.parametrize("name", ["small", "middle"])
def test_the_page_of_a_hidden_school_is_hidden_too(client: Client, office: Office, city: dict[str, School], name: str) -> None:
    signed_in(client, official=office)

    html = client.get(f"/coverage/schools/{city[name].npsn}/").content.decode()

    assert "<h1>Angka tempat ini disembunyikan karena terlalu kecil.</h1>" in html
    assert "jb-kpi" not in html
    assert 'class="jb-trend' not in html


def test_the_spreadsheet_is_what_the_page_shows_and_is_audited(client: Client, office: Office, city: dict[str, School]) -> None:
    user = signed_in(client, official=office)

    answer = client.get("/coverage/export/", {"region": "31.74.08"})

    rows = list(openpyxl.load_workbook(BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))
    assert [row[:6] for row in rows[4:9]] == [
        ("Tempat", "Persen", "Sasaran", "Sudah rekam", "Belum rekam", "Selisih sejak kemarin"),
        ("Sekolah large", 42, 50, 21, 29, "⋯"),
        ("Sekolah middle", "⋯", 30, "⋯", "⋯", "⋯"),
        ("Sekolah small", "⋯", 20, "⋯", "⋯", "⋯"),
        ("Jumlah", 40, 100, 40, 60, None),
    ]
    entry = AuditEntry.objects.get(by=user)
    assert (entry.action, entry.detail) == ("exported", {"place": "31.74.08", "day": "2026-11-24", "kind": ""})


def test_a_kind_of_school_is_a_choice(client: Client, office: Office, city: dict[str, School]) -> None:
    signed_in(client, planner=office)

    html = client.get(PAGE, {"kind": "SMK"}).content.decode()

    assert cells(html, "Jumlah") == ["30,0", "100", "30", "70", "0"]
    assert ">Pancoran</a></th>" not in html


def test_a_kind_of_school_is_no_choice_where_it_tells_on_small_numbers(client: Client, office: Office) -> None:
    district = RegionFactory()
    fill(SchoolFactory(office=office, district=district, kind="SMA"), 60, {TODAY: 20})
    fill(SchoolFactory(office=office, district=district, kind="SMK"), 40, {TODAY: 2})
    fill(SchoolFactory(office=office, district=district, kind="SMA"), 40, {TODAY: 12})
    rollup.roll_up_touched(today=TODAY)
    signed_in(client, official=office)

    everything = client.get(PAGE).content.decode()
    chosen = client.get(PAGE, {"kind": "SMA"}).content.decode()

    assert 'name="kind"' not in everything
    assert "Angka tempat ini disembunyikan" in chosen


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"day": "2026-11-25"}, "Hari itu belum tiba. Pilih hari ini atau hari sebelumnya."),
        ({"day": "2026-10-19"}, "Belum ada angka untuk hari itu. Angka pertama adalah per 20 Oktober 2026."),
        ({"day": "kemarin"}, "Tanggal ini tidak terbaca. Tulis seperti 2026-11-24."),
        ({"day": "0000-00-00"}, "Tanggal ini tidak terbaca. Tulis seperti 2026-11-24."),
        ({"kind": "TK"}, "Jenjang ini tidak dikenal."),
        ({"region": "Jakarta"}, "Ini bukan kode wilayah. Bentuknya seperti 31.74 atau 31.74.08."),
    ],
)
@pytest.mark.parametrize("address", [PAGE, "/coverage/export/"])
def test_an_impossible_question_is_answered_with_a_sentence(
    client: Client, office: Office, city: dict[str, School], address: str, asked: dict[str, str], sentence: str
) -> None:
    signed_in(client, planner=office)

    answer = client.get(address, asked)

    assert answer.status_code == 400
    assert sentence in answer.content.decode()


def test_what_lies_outside_the_scope_does_not_exist(client: Client, office: Office, city: dict[str, School]) -> None:
    other = OfficeFactory(name="Suku Dinas Dukcapil Jakarta Timur", region=CityFactory(code="31.75", name="Jakarta Timur"))
    signed_in(client, official=other)

    answers = [
        client.get(PAGE, {"region": "31.74.08"}).status_code,
        client.get(PAGE, {"region": "31.74"}).status_code,
        client.get(f"/coverage/schools/{city['large'].npsn}/").status_code,
        client.get("/coverage/schools/99999999/").status_code,
    ]

    assert answers == [404, 404, 404, 404]


def test_a_school_administrator_sees_the_own_school_with_its_classes_and_nothing_else(
    client: Client, city: dict[str, School]
) -> None:
    signed_in(client, school_admin=city["small"])
    group = city["small"].class_groups.get()

    own = client.get(f"/coverage/schools/{city['small'].npsn}/")
    html = own.content.decode()

    assert "Tinggal 17 dari 20 orang." in html
    assert cells(html, group.name) == ["15,0", "20", "3", "17"]
    assert client.get(f"/coverage/schools/{city['large'].npsn}/").status_code == 404
    assert client.get(PAGE).status_code == 404
    assert f'href="{PAGE}"' not in html
    assert f'href="{PAGE}?' not in html


@pytest.mark.parametrize("role", ["operator", "system_admin"])
def test_other_roles_find_no_coverage(client: Client, office: Office, city: dict[str, School], role: str) -> None:
    signed_in(client, **{role: office})

    assert client.get(PAGE).status_code == 404
    assert client.get(f"/coverage/schools/{city['large'].npsn}/").status_code == 404


def test_before_the_first_roster_the_page_says_what_will_fill_it(client: Client, office: Office) -> None:
    SchoolFactory(office=office)
    signed_in(client, planner=office)

    html = client.get(PAGE).content.decode()

    assert "Belum ada angka" in html
    assert reverse("students:upload_list") in html


def test_changes_that_wait_too_long_are_named(client: Client, office: Office, city: dict[str, School]) -> None:
    signed_in(client, planner=office)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO drives_coveragetouch (school_id, since, touched_at) VALUES (%s, %s, now() - interval '3 minutes')",
            [city["large"].pk, TODAY],
        )

    assert "belum dihitung." in client.get(PAGE).content.decode()


def test_a_correction_after_the_closing_is_named(client: Client, office: Office, city: dict[str, School]) -> None:
    signed_in(client, planner=office)
    day = date(2026, 11, 23)
    DailyCoverage.objects.filter(day=day, school=city["south"]).update(is_final=True)
    late = Person.objects.filter(school=city["south"], recorded_on=None)[:2]
    for person in late:
        DukcapilStatus.objects.create(person=person, office=office, status="PRINT_READY_RECORD", dated_on=day, created_at=NOW)
    rollup.roll_up_touched(today=TODAY)

    html = client.get(PAGE, {"region": "31.74.09", "day": "2026-11-23"}).content.decode()

    assert "Tinggal 68 dari 100 orang." in html
    said = "Saat hari ditutup: 30 dari 100 sudah rekam. Koreksi: +2, terakhir dicatat 24 November 2026."
    assert said in text(html)


@pytest.mark.parametrize("role", ["planner", "official"])
def test_the_page_asks_as_much_of_the_database_for_three_schools_as_for_one(client: Client, office: Office, role: str) -> None:
    signed_in(client, **{role: office})
    asked = []
    for schools in (1, 2):
        for _ in range(schools):
            fill(SchoolFactory(office=office, district=RegionFactory()), 40, {TODAY: 10})
        rollup.roll_up_touched(today=TODAY)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(PAGE).status_code == 200
        asked.append(len(queries))

    assert asked == ([14, 14] if role == "planner" else [13, 13])  # the request's transaction with them


def test_the_command_says_what_the_page_says(office: Office, city: dict[str, School]) -> None:
    out = StringIO()

    call_command("coverage", "--region", "31.74", "--json", stdout=out)

    said = json.loads(out.getvalue())
    rows = said.pop("by")
    assert said == {
        "region": "31.74",
        "name": "Jakarta Selatan",
        "day": "2026-11-24",
        "is_closed": False,
        "denominator": 300,
        "denominator_is": "students old enough on the day, by where they go to school",
        "needing": 170,
        "recorded": 130,
        "left": 170,
        "percent": 43.3,
        "since_yesterday": 1,
    }
    assert rows[0] == {
        "region": "31.74.07",
        "name": "Kebayoran Baru",
        "denominator": 100,
        "needing": 40,
        "recorded": 60,
        "left": 40,
        "percent": 60.0,
        "since_yesterday": 0,
    }


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (["--region", "99.99"], "There are no schools in a region with the code 99.99."),
        (["--region", "31.74", "--day", "2027-01-01"], "There are figures from 2026-10-20 to 2026-11-24, none of 2027-01-01."),
    ],
)
def test_the_command_refuses_with_a_reason(city: dict[str, School], arguments: list[str], refusal: str) -> None:
    with pytest.raises(CommandError, match=re.escape(refusal)):
        call_command("coverage", *arguments)


def test_a_change_of_one_person_is_no_figure_for_an_official(client: Client, office: Office, city: dict[str, School]) -> None:
    signed_in(client, official=office)
    of_official = client.get(PAGE).content.decode()
    signed_in(client, planner=office)
    of_planner = client.get(PAGE).content.decode()

    assert cells(of_official, "Pancoran")[-1] == "⋯"
    assert "sejak kemarin · dari" not in text(of_official)
    assert cells(of_planner, "Pancoran")[-1] == "+1"


def test_an_officials_line_of_activity_is_shown_whole_or_not_at_all() -> None:
    quiet = dict.fromkeys(ACTIVITY, 0)

    assert shown_flows(quiet | {"recorded_count": 2, GUESTS: 3}) == {}
    assert shown_flows(quiet | {"recorded_count": 70, "failed_count": 1, GUESTS: 12}) == {GUESTS: 12}
    assert shown_flows(quiet | {"recorded_count": 70, GUESTS: 3}) == quiet | {"recorded_count": 70}


def test_a_correction_of_a_few_people_is_not_told_to_an_official() -> None:
    corrected = SchoolDay("", "", "", "", Figures(100, 40), added=Figures(0, -2), added_on=TODAY)

    assert shown_additions(corrected, sees_persons=False) is None
    assert shown_additions(corrected, sees_persons=True) == Figures(0, -2)


def graduate(school: School, count: int) -> None:
    """So many finished the day before yesterday without a recording."""
    people = Person.objects.filter(school=school, recorded_on=None).order_by("id")[:count]
    ended = {"ends_on": TODAY - timedelta(days=2), "end_reason": Enrolment.EndReason.GRADUATED}
    Enrolment.objects.filter(person__in=list(people.values_list("pk", flat=True))).update(**ended)
    rollup.roll_up_touched(today=TODAY)


@pytest.mark.parametrize("count", [4, 5])
def test_who_graduated_without_a_recording_is_a_line_of_its_own_with_its_list(
    client: Client, office: Office, city: dict[str, School], count: int
) -> None:
    graduate(city["south"], count)
    signed_in(client, planner=office)

    page, school_page = client.get(PAGE), client.get(f"/coverage/schools/{city['south'].npsn}/")

    for answer, address in (
        (page, "/students/?view=graduated"),
        (school_page, f"/students/?view=graduated&amp;school={city['south'].npsn}"),
    ):
        assert f"Lulus tanpa perekaman: {count} ." in text(answer.content.decode())
        assert f'href="{address}"' in answer.content.decode()
    assert client.get("/students/?view=graduated").context["total"] == count


@pytest.mark.parametrize(("count", "is_shown"), [(4, False), (5, True)])
def test_an_official_sees_graduates_from_five_on_and_no_list(
    client: Client, office: Office, city: dict[str, School], count: int, is_shown: bool
) -> None:
    graduate(city["south"], count)
    signed_in(client, official=office)

    page = client.get(PAGE).content.decode()
    sheet = openpyxl.load_workbook(BytesIO(client.get(f"{PAGE}export/").content)).worksheets[0]

    assert ("Lulus tanpa perekaman" in page) is is_shown
    assert "view=graduated" not in page
    found = [row for row in sheet.iter_rows(values_only=True) if str(row[0]).startswith("Lulus tanpa perekaman")]
    assert [row[2] for row in found] == ([count] if is_shown else [])


def test_a_part_of_the_city_or_an_earlier_day_has_no_list_of_graduates(
    client: Client, office: Office, city: dict[str, School]
) -> None:
    graduate(city["south"], 5)
    signed_in(client, planner=office)

    pages = [client.get(PAGE, asked).content.decode() for asked in ({"region": "31.74.09"}, {"day": "2026-11-23"})]

    assert all("Lulus tanpa perekaman" in page and "view=graduated" not in page for page in pages)
