"""Every command of the house answers a machine with one JSON object, and ends with 0, 1 (refused) or 2 (wrong usage)."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands

from drives.coverage.rollup import roll_up
from drives.models import DukcapilStatus
from schools.models import School
from students.models import Person
from tests.drives.statuses.lists import FIRST, line, workbook
from tests.factories import NOW, TODAY, ClassGroupFactory, KitFactory, PersonFactory, SchoolFactory
from tests.students.roster.uploads import girl, roster
from tests.worker import worker_environment

NPSN = "20102575"
OURS = {
    "add_user",
    "coverage",
    "demo",  # tests/drives/demo tells it once, and reads its answer
    "export_check_list",
    "import_roster",
    "import_statuses",
    "load_reference",
    "messages",  # for who builds the product, not for who runs it
    "plan_drive",
    "plan_season",
    "publish_season",
    "purge",
    "rollup_coverage",
    "send_due_notices",
    "up",
}
PLAN = ("--school", NPSN, "--days", "2026-11-24", "--sessions", "07.00-10.00", "--kits", "2", "--today", "2026-11-20")
ACCOUNT = ("endang", "--name", "Endang", "--role", "planner", "--region")


def run(name: str, *arguments: str) -> tuple[int, str]:
    """The exit code and what was printed, without a process of its own."""
    out = StringIO()
    try:
        call_command(name, *arguments, stdout=out)
    except CommandError as refusal:
        return refusal.returncode, out.getvalue()
    except SystemExit as ending:
        return int(ending.code or 0), out.getvalue()
    return 0, out.getvalue()


def answer(name: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Exactly one JSON object, whatever the exit code."""
    code, printed = run(name, "--json", *arguments)
    found = json.loads(printed)
    assert isinstance(found, dict)
    return code, found


@pytest.fixture
def school(db: None) -> School:
    """One pupil of SMAN 55 who needs recording, and two kits; it is Friday, 20 November 2026."""
    made: School = SchoolFactory(npsn=NPSN, name="SMAN 55 Jakarta")
    PersonFactory(enrolled=ClassGroupFactory(school=made), nik=FIRST)
    KitFactory.create_batch(2, office=made.office)
    return made


@pytest.fixture(autouse=True)
def friday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def test_these_are_all_commands_there_are() -> None:
    ours = {name for name, app in get_commands().items() if app in {"config", "schools", "students", "drives"}}

    assert ours == OURS


@pytest.mark.django_db
def test_reference_data_twice() -> None:
    code, first = answer("load_reference")
    _code, second = answer("load_reference")

    assert (code, first["schools_added"], first["schools"]) == (0, first["schools"], School.objects.count())
    assert {name: count for name, count in second.items() if name.endswith(("_added", "_changed"))} == {
        "regions_added": 0,
        "regions_changed": 0,
        "offices_added": 0,
        "schools_added": 0,
    }


def test_a_roster_is_read_and_written_only_when_approved(school: School, tmp_path: Path) -> None:
    file = tmp_path / "daftar.xlsx"
    file.write_bytes(roster(girl(0)))
    arguments = (str(file), "--school", NPSN, "--today", "2026-11-20", "--force-school")

    read, people_then = answer("import_roster", *arguments), Person.objects.count()
    written = answer("import_roster", *arguments, "--approve")

    assert [(code, found["rows"], found["applied"]) for code, found in (read, written)] == [(0, 1, False), (0, 1, True)]
    assert (people_then, Person.objects.count()) == (1, 2)


def test_a_list_is_exported_for_the_offices_own_look_up(school: School, tmp_path: Path) -> None:
    code, found = answer("export_check_list", str(tmp_path / "daftar.xlsx"), "--school", NPSN)

    assert (code, found["persons"], found["refused"]) == (0, 1, None)
    assert (tmp_path / "daftar.xlsx").stat().st_mode & 0o777 == 0o600


def test_a_result_is_read_and_written_only_when_approved(school: School, tmp_path: Path) -> None:
    file = tmp_path / "hasil.xlsx"
    file.write_bytes(workbook(line(FIRST, "BELUM REKAM")))

    read, statuses_then = answer("import_statuses", str(file)), DukcapilStatus.objects.count()
    written = answer("import_statuses", str(file), "--approve")

    assert [(code, found["new"], found["applied"]) for code, found in (read, written)] == [(0, 1, False), (0, 1, True)]
    assert (statuses_then, DukcapilStatus.objects.count()) == (0, 1)


@pytest.mark.usefixtures("school")
def test_a_drive_is_planned() -> None:
    code, found = answer("plan_drive", *PLAN)

    assert (code, found["eligible"], found["assigned"], found["short"]) == (0, 1, 1, 0)


def test_coverage_is_counted_compared_and_said(school: School) -> None:
    counted = answer("rollup_coverage", "--from", "2026-11-19")
    verified = answer("rollup_coverage", "--from", "2026-11-19", "--verify")
    code, said = answer("coverage", "--region", "31.74")

    assert (counted[0], counted[1]["schools"], verified) == (
        0,
        1,
        (0, {"from": "2026-11-19", "to": "2026-11-20", "different": []}),
    )
    assert (code, said["day"], said["denominator"], said["recorded"], said["left"]) == (0, "2026-11-20", 1, 0, 1)


@pytest.mark.usefixtures("school")
def test_an_account_is_made_with_a_link_to_choose_a_password() -> None:
    code, found = answer("add_user", *ACCOUNT, "31.74")

    assert (code, found["username"], found["role"]) == (0, "endang", "planner")
    assert found["link"].startswith(settings.SITE_URL)


@pytest.mark.django_db
def test_an_empty_outbox_is_passed_through() -> None:
    code, found = answer("send_due_notices", "--now", "2026-11-20T08:00")

    assert (code, set(found.values())) == (0, {0})


def spoilt(folder: Path) -> str:
    file = folder / "bukan-daftar.xlsx"
    file.write_bytes(b"%PDF-1.7 no list at all")
    return str(file)


REFUSED: dict[str, Callable[[Path], tuple[str, ...]]] = {
    "a roster that is none": lambda folder: ("import_roster", spoilt(folder), "--school", NPSN),
    "a result that is none": lambda folder: ("import_statuses", spoilt(folder)),
    "a drive on a day of the past": lambda _folder: ("plan_drive", *PLAN[:3], "2026-11-18", *PLAN[4:]),
    "coverage of an unknown region": lambda _folder: ("coverage", "--region", "99"),
    "coverage that nobody has counted": lambda _folder: ("coverage", "--region", "31.74"),
    "an account in an unknown region": lambda _folder: ("add_user", *ACCOUNT, "99"),
    "a count of days to come": lambda _folder: ("rollup_coverage", "--to", "2026-11-21"),
    "a count that ends before it begins": lambda _folder: ("rollup_coverage", "--from", "2026-11-20", "--to", "2026-11-19"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_is_said_with_its_reason_and_ends_with_1(school: School, tmp_path: Path, case: str) -> None:
    command = REFUSED[case](tmp_path)

    code, found = answer(*command)

    assert (code, bool(found["refused"]["message"])) == (1, True)
    assert run(*command)[0] == 1


def test_an_empty_list_is_refused(school: School, tmp_path: Path) -> None:
    Person.objects.update(nik_sealed=None, nik_digest=None)

    code, found = answer("export_check_list", str(tmp_path / "daftar.xlsx"), "--school", NPSN)

    assert (code, bool(found["refused"]["message"]), list(tmp_path.iterdir())) == (1, True, [])


def test_figures_that_differ_end_with_1_and_are_listed(school: School) -> None:
    roll_up(since_by_school={school.pk: TODAY}, until=TODAY, noted_on=TODAY)
    Person.objects.update(birth_date=date(2015, 1, 1))

    code, found = answer("rollup_coverage", "--from", "2026-11-20", "--verify")

    assert (code, [(cell["school"], cell["day"]) for cell in found["different"]]) == (1, [(NPSN, "2026-11-20")])


@pytest.mark.parametrize(
    "command",
    [
        ("export_check_list", "/no/such/folder/daftar.xlsx", "--school", NPSN),
        ("export_check_list", "daftar.xlsx", "--school", "00000000"),
        ("import_statuses", "/no/such/file.xlsx"),
        ("plan_drive", *PLAN[:1], "00000000", *PLAN[2:]),
    ],
    ids=lambda command: f"{command[0]} {command[-1]}",
)
@pytest.mark.usefixtures("school")
def test_what_does_not_exist_is_wrong_usage(command: tuple[str, ...]) -> None:
    assert run(*command)[0] == 2


def manage(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """As somebody types it, on the test's own database."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=worker_environment(folder),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "command",
    [
        ("coverage",),
        ("demo", "--students", "12"),
        ("rollup_coverage", "--from", "yesterday"),
        ("send_due_notices", "--now", "soon"),
    ],
    ids=lambda command: command[0],
)
def test_wrong_usage_ends_with_2_and_says_how_it_is_meant(tmp_path: Path, command: tuple[str, ...]) -> None:
    ended = manage(tmp_path, *command)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert f"usage: manage.py {command[0]}" in ended.stderr


@pytest.mark.django_db
def test_a_refusal_ends_the_process_with_1_and_without_a_traceback(tmp_path: Path) -> None:
    ended = manage(tmp_path, "coverage", "--region", "99", "--json")

    assert (ended.returncode, json.loads(ended.stdout)["region"]) == (1, "99")
    assert "Traceback" not in ended.stderr


@pytest.mark.django_db
def test_purge_says_what_it_would_forget() -> None:
    assert answer("purge", "--dry-run") == (0, {"roster_files": 0, "roster_rows": 0, "dry_run": True})
