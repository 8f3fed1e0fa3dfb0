"""What the board of a season shows: the month's weeks, who has no turn and why, and what it all comes to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from drives.models import Season, SeasonCard, SeasonProposal, SeasonStep
from drives.season import actions, board
from drives.season.actions.refusals import KIT_CODES, board_of, refusals_of
from drives.season.faces import Face, cards_of, face_of, school_url
from drives.season.facts import Question, question, turn_of
from drives.season.figures import Figures, figures
from drives.season.kit_rows import Elsewhere, KitRows, kit_rows
from drives.season.solver.conflicts import ConflictCode, Conflicts
from drives.season.wording import sentence
from schools.models import School, User
from schools.templatetags.house import day, figure, percent

ALWAYS_NAMED: Final = (ConflictCode.NOT_WORKING, ConflictCode.CLOSED, ConflictCode.LATE)
MONTH: Final = "month"
LIST: Final = "list"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands against a turn in force, by name, and what to change."""

    face: Face
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WaitingFace:
    school_id: UUID
    name: str
    people: int
    kits: int
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """Schools that have no turn for one and the same reason; the sentence says what to change."""

    sentence: str
    schools: tuple[WaitingFace, ...]


@dataclass(frozen=True, slots=True)
class Month:
    day: date
    turn_count: int
    is_current: bool

    @property
    def key(self) -> str:
        return month_key(self.day)


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A field of the table with the faces in it."""

    cell: board.Cell
    faces: tuple[Face, ...]
    elsewhere: tuple[Elsewhere, ...]
    is_beyond: bool

    @property
    def is_closed(self) -> bool:
        """Nothing can be put here: a holiday, a kit that stays at home, a row of what has no kit."""
        if self.cell.kind is board.CellKind.CLOSED or (self.is_beyond and not self.cell.turns):
            return True
        return not self.faces and bool(self.elsewhere) and not any(each.drive_id for each in self.elsewhere)

    @property
    def name(self) -> str:
        return self.cell.name or ", ".join(each.name for each in self.elsewhere)


@dataclass(frozen=True, slots=True)
class ShownRow:
    name: str
    cells: tuple[ShownCell, ...]


@dataclass(frozen=True, slots=True)
class ShownWeek:
    monday: date
    days: tuple[date, ...]
    rows: tuple[ShownRow, ...]
    turn_count: int


@dataclass(frozen=True)
class BoardPage:
    view: str
    month: date
    months: list[Month]
    weeks: list[ShownWeek]
    faces: list[Face]
    figures: Figures
    unplaced: list[Group]
    absent: list[WaitingFace]
    has_cards: bool
    proposal: SeasonProposal | None
    step: SeasonStep | None
    gap_sentence: str = ""
    obstacles: tuple[Obstacle, ...] = ()
    late_count: int = 0
    question: Question | None = field(default=None, repr=False)

    @property
    def month_key(self) -> str:
        return month_key(self.month)

    @property
    def shows_month(self) -> bool:
        return self.view != LIST

    @property
    def shows_list(self) -> bool:
        return self.view != MONTH

    @property
    def without_kit(self) -> list[str]:
        """Schools of these weeks for whose turns fewer kits are left than they need."""
        beyond = {
            face.name for week in self.weeks for row in week.rows for cell in row.cells if cell.is_beyond for face in cell.faces
        }
        return sorted(beyond)

    @property
    def unplaced_count(self) -> int:
        return sum(len(group.schools) for group in self.unplaced)

    @property
    def step_name(self) -> str:
        return str(self.step.get_kind_display()) if self.step else ""

    @property
    def headline(self) -> str:
        """How many of how many, at how many schools, until when."""
        found = self.figures
        if not found.placed:
            return _("Nobody has a turn yet; %(people)s people of %(schools)s schools wait.") % {
                "people": figure(found.people),
                "schools": figure(found.schools),
            }
        sentence = ngettext(
            "%(placed)s of %(people)s people have a turn at %(count)s school, the last on %(day)s.",
            "%(placed)s of %(people)s people have a turn at %(count)s schools, the last on %(day)s.",
            found.placed_schools,
        )
        return sentence % {
            "placed": figure(found.placed),
            "people": figure(found.people),
            "count": figure(found.placed_schools),
            "day": day(found.last_day),
        }


def month_key(month: date) -> str:
    return f"{month:%Y-%m}"


def board_page(season: Season, *, wanted: date | None, view: str, by: User, now: datetime, has_absent: bool = True) -> BoardPage:
    """`wanted` is any day of the month to show; without it, the month of today or the season's first."""
    asked = question(season=season, now=now)
    cards = cards_of(season)
    proposals = _proposals(season)
    accepted = next((each for each in proposals if not each.is_open), None)
    months = board.months_of(season.starts_on, season.ends_on)
    month = _month(months, wanted, today=now.astimezone(season.office.zone).date(), cards=cards)
    end = board.month_end(month)
    shown = {card.pk for card in cards if any(month <= each <= end for each in card.days)}
    faces = {card.pk: face_of(season, card, now=now, is_agreed=card.school_id in asked.agreed) for card in cards}
    return BoardPage(
        view=view,
        month=month,
        months=[Month(each, _turns_in(cards, each), each == month) for each in months],
        weeks=_weeks(season, asked, cards, faces, month) if view != LIST else [],
        faces=[faces[card.pk] for card in cards if card.pk in shown],
        figures=figures_of(asked, cards),
        unplaced=_unplaced(season, asked, cards, accepted),
        absent=_absent(season) if has_absent else [],
        has_cards=bool(cards),
        proposal=next((each for each in proposals if each.is_open), None),
        step=actions.last_step(season, by=by),
        gap_sentence=gap_sentence(accepted.gap) if accepted else "",
        obstacles=_obstacles(season, asked, cards, faces, now=now),
        late_count=sum(bool(season.deadline_on and card.days[-1] > season.deadline_on) for card in cards),
        question=asked,
    )


def figures_of(asked: Question, cards: Iterable[SeasonCard]) -> Figures:
    in_force = {card.school_id: turn_of(card) for card in cards if not card.is_locked}
    locked = [(card.people, card.seventeen, card.days[-1]) for card in cards if card.is_locked]
    return figures(asked, in_force, locked=locked)


def _month(months: Sequence[date], wanted: date | None, *, today: date, cards: Sequence[SeasonCard]) -> date:
    if wanted and (asked := wanted.replace(day=1)) in months:
        return asked
    if today.replace(day=1) in months:
        coming = [card.days[-1] for card in cards if card.days[-1] >= today]
        return min(coming).replace(day=1) if coming and min(coming).replace(day=1) in months else today.replace(day=1)
    first = min((card.days[0] for card in cards), default=months[0]).replace(day=1)
    return first if first in months else months[0]


def _turns_in(cards: Iterable[SeasonCard], month: date) -> int:
    end = board.month_end(month)
    return sum(any(month <= each <= end for each in card.days) for card in cards)


def _obstacles(
    season: Season, asked: Question, cards: Iterable[SeasonCard], faces: Mapping[UUID, Face], *, now: datetime
) -> tuple[Obstacle, ...]:
    """Turns that no longer can be as they stand. Too few kits are named for what was agreed; others show them as rows."""
    today = now.astimezone(season.office.zone).date()
    coming = [card for card in cards if not card.is_locked and card.days[0] > today]
    in_force = board_of(coming)
    conflicts = Conflicts(asked.problem, in_force, asked.off, asked.closed)
    found = []
    for card in coming:
        against = [
            each
            for each in conflicts.of(card.school_id, in_force[card.school_id])
            if each.code in ALWAYS_NAMED or (each.code in KIT_CODES and card.school_id in asked.agreed)
        ]
        refusals = refusals_of(against, card.school_id, board=in_force, question=asked, season=season, now=now)
        named = [str(each.messages[0]) for each in refusals]
        if named:
            found.append(Obstacle(faces[card.pk], tuple(dict.fromkeys(named))))
    return tuple(found)


# The weeks


def _weeks(
    season: Season, asked: Question, cards: Sequence[SeasonCard], faces: Mapping[UUID, Face], month: date
) -> list[ShownWeek]:
    first, last = max(board.week_start(month), season.starts_on), min(board.week_end(board.month_end(month)), season.ends_on)
    rows = kit_rows(season, asked, cards, first=first, last=last)
    off = {each: name for each, name in asked.off.items() if each.weekday() < 5}
    weeks = board.weeks_of(rows.lanes, first=first, last=last, working_days=asked.rules.days, closed=off)
    return [_shown(week, faces, rows) for week in weeks]


def _shown(week: board.Week, faces: Mapping[UUID, Face], rows: KitRows) -> ShownWeek:
    shown = tuple(
        ShownRow(
            rows.names[row.number - 1] if row.number <= len(rows.names) else _("No kit"),
            tuple(_cell(cell, faces, rows, is_beyond=row.number > len(rows.names)) for cell in row.cells),
        )
        for row in week.rows
    )
    return ShownWeek(
        week.monday, week.days, shown, len({face.card.pk for row in shown for cell in row.cells for face in cell.faces})
    )


def _cell(cell: board.Cell, faces: Mapping[UUID, Face], rows: KitRows, *, is_beyond: bool) -> ShownCell:
    known = tuple(faces[turn] for turn in cell.turns if turn in faces)
    return ShownCell(cell, known, tuple(rows.elsewhere[turn] for turn in cell.turns if turn in rows.elsewhere), is_beyond)


# Who has no turn


def _unplaced(season: Season, asked: Question, cards: Iterable[SeasonCard], accepted: SeasonProposal | None) -> list[Group]:
    placed = {card.school_id for card in cards}
    known = _reasons(accepted)
    groups: defaultdict[str, list[WaitingFace]] = defaultdict(list)
    for waiting in asked.waiting.values():
        if waiting.id not in placed:
            reason = known.get(str(waiting.id)) or _("Not arranged yet. Place it by hand, or arrange automatically.")
            groups[reason].append(WaitingFace(waiting.id, waiting.name, len(waiting.people), 1, school_url(season, waiting.id)))
    ordered = sorted(groups.items(), key=lambda pair: -sum(face.people for face in pair[1]))
    return [Group(reason, tuple(sorted(schools, key=lambda face: (-face.people, face.name)))) for reason, schools in ordered]


def _proposals(season: Season) -> list[SeasonProposal]:
    """The one that waits for an answer, and the last ones that were accepted, the newest first."""
    wanted = [*SeasonProposal.OPEN, SeasonProposal.Status.ACCEPTED]
    return list(season.proposals.filter(status__in=wanted).order_by("-asked_at", "pk")[:2])


def _reasons(accepted: SeasonProposal | None) -> dict[str, str]:
    """By school what the last accepted proposal said about those that it left out."""
    return {str(fact.get("school")): sentence(fact) for fact in accepted.unplaced} if accepted else {}


def _absent(season: Season) -> list[WaitingFace]:
    schools = School.objects.filter(pk__in=season.absences.values("school")).order_by("search_name", "pk")
    return [WaitingFace(school.pk, school.name, 0, 0, school_url(season, school.pk)) for school in schools]


# How good it is


def gap_sentence(gap: float | None) -> str:
    """The proven gap in words; nothing where nothing is proven."""
    if gap is None:
        return ""
    if gap <= 0.00005:
        return _("When it was arranged: no better plan is possible.")
    return _("When it was arranged: at most %(percent)s percent better is possible.") % {"percent": percent(max(gap * 100, 0.1))}
