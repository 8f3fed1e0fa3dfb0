from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from students.roster import reader
from students.roster.reading import Roster, read_roster
from tests.students.regions import REGIONS
from tests.students.roster import workbooks

TODAY = date(2026, 11, 21)
FILES = Path(__file__).parent / "files"

Read = Callable[[bytes], Roster]


@pytest.fixture(autouse=True)
def _machine_that_does_other_things_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of processor time stands; how long a file waits for a processor is up to whoever else runs here."""
    monkeypatch.setattr(reader, "WALL_SECONDS", 90)


@pytest.fixture
def read() -> Read:
    """Read a file of a school on 21 November 2026."""
    return lambda data: read_roster(data, filename="daftar.xlsx", today=TODAY, regions=REGIONS)


@pytest.fixture(scope="session")
def edge_cases() -> bytes:
    return next(FILES.glob("daftar_pd-SMA CONTOH*.xlsx")).read_bytes()


@pytest.fixture(scope="session")
def sman_55() -> bytes:
    return next(FILES.glob("daftar_pd-SMAN 55*.xlsx")).read_bytes()


@pytest.fixture
def codes(read: Read) -> Callable[..., list[str]]:
    """The codes of the first line of a Dapodik file whose first student is changed so; two good ones follow."""

    def codes(**changed: object) -> list[str]:
        rows = [workbooks.student(**changed), *workbooks.students(12)[10:]]
        line = read(workbooks.xlsx(workbooks.dapodik(rows))).lines[0]
        return [problem.code for problem in line.problems]

    return codes
