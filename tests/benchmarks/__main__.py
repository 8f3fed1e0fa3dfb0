"""`python -m tests.benchmarks`: prints a table and writes var/bench.json."""

import os
import sys
import time


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.conf import settings

    from tests.benchmarks import assignment, roster, season, uploads
    from tests.benchmarks.database import scratch_database
    from tests.benchmarks.timing import Limited, Measured, table, write

    started = time.monotonic()

    def say(words: str) -> None:
        sys.stderr.write(f"{time.monotonic() - started:6.1f} s  {words}\n")

    with scratch_database():
        results: list[Measured | Limited] = [*roster.measure(say), *uploads.measure(say)]
    results += assignment.measure(say)
    results += season.measure(say)
    write(results, settings.VAR_DIR / "bench.json")
    sys.stdout.write(table(results) + "\n")


if __name__ == "__main__":
    main()
