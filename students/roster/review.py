"""What a school sees before anything is written: sections with counts, problems grouped by cause, one sentence to decide on."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from schools.models import Region
from schools.templatetags.house import day_plain
from students.models import RosterRow, RosterUpload
from students.problems import ERRORS
from students.roster import worklist
from students.roster.causes import CAUSES, REMEDIES
from students.roster.moves import ClassMove, LeftAlone, class_moves, left_alone, moved_on

# A page shows so many rows of a section or cause; the error file has them all, and one answer can stand for all.
SHOWN: Final = 100
MOST_GRADUATES: Final = 2_000
Section, Decision = RosterRow.Section, RosterRow.Decision


@dataclass(frozen=True)
class Heading:
    title: str | Promise
    note: str | Promise
    # The last column but the decision: what is told about a row.
    detail: str | Promise = ""
    # The answers a person may give, the first one being none.
    choices: Sequence[tuple[str, str | Promise]] = ()


# In the order of the page: what needs a person first.
HEADINGS: Final[Mapping[str, Heading]] = {
    Section.MOVED: Heading(
        _("Moved school"),
        _("Known at another school before; the enrolment there ends"),
        _("Birth date"),
        [("", _("Not decided")), (Decision.ACCEPT, _("Yes, moved here")), (Decision.REJECT, _("No, leave out"))],
    ),
    Section.SIMILAR: Heading(
        _("Similar"),
        _("Nearly the same as somebody: the same person, or twins?"),
        _("Already there"),
        [("", _("Not decided")), (Decision.SAME_PERSON, _("The same person")), (Decision.KEEP_BOTH, _("Keep both"))],
    ),
    Section.MISSING: Heading(
        _("Not in the file"),
        _("Have they left the school? Nothing is assumed."),
        _("Birth date"),
        [("", _("Still here")), (Decision.LEFT, _("Has left")), (Decision.GRADUATED, _("Has graduated"))],
    ),
    Section.GRADUATED: Heading(
        _("Graduated"),
        _("In the last grade last year and not in the file: they have finished, unless you say otherwise"),
        _("Birth date"),
        [("", _("Still here")), (Decision.GRADUATED, _("Has graduated")), (Decision.LEFT, _("Moved or left"))],
    ),
    Section.CHANGED: Heading(_("Changed"), _("Old and new side by side"), _("What changes")),
    Section.NEW: Heading(_("New"), _("Ready to import"), _("Birth date")),
    Section.UNCHANGED: Heading(_("Already there"), _("The same as stored; skipped")),
}


@dataclass
class CauseRow:
    row: RosterRow
    column: str
    message: str
    # Somebody has mended it, and it is not checked yet.
    is_noted: bool = False


@dataclass
class Cause:
    """One way in which rows are wrong; how to mend it is said once."""

    code: str
    title: str | Promise
    remedy: str | Promise
    rows: list[CauseRow] = field(default_factory=list)

    @property
    def shown(self) -> list[CauseRow]:
        return self.rows[:SHOWN]

    @property
    def hidden_count(self) -> int:
        return max(0, len(self.rows) - SHOWN)

    @property
    def differs(self) -> bool:
        """Each row has a sentence of its own: how many digits, which other row."""
        return len({line.message for line in self.rows}) > 1


@dataclass(frozen=True)
class ReviewSection:
    key: str
    heading: Heading
    count: int
    rows: Sequence[RosterRow]
    waiting_count: int

    @property
    def hidden_count(self) -> int:
        return self.count - len(self.rows) if self.rows else 0

    @property
    def is_absent(self) -> bool:
        """Its pupils are not in the file, so they have no row in Excel."""
        return self.key in (Section.MISSING, Section.GRADUATED)

    @property
    def asks(self) -> bool:
        """Open on the page: somebody has to decide."""
        return self.key in (Section.MOVED, Section.SIMILAR) and self.waiting_count > 0


@dataclass(frozen=True)
class Review:
    """The upload's rows as the page shows them."""

    errors: Sequence[Cause]
    warnings: Sequence[Cause]
    error_count: int
    warning_count: int
    counts: Mapping[str, int]
    sections: Sequence[ReviewSection]
    # What a yes does: persons who enter or change, of them without a NIK; and what waits for a decision.
    import_count: int
    without_nik_count: int
    waiting_count: int
    seventeen_count: int
    moves: Sequence[ClassMove] = ()
    left_alone: LeftAlone | None = None

    @property
    def moved_on_count(self) -> int:
        return sum(move.count for move in self.moves)

    @property
    def held_count(self) -> int:
        return self.counts.get("held", 0)

    @property
    def empty_sections(self) -> list[str]:
        return [str(HEADINGS[key].title) for key in HEADINGS if not self.counts.get(key) and key != Section.UNCHANGED]

    @property
    def can_decide(self) -> bool:
        return any(section.heading.choices for section in self.sections)


def review(upload: RosterUpload, *, born_by: date) -> Review:
    """`born_by`: who is born on or before it has turned 17."""
    rows = upload.rows.all()
    troubled = rows.exclude(problems=[]).select_related("person").defer("nik_sealed", "person__nik_sealed")
    if upload.status == RosterUpload.Status.APPLIED:
        # What has been settled since, by a follow-up or in another way, is nobody's work any more.
        troubled = troubled.filter(worklist.WAITS) if worklist.is_current(upload) else troubled.none()
    noted = set(upload.repairs.filter(is_read=False).values_list("sheet", "row_number"))
    errors, warnings = _causes(list(troubled.order_by("row_number", "id")), noted)
    counts = {key: value for key, value in upload.counts.items() if isinstance(value, int)}
    entering = Q(section=Section.NEW) | Q(section=Section.CHANGED) & ~Q(decision=Decision.REJECT)
    entering |= Q(section=Section.MOVED, decision=Decision.ACCEPT)
    entering |= Q(section=Section.SIMILAR, decision__in=[Decision.SAME_PERSON, Decision.KEEP_BOTH])
    totals = rows.aggregate(
        importing=Count("pk", filter=entering),
        without_nik=Count("pk", filter=entering & ~Q(nik_problem="") & Q(person__nik_digest=None)),
        seventeen=Count("pk", filter=Q(section=Section.NEW, birth_date__lte=born_by)),
        moved=Count("pk", filter=Q(section=Section.MOVED, decision="")),
        similar=Count("pk", filter=Q(section=Section.SIMILAR, decision="")),
    )
    moves = class_moves(upload)
    # Who only moves on with the year is told by class.
    shown = counts | {Section.CHANGED: counts.get(Section.CHANGED, 0) - sum(move.count for move in moves)}
    return Review(
        errors=errors,
        warnings=warnings,
        error_count=len({line.row.pk for cause in errors for line in cause.rows}),
        warning_count=len({line.row.pk for cause in warnings for line in cause.rows}),
        counts=counts,
        sections=[
            ReviewSection(key, heading, shown[key], _rows(upload, key), totals.get(key, 0))
            for key, heading in HEADINGS.items()
            if shown.get(key)
        ],
        import_count=totals["importing"],
        without_nik_count=totals["without_nik"],
        waiting_count=totals["moved"] + totals["similar"],
        seventeen_count=totals["seventeen"],
        moves=moves,
        left_alone=left_alone(upload),
    )


def _rows(upload: RosterUpload, section: str) -> list[RosterRow]:
    """The first rows; of lines that say nothing new only the count is kept."""
    if section == Section.UNCHANGED:
        return []
    rows = upload.rows.filter(section=section).select_related("person").defer("nik_sealed", "person__nik_sealed")
    if section == Section.CHANGED:
        rows = rows.exclude(moved_on())
    # Of those who have finished, any single one can be kept.
    found = list(rows.order_by("row_number", "search_name", "id")[: MOST_GRADUATES if section == Section.GRADUATED else SHOWN])
    if section == Section.CHANGED:
        _say_plainly(found)
    return found


def _say_plainly(rows: Sequence[RosterRow]) -> None:
    """Places by their names and days as people write them, instead of codes; only for showing."""
    codes = {code for row in rows for code in row.changes.get("domicile", ()) if code}
    names = dict(Region.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}
    for row in rows:
        if "domicile" in row.changes:
            row.changes["domicile"] = [names.get(code, code) for code in row.changes["domicile"]]
        if "birth_date" in row.changes:
            row.changes["birth_date"] = [day_plain(date.fromisoformat(day)) if day else "" for day in row.changes["birth_date"]]


def _causes(rows: Sequence[RosterRow], noted: Collection[tuple[str, int]]) -> tuple[list[Cause], list[Cause]]:
    """Errors and warnings, the most frequent first."""
    found: defaultdict[str, list[CauseRow]] = defaultdict(list)
    for row in rows:
        is_noted = (row.sheet, row.row_number) in noted
        for problem in row.problems:
            found[problem["code"]].append(CauseRow(row, problem.get("column", ""), problem["message"], is_noted))
    causes = [
        Cause(code, CAUSES.get(code, code), REMEDIES.get(code, ""), lines)
        for code, lines in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return [cause for cause in causes if cause.code in ERRORS], [cause for cause in causes if cause.code not in ERRORS]
