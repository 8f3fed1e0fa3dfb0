"""Which kit stands where, for the rows of the board: those of drives by their duties, those of turns as they would be given."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from uuid import UUID

from drives.models import Kit, KitDuty, KitOutage, Season, SeasonCard
from drives.planning.facts import spoken_order
from drives.planning.plan import moment
from drives.season.board import Lanes, Turn
from drives.season.facts import Question, halves_of, turn_of
from drives.season.solver.kits import kits_by_day
from drives.season.solver.travel import Travel, partners_of

BOTH = (0, 1)
Slot = tuple[date, int]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A drive that is none of the season's, or a kit out of service: it has the kit, and is shown."""

    id: UUID
    name: str
    drive_id: UUID | None


@dataclass(frozen=True)
class KitRows:
    names: list[str]
    lanes: Lanes
    elsewhere: Mapping[UUID, Elsewhere]


def kit_rows(season: Season, asked: Question, cards: Sequence[SeasonCard], *, first: date, last: date) -> KitRows:
    """Of the days `first`–`last`; the kits of open turns are given out over the whole season, so that they stay the same."""
    kits = sorted(Kit.objects.filter(office=season.office_id).in_service(), key=lambda kit: (spoken_order(kit.name), str(kit.pk)))
    rows = {kit.pk: row for row, kit in enumerate(kits)}
    by_drive = {card.drive_id: card.pk for card in cards if card.is_locked and card.drive_id}
    lanes, elsewhere = Lanes(len(kits)), dict[UUID, Elsewhere]()
    busy: defaultdict[Slot, set[UUID]] = defaultdict(set)
    for duty in _duties(season, rows):
        day = duty.starts_at.astimezone(season.office.zone).date()
        halves = halves_of(season, duty.starts_at, duty.ends_at) or list(BOTH)
        drive = duty.drive_day.drive
        who = by_drive.get(drive.pk)
        if who is None:
            who = drive.pk
            elsewhere[who] = Elsewhere(drive.pk, str(drive), drive.pk)
        for half in halves:
            busy[day, half].add(duty.kit_id)
        if first <= day <= last:
            lanes.lay(who, day, halves, [rows[duty.kit_id]])
    _outages(season, rows, first, last, lanes, busy, elsewhere)
    stands = _stands(asked, cards, [kit.pk for kit in kits], busy)
    turns = [Turn(card.pk, tuple(day for day in card.days if first <= day <= last), card.kits, card.part) for card in cards]
    open_turns = [turn for turn, card in zip(turns, cards, strict=True) if not card.is_locked]
    lanes.lay_turns(
        open_turns, {turn: {day: [rows[kit] for kit in on] for day, on in days.items()} for turn, days in stands.items()}
    )
    return KitRows([kit.name for kit in kits], lanes, elsewhere)


def _duties(season: Season, kits: Iterable[UUID]) -> Iterable[KitDuty]:
    zone = season.office.zone
    since = moment(season.starts_on, time.min, zone)
    until = moment(season.ends_on + timedelta(days=1), time.min, zone)
    duties = KitDuty.objects.filter(kit__in=list(kits), released_at=None, starts_at__lt=until, ends_at__gt=since)
    return duties.select_related("drive_day__drive__school").order_by("starts_at", "pk")


def _outages(
    season: Season,
    rows: Mapping[UUID, int],
    first: date,
    last: date,
    lanes: Lanes,
    busy: defaultdict[Slot, set[UUID]],
    elsewhere: dict[UUID, Elsewhere],
) -> None:
    for outage in KitOutage.objects.on(season.starts_on, season.ends_on).filter(kit__in=list(rows)):
        elsewhere[outage.pk] = Elsewhere(outage.pk, "", None)
        day = season.starts_on
        while day <= season.ends_on:
            if outage.covers(day):
                for half in BOTH:
                    busy[day, half].add(outage.kit_id)
                if first <= day <= last and day.weekday() < 5:
                    free = [half for half in BOTH if lanes.at(day, rows[outage.kit_id])[half] is None]
                    lanes.lay(outage.pk, day, free, [rows[outage.kit_id]])
            day += timedelta(days=1)


def _stands(
    asked: Question, cards: Iterable[SeasonCard], kits: Sequence[UUID], busy: Mapping[Slot, set[UUID]]
) -> dict[UUID, dict[date, tuple[UUID, ...]]]:
    """By card and day the kits, as `publish_cards` would give them out."""
    by_school = {card.school_id: card for card in cards if not card.is_locked}
    turns = {school: turn_of(card) for school, card in by_school.items()}
    days = {day for turn in turns.values() for day in turn.days}
    none: set[UUID] = set()
    available = {
        day: (
            [kit for kit in kits if kit not in busy.get((day, 0), none)],
            [kit for kit in kits if kit not in busy.get((day, 1), none)],
        )
        for day in days
    }
    numbers = {need.id: number for number, need in enumerate(asked.problem.needs)}
    partners = partners_of(turns, numbers, Travel(asked.problem.needs, asked.rules))
    found = kits_by_day(turns, available=available, partners=partners)
    return {by_school[school].pk: on for school, on in found.items()}
