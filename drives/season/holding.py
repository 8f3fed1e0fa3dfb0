"""While a planner holds a school's turn: which days follow from a first one, and what stands against each, by name."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from drives.models import Season, SeasonCard
from drives.season.actions.refusals import board_of, refusal_of
from drives.season.facts import Question, question
from drives.season.solver.conflicts import Conflict, ConflictCode, Conflicts
from drives.season.solver.problem import Part, Placement


class Held:
    """One school's turn beside all others, as they stand at this moment."""

    def __init__(self, season: Season, school: UUID, *, now: datetime) -> None:
        self.season, self.school, self.now = season, school, now
        self.asked: Question = question(season=season, now=now)
        cards = SeasonCard.objects.filter(season=season).select_related("drive")
        self.board = board_of(cards)
        self.conflicts = Conflicts(self.asked.problem, self.board, self.asked.off, self.asked.closed)

    def from_day(self, day: date, *, kits: int, part: str) -> Sequence[date]:
        """The days of a turn that begins then and lasts until everybody has a place."""
        return self.conflicts.turn_from(self.school, day, kits=kits, part=Part(part)).days

    def against(self, days: Iterable[date], *, kits: int, part: str) -> dict[date, str]:
        """Why the turn cannot begin on a day; days on which it can are not named."""
        wanted = sorted(days)
        working = [day for day in wanted if day in self.asked.rules.index]
        found = {day: self.asked.off[day] for day in wanted if day in self.asked.off}
        for day, conflicts in self.conflicts.over(self.school, kits=kits, part=Part(part), days=working).items():
            if hard := next((each for each in conflicts if each.code is not ConflictCode.TOO_FEW_PLACES), None):
                turn = self.conflicts.turn_from(self.school, day, kits=kits, part=Part(part))
                found[day] = self._sentence(hard, turn)
        return found

    def _sentence(self, conflict: Conflict, turn: Placement) -> str:
        board = {**self.board, self.school: turn}
        refusal = refusal_of(conflict, self.school, board=board, question=self.asked, season=self.season, now=self.now)
        return str(refusal.messages[0])
