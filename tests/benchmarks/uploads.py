"""Rosters through the real worker: how much memory one of 12,000 rows takes, and what ten at once do to a check-in.

The workers are those of production (`config.celery.WORKERS`), the web server is gunicorn with its own settings.
A check-in is the console's request for an outcome, by an operator who is signed in, one after the other over one connection.
"""

import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from uuid6 import uuid7

from config.celery import WORKERS
from drives.models import Drive, Visit
from schools.models import School
from students.models import Enrolment, RosterUpload
from students.roster import intake
from tests.benchmarks import pupils
from tests.benchmarks.timing import Limit, Limited
from tests.factories import (
    ClassGroupFactory,
    DriveDayFactory,
    DriveFactory,
    DriveSessionFactory,
    KitDutyFactory,
    KitFactory,
    OperatorDutyFactory,
    PersonFactory,
    TimeslotFactory,
    UserFactory,
    VisitFactory,
)
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
    with ExitStack() as started:
        workers = []
        for name, options in WORKERS.items():
            command = ["celery", "-A", "config", "worker", f"--hostname={name}@%h", *options, "--loglevel=INFO"]
            workers.append(started.enter_context(_started(command, folder / f"{name}.log")))
        say("memory of the worker")
        memory = _memory(workers)
        port = _free_port()
        web = ["gunicorn", "-c", "config/gunicorn.py", "config.wsgi"]
        with _started(web, folder / "web.log", PORT=str(port), WEB_HOST="127.0.0.1"):
            return [memory, _check_ins(say, port, rounds)]


def _memory(workers: Sequence[int]) -> Limited:
    """High-water marks of resident memory, asked for until the import is over."""
    peaks: dict[str, int] = {}
    school = School.objects.get(npsn="20102575")
    data = pupils.dapodik(pupils.pupils(ROWS), school=school.name)
    upload = _upload(school, data)
    deadline = time.monotonic() + SECONDS
    while upload.status != RosterUpload.Status.APPLIED and time.monotonic() < deadline:
        for process in chain.from_iterable(map(_descendants, workers)):
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
        now = timezone.now()
        school = School.objects.get(npsn="20102575")
        drive = DriveFactory(school=school, office=school.office, status=Drive.Status.PUBLISHED, published_at=now)
        today = DriveDayFactory(drive=drive, day=timezone.localdate())
        opens = now - timedelta(hours=1)
        session = DriveSessionFactory(drive_day=today, starts_at=opens, ends_at=now + timedelta(hours=3))
        TimeslotFactory(session=session, starts_at=opens, ends_at=now + timedelta(hours=1))
        KitDutyFactory(kit=KitFactory(), drive_day=today)
        operator = UserFactory(operator=drive.office)
        OperatorDutyFactory(user=operator, drive_day=today)
        waiting = _waiting(drive, school, visits)
        client = Client()
        client.force_login(operator)
        address = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        page = f"/today/{today.pk}/"
        cookies = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
        _get(address, page, cookies)
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "X-CSRFToken": cookies[settings.CSRF_COOKIE_NAME],
            "Content-Type": "application/x-www-form-urlencoded",
            "HX-Request": "true",
        }
        return cls(address, page, headers, iter(waiting))

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


def _waiting(drive: Drive, school: School, count: int) -> list[str]:
    """People with a visit each, of a class: made as a hall has them, copied as many times as are needed."""
    group = ClassGroupFactory(school=school, name="XII TUNGGU", grade=12)
    first: Visit = VisitFactory(drive=drive, person=PersonFactory(enrolled=group))
    visits = [VisitFactory.build(drive=drive, person=first.person) for _ in range(count - 1)]
    made = []
    for number, visit in enumerate(visits):
        visit.person = PersonFactory.build(office=drive.office, school=None, name=f"Siswa Tunggu {number}")
        visit.school_id, visit.office_id, visit.code = first.school_id, first.office_id, f"{number:06d}"
        made.append(visit)
    type(first.person).objects.bulk_create([visit.person for visit in made], batch_size=1000)
    Visit.objects.bulk_create(made, batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return [str(visit.pk) for visit in made]


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


@contextmanager
def _started(command: Sequence[str], log: Path, **environment: str) -> Iterator[int]:
    """A process of ours with the benchmark's database and queue, ended with all that it started."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=settings.BASE_DIR,
            env=worker_environment(log.parent) | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process.pid
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _descendants(process: int) -> list[int]:
    """Of a process of ours, on Linux; the parent itself only rings and is not counted."""
    try:
        listed = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return []
    return [found for child in map(int, listed) for found in (child, *_descendants(child))]


def _high_water(process: int) -> int:
    """KiB of resident memory at most, so far."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1])
