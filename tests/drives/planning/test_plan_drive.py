"""The command: what it says, what it writes, and how it refuses."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from drives.models import Appointment, Drive, Kit
from drives.planning.actions import create_drive
from tests.drives.planning.pupils import FRIDAY, make_kits, make_school, plan, sman_55
from tests.factories import SchoolFactory

pytestmark = pytest.mark.django_db

DAYS = "2026-11-24,2026-11-25,2026-11-26"
KEYS = {"eligible", "places", "short", "timeslots", "assigned", "left_over", "classes_split"}


def run(*arguments: str, **changes: str) -> str:
    out = StringIO()
    said(out, *arguments, **changes)
    return out.getvalue()


def said(out: StringIO, /, *arguments: str, **changes: str) -> None:
    wishes = {"school": "20102575", "days": DAYS, "sessions": "07.00-10.00,10.30-13.30", "kits": "5", "today": "2026-11-20"}
    named = [part for name, value in (wishes | changes).items() for part in (f"--{name}", value)]
    call_command("plan_drive", *named, *arguments, stdout=out)


def answer(*arguments: str, **changes: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("--json", *arguments, **changes))
    return found


@pytest.mark.parametrize(("kits", "places", "short", "assigned"), [("4", 366, 86, 366), ("5", 456, 0, 452)])
def test_452_students_in_three_days(kits: str, places: int, short: int, assigned: int) -> None:
    sman_55()
    make_kits(6)

    found = answer(kits=kits)

    assert found.keys() == KEYS
    assert (found["eligible"], found["places"], found["short"], found["assigned"]) == (452, places, short, assigned)
    assert sum(slot["places"] for slot in found["timeslots"]) == places
    assert sum(slot["taken"] for slot in found["timeslots"]) == assigned
    assert found["left_over"] == ([{"reason": "no_room", "count": 86}] if short else [])
    assert found["timeslots"][0] == {
        "day": "2026-11-24",
        "start": "07.00",
        "end": "07.30",
        "places": 10 if kits == "4" else 12,
    } | {"taken": found["timeslots"][0]["taken"]}


def test_nothing_is_written_without_approval() -> None:
    sman_55()

    assert "Nothing was written; use --approve." in run()
    assert (Drive.objects.count(), Appointment.objects.count(), Kit.objects.count()) == (0, 0, 0)


def test_an_approved_plan_is_a_draft_with_everybody_in_it() -> None:
    sman_55()

    found = answer("--approve")

    drive = Drive.objects.get()
    assert (drive.status, found["classes_split"]) == ("draft", 0)
    assert Appointment.objects.live().filter(drive=drive).count() == 452


def test_settings_come_from_the_office_unless_given() -> None:
    make_school({"XI MERDEKA 1": (3, 0), "XII MIPA 1": (2, 0)}, npsn="20102575")
    make_kits(5)

    assert answer("--minutes", "20", "--slack", "0.25", "--slot", "60", "--grades", "XI") == answer(
        minutes="20", slack="0.25", slot="60", grades="11"
    )
    assert answer("--grades", "XI")["eligible"] == 3
    assert len(answer("--slot", "60")["timeslots"]) == 18


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kits": "0"}, "no_kits"),
        ({"kits": "6"}, "too_few_kits"),
        ({"days": "2026-11-19"}, "past_day"),
        ({"days": "2026-12-25"}, "holiday"),
        ({"sessions": "10.00-10.00"}, "session_empty"),
        ({"sessions": "07.00-10.00,09.00-11.00"}, "sessions_overlap"),
        ({"minutes": "0"}, "minutes_out_of_range"),
        ({"slack": "1.5"}, "slack_out_of_range"),
        ({"slot": "5"}, "slot_length_out_of_range"),
    ],
)
def test_what_cannot_be_is_refused_with_its_code(changes: dict[str, str], code: str) -> None:
    make_school({"XI MERDEKA 1": (3, 0)}, npsn="20102575")
    make_kits(5)
    out = StringIO()

    with pytest.raises(SystemExit) as ending:
        said(out, "--json", **changes)

    assert ending.value.code == 1
    refused = json.loads(out.getvalue())["refused"]
    assert refused["code"] == code
    assert refused["message"]


def test_a_kit_that_is_elsewhere_is_refused_for_people_too() -> None:
    make_school({"XI MERDEKA 1": (3, 0)}, npsn="20102575")
    make_kits(1)
    create_drive(school=SchoolFactory(name="SMAN 8 Jakarta"), plan=plan(kits=1), by=None, now=FRIDAY)

    with pytest.raises(CommandError, match="SMAN 8 Jakarta") as refusal:
        run(kits="1")

    assert refusal.value.returncode == 1


@pytest.mark.parametrize(
    "changes",
    [{"school": "99999999"}, {"days": "tomorrow"}, {"sessions": "morning"}, {"kits": "many"}, {"slack": "x"}, {"grades": "z"}],
)
def test_wrong_usage_ends_with_2(changes: dict[str, str]) -> None:
    make_school({"XI MERDEKA 1": (3, 0)}, npsn="20102575")

    with pytest.raises(CommandError) as refusal:
        run(**changes)

    assert refusal.value.returncode == 2 or str(refusal.value).startswith("Error: argument")
