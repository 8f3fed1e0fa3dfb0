"""A sample of `make soak` in every run of the tests, and that the soak itself sees what it looks for."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context

import django
import pytest
import time_machine

from students.roster import reading
from students.roster.checks import RosterLine
from tests.soak import mutated_files, mutations, specimens, watching
from tests.students.regions import REGIONS

SAMPLE = 150


def test_a_sample_of_damaged_files_is_read_or_refused_and_the_next_file_is_read() -> None:
    tally = mutated_files.in_parallel(SAMPLE, seed=7, seconds=900)

    assert tally.findings == []
    assert (tally.files, tally.read_afterwards) == (SAMPLE, SAMPLE)
    assert set(tally.by_mutation) == {mutation.__name__ for mutation in mutations.SHARES}
    assert tally.results["read"] > SAMPLE // 4  # damage that is always refused would prove little


@pytest.fixture(scope="module")
def small_process() -> Iterator[ProcessPoolExecutor]:
    """A reading process's memory counts from the process that begins it, and this one has grown with all other tests."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=django.setup) as pool:
        yield pool


def outcome_of(name: str) -> watching.Outcome:
    with watching.watched_processes():
        return watching.outcome(specimens.whole_files()[name], regions=REGIONS)


@pytest.mark.parametrize("name", specimens.whole_files())
def test_what_is_damaged_was_read_before(small_process: ProcessPoolExecutor, name: str) -> None:
    found = small_process.submit(outcome_of, name).result(timeout=300)

    assert (found.result, found.ended) == ("read", 0)
    assert found.rows >= 12
    assert 10 < found.mebibytes < mutated_files.MOST_MEBIBYTES


def test_the_same_number_and_seed_make_the_same_file() -> None:
    def made() -> list[str]:
        specimens.whole_files.cache_clear()
        return [hashlib.sha256(mutations.mutated(number, seed=3)[1]).hexdigest() for number in range(0, 210, 4)]

    with time_machine.travel(datetime(2026, 11, 21)):
        first = made()
    with time_machine.travel(datetime(2027, 3, 1, 9, 30)):
        again = made()

    assert first == again


def test_an_exception_and_a_character_that_no_database_takes_are_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError("columns")

    def read_nul(data: bytes, **_: object) -> reading.Roster:
        line = RosterLine(2, "S", "SITI\0", "P", None, "", None, "", None, "", "", "", "", "")
        return reading.Roster("", "table", 1, "", [line], [], {}, {})

    results = []
    for broken in (fail, read_nul):
        monkeypatch.setattr(watching, "read_roster", broken)
        results.append(watching.outcome(b"", regions=REGIONS).result)

    assert results == ["error: KeyError: 'columns'", "error: a character that cannot be stored: '\\x00'"]
