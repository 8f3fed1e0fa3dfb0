"""The command asks about headings too, and takes the answers."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from schools.models import School
from students.management.commands.import_roster import Command
from students.models import HeadingAnswer, Person, RosterUpload
from tests.students.roster.asked import ANSWERS, HALF_KNOWN, answered, table
from tests.students.roster.clerks import doorbell, school
from tests.students.roster.test_asking import FIELDS, OWN
from tests.students.roster.uploads import reviewed

__all__ = ["doorbell", "school"]

pytestmark = pytest.mark.django_db


def run(file: Path, *arguments: str) -> tuple[str, int]:
    output = StringIO()
    try:
        call_command("import_roster", str(file), "--school", "20102575", "--today", "2026-11-21", *arguments, stdout=output)
    except SystemExit as ending:
        return output.getvalue(), int(ending.code or 0)
    return output.getvalue(), 0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "daftar.xlsx").write_bytes(table())
    return tmp_path / "daftar.xlsx"


@pytest.mark.parametrize("headings", [OWN, HALF_KNOWN], ids=["unknown", "half known"])
def test_the_command_names_the_questions_and_ends_with_1(school: School, file: Path, headings: list[str]) -> None:
    file.write_bytes(table(headings))

    told, code = run(file, "--json", "--approve")
    printed, _code = run(file)

    refused = json.loads(told)["refused"]
    assert (code, refused["code"], RosterUpload.objects.count()) == (1, "columns_unknown", 0)
    assert {"heading": "Identitas", "guess": "nik"} in refused["questions"]
    assert '--column "Identitas=nik"' in printed
    assert "SITI" not in told + printed


def test_the_command_takes_answers_and_uses_those_of_the_school(school: School, file: Path) -> None:
    given = [f"--column={heading}={field}" for heading, field in zip(OWN, FIELDS, strict=True)]

    assert json.loads(run(file, "--json", *given)[0])["ready"] == 3
    assert HeadingAnswer.objects.count() == 0

    answered(reviewed(school, table()), ANSWERS)
    assert json.loads(run(file, "--json")[0])["refused"] is None


def test_the_command_imports_a_file_that_waits_for_answers_on_the_page(school: School, file: Path) -> None:
    upload = reviewed(school, file.read_bytes())

    told = run(file, "--json", "--approve", *(f"--column={heading}={field}" for heading, field in zip(OWN, FIELDS, strict=True)))

    upload.refresh_from_db()
    assert (json.loads(told[0])["applied"], upload.status, upload.questions_sealed) == (True, "applied", None)
    assert Person.objects.count() == 3


@pytest.mark.parametrize("wrong", ["Identitas", "Identitas=number", "=nik"])
def test_an_answer_that_is_none_is_wrong_usage(file: Path, wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        Command().run_from_argv(["manage.py", "import_roster", str(file), "--school", "20102575", "--column", wrong])

    assert ending.value.code == 2
    assert "HEADING=FIELD" in capsys.readouterr().err
