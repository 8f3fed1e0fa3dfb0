"""`python -m tests.benchmarks [part …] [--rounds N]`: prints a table and writes var/bench.json."""

import argparse
import os
import sys
import time


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.conf import settings

    from tests.benchmarks import assignment, outcomes, roster, season, uploads
    from tests.benchmarks.database import scratch_database
    from tests.benchmarks.timing import Compared, Limited, Measured, table, write

    parser = argparse.ArgumentParser(description="Measures us beside our peers and the bare limit.")
    parser.add_argument("parts", nargs="*", help="roster, uploads, outcomes, assignment, season; all of them if none is named")
    parser.add_argument("--rounds", type=int, default=roster.ROUNDS, help="of the rosters")
    options = parser.parse_args()
    started = time.monotonic()

    def say(words: str) -> None:
        sys.stderr.write(f"{time.monotonic() - started:6.1f} s  {words}\n")

    def is_wanted(part: str) -> bool:
        return not options.parts or part in options.parts

    results: list[Measured | Limited | Compared] = []
    if is_wanted("roster") or is_wanted("uploads"):
        with scratch_database():
            results += roster.measure(say, rounds=options.rounds) if is_wanted("roster") else []
            results += uploads.measure(say, rounds=options.rounds) if is_wanted("uploads") else []
    if is_wanted("outcomes"):
        with scratch_database():
            results += outcomes.measure(say)
    results += assignment.measure(say) if is_wanted("assignment") else []
    results += season.measure(say) if is_wanted("season") else []
    write(results, settings.VAR_DIR / "bench.json")
    sys.stdout.write(table(results) + "\n")


if __name__ == "__main__":
    main()
