"""Where a person stands, why, and what comes next: one place for the words and colours of every list."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from drives.models import DukcapilStatus, Visit, VisitEvent
from drives.planning.eligibility import CARD_AGE, LeapRule, MinimumAge, eligible_from, printable_from, turns
from schools.templatetags.house import clock, day, day_plain

ON_ITS_WAY = {"CARD_PRINTED", "CARD_SHIPPED"}
PRINTABLE = {"PRINT_READY_RECORD", "SENT_FOR_CARD_PRINTING"}
FOR_THE_SUDIN = {"DUPLICATE_RECORD", "ADJUDICATE_RECORD"}


@dataclass(frozen=True)
class Facts:
    """What is known of one person, as plain values; days are days of the office."""

    birth_date: date | None
    recorded_on: date | None
    has_nik: bool
    dukcapil_status: str = ""
    dukcapil_on: date | None = None
    slot_on: date | None = None
    slot_starts_at: datetime | None = None
    slot_ends_at: datetime | None = None
    visit_state: str = ""
    visit_reason: str = ""
    visit_on: date | None = None


@dataclass(frozen=True)
class Rules:
    """The office's settings that this story needs."""

    minimum_age_months: int = 192
    leap_rule: str = LeapRule.NEXT_DAY.value
    print_offset_days: int = 0

    @property
    def minimum_age(self) -> MinimumAge:
        return MinimumAge(*divmod(self.minimum_age_months, 12))


@dataclass(frozen=True)
class Standing:
    """A chip (`label`, `tone`), the reason behind it and the next step, each a text for people."""

    code: str
    label: str | Promise
    tone: str
    why: str = ""
    next: str = ""


def standing(facts: Facts, rules: Rules, *, today: date) -> Standing:
    """The first of these that holds: recorded, no birth date, under age, at a drive, scheduled, unscheduled."""
    if facts.recorded_on:
        return _recorded(facts, rules, today=today)
    if facts.birth_date is None:
        return Standing("incomplete", _("Birth date missing"), "wait", next=_("Complete the data."))
    leap = LeapRule(rules.leap_rule)
    first_day = eligible_from(facts.birth_date, rules.minimum_age, leap)
    if facts.slot_starts_at is None and first_day > today:
        age = rules.minimum_age.years
        return Standing(
            "under_age",
            _("Not yet %(age)s") % {"age": age},
            "neutral",
            why=_("Turns %(age)s on %(day)s.") % {"age": age, "day": day_plain(first_day)},
            next=_("Is planned from that day on."),
        )
    if facts.visit_state in _AT_THE_DRIVE and not _is_invited_again(facts, today=today):
        return _at_the_drive(facts)
    if facts.slot_starts_at:
        return Standing(
            "scheduled",
            _("Scheduled"),
            "info",
            why=f"{day(facts.slot_starts_at)}, {clock(facts.slot_starts_at)}–{clock(facts.slot_ends_at)}",
            next=_("Comes at this time, with a copy of the family card."),
        )
    seventeen = turns(facts.birth_date, CARD_AGE, leap)
    why = _("Is 17 since %(day)s.") if seventeen <= today else _("Turns 17 on %(day)s.")
    return Standing(
        "unscheduled",
        _("Not scheduled"),
        "wait",
        why=why % {"day": day_plain(seventeen)},
        next=_("Waits for a place in a drive."),
    )


_AT_THE_DRIVE = {
    Visit.State.PRESENT,
    Visit.State.FAILED,
    Visit.State.ABSENT,
    Visit.State.DECLINED,
    Visit.State.UNDER_AGE,
}


def _is_invited_again(facts: Facts, *, today: date) -> bool:
    """A place on a day after the visit; who is at the drive today, early for a place tomorrow, is at the drive."""
    if facts.slot_on is None or facts.visit_on is None:
        return False
    return facts.visit_on < facts.slot_on and facts.visit_on != today


def _recorded(facts: Facts, rules: Rules, *, today: date) -> Standing:
    # A status from before the recording says nothing about it: "not recorded" is how the person came to the drive.
    is_newer = bool(facts.dukcapil_on and facts.recorded_on and facts.dukcapil_on >= facts.recorded_on)
    status = facts.dukcapil_status if is_newer and facts.dukcapil_status not in DukcapilStatus.NEEDING else ""
    known = _("Recorded since %(day)s.") % {"day": day_plain(facts.recorded_on)}
    if status:
        label = DukcapilStatus.Status(status).label
        known = _("%(status)s, as of %(day)s.") % {"status": str(label).capitalize(), "day": day_plain(facts.dukcapil_on)}
    if status in FOR_THE_SUDIN:
        return Standing("blocked", _("Held by Dukcapil"), "stop", why=known, next=_("The Sudin settles this with the centre."))
    if status == DukcapilStatus.Status.CARD_ISSUED:
        return Standing("issued", _("Card handed over"), "ok", why=known, next=_("Nothing is left to do."))
    if status in ON_ITS_WAY:
        return Standing("card", _("Card printed"), "ok", why=known, next=_("The card comes to the school."))
    if facts.birth_date:
        printable = printable_from(facts.birth_date, rules.print_offset_days, LeapRule(rules.leap_rule))
        if printable > today:
            return Standing(
                "recorded",
                _("Recorded"),
                "ok",
                why=known,
                next=_("The card can be printed from %(day)s.") % {"day": day_plain(printable)},
            )
    if status in PRINTABLE:
        return Standing("printable", _("Ready to print"), "ok", why=known, next=_("The office prints the card."))
    return Standing("recorded", _("Recorded"), "ok", why=known, next=_("Dukcapil processes the data; how long is not known."))


def _at_the_drive(facts: Facts) -> Standing:
    state = Visit.State(facts.visit_state)
    tone = {"present": "info", "failed": "stop"}.get(state.value, "wait")
    why = _reason(facts)
    steps = {
        "present": _("Waits for a recording kit."),
        "failed": _("Is invited again: make-up session or office."),
        "absent": _("Is invited again: make-up session or office."),
        "declined": _("The school speaks with the student and the parents."),
        "under_age": _("Is planned once old enough."),
    }
    return Standing(state.value, str(state.label).capitalize(), tone, why=why, next=steps[state.value])


def _reason(facts: Facts) -> str:
    reason = str(VisitEvent.Reason(facts.visit_reason).label).capitalize() if facts.visit_reason else ""
    when = day(facts.visit_on) if facts.visit_on else ""
    return ", ".join(part for part in (reason, when) if part)
