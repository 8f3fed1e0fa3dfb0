"""The turns of a season that can be published, a month or a week of them at a time."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from drives.models import Season, SeasonCard
from drives.planning.labels import span_of
from drives.publishing.season.asking import publishable


@dataclass(frozen=True, slots=True)
class Choice:
    """A turn that can be published."""

    card: SeasonCard
    is_draft: bool
    is_past: bool

    @property
    def span(self) -> str:
        return span_of(self.card.days[0], self.card.days[-1])


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the season to choose turns from."""

    key: str
    label: str
    count: int
    is_current: bool


def choices_of(season: Season, *, wanted: str, now: datetime) -> tuple[list[Choice], list[Span], list[Span]]:
    """The turns of the part that is wanted, the parts of the season, and the weeks of the month that is shown."""
    today = now.astimezone(season.office.zone).date()
    found = [Choice(card, card.is_locked, card.days[-1] < today) for card in publishable(season)]
    parts = _parts(found, wanted)
    current = next((part.key for part in parts if part.is_current), "")
    month = wanted[:7] if len(wanted) == 10 else current
    weeks = _weeks([each for each in found if _month(each) == month], wanted)
    key = wanted if any(week.is_current for week in weeks) else current
    return [each for each in found if _is_in(each, key)], parts, weeks


def _parts(found: Sequence[Choice], wanted: str) -> list[Span]:
    months = sorted({_month(each) for each in found})
    drafts = sum(each.is_draft for each in found)
    keys = [("all", _("The whole season"), len(found))] if len(months) > 1 else []
    keys += [("drafts", _("Drafts alone"), drafts)] if drafts else []
    keys += [(key, _month_name(key), sum(_month(each) == key for each in found)) for key in months]
    known = {key for key, _label, _count in keys}
    chosen = next((key for key in (wanted, wanted[:7]) if key in known), months[0] if months else "")
    return [Span(key, label, count, key == chosen) for key, label, count in keys]


def _weeks(found: Iterable[Choice], wanted: str) -> list[Span]:
    counts: defaultdict[date, int] = defaultdict(int)
    for each in found:
        counts[_monday(each)] += 1
    if len(counts) < 2:
        return []
    return [
        Span(monday.isoformat(), _("From %(day)s") % {"day": span_of(monday, monday)}, count, monday.isoformat() == wanted)
        for monday, count in sorted(counts.items())
    ]


def _is_in(each: Choice, key: str) -> bool:
    if key == "drafts":
        return each.is_draft
    return key in ("all", _month(each), _monday(each).isoformat())


def _month(each: Choice) -> str:
    return f"{each.card.days[0]:%Y-%m}"


def _month_name(key: str) -> str:
    return date_format(date.fromisoformat(f"{key}-01"), "M Y")


def _monday(each: Choice) -> date:
    first: date = each.card.days[0]
    return first - timedelta(days=first.weekday())
