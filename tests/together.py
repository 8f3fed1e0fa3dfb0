"""Several clients at the same moment, each on a connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.core.exceptions import ValidationError
from django.db import connections

# Seconds until somebody who does not come is missed; a machine that does other things too may take long.
PATIENCE = 120


def together(*calls: Callable[[int], object], seconds: float = PATIENCE) -> None:
    """Run the calls at once, each with its number; an exception of any is raised here."""
    start = Barrier(len(calls))

    def run(number: int, call: Callable[[int], object]) -> None:
        try:
            start.wait(timeout=seconds)
            call(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        for done in [pool.submit(run, number, call) for number, call in enumerate(calls)]:
            done.result(timeout=seconds)


def outcomes_of(*acts: Callable[[], object]) -> list[str]:
    """Run the acts at once; what became of each, in the order of the alphabet: "done", or the codes of its refusal."""
    outcomes = [""] * len(acts)

    def run(number: int) -> None:
        try:
            acts[number]()
            outcomes[number] = "done"
        except ValidationError as refusal:
            outcomes[number] = " ".join(sorted({str(each.code) for each in _errors(refusal)}))
        except Exception as error:
            outcomes[number] = repr(error)

    together(*[run] * len(acts))
    return sorted(outcomes)


def _errors(refusal: ValidationError) -> list[ValidationError]:
    by_field = refusal.error_dict.values() if hasattr(refusal, "error_dict") else [refusal.error_list]
    return [error for errors in by_field for error in errors]
