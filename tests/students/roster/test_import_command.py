"""`import_roster` from the command line: exit codes, its JSON, and never a NIK."""

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from schools.models import School
from students.management.commands.import_roster import Command
from students.models import Enrolment, Person, RosterUpload
from tests.factories import SchoolFactory
from tests.students.roster.conftest import FILES
from tests.students.roster.uploads import girl, roster

pytestmark = pytest.mark.django_db
KEYS = [
    "file", "format", "rows", "new", "changed", "unchanged", "moved", "similar", "missing", "ready", "problems", "applied",
    "refused",
]  # fmt: skip
EDGE_CASES = next(FILES.glob("daftar_pd-SMA CONTOH*.xlsx"))


@pytest.fixture
def school(db: None) -> School:
    return SchoolFactory(npsn="20102575", name="SMAN 55 Jakarta")


def run(file: Path, *arguments: str, npsn: str = "20102575") -> tuple[str, int]:
    """What it printed, and its exit code."""
    output = StringIO()
    try:
        call_command("import_roster", str(file), "--school", npsn, "--today", "2026-11-21", *arguments, stdout=output)
    except SystemExit as ending:
        return output.getvalue(), int(ending.code or 0)
    return output.getvalue(), 0


def answer(file: Path, *arguments: str, npsn: str = "20102575") -> dict[str, Any]:
    printed, _code = run(file, "--json", *arguments, npsn=npsn)
    found: dict[str, Any] = json.loads(printed)
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "daftar.xlsx"
    path.write_bytes(roster(girl(0), girl(1, NIK="31740362080991")))
    return path


def test_the_json_has_exactly_these_keys(school: School, file: Path) -> None:
    found = answer(file)

    assert list(found) == KEYS
    assert {key: found[key] for key in KEYS if key != "problems"} == {
        "file": "daftar.xlsx", "format": "dapodik", "rows": 2, "new": 2, "changed": 0, "unchanged": 0, "moved": 0, "similar": 0,
        "missing": 0, "ready": 2, "applied": False, "refused": None,
    }  # fmt: skip
    [problem] = found["problems"]
    assert list(problem) == ["row", "column", "code", "level", "message"]
    assert (problem["row"], problem["column"], problem["code"], problem["level"]) == (8, "NIK", "nik_length", "error")


def test_without_approve_nothing_is_written(school: School, file: Path) -> None:
    printed, code = run(file)

    assert (code, Person.objects.count(), RosterUpload.objects.count()) == (0, 0, 0)
    assert "--approve" in printed


def test_with_approve_what_is_ready_is_imported_once(school: School, file: Path) -> None:
    assert answer(file, "--approve")["applied"] is True
    again = answer(file, "--approve")

    assert (again["unchanged"], again["new"]) == (2, 0)
    assert (Person.objects.count(), Enrolment.objects.count()) == (2, 2)


@pytest.mark.parametrize("arguments", [[], ["--json"], ["--approve"]])
def test_no_nik_is_ever_printed(school: School, arguments: list[str]) -> None:
    printed, _code = run(EDGE_CASES, "--force-school", *arguments)

    assert printed
    assert re.findall(r"\d{9,}", printed) == []


def test_a_file_that_names_another_school_is_refused_unless_forced(school: School) -> None:
    refused = answer(EDGE_CASES)
    forced = answer(EDGE_CASES, "--force-school")

    assert (refused["refused"]["code"], refused["rows"], run(EDGE_CASES)[1]) == ("wrong_school", 0, 1)
    assert (forced["refused"], forced["rows"]) == (None, 24)


@pytest.mark.parametrize(
    ("name", "content", "npsn", "code"),
    [
        ("catatan.txt", b"halo", "20102575", "not_a_roster"),
        ("kosong.xlsx", b"", "20102575", "file_empty"),
        ("besar.xlsx", bytes(10 * 1024 * 1024 + 1), "20102575", "file_too_large"),
        ("daftar.xlsx", b"halo", "99999999", "school_unknown"),
        ("", b"", "20102575", "file_not_found"),
    ],
)
def test_a_refusal_is_told_and_ends_with_1(
    school: School, tmp_path: Path, name: str, content: bytes, npsn: str, code: str
) -> None:
    path = tmp_path / name
    if name:
        path.write_bytes(content)

    printed, ending = run(path, "--json", "--approve", npsn=npsn)

    refused = json.loads(printed)["refused"]
    assert (ending, refused["code"]) == (1, code)
    assert refused["message"]
    assert RosterUpload.objects.count() == 0


@pytest.mark.parametrize("arguments", [["--school", "20102575", "--today", "besok"], ["--school", "20102575", "--nothing"], []])
def test_wrong_usage_ends_with_2(file: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        Command().run_from_argv(["manage.py", "import_roster", str(file), *arguments])

    assert ending.value.code == 2
    assert "usage:" in capsys.readouterr().err
