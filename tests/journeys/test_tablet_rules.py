"""What a tablet works out without the server is what the server works out: states, ages, places. In a real Chromium."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from drives.onsite.fold import Fact, fold
from drives.onsite.room import Span, room_for_one
from drives.planning.eligibility import LeapRule, MinimumAge, age_on, eligible_from

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]

Work = Callable[[str, object], Any]
Story = list[dict[str, Any]]
START = datetime(2026, 11, 24, 2, tzinfo=UTC)
KINDS = ("arrived", "recorded", "failed", "absent", "declined", "under_age", "already_recorded", "undone", "undone")
OF_IKD = ("ikd_activated", "ikd_failed")


@pytest.fixture
def work(page: Page, live_server: LiveServer) -> Work:
    """A function of JavaScript over plain values, where the tablet's modules are."""
    page.goto(f"{live_server.url}/today/shell/")
    return page.evaluate


@pytest.mark.parametrize("service", ["recording", "ikd"])
def test_the_state_is_what_the_server_folds(work: Work, service: str) -> None:
    """Any events of one tablet in their order: arrivals, outcomes of both sorts, undos of the last word."""
    chance = random.Random(5)
    kinds = (*KINDS, *OF_IKD) if service == "recording" else ("arrived", "failed", "absent", "undone", "undone", *OF_IKD)
    stories = [_story(chance, kinds) for _ in range(400)]

    told = work(
        """async ([service, stories]) => {
          const { stateSince } = await import("/static/js/tablet/rules.js");
          const nothing = { state: "expected", reason: "", at: 0, arrived: 0, queue: "", kit: -1, ikd: "" };
          return stories.map((story) => { const { state, ikd } = stateSince(nothing, story, service); return [state, ikd]; });
        }""",
        [service, stories],
    )

    standings = [fold(_facts(story)).of_service(service) for story in stories]
    assert told == [[str(one.state), str(one.ikd.state)] for one in standings]
    assert any(ikd for _state, ikd in told)


def test_what_was_taken_back_after_the_list_came_is_as_it_was_before(work: Work) -> None:
    """The list already says what is undone: the event itself is not on the tablet any more."""
    chance = random.Random(7)
    stories = [
        story for _ in range(300) if (story := [one for one in _story(chance, (*KINDS, *OF_IKD)) if one["kind"] != "undone"])
    ]

    told = work(
        """async (stories) => {
          const { stateSince } = await import("/static/js/tablet/rules.js");
          const nothing = { state: "expected", reason: "", at: 0, arrived: 0, queue: "", kit: -1, ikd: "" };
          return stories.map((story) => {
            const back = stateSince(nothing, story.slice(0, -1), "recording");
            const listed = stateSince(nothing, story, "recording");
            const undo = { id: "x", kind: "undone", target: story.at(-1).id, back, status: "unsent" };
            const { state, ikd } = stateSince(listed, [undo], "recording");
            return [state, ikd];
          });
        }""",
        stories,
    )

    assert told == [[str(one.state), str(one.ikd.state)] for one in (fold(_facts(story[:-1])) for story in stories)]


def test_an_undo_that_the_server_refused_takes_nothing_back(work: Work) -> None:
    story = [{"id": "a", "kind": "recorded", "at": 1}, {"id": "b", "kind": "undone", "target": "a", "at": 2, "status": "held"}]

    told = work(
        """async (story) => {
          const { stateSince } = await import("/static/js/tablet/rules.js");
          return stateSince({ state: "expected" }, story, "recording").state;
        }""",
        story,
    )

    assert told == "recorded"


def test_who_waits_stands_in_the_servers_order(work: Work) -> None:
    """Who is early waits for the own timeslot, who is late for those in time, whoever came first (`console.waiting`)."""
    chance = random.Random(17)
    halls = [[[chance.randrange(3600), chance.choice([-2, -1, 0, 1, 2])] for _ in range(12)] for _ in range(50)]

    told = work(
        """async (halls) => {
          const { Day } = await import("/static/js/tablet/day.js");
          const slots = [600, 1200, 2400].map((start) => ({ start }));
          const stateFor = ({ arrived }) => ({ state: "present", isToday: true, arrived });
          return halls.map((hall) => {
            const people = hall.map(([arrived, slot]) => ({ arrived, slot }));
            return Day.prototype.waiting.call({ people, slots, stateFor }).map(({ arrived, slot }) => [arrived, slot]);
          });
        }""",
        halls,
    )

    starts = {0: 600, 1: 1200, 2: 2400}
    assert told == [sorted(hall, key=lambda one: (max(one[0], starts.get(one[1], 0)), one[0])) for hall in halls]


def test_who_came_yesterday_gets_a_number_of_today_and_who_came_today_keeps_it(work: Work) -> None:
    told = work(
        """async (today) => {
          const { Day } = await import("/static/js/tablet/day.js");
          const { openStore } = await import("/static/js/tablet/store.js");
          const vault = { seal: async (plain) => ({ plain }), unseal: async (row) => row.plain };
          const day = new Day({ db: await openStore(), vault, session: { driveDay: "today", letter: "A" }, onChange() {} });
          Object.assign(day, { from: today, news: { offset: 0 }, pack: { drive: "drive" }, kits: [], listed: [] });
          const person = (key, arrived) => ({
            key, code: key, slot: -1, service: "recording",
            base: { state: "failed", reason: "", at: arrived, arrived, queue: "A-03", kit: -1, ikd: "" },
          });
          const numbers = [];
          for (const one of [person("YESTERDAY", today - 3600), person("TODAY", today + 60)]) {
            numbers.push((await day.record(one, "arrived")).event.queue || "", day.stateFor(one).queue);
          }
          return numbers;
        }""",
        START.timestamp(),
    )

    assert told == ["A-01", "A-01", "", "A-03"]


def test_who_is_due_again_today_is_awaited_whatever_was_said_yesterday(work: Work) -> None:
    """Late once the timeslot is over, not counted as come, and with a place that no guest gets (`is_open_on`)."""
    kinds = ("expected", "present", "absent", "failed", "declined", "under_age", "recorded", "already_recorded")

    told = work(
        """async ([kinds, today]) => {
          const { Day } = await import("/static/js/tablet/day.js");
          const { roomOf } = await import("/static/js/tablet/room.js");
          const [now, end] = [today + 7200, today + 3600];
          const awaited = (kind, at) => {
            const day = new Day({ session: { driveDay: "today" } });
            const base = { state: kind, reason: "", at, arrived: 0, queue: "", kit: -1, ikd: "" };
            const person = { key: "A", slot: 0, service: "recording", base };
            Object.assign(day, { from: today, people: [person], slots: [{ start: today, end, places: 1 }] });
            return [day.late(now).length, day.isHere(person), Boolean(roomOf(day, today + 60))];
          };
          const said = (kind, at) => awaited(kind, kind === "expected" ? 0 : at);
          return kinds.map((kind) => [said(kind, today - 3600), said(kind, today + 60)]);
        }""",
        [kinds, START.timestamp()],
    )

    again, of_today = {kind: one[0] for kind, one in zip(kinds, told, strict=True)}, dict(zip(kinds, told, strict=True))
    assert [kind for kind in kinds if again[kind][:2] == [1, False]] == list(kinds[:6])
    assert [kind for kind in kinds if again[kind][2]] == [*kinds[:6], "recorded"]
    assert [kind for kind in kinds if of_today[kind][1][0]] == ["expected"]
    assert [kind for kind in kinds if of_today[kind][1][2]] == ["expected", "present", "failed", "recorded"]


def test_what_is_noted_while_the_notes_are_read_anew_stays_on_the_screen(work: Work) -> None:
    """Each receipt and each tap in another window reads them anew, and unsealing takes its time."""
    told = work(
        """async (today) => {
          const { Day } = await import("/static/js/tablet/day.js");
          const { openStore } = await import("/static/js/tablet/store.js");
          let unsealing = null, reached;
          const isReading = new Promise((resolve) => { reached = resolve; });
          const unseal = async (row) => { if (unsealing) reached(); await unsealing; return row.plain; };
          const vault = { seal: async (plain) => ({ plain }), unseal };
          const day = new Day({ db: await openStore(), vault, session: { driveDay: "busy", letter: "A" }, onChange() {} });
          const person = (key) => ({
            key, code: key, slot: -1, service: "recording",
            base: { state: "expected", reason: "", at: 0, arrived: 0, queue: "", kit: -1, ikd: "" },
          });
          const [first, second] = [person("FIRST"), person("SECOND")];
          Object.assign(day, { from: today, news: { offset: 0 }, pack: { drive: "drive" }, kits: [], listed: [first, second] });
          await day.record(first, "recorded");
          let go;
          unsealing = new Promise((resolve) => { go = resolve; });
          const reading = day.reload();
          await isReading;
          const noting = day.record(second, "recorded");
          await new Promise((resolve) => setTimeout(resolve, 300));
          go();
          await Promise.all([reading, noting]);
          return [first, second].map((one) => day.stateFor(one).state);
        }""",
        START.timestamp(),
    )

    assert told == ["recorded", "recorded"]


def test_an_undo_ends_by_the_clock_though_no_timer_has_ticked(work: Work) -> None:
    """The screen slept for a minute; what it shows then is as old."""
    told = work(
        """async (seconds) => {
          const { Undo } = await import("/static/js/tablet/undo.js");
          const root = document.createElement("div");
          root.innerHTML = ["what", "saved", "seconds", "button"].map((name) => `<i data-undo-${name}></i>`).join("");
          const now = Date.now, tick = window.setInterval, undone = [];
          window.setInterval = () => 0;
          const undo = new Undo(root, (said) => undone.push(said.event.id));
          for (const later of seconds) {
            Date.now = now;
            undo.offer({ event: { id: later, kind: "recorded", at: now() / 1000 }, person: { name: "Dewi" } });
            Date.now = () => now() + later * 1000;
            root.querySelector("[data-undo-button]").click();
          }
          Object.assign(Date, { now }); window.setInterval = tick;
          return undone;
        }""",
        [0, 9, 11, 60],
    )

    assert told == [0, 9]


def _story(chance: random.Random, kinds: tuple[str, ...]) -> Story:
    story: Story = []
    for number in range(chance.randint(0, 8)):
        kind = chance.choice(kinds)
        target = story[-1]["id"] if story and kind == "undone" else None
        if kind == "undone" and (target is None or story[-1]["kind"] == "undone"):
            continue
        story.append({"id": str(UUID(int=chance.getrandbits(128))), "kind": kind, "target": target, "at": 1000 + number})
    return story


def _facts(story: Story) -> list[Fact]:
    return [
        Fact(
            id=UUID(one["id"]),
            kind=one["kind"],
            source="device:1",
            sequence=number + 1,
            at=START + timedelta(seconds=number),
            day=date(2026, 11, 24),
            target=UUID(one["target"]) if one["target"] else None,
        )
        for number, one in enumerate(story)
    ]


def test_who_is_old_enough_is_what_the_server_says(work: Work) -> None:
    chance = random.Random(11)
    births = [date(2007, 1, 1) + timedelta(days=chance.randrange(2200)) for _ in range(300)]
    births += [date(2008, 2, 29), date(2010, 8, 31), date(2008, 12, 31), date(2010, 11, 24), date(2010, 11, 25)]
    cases = [(birth, months, rule) for birth in births for months, rule in ((192, LeapRule.NEXT_DAY), (198, LeapRule.LAST_DAY))]

    told = work(
        """async (cases) => {
          const { ageOn, turns } = await import("/static/js/tablet/walk_in.js");
          return cases.map(([birth, months, rule]) => [turns(birth, months, rule), ageOn(birth, "2026-11-24", rule)]);
        }""",
        [[birth.isoformat(), months, rule] for birth, months, rule in cases],
    )

    assert told == [
        [eligible_from(birth, MinimumAge(*divmod(months, 12)), rule).isoformat(), age_on(birth, date(2026, 11, 24), rule)]
        for birth, months, rule in cases
    ]


def test_whether_there_is_room_for_a_guest_is_what_the_server_says(work: Work) -> None:
    chance = random.Random(13)
    cases = [_spans(chance) for _ in range(300)]

    told = work(
        """async (cases) => {
          const { roomForOne } = await import("/static/js/tablet/room.js");
          return cases.map(([spans, before, now]) => {
            const room = roomForOne(spans.map(([start, places, taken]) => ({ start, places, taken })), before, now);
            return room ? [room.until, room.minutes] : null;
          });
        }""",
        [
            [[[s.starts_at.timestamp(), s.places, s.taken] for s in spans], before, now.timestamp()]
            for spans, before, now in cases
        ],
    )

    rooms = [room_for_one(spans, before=before, now=now) for spans, before, now in cases]
    assert told == [
        [room.full_until.timestamp() if room.full_until else 0, room.minutes] if room.is_full else None for room in rooms
    ]
    assert {room.is_full for room in rooms} == {True, False}


def _spans(chance: random.Random) -> tuple[list[Span], int, datetime]:
    starts = [START + timedelta(minutes=30 * number) for number in range(chance.randint(0, 5))]
    spans = [Span(at, at + timedelta(minutes=30), places := chance.randint(1, 9), chance.randint(0, places)) for at in starts]
    return spans, chance.randint(0, 8), START + timedelta(seconds=chance.randrange(1800))
