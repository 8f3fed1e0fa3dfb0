"""Whether an undo counts follows from its own tablet's clock, and never from what arrived first."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from drives.models import VisitEvent
from drives.onsite.fold import Fact, fold
from drives.onsite.rules import UNDO_WITHIN

Kind = VisitEvent.Kind
MOMENT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
DAY = date(2026, 11, 24)
seconds = st.integers(-120, 120).map(lambda count: timedelta(seconds=count))
days_off = st.sampled_from([timedelta(0), timedelta(hours=48), timedelta(hours=-48)])


def fact(number: int, kind: str, *, said: timedelta, source: str = "device:a", target: int | None = None) -> Fact:
    return Fact(
        id=UUID(int=number),
        kind=kind,
        source=source,
        sequence=number,
        at=MOMENT + timedelta(minutes=number),
        day=DAY,
        target=UUID(int=target) if target is not None else None,
        said_at=MOMENT + said,
    )


@st.composite
def stories(draw: st.DrawFn) -> list[Fact]:
    """Outcomes of both kinds from two tablets, each with a clock of its own, and undos of any of them after any time."""
    clocks = {source: draw(days_off) for source in ("device:a", "device:b")}
    sources = draw(st.lists(st.sampled_from(sorted(clocks)), max_size=8))
    return [
        fact(
            number,
            draw(st.sampled_from(Kind.values)),
            source=source,
            said=clocks[source] + draw(seconds),
            target=draw(st.none() | st.integers(0, len(sources))),
        )
        for number, source in enumerate(sources)
    ]


@given(stories(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(story: list[Fact], chance: Any) -> None:
    shuffled = [*story, *story]
    chance.shuffle(shuffled)

    assert fold(shuffled) == fold(story)


@given(stories(), st.sampled_from([Kind.RECORDED, Kind.IKD_ACTIVATED]), days_off, st.integers(0, 40))
def test_an_undo_counts_within_seconds_and_later_is_as_if_never_said(
    story: list[Fact], kind: str, wrong: timedelta, after: int
) -> None:
    done = fact(100, kind, said=wrong, source="device:c")
    undo = fact(101, Kind.UNDONE, said=wrong + timedelta(seconds=after), source="device:c", target=100)

    counts = timedelta(seconds=after) <= UNDO_WITHIN
    assert fold([undo, *story, done]) == fold(story if counts else [*story, done])
