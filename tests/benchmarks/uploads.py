"""Rosters through the real worker: how much memory one of 12,000 rows takes, and what ten at once do to a check-in.

The workers are those of production (`config.celery.WORKERS`), the web server is gunicorn with its own settings.
A check-in is the console's request for an outcome, by an operator who is signed in, one after the other over one connection.
"""

import http.client
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from uuid6 import uuid7

from config.celery import WORKERS
from schools.models import School
from students.models import Enrolment, RosterUpload
from students.roster import intake
from tests.benchmarks import pupils
from tests.benchmarks.hall import console_headers, hall_of_today, session_of
from tests.benchmarks.serving import family, free_port, started
from tests.benchmarks.timing import Limit, Limited
from tests.worker import worker_environment

ROWS: Final = 12_000
SCHOOLS, EACH, ROUNDS = 10, 1_200, 3
QUIET, FEW = 120, 5
SECONDS: Final = 120
UNDER_WAY: Final = (
    RosterUpload.Status.WAITING,
    RosterUpload.Status.READING,
    RosterUpload.Status.APPROVED,
    RosterUpload.Status.APPLYING,
)


def measure(say: Callable[[str], None], *, rounds: int = ROUNDS) -> list[Limited]:
    folder = settings.VAR_DIR / "tests" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    with ExitStack() as running:
        workers = []
        for name, options in WORKERS.items():
            command = ["celery", "-A", "config", "worker", f"--hostname={name}@%h", *options, "--loglevel=INFO"]
            run = [sys.executable, "-m", *command]
            workers.append(running.enter_context(started(run, folder / f"{name}.log", environment=worker_environment(folder))))
        say("memory of the worker")
        memory = _memory(workers)
        port = free_port()
        web = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi"]
        environment = worker_environment(folder) | {"PORT": str(port), "WEB_HOST": "127.0.0.1"}
        with started(web, folder / "web.log", environment=environment):
            return [memory, _check_ins(say, port, rounds)]


def _memory(workers: Sequence[int]) -> Limited:
    """High-water marks of resident memory, asked for until the import is over."""
    peaks: dict[str, int] = {}
    school = School.objects.get(npsn="20102575")
    data = pupils.dapodik(pupils.pupils(ROWS), school=school.name)
    upload = _upload(school, data)
    deadline = time.monotonic() + SECONDS
    while upload.status != RosterUpload.Status.APPLIED and time.monotonic() < deadline:
        for process in (one for worker in workers for one in family(worker) if one != worker):
            with suppress(OSError, IndexError, StopIteration):
                is_reader = b"students.roster.child" in Path(f"/proc/{process}/cmdline").read_bytes()
                name = "reading process" if is_reader else "worker process"
                peaks[name] = max(peaks.get(name, 0), _high_water(process))
        time.sleep(0.01)
        _approve(upload)
    if upload.status != RosterUpload.Status.APPLIED:
        raise RuntimeError(f"The roster was not imported: {upload.status} {upload.refusal_code}")
    limits = [Limit(f"MiB at most, {name}", peak / 1024, 300) for name, peak in sorted(peaks.items())]
    return Limited(f"Memory for a roster of {ROWS} rows", limits)


def _check_ins(say: Callable[[str], None], port: int, rounds: int) -> Limited:
    console = Console.opened(port, visits=rounds * (QUIET * 2 + 1_500))
    console.check_in(30)
    schools = list(School.objects.exclude(npsn="20102575").order_by("npsn")[: SCHOOLS * rounds])
    people = pupils.pupils(ROWS + EACH * SCHOOLS * rounds)[ROWS:]
    alone: list[float] = []
    meanwhile: list[float] = []
    took: list[float] = []
    for number in range(rounds):
        say(f"ten rosters at once, round {number + 1} of {rounds}")
        files = [
            (school, pupils.dapodik(people[first * EACH : (first + 1) * EACH], school=school.name))
            for first, school in enumerate(schools[number * SCHOOLS : (number + 1) * SCHOOLS], start=number * SCHOOLS)
        ]
        alone += _check_in_alone(console, school=schools[0])
        begun = time.perf_counter()
        uploads = [_upload(school, data) for school, data in files]
        while any(upload.status != RosterUpload.Status.APPLIED for upload in uploads):
            meanwhile += console.check_in(FEW)
            for upload in uploads:
                _approve(upload)
            if time.perf_counter() - begun > SECONDS:
                raise RuntimeError(f"Not imported: {[(upload.status, upload.refusal_code) for upload in uploads]}")
        took.append(time.perf_counter() - begun)
        alone += _check_in_alone(console, school=schools[0])
    entered = Enrolment.objects.filter(school__in=schools).count()
    limits = [
        Limit(f"of {SCHOOLS * rounds} uploads of 1,200 rows failed", SCHOOLS * rounds - entered / EACH, 0),
        Limit("× as long takes a check-in meanwhile (median)", statistics.median(meanwhile) / statistics.median(alone), 1.2),
        Limit("× as long takes a check-in meanwhile (95 of 100)", _p95(meanwhile) / _p95(alone), 1.2),
    ]
    notes = {
        "check-in alone, ms (median, 95 of 100)": f"{statistics.median(alone) * 1e3:.1f}, {_p95(alone) * 1e3:.1f}",
        "check-in meanwhile, ms": f"{statistics.median(meanwhile) * 1e3:.1f}, {_p95(meanwhile) * 1e3:.1f}",
        "check-ins alone, meanwhile": f"{len(alone)}, {len(meanwhile)}",
        "ten rosters, s": f"{statistics.median(took):.1f}",
    }
    return Limited(f"Ten rosters of {EACH} rows at once, while people are checked in", limits, notes)


def _check_in_alone(console: "Console", *, school: School) -> list[float]:
    """In the same few at a time, with as many looks at uploads between them, as while rosters come in."""
    seconds = []
    for _ in range(QUIET // FEW):
        seconds += console.check_in(FEW)
        for _ in range(SCHOOLS):
            RosterUpload.objects.filter(school=school).values_list("status", flat=True).first()
    return seconds


def _upload(school: School, data: bytes) -> RosterUpload:
    now = timezone.now()
    return intake.upload_roster(school=school, data=data, filename="daftar.xlsx", by=None, now=now)


def _approve(upload: RosterUpload) -> None:
    """Say yes as soon as there is something to say yes to."""
    upload.refresh_from_db(fields=["status", "refusal_code"])
    if upload.status == RosterUpload.Status.REVIEW:
        intake.approve_upload(upload=upload, by=None, now=timezone.now(), is_right_school=True)
    elif upload.status not in (*UNDER_WAY, RosterUpload.Status.APPLIED):
        raise RuntimeError(f"A roster was not imported: {upload.status} {upload.refusal_code}")


def _p95(seconds: Sequence[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


@dataclass
class Console:
    """An operator's tablet on today's drive day, with people who wait."""

    connection: http.client.HTTPConnection
    page: str
    headers: dict[str, str]
    waiting: Iterator[str]

    @classmethod
    def opened(cls, port: int, *, visits: int) -> "Console":
        hall = hall_of_today(visits=visits)
        address = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        page = f"/today/{hall.drive_day.pk}/"
        cookies = {settings.SESSION_COOKIE_NAME: session_of(hall.operators[0])}
        _get(address, page, cookies)
        return cls(address, page, console_headers(cookies), iter(hall.visits))

    def check_in(self, count: int) -> list[float]:
        """Seconds of each request; the connection itself is made before, since the server closes one that nobody uses."""
        seconds = []
        self.connection.close()
        self.connection.connect()
        for _ in range(count):
            address = f"{self.page}visits/{next(self.waiting)}/outcome/"
            form = urlencode({"event_id": str(uuid7()), "outcome": "recorded"})
            begun = time.perf_counter()
            self.connection.request("POST", address, form, self.headers)
            answer = self.connection.getresponse()
            body = answer.read()
            seconds.append(time.perf_counter() - begun)
            if answer.status != 200:
                raise RuntimeError(f"The check-in was answered with {answer.status}: {body[:300]!r}")
        return seconds


def _get(address: http.client.HTTPConnection, page: str, cookies: dict[str, str]) -> None:
    """Open the page as soon as the server answers; what it sets is kept."""
    deadline = time.monotonic() + 30
    while True:
        try:
            address.request("GET", page, headers={"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())})
            answer = address.getresponse()
            answer.read()
            break
        except OSError:
            address.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)
    if answer.status != 200:
        raise RuntimeError(f"The console was answered with {answer.status}.")
    for line in answer.headers.get_all("Set-Cookie") or []:
        name, _, value = line.partition(";")[0].partition("=")
        cookies[name] = value


def _high_water(process: int) -> int:
    """KiB of resident memory at most, so far."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1])
