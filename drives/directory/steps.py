"""How far a school is: from its roster to the last recording, step by step. Pure: facts in, steps out."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from schools.templatetags.house import day, day_short, figure

READING = {"waiting", "reading"}
IMPORTING = {"approved", "applying"}


@dataclass(frozen=True)
class DriveFacts:
    is_published: bool
    first_day: date
    last_day: date
    scheduled: int
    places: int


@dataclass(frozen=True)
class CheckFacts:
    """When the list for SIAK was last taken, and when an answer about a student of the school last came in."""

    taken_on: date | None = None
    answered_on: date | None = None

    @property
    def is_awaited(self) -> bool:
        return self.taken_on is not None and (self.answered_on is None or self.answered_on < self.taken_on)


@dataclass(frozen=True)
class Facts:
    students: int
    needing: int
    # Of the newest upload: its status, and how many of its lines were held back.
    upload: str = ""
    held: int = 0
    drive: DriveFacts | None = None
    # For the office alone: the school has no part in the check.
    check: CheckFacts | None = None


@dataclass(frozen=True)
class Step:
    """`code` names what can be done there; the view knows the address."""

    code: str
    title: str
    chip: str
    tone: str
    sentence: str


def steps(facts: Facts, *, today: date) -> list[Step]:
    return [
        _upload(facts),
        _review(facts),
        *([_check(facts, facts.check)] if facts.check else []),
        _schedule(facts),
        _print(facts, today=today),
        _record(facts, today=today),
    ]


def _upload(facts: Facts) -> Step:
    title = _("Upload the roster")
    if facts.upload in READING:
        return Step("upload", title, _("Being read"), "info", _("The file has arrived and is being read."))
    if facts.upload == "questions":
        sentence = _("The file waits until somebody says what some of its columns mean.")
        return Step("upload", title, _("Columns to be explained"), "wait", sentence)
    if facts.upload == "refused":
        return Step(
            "upload", title, _("Refused"), "stop", _("The newest file could not be used. Look at the reason and upload it again.")
        )
    if facts.students or facts.upload:
        sentence = ngettext("%(count)s student is enrolled.", "%(count)s students are enrolled.", facts.students)
        return Step("upload", title, _("Done"), "ok", sentence % {"count": figure(facts.students)})
    return Step("upload", title, _("Not yet"), "wait", _("No roster has arrived from this school."))


def _review(facts: Facts) -> Step:
    title = _("Review the roster")
    if facts.upload == "review":
        return Step(
            "review", title, _("To be reviewed"), "wait", _("Nothing is imported before somebody has reviewed it and agreed.")
        )
    if facts.upload in IMPORTING:
        return Step("review", title, _("Being imported"), "info", _("The roster is approved and is being imported."))
    if facts.held:
        sentence = ngettext(
            "%(count)s line was held back and waits for repair.",
            "%(count)s lines were held back and wait for repair.",
            facts.held,
        )
        return Step("review", title, _("To be repaired"), "wait", sentence % {"count": figure(facts.held)})
    if facts.students:
        return Step("review", title, _("Done"), "ok", _("Nothing is left to review."))
    return Step("review", title, _("Not yet"), "neutral", _("Follows the upload."))


def _check(facts: Facts, check: CheckFacts) -> Step:
    """Before timeslots are assigned, so that nobody is recorded twice."""
    title = _("Check in SIAK")
    if not facts.students:
        return Step("", title, _("Not yet"), "neutral", _("Follows the roster."))
    if check.is_awaited and check.taken_on:
        sentence = _("The list was taken on %(day)s; its result has not been imported.") % {"day": day(check.taken_on)}
        return Step("check", title, _("Result awaited"), "wait", sentence)
    if check.answered_on:
        sentence = _("The newest result came in on %(day)s.") % {"day": day(check.answered_on)}
        return Step("check", title, _("Done"), "ok", sentence)
    if not facts.needing:
        return Step("", title, _("Done"), "ok", _("Nobody needs recording."))
    return Step("check", title, _("Not yet"), "wait", _("Who is recorded already should get no place: take the list for SIAK."))


def _schedule(facts: Facts) -> Step:
    title = _("Schedule the students")
    if drive := facts.drive:
        sentence = _("%(days)s. %(scheduled)s people hold one of %(places)s places.") % {
            "days": _span(drive),
            "scheduled": figure(drive.scheduled),
            "places": figure(drive.places),
        }
        chip, tone = (_("Published"), "ok") if drive.is_published else (_("Draft"), "wait")
        return Step("drive", title, chip, tone, sentence)
    if facts.needing:
        sentence = ngettext("%(count)s student waits for a drive.", "%(count)s students wait for a drive.", facts.needing)
        return Step("plan", title, _("No drive"), "wait", sentence % {"count": figure(facts.needing)})
    if facts.students:
        return Step("", title, _("Done"), "ok", _("Nobody needs recording."))
    return Step("", title, _("Not yet"), "neutral", _("Follows the roster."))


def _print(facts: Facts, *, today: date) -> Step:
    title = _("Print the slips")
    if facts.drive and facts.drive.is_published and facts.drive.last_day >= today:
        return Step("print", title, _("Ready to print"), "info", _("Slips, class sheets and attendance sheets can be printed."))
    if facts.drive and facts.drive.is_published:
        return Step("", title, _("Past"), "neutral", _("The drive is over."))
    return Step("", title, _("Not yet"), "neutral", _("Follows the publication of a drive."))


def _record(facts: Facts, *, today: date) -> Step:
    title = _("Record the students")
    recorded = facts.students - facts.needing
    counts = {"recorded": figure(recorded), "students": figure(facts.students), "left": figure(facts.needing)}
    if facts.students and not facts.needing:
        return Step("", title, _("Done"), "ok", _("All %(students)s students are recorded.") % counts)
    if facts.drive and facts.drive.first_day <= today <= facts.drive.last_day:
        return Step(
            "drive",
            title,
            _("Today"),
            "info",
            _("%(recorded)s of %(students)s students are recorded; %(left)s are left.") % counts,
        )
    if recorded:
        return Step(
            "",
            title,
            _("Under way"),
            "info",
            _("%(recorded)s of %(students)s students are recorded; %(left)s are left.") % counts,
        )
    return Step("", title, _("Not yet"), "neutral", _("Nobody is recorded yet.") if facts.students else _("Follows the roster."))


def _span(drive: DriveFacts) -> str:
    if drive.first_day == drive.last_day:
        return day(drive.first_day)
    return f"{day_short(drive.first_day)} – {day(drive.last_day)}"
