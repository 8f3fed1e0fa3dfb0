"""What a school sees before anything is written: sections with counts, problems grouped by cause, one sentence to decide on."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from schools.models import Region
from schools.templatetags.house import day_plain
from students.models import RosterRow, RosterUpload
from students.problems import ERRORS
from students.roster import worklist
from students.roster.causes import CAUSES, REMEDIES
from students.roster.moves import ClassMove, LeftAlone, class_moves, left_alone, moved_on
from students.roster.pages import ORDER, Page, Place, page_of_list, page_of_rows

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


@dataclass(frozen=True)
class Cause:
    """One way in which rows are wrong; how to mend it is said once. `shown`: the lines of this page."""

    code: str
    title: str | Promise
    remedy: str | Promise
    page: Page[UUID]
    shown: Sequence[CauseRow]
    # Each row has a sentence of its own: how many digits, which other row.
    differs: bool


@dataclass
class ReviewSection:
    key: str
    heading: Heading
    page: Page[RosterRow]
    waiting_count: int
    # What was chosen on the page and not sent in time.
    said_for_all: str = ""
    is_answered: bool = False

    @property
    def count(self) -> int:
        return self.page.total

    @property
    def rows(self) -> Sequence[RosterRow]:
        return self.page.lines

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

    def answer(self, said: Mapping[str, str]) -> None:
        """Show decisions that were chosen on the page and could not be sent: `row-<id>` and `all-<section>`."""
        for section in self.sections:
            section.said_for_all = said.get(f"all-{section.key}", "")
            for row in section.rows:
                chosen = said.get(f"row-{row.pk}", row.decision)
                section.is_answered |= chosen != row.decision
                row.decision = chosen
            section.is_answered |= bool(section.said_for_all)


def review(upload: RosterUpload, *, born_by: date, place: Place | None = None) -> Review:
    """`born_by`: who is born on or before it has turned 17. `place`: the list that is turned over."""
    place = place or Place()
    rows = upload.rows.all()
    troubled = rows.exclude(problems=[])
    if upload.status == RosterUpload.Status.APPLIED:
        # What has been settled since, by a follow-up or in another way, is nobody's work any more.
        troubled = troubled.filter(worklist.WAITS) if worklist.is_current(upload) else troubled.none()
    noted = set(upload.repairs.filter(is_read=False).values_list("sheet", "row_number"))
    found = _by_cause(troubled)
    causes = _causes(found, noted, place)
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
        errors=[cause for cause in causes if cause.code in ERRORS],
        warnings=[cause for cause in causes if cause.code not in ERRORS],
        error_count=len({pk for code, lines in found.items() if code in ERRORS for pk in lines}),
        warning_count=len({pk for code, lines in found.items() if code not in ERRORS for pk in lines}),
        counts=counts,
        sections=[
            ReviewSection(key, heading, _page(upload, key, total=shown[key], place=place), totals.get(key, 0))
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


def _page(upload: RosterUpload, section: str, *, total: int, place: Place) -> Page[RosterRow]:
    """A hundred rows; of lines that say nothing new only the count is kept."""
    if section == Section.UNCHANGED:
        return Page(section, [], 1, total)
    rows = upload.rows.filter(section=section).select_related("person").defer("nik_sealed", "person__nik_sealed")
    if section == Section.CHANGED:
        rows = rows.exclude(moved_on())
    found = page_of_rows(rows, section, total=total, place=place)
    if section == Section.CHANGED:
        _say_plainly(found.lines)
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


def _by_cause(troubled: QuerySet[RosterRow]) -> dict[str, dict[UUID, tuple[str, str]]]:
    """Problem code → row → column and message, the most frequent first, rows in the order of the file."""
    found: defaultdict[str, dict[UUID, tuple[str, str]]] = defaultdict(dict)
    for pk, problems in troubled.order_by(*ORDER).values_list("pk", "problems"):
        for problem in problems:
            found[problem["code"]][pk] = (problem.get("column", ""), problem["message"])
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def _causes(found: Mapping[str, Mapping[UUID, tuple[str, str]]], noted: Collection[tuple[str, int]], place: Place) -> list[Cause]:
    """Of thousands of rows only those are fetched that the page shows."""
    pages = {code: page_of_list(code, list(lines), place=place) for code, lines in found.items()}
    rows = RosterRow.objects.select_related("person").defer("nik_sealed", "person__nik_sealed")
    shown = rows.in_bulk({pk for page in pages.values() for pk in page.lines})
    return [
        Cause(
            code,
            CAUSES.get(code, code),
            REMEDIES.get(code, ""),
            pages[code],
            [
                CauseRow(shown[pk], *lines[pk], is_noted=(shown[pk].sheet, shown[pk].row_number) in noted)
                for pk in pages[code].lines
            ],
            differs=len({message for _column, message in lines.values()}) > 1,
        )
        for code, lines in found.items()
    ]
