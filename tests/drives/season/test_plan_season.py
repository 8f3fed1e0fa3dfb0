"""`plan_season`: all schools of a city, from the command line, without a worker."""

import json
import sys
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, ManagementUtility, call_command

from drives.models import Kit, Season, SeasonCard
from schools.models import Closure, School
from tests.drives.planning.pupils import AGED_16, AGED_17, make_class, make_kits
from tests.drives.season.seasons import MONDAY, make_city, overbooked, turns
from tests.factories import SchoolFactory

pytestmark = pytest.mark.django_db

ARGUMENTS = ("--city", "31.74", "--from", "2027-01-11", "--to", "2027-01-29", "--today", "2026-11-20", "--seconds", "10")


def run(*arguments: str) -> tuple[int, str]:
    """The exit code and what was printed."""
    out = StringIO()
    try:
        call_command("plan_season", *arguments, stdout=out)
    except CommandError as refusal:
        return refusal.returncode, out.getvalue() + str(refusal)
    except SystemExit as ending:
        return int(ending.code or 0), out.getvalue()
    return 0, out.getvalue()


def answer(*arguments: str) -> tuple[int, dict[str, Any]]:
    code, printed = run("--json", *arguments)
    found = json.loads(printed)
    assert isinstance(found, dict)
    return code, found


def test_the_answer_is_what_the_design_says() -> None:
    make_city((20, 5), (3, 1))
    make_kits(2)

    code, found = answer(*ARGUMENTS, "--kits", "2")

    assert (code, found["status"], found["unplaced"], found["locked"]) == (0, "optimal", [], [])
    assert list(found) == ["status", "objective", "bound", "gap", "seconds", "placements", "unplaced", "locked"]
    assert sorted((each["school"], each["people"]) for each in found["placements"]) == [
        ("SMAN 1 Jakarta", 25),
        ("SMAN 2 Jakarta", 4),
    ]
    for each in found["placements"]:
        assert list(each) == ["school", "days", "part", "kits", "people", "why"]
        assert each["days"] == ["2027-01-11"]
        assert "Ini hari kerja pertama dalam musim." in each["why"]
    assert found["bound"] <= found["objective"]
    assert found["gap"] <= 0.0005


def test_nothing_is_written_without_approval() -> None:
    make_city((20, 5))

    code, printed = run(*ARGUMENTS, "--kits", "3")

    assert (code, Season.objects.count(), Kit.objects.count()) == (0, 0, 0)
    assert "Nothing was written; use --approve." in printed


def test_approved_twice_it_is_one_season_whose_turns_stay() -> None:
    make_city((20, 5), (3, 1))

    first, _printed = run(*ARGUMENTS, "--kits", "3", "--approve")
    season = Season.objects.get()
    then = turns(season)
    second, _printed = run(*ARGUMENTS, "--kits", "3", "--approve")

    assert (first, second, len(then)) == (0, 0, 2)
    assert turns(Season.objects.get()) == then
    assert (season.kit_limit, Kit.objects.count()) == (3, 3)
    assert overbooked(season) == set()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--kits", "0"), "no_kits"),
        (("--kits", "2", "--to", "2027-01-10"), "period_reversed"),
        (("--kits", "2", "--today", "2027-02-01"), "period_past"),
        (("--kits", "2", "--to", "2028-02-01"), "period_too_long"),
        (("--kits", "9", "--approve"), "too_few_kits"),
    ],
)
def test_impossible_wishes_are_refused_with_a_reason(arguments: tuple[str, ...], code: str) -> None:
    make_city((20, 5))
    make_kits(2)

    ending, found = answer(*ARGUMENTS, *arguments)
    in_words, said = run(*ARGUMENTS, *arguments)

    assert (ending, found["refused"]["code"], in_words) == (1, code, 1)
    assert said == found["refused"]["message"]
    assert SeasonCard.objects.count() == 0


def test_a_closure_over_every_day_and_a_city_without_pupils_are_refused() -> None:
    make_kits(2)
    nobody = answer(*ARGUMENTS, "--kits", "2")
    school = make_city((20, 5))[0]
    Closure.objects.create(office=school.office, starts_on=MONDAY, ends_on=date(2027, 1, 29), reason="Pindah kantor")
    closed = answer(*ARGUMENTS, "--kits", "2")

    assert [(code, found["refused"]["code"]) for code, found in (nobody, closed)] == [(1, "nobody_waits"), (1, "no_working_day")]


@pytest.mark.parametrize(("option", "value"), [("--city", "99.99"), ("--seconds", "0"), ("--from", "kemarin"), ("--kits", "dua")])
def test_wrong_usage_ends_with_2(option: str, value: str) -> None:
    make_city((2, 0))
    wrong = dict(zip(ARGUMENTS[::2], ARGUMENTS[1::2], strict=True)) | {"--kits": "2", option: value}

    process_code = _as_a_process([word for pair in wrong.items() for word in pair])

    assert process_code == 2


def _as_a_process(arguments: list[str]) -> int:
    """As the shell sees it, without a process of its own: what argparse refuses ends with 2 as well."""
    before = sys.stderr
    sys.stderr = StringIO()
    try:
        ManagementUtility(["manage.py", "plan_season", *arguments]).execute()
    except SystemExit as ending:
        return int(ending.code or 0)
    finally:
        sys.stderr = before
    return 0


def test_a_school_that_cannot_be_placed_is_named_with_what_to_change() -> None:
    one = make_city((20, 5), (3, 1))[0]
    make_kits(2)
    Closure.objects.create(school=one, starts_on=MONDAY, ends_on=date(2027, 1, 29), reason="PKL")

    _code, found = answer(*ARGUMENTS, "--kits", "2")

    assert [each["school"] for each in found["unplaced"]] == [one.name]
    assert found["unplaced"][0]["why"].startswith("Sekolah tutup pada setiap hari kerja dalam musim (PKL).")


def test_a_city_of_12_000_in_60_schools_is_planned() -> None:
    for number in range(60):
        school: School = SchoolFactory(name=f"SMAN {number} Jakarta", latitude=-6.2 - number % 8 / 100, longitude=106.8)
        make_class(school, "XI 1", [AGED_17] * (40 + number) + [AGED_16] * 131)
    period = ("--city", "31.74", "--from", "2027-01-11", "--to", "2027-06-11", "--today", "2026-11-20", "--seconds", "5")

    code, found = answer(*period, "--kits", "10")

    assert code == 0
    assert sum(each["people"] for each in found["placements"]) + len(found["unplaced"]) == 12_030
    assert found["gap"] < 0.25
