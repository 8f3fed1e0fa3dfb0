"""Outcomes accepted a second on this machine, singly and in batches: ours, pretix's check-in, and the bare limit, in turn.

All are served by gunicorn with the same processes, threads and PostgreSQL, and asked over 16 connections by one client, which
runs on the same processors. Ours are told by a tablet with its own credential (what the drive day runs on) and by the console's
form (an operator who is signed in, a page in return). A batch is counted by its events.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, cycle, islice
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from uuid6 import uuid7

from drives.models import VisitEvent
from drives.tablets.actions import prepare
from tests.benchmarks.bare_views import SCRATCH
from tests.benchmarks.database import as_owner
from tests.benchmarks.hall import Hall, console_headers, hall_of_today, session_of
from tests.benchmarks.load import CONNECTIONS, Answers, Line, operators, press, request
from tests.benchmarks.peers.pretix import PeerUnavailableError, Pretix, pretix
from tests.benchmarks.serving import database_server, free_port, processor_seconds, started, wait_for
from tests.benchmarks.timing import Compared, Limit, Limited, Share
from tests.worker import worker_environment

ROUNDS: Final = 3
SECONDS: Final = 4.0
BATCH: Final = 50
# People of whom each outcome is told on its own, and all; of the last ones the operators tell.
SINGLY, VISITS = 6_500, 20_000
PRETIX_POSITIONS: Final = 1_200
OPERATORS, EVERY, TAPS = 70, 3.0, 10


@dataclass
class Way:
    """One way of telling outcomes: a request for each round, and what it used."""

    port: int
    requests: Iterator[bytes]
    is_right: Callable[[int, bytes], bool]
    events_a_request: int = 1
    # Requests of a round at the most; it ends when they are used up.
    most: int = 400
    rates: list[float] = field(default_factory=list)
    used: list[float] = field(default_factory=list)


def measure(say: Callable[[str], None], *, rounds: int = ROUNDS) -> list[Compared | Limited]:
    """Both goals, and the slowest of 70 operators. Starts its servers and ends them."""
    folder = settings.VAR_DIR / "tests" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    as_owner(SCRATCH)
    hall = hall_of_today(visits=VISITS, operators=8)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_visit (id, state) SELECT unnest(%s::uuid[]), 'expected'", [hall.visits])
    with ExitStack() as running:
        servers, ports = [database_server()], []
        for name, wsgi in (("web", "config.wsgi"), ("bare", "tests.benchmarks.bare_wsgi")):
            ports.append(free_port())
            environment = worker_environment(folder) | {"PORT": str(ports[-1]), "WEB_HOST": "127.0.0.1"}
            web = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", wsgi]
            servers.append(running.enter_context(started(web, folder / f"{name}-outcomes.log", environment=environment)))
            wait_for(ports[-1])
        peer, reason = _peer(running, say)
        if peer:
            servers.append(peer.process)
            wait_for(peer.port)
        ways = _ways(hall, ours=ports[0], bare=ports[1], peer=peer)
        for number in range(rounds):
            for name, way in ways.items():
                say(f"{name}, round {number + 1} of {rounds}")
                _run(name, way, servers)
        say(f"{OPERATORS} operators")
        tapped = [_seventy(hall, ports[0], kind, way) for kind, way in (("tablet", _single), ("console", _form))]
    stored = VisitEvent.objects.filter(drive=hall.drive_day.drive_id).count()
    return [*_compared(ways, reason, stored=stored), *tapped]


def _peer(running: ExitStack, say: Callable[[str], None]) -> tuple[Pretix | None, str]:
    try:
        return running.enter_context(pretix(say, positions=PRETIX_POSITIONS)), ""
    except PeerUnavailableError as trouble:
        return None, str(trouble)


def _ways(hall: Hall, *, ours: int, bare: int, peer: Pretix | None) -> dict[str, Way]:
    singly, together = iter(hall.visits[:SINGLY]), iter(hall.visits[SINGLY:])
    scratch = cycle(hall.visits)
    console = _console(hall, ours)
    cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session_of(hall.operators[0])}"}
    ways = {
        "ours, one by a tablet": Way(ours, _singles(hall, singly, most=1_500), _accepted(1), most=1_500),
        "ours, one by the console's form": Way(ours, map(partial(_form, console), singly), _is_page),
        "bare, one": Way(bare, (_bare_one(visit, cookie) for visit in scratch), _accepted(1), most=4_000),
        f"ours, batches of {BATCH}": Way(ours, _batches(hall, together, most=160), _accepted(BATCH), BATCH, most=160),
        f"bare, batches of {BATCH}": Way(bare, _bare_batches(scratch), _accepted(BATCH), BATCH, most=2_000),
    }
    return ways | ({"pretix": Way(peer.port, peer.requests(), peer.is_right)} if peer else {})


def _run(name: str, way: Way, servers: Sequence[int]) -> None:
    # Made beforehand: what a client does to make them is not asked about.
    ready = list(islice(way.requests, way.most))
    before = processor_seconds(servers)
    answers = press(way.port, iter(ready), seconds=SECONDS, is_right=way.is_right)
    if answers.refused or not answers.latencies:
        raise RuntimeError(f"{name}: {len(answers.refused)} not accepted: {answers.refused[:1]}")
    events = len(answers.latencies) * way.events_a_request
    way.rates.append(events / answers.seconds)
    way.used.append((processor_seconds(servers) - before) / events * 1e3)


def _seventy(hall: Hall, port: int, kind: str, told: Callable[[Any, str], bytes]) -> Limited:
    """Each of 70 people taps every three seconds; every outcome is another person's."""
    who = _tablet(hall) if kind == "tablet" else _console(hall, port)
    last = islice(reversed(hall.visits), OPERATORS * TAPS * 2)
    visits = list(last)[:: 2 if kind == "tablet" else -2]
    requests = [told(who, visit) for visit in visits[: OPERATORS * TAPS]]
    is_right = _accepted(1) if kind == "tablet" else _is_page
    answers: Answers = operators(port, requests, people=OPERATORS, every=EVERY, is_right=is_right)
    if answers.refused:
        raise RuntimeError(f"{len(answers.refused)} of {len(requests)} not accepted: {answers.refused[:1]}")
    return Limited(
        f"{OPERATORS} operators, a tap every {EVERY:g} s, by the {kind}",
        [Limit("ms, 95 of 100 outcomes", answers.p95 * 1e3, 150)],
        {"outcomes": len(answers.latencies), "a second": f"{answers.rate:.1f}"},
    )


def _compared(ways: dict[str, Way], reason: str, *, stored: int) -> list[Compared | Limited]:
    one, form, bare = ways["ours, one by a tablet"], ways["ours, one by the console's form"], ways["bare, one"]
    many, bare_many = ways[f"ours, batches of {BATCH}"], ways[f"bare, batches of {BATCH}"]
    peer = ways.get("pretix")
    missing = {} if peer else {"pretix": reason}
    singly = Compared(
        f"One outcome after the other, {CONNECTIONS} connections",
        {name: (way.rates, way.used) for name, way in ways.items() if way.events_a_request == 1},
        [
            *(
                [Share("× pretix, a second", one.rates, peer.rates, 8), Share("× pretix, of processors", peer.used, one.used, 8)]
                if peer
                else []
            ),
            Share("× the bare view with a session", one.rates, bare.rates, 0.6),
        ],
        missing,
        {"the console's form beside the bare view": f"{sum(form.rates) / sum(bare.rates):.2f} ×", "events stored": stored},
    )
    batches = Compared(
        f"Outcomes in batches of {BATCH}",
        {name: (way.rates, way.used) for name, way in ways.items() if way.events_a_request > 1},
        [
            *([Share("× pretix, a second", many.rates, peer.rates, 400)] if peer else []),
            Share("× the bare batch", many.rates, bare_many.rates, 0.5),
        ],
        missing,
    )
    return [singly, batches]


# --- What is sent -----------------------------------------------------------------------------------------------------


@dataclass
class Tablet:
    """A tablet made ready for the hall's day, with its count."""

    headers: dict[str, str]
    sequence: int = 0

    def next(self) -> int:
        self.sequence += 1
        return self.sequence


def _tablet(hall: Hall) -> Tablet:
    made = prepare(drive_day=hall.drive_day, by=hall.operators[0], now=timezone.now())
    return Tablet({"Authorization": f"Tablet {made.device.pk}.{made.secret}", "Content-Type": "application/json"})


def _console(hall: Hall, port: int) -> tuple[str, dict[str, str]]:
    """The page's address and the headers of somebody who has opened it."""
    page = f"/today/{hall.drive_day.pk}/"
    session = {settings.SESSION_COOKIE_NAME: session_of(hall.operators[0])}
    line = Line(port)
    cookie = "; ".join(f"{name}={value}" for name, value in session.items())
    token = line.cookies(request("GET", page, headers={"Cookie": cookie}))[settings.CSRF_COOKIE_NAME]
    line.close()
    return page, console_headers(session | {settings.CSRF_COOKIE_NAME: token})


def _event(tablet: Tablet, visit: str, kind: str) -> dict[str, Any]:
    return {"id": str(uuid7()), "visit": visit, "kind": kind, "sequence": tablet.next(), "at": timezone.now().isoformat()}


def _send(tablet: Tablet, events: Sequence[dict[str, Any]]) -> bytes:
    body = {"sent_at": timezone.now().isoformat(), "events": events}
    return request("POST", "/api/v1/events", json.dumps(body).encode(), tablet.headers)


def _single(tablet: Tablet, visit: str) -> bytes:
    return _send(tablet, [_event(tablet, visit, VisitEvent.Kind.RECORDED)])


def _singles(hall: Hall, visits: Iterator[str], *, most: int) -> Iterator[bytes]:
    """A tablet for each connection; new ones each round: what one leaves unsent is missing from their count."""
    while True:
        tablets = [_tablet(hall) for _ in range(CONNECTIONS)]
        yield from (_single(tablets[number % CONNECTIONS], visit) for number, visit in enumerate(islice(visits, most)))


def _batches(hall: Hall, visits: Iterator[str], *, most: int) -> Iterator[bytes]:
    """Everybody arrives and is recorded."""
    while True:
        tablets = [_tablet(hall) for _ in range(CONNECTIONS)]
        for number, some in enumerate(islice(_in_parts(visits, BATCH // 2), most)):
            tablet = tablets[number % CONNECTIONS]
            pairs = (
                [_event(tablet, one, VisitEvent.Kind.ARRIVED), _event(tablet, one, VisitEvent.Kind.RECORDED)] for one in some
            )
            yield _send(tablet, list(chain.from_iterable(pairs)))


def _form(console: tuple[str, dict[str, str]], visit: str) -> bytes:
    page, headers = console
    form = urlencode({"event_id": str(uuid7()), "outcome": "recorded"})
    return request("POST", f"{page}visits/{visit}/outcome/", form.encode(), headers)


def _bare_one(visit: str, cookie: dict[str, str]) -> bytes:
    body = json.dumps({"id": str(uuid7()), "visit": visit, "kind": "recorded"})
    return request("POST", "/one", body.encode(), cookie)


def _bare_batches(visits: Iterator[str]) -> Iterator[bytes]:
    for some in _in_parts(visits, BATCH // 2):
        events = [{"id": str(uuid7()), "visit": one, "kind": kind} for one in some for kind in ("arrived", "recorded")]
        yield request("POST", "/batch", json.dumps({"events": events}).encode())


def _in_parts(visits: Iterator[str], size: int) -> Iterator[list[str]]:
    """Whole ones."""
    while len(some := list(islice(visits, size))) == size:
        yield some


def _accepted(count: int) -> Callable[[int, bytes], bool]:
    return lambda status, body: status == 200 and len(json.loads(body)["accepted"]) == count


def _is_page(status: int, body: bytes) -> bool:
    return status == 200 and bool(body)
