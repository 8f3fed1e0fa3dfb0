"""Several clients at the same moment, each on a connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections


def together(*calls: Callable[[int], object], seconds: float = 60) -> None:
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
