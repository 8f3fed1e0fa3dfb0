"""Thousands of damaged rosters, read as the product reads them: none an error, none slow, none hungry, and always the next one.

`python -m tests.soak.mutated_files --count 5000 --seed 1 --seconds 1500` prints a table and writes var/soak-rosters.json.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PROCESSES = 2
SHARE = 75
MOST_SECONDS, MOST_MEBIBYTES = 10.0, 512.0
GOOD_ROWS = 5


@dataclass(slots=True)
class Tally:
    """What came of the files so far. `findings`: every file that broke a promise, by number, so that it can be made again."""

    files: int = 0
    rows: int = 0
    read_afterwards: int = 0
    results: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    by_mutation: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    seconds: list[float] = field(default_factory=list)
    mebibytes: list[float] = field(default_factory=list)
    slowest: str = ""
    hungriest: str = ""
    findings: list[str] = field(default_factory=list)

    def add(self, number: int, mutation: str, size: int, found: Any, afterwards: Any) -> None:
        label = f"{number} {mutation} ({size:,} bytes)"
        self.files += 1
        self.rows += found.rows
        self.results[found.result.split(": ")[0] if found.result.startswith("error") else found.result] += 1
        self.ends["not begun" if found.ended is None else str(found.ended)] += 1
        self.by_mutation[mutation][found.result.split(":")[0]] += 1
        self.slowest = label if found.seconds > max(self.seconds, default=0) else self.slowest
        self.hungriest = label if found.mebibytes > max(self.mebibytes, default=0) else self.hungriest
        self.seconds.append(found.seconds)
        self.mebibytes.append(found.mebibytes)
        if found.result.startswith("error"):
            self.findings.append(f"{label}: {found.result}")
        if found.seconds > MOST_SECONDS or found.mebibytes > MOST_MEBIBYTES:
            self.findings.append(f"{label}: {found.seconds:.1f} s, {found.mebibytes:.0f} MiB")
        if (afterwards.result, afterwards.rows) == ("read", GOOD_ROWS):
            self.read_afterwards += 1
        else:
            self.findings.append(f"{label}: afterwards a good file was {afterwards.result}")

    def merge(self, other: "Tally") -> None:
        if max(other.seconds, default=0) > max(self.seconds, default=0):
            self.slowest = other.slowest
        if max(other.mebibytes, default=0) > max(self.mebibytes, default=0):
            self.hungriest = other.hungriest
        self.files += other.files
        self.rows += other.rows
        self.read_afterwards += other.read_afterwards
        self.results += other.results
        self.ends += other.ends
        for mutation, results in other.by_mutation.items():
            self.by_mutation[mutation] += results
        self.seconds += other.seconds
        self.mebibytes += other.mebibytes
        self.findings += other.findings

    def as_json(self) -> Mapping[str, Any]:
        return {
            "files": self.files,
            "rows": self.rows,
            "results": dict(self.results.most_common()),
            "good_file_read_afterwards": self.read_afterwards,
            "reading_process_ended": dict(self.ends.most_common()),
            "seconds": {"median": _at(self.seconds, 0.5), "p99": _at(self.seconds, 0.99), "most": _at(self.seconds, 1)},
            "slowest": self.slowest,
            "mebibytes": {"median": _at(self.mebibytes, 0.5), "p99": _at(self.mebibytes, 0.99), "most": _at(self.mebibytes, 1)},
            "hungriest": self.hungriest,
            "by_mutation": {name: dict(results) for name, results in sorted(self.by_mutation.items())},
            "findings": self.findings,
        }


def _at(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)], 3) if ordered else 0.0


def soak(numbers: range, *, seed: int, until: float) -> Tally:
    """Reads the files of these numbers in this process; begins none after `until` (of the monotonic clock)."""
    from tests.soak import specimens
    from tests.soak.mutations import mutated
    from tests.soak.watching import outcome, watched_processes
    from tests.students.regions import REGIONS

    tally = Tally()
    with watched_processes():
        for number in numbers:
            if time.monotonic() > until:
                break
            mutation, data = mutated(number, seed=seed)
            found = outcome(data, regions=REGIONS)
            tally.add(number, mutation, len(data), found, outcome(specimens.good_file(), regions=REGIONS))
    return tally


def _share(start: int, count: int, seed: int, until: float) -> Tally:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    return soak(range(start, min(start + SHARE, count)), seed=seed, until=until)


def in_parallel(count: int, *, seed: int, seconds: float, say: Callable[[str], None] = lambda _: None) -> Tally:
    """New small processes for every share: the system counts a child's memory from that of the process that asked for it."""
    whole, until = Tally(), time.monotonic() + seconds
    with multiprocessing.get_context("spawn").Pool(PROCESSES, maxtasksperchild=1) as pool:
        waiting = [pool.apply_async(_share, (start, count, seed, until)) for start in range(0, count, SHARE)]
        for result in waiting:
            whole.merge(result.get(timeout=seconds + 60))
            say(f"{whole.files} of {count} files, findings: {len(whole.findings)} {''.join(whole.findings[-1:])}")
    return whole


def table(tally: Tally) -> str:
    told = tally.as_json()
    lines = [f"{tally.files} files, {tally.rows} rows read; a good file read afterwards: {tally.read_afterwards}"]
    lines += [f"  {result:<34}{count:>6}" for result, count in told["results"].items()]
    lines += [f"  reading process ended with {code:<7}{count:>6}" for code, count in told["reading_process_ended"].items()]
    for unit in ("seconds", "mebibytes"):
        lines.append("  " + unit + ": " + ", ".join(f"{name} {value:g}" for name, value in told[unit].items()))
    lines += [f"  slowest: {tally.slowest}", f"  hungriest: {tally.hungriest}", ""]
    for mutation, results in told["by_mutation"].items():
        lines.append(f"  {mutation:<28}" + "".join(f"{name} {results.get(name, 0):<6}" for name in ("read", "refused", "error")))
    lines += ["", f"findings: {len(tally.findings)}", *tally.findings[:50]]
    return "\n".join(lines)


def _say(words: str) -> None:
    sys.stderr.write(words + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description="Reads damaged rosters.")
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1500, help="ends earlier, and fails, when this is over")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings

    tally = in_parallel(options.count, seed=options.seed, seconds=options.seconds, say=_say)
    told = {"count": options.count, "seed": options.seed, **tally.as_json()}
    (settings.VAR_DIR / "soak-rosters.json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    sys.stdout.write(table(tally) + "\n")
    return 0 if tally.files == options.count and not tally.findings else 1


if __name__ == "__main__":
    sys.exit(main())
