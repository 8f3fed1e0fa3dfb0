"""Which kit stands where, for the rows of the board: those of drives by their duties, those of turns as they would be given."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final
from uuid import UUID

from django.db.models import FilteredRelation, Q
from django.utils.translation import gettext as _

from drives.models import Kit, KitDuty, KitOutage, Season, SeasonCard
from drives.planning.facts import spoken_order
from drives.planning.plan import moment
from drives.season.board import Lanes, Turn
from drives.season.facts import Question, turn_of
from drives.season.kits_free import halves_of
from drives.season.solver.kits import kits_by_day
from drives.season.solver.travel import Travel, partners_of

BOTH: Final = (0, 1)
NOT_USED: Final = UUID(int=0)
Slot = tuple[date, int]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What else has a kit and is shown: a drive that is none of the season's, an outage, or that the season does not use it."""

    id: UUID
    name: str
    drive_id: UUID | None = None


@dataclass(frozen=True)
class KitRows:
    names: list[str]
    lanes: Lanes
    elsewhere: Mapping[UUID, Elsewhere]


def kit_rows(season: Season, asked: Question, cards: Sequence[SeasonCard], *, first: date, last: date) -> KitRows:
    """Of the days `first`–`last`; the kits of open turns are given out over the whole season, so that they stay the same."""
    kits, outages = _kits(season)
    book = _Book(season, list(kits), first, last)
    book.enter_duties({card.drive_id: card.pk for card in cards if card.is_locked and card.drive_id})
    book.enter_outages(outages)
    available = book.available(asked, {day for card in cards if not card.is_locked for day in card.days})
    stands = _stands(asked, cards, available)
    turns = [
        Turn(card.pk, tuple(day for day in card.days if first <= day <= last), card.kits, card.part)
        for card in cards
        if not card.is_locked
    ]
    on_rows = {who: {day: [book.rows[kit] for kit in on] for day, on in its.items()} for who, its in stands.items()}
    book.lanes.lay_turns(turns, on_rows)
    book.drop_unused([day for day in asked.rules.days if first <= day <= last])
    return KitRows(list(kits.values()), book.lanes, book.elsewhere)


def _kits(season: Season) -> tuple[dict[UUID, str], list[KitOutage]]:
    """Names in their order, and the days on which one of them is out of service; both in one query."""
    kits = Kit.objects.filter(office=season.office_id).in_service()
    kits = kits.annotate(out=FilteredRelation("outages", condition=Q(outages__ended_at=None)))
    rows = kits.values_list("pk", "name", "out__id", "out__starts_on", "out__ends_on", "out__reason")  # type: ignore[misc]  # the plugin does not know the alias
    ordered = sorted(rows, key=lambda row: (spoken_order(row[1]), str(row[0]), str(row[2])))
    outages = [KitOutage(pk=row[2], kit_id=row[0], starts_on=row[3], ends_on=row[4], reason=row[5]) for row in ordered if row[2]]
    return {row[0]: row[1] for row in ordered}, outages


class _Book:
    """Kits and who has them: `busy` over the whole season, `lanes` for the days that are shown."""

    def __init__(self, season: Season, kits: Sequence[UUID], first: date, last: date) -> None:
        self.season, self.kits, self.first, self.last = season, kits, first, last
        self.rows = {kit: row for row, kit in enumerate(kits)}
        self.lanes = Lanes(len(kits))
        self.busy: defaultdict[Slot, set[UUID]] = defaultdict(set)
        self.elsewhere: dict[UUID, Elsewhere] = {}

    def enter_duties(self, of_cards: Mapping[UUID, UUID]) -> None:
        """`of_cards`: by drive the card that has become it."""
        season, zone = self.season, self.season.office.zone
        since = moment(season.starts_on, time.min, zone)
        until = moment(season.ends_on + timedelta(days=1), time.min, zone)
        duties = KitDuty.objects.filter(kit__in=self.kits, released_at=None, starts_at__lt=until, ends_at__gt=since)
        for duty in duties.select_related("drive_day__drive__school").order_by("starts_at", "pk"):
            drive = duty.drive_day.drive
            who = of_cards.get(drive.pk, drive.pk)
            if who == drive.pk:
                self.elsewhere[who] = Elsewhere(who, str(drive), drive.pk)
            halves = halves_of(season, duty.starts_at, duty.ends_at) or list(BOTH)
            self._enter(who, duty.starts_at.astimezone(zone).date(), halves, duty.kit_id)

    def enter_outages(self, outages: Iterable[KitOutage]) -> None:
        season = self.season
        for outage in outages:
            self.elsewhere[outage.pk] = Elsewhere(outage.pk, _("out of service: %(reason)s") % {"reason": outage.reason})
            for day in (season.starts_on + timedelta(days=n) for n in range((season.ends_on - season.starts_on).days + 1)):
                if outage.covers(day) and day.weekday() < 5:
                    free = [half for half in BOTH if outage.kit_id not in self.busy[day, half]]
                    self._enter(outage.pk, day, free, outage.kit_id)

    def _enter(self, who: UUID, day: date, halves: Sequence[int], kit: UUID) -> None:
        for half in halves:
            self.busy[day, half].add(kit)
        if self.first <= day <= self.last:
            self.lanes.lay(who, day, halves, [self.rows[kit]])

    def available(self, asked: Question, days: Iterable[date]) -> dict[date, tuple[list[UUID], list[UUID]]]:
        """By day the kits that the season may use, before and after noon. What it may not is marked on the board."""
        found = {}
        self.elsewhere[NOT_USED] = Elsewhere(NOT_USED, _("not used in this season"))
        for day in {*days, *(each for each in asked.rules.days if self.first <= each <= self.last)}:
            free = [[kit for kit in self.kits if kit not in self.busy[day, half]] for half in BOTH]
            counts = asked.rules.kits.get(day, (len(free[0]), len(free[1])))
            found[day] = (free[0][: counts[0]], free[1][: counts[1]])
            if self.first <= day <= self.last:
                for half in BOTH:
                    self.lanes.lay(NOT_USED, day, [half], [self.rows[kit] for kit in free[half][counts[half] :]])
        return found

    def drop_unused(self, days: Sequence[date]) -> None:
        """Rows at the end that nobody uses on any of these days."""
        nobody = (NOT_USED, NOT_USED)
        lanes = self.lanes
        while lanes.count == lanes.kits > 1 and days and all(lanes.at(day, lanes.count - 1) == nobody for day in days):
            lanes.count = lanes.kits = lanes.count - 1


def _stands(
    asked: Question, cards: Iterable[SeasonCard], available: Mapping[date, tuple[list[UUID], list[UUID]]]
) -> dict[UUID, dict[date, tuple[UUID, ...]]]:
    """By card and day the kits that its turn would have."""
    by_school = {card.school_id: card for card in cards if not card.is_locked}
    turns = {school: turn_of(card) for school, card in by_school.items()}
    numbers = {need.id: number for number, need in enumerate(asked.problem.needs)}
    partners = partners_of(turns, numbers, Travel(asked.problem.needs, asked.rules))
    found = kits_by_day(turns, available=available, partners=partners)
    return {by_school[school].pk: on for school, on in found.items()}
