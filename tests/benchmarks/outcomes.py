"""Outcomes accepted a second on this machine, singly and in batches: ours, pretix's check-in, and the bare limit, in turn.

All are served by gunicorn with the same processes, threads and PostgreSQL, and asked over 16 connections by one client, which
runs on the same processors. Ours are told by a tablet with its own credential (what the drive day runs on) and by the console's
form (an operator who is signed in, a page in return). A batch is counted by its events.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
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
from tests.benchmarks.load import CONNECTIONS, Line, operators, press, request
from tests.benchmarks.peers.pretix import PeerUnavailableError, Pretix, pretix
from tests.benchmarks.serving import database_server, free_port, processor_seconds, started, wait_for
from tests.benchmarks.timing import Compared, Limit, Limited, Share
from tests.worker import worker_environment

ROUNDS: Final = 3
SECONDS: Final = 4.0
BATCH: Final = 50
# Drives of as many people as a school has, told of in turn: singly, by the console, in batches, and by the 70 operators.
EACH: Final = 450
SINGLY, BY_FORM, TOGETHER, TAPPED = 12, 4, 30, 4
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
    say("halls full of people")
    halls = [hall_of_today(visits=EACH) for _ in range(SINGLY + BY_FORM + TOGETHER + TAPPED)]
    with connection.cursor() as cursor:
        everybody = [visit for hall in halls for visit in hall.visits]
        cursor.execute("INSERT INTO bench_visit (id, state) SELECT unnest(%s::uuid[]), 'expected'", [everybody])
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
        ways = _ways(halls, everybody, ours=ports[0], bare=ports[1], peer=peer)
        for number in range(rounds):
            for name, way in ways.items():
                say(f"{name}, round {number + 1} of {rounds}")
                _run(name, way, servers)
        say(f"{OPERATORS} operators")
        tapped = _seventy(halls[-TAPPED:], ports[0])
    stored = VisitEvent.objects.count()
    return [*_compared(ways, reason, stored=stored), *tapped]


def _peer(running: ExitStack, say: Callable[[str], None]) -> tuple[Pretix | None, str]:
    try:
        return running.enter_context(pretix(say, positions=PRETIX_POSITIONS)), ""
    except PeerUnavailableError as trouble:
        return None, str(trouble)


def _ways(halls: Sequence[Hall], everybody: Sequence[str], *, ours: int, bare: int, peer: Pretix | None) -> dict[str, Way]:
    told = iter(halls)
    singly, by_form, together = (list(islice(told, count)) for count in (SINGLY, BY_FORM, TOGETHER))
    scratch = cycle(everybody)
    cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session_of(halls[0].operators[0])}"}
    ways = {
        "ours, one by a tablet": Way(ours, _singles(singly, most=1_500), _accepted(1), most=1_500),
        "ours, one by the console's form": Way(ours, _forms(by_form, ours), _is_page),
        "bare, one": Way(bare, (_bare_one(visit, cookie) for visit in scratch), _accepted(1), most=4_000),
        f"ours, batches of {BATCH}": Way(ours, _batches(together, most=160), _accepted(BATCH), BATCH, most=160),
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


def _seventy(halls: Sequence[Hall], port: int) -> list[Compared | Limited]:
    """Each of 70 people in four halls taps every three seconds; every outcome is another person's."""
    count = OPERATORS * TAPS
    by_tablet, by_form = list(islice(_singles(halls, most=count), count)), list(islice(_forms(halls, port, later=True), count))
    found: list[Compared | Limited] = []
    for kind, requests, is_right in (("tablet", by_tablet, _accepted(1)), ("console's form", by_form, _is_page)):
        answers = operators(port, requests, people=OPERATORS, every=EVERY, is_right=is_right)
        if answers.refused:
            raise RuntimeError(f"{len(answers.refused)} of {len(requests)} not accepted: {answers.refused[:1]}")
        limits = [Limit("ms, 95 of 100 outcomes", answers.p95 * 1e3, 150)]
        notes = {"outcomes": len(answers.latencies), "a second": f"{answers.rate:.1f}"}
        found.append(Limited(f"{OPERATORS} operators, a tap every {EVERY:g} s, by the {kind}", limits, notes))
    return found


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
    """A tablet made ready for a hall's day, with its count."""

    drive: str
    headers: dict[str, str]
    sequence: int = 0

    @classmethod
    def made_ready(cls, hall: Hall) -> "Tablet":
        made = prepare(drive_day=hall.drive_day, by=hall.operators[0], now=timezone.now())
        credential = f"Tablet {made.device.pk}.{made.secret}"
        return cls(str(hall.drive_day.drive_id), {"Authorization": credential, "Content-Type": "application/json"})

    def event(self, code: str, kind: str) -> dict[str, Any]:
        self.sequence += 1
        now = timezone.now().isoformat()
        return {"id": str(uuid7()), "drive": self.drive, "code": code, "kind": kind, "sequence": self.sequence, "at": now}

    def sends(self, events: Sequence[dict[str, Any]]) -> bytes:
        body = {"sent_at": timezone.now().isoformat(), "events": events}
        return request("POST", "/api/v1/events", json.dumps(body).encode(), self.headers)


def _singles(halls: Sequence[Hall], *, most: int) -> Iterator[bytes]:
    """In turn from all halls; with new tablets each round: what one leaves unsent would be missing from their count."""
    waiting = (
        (number, code) for codes in zip(*(hall.codes for hall in halls), strict=False) for number, code in enumerate(codes)
    )
    while some := list(islice(waiting, most)):
        tablets = [Tablet.made_ready(hall) for hall in halls]
        for number, code in some:
            yield tablets[number].sends([tablets[number].event(code, VisitEvent.Kind.RECORDED)])


def _batches(halls: Sequence[Hall], *, most: int) -> Iterator[bytes]:
    """Everybody arrives and is recorded."""
    half = BATCH // 2
    parts = ((number, hall.codes[at : at + half]) for at in range(0, EACH - half, half) for number, hall in enumerate(halls))
    while some := list(islice(parts, most)):
        tablets = [Tablet.made_ready(hall) for hall in halls]
        for number, codes in some:
            tablet = tablets[number]
            pairs = (
                (tablet.event(code, VisitEvent.Kind.ARRIVED), tablet.event(code, VisitEvent.Kind.RECORDED)) for code in codes
            )
            yield tablet.sends(list(chain.from_iterable(pairs)))


def _forms(halls: Sequence[Hall], port: int, *, later: bool = False) -> Iterator[bytes]:
    """By somebody signed in in each hall; `later` begins with those who come last."""
    consoles = [_console(hall, port) for hall in halls]
    for visits in zip(*(hall.visits[:: -1 if later else 1] for hall in halls), strict=False):
        for (page, headers), visit in zip(consoles, visits, strict=True):
            form = urlencode({"event_id": str(uuid7()), "outcome": "recorded"})
            yield request("POST", f"{page}visits/{visit}/outcome/", form.encode(), headers)


def _console(hall: Hall, port: int) -> tuple[str, dict[str, str]]:
    """The page's address and the headers of somebody who has opened it."""
    page = f"/today/{hall.drive_day.pk}/"
    session = {settings.SESSION_COOKIE_NAME: session_of(hall.operators[0])}
    cookie = "; ".join(f"{name}={value}" for name, value in session.items())
    with closing(Line(port)) as line:
        token = line.cookies(request("GET", page, headers={"Cookie": cookie}))[settings.CSRF_COOKIE_NAME]
    return page, console_headers(session | {settings.CSRF_COOKIE_NAME: token})


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
