"""What stands against a plan, in sentences that say what to change."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from drives.planning.calendar import DayState, DayVerdict
from drives.planning.capacity import without_setup
from drives.planning.days import Days
from drives.planning.facts import KitState, grades_of
from drives.planning.plan import Plan
from drives.planning.slots import LONGEST, SHORTEST
from schools.models import School
from schools.templatetags.house import clock, day, figure

MOST_DAYS = 60
MOST_SETUP = 180
# Of a verdict on a day: the code under which it refuses a plan.
DAY_CODES = {"past": "past_day", "holiday": "holiday", "closed": "closed_day"}


def check_ranges(plan: Plan) -> None:
    """Raises ValidationError: `minutes_out_of_range`, `slack_out_of_range`, `slot_length_out_of_range`,
    `setup_out_of_range`, `minimum_age_out_of_range`."""
    if not 1 <= plan.minutes <= 120:
        raise ValidationError(_("The minutes per person must be from 1 to 120."), code="minutes_out_of_range")
    if not 0 <= plan.slack_percent <= 90:
        raise ValidationError(_("The time in reserve must be from 0 to 90 percent."), code="slack_out_of_range")
    if not SHORTEST <= plan.slot_minutes <= LONGEST:
        raise ValidationError(_("A timeslot lasts from 10 to 60 minutes."), code="slot_length_out_of_range")
    if not (0 <= plan.setup_minutes <= MOST_SETUP and 0 <= plan.packup_minutes <= MOST_SETUP):
        raise ValidationError(_("Setting up and packing up take from 0 to 180 minutes each."), code="setup_out_of_range")
    if not 180 <= plan.minimum_age_months <= 240:
        raise ValidationError(_("The minimum age must be from 15 to 20 years."), code="minimum_age_out_of_range")


def check_days(plan: Plan, days: Days, *, school: School, today: date) -> None:
    """Raises ValidationError: `no_days`, `too_many_days`, `past_day`, `holiday`, `closed_day`, `no_time_on_day`,
    `no_time_after_setup`."""
    if not plan.days:
        raise ValidationError(_("A drive needs at least one day. Choose a day to continue."), code="no_days")
    if len(set(plan.days)) > MOST_DAYS:
        raise ValidationError(_("A drive has at most 60 days. Divide it into several drives."), code="too_many_days")
    grades = [str(grade) for grade in plan.grades or grades_of(school)]
    for each in sorted(set(plan.days)):
        verdict = days.verdict(each, grades=grades, today=today)
        if verdict.state is DayState.REFUSED:
            raise ValidationError(day_refusal(verdict), code=DAY_CODES[verdict.code])
        if not plan.sessions_on(each, days=days):
            without_setup(
                days.sessions_on(each, plan.sessions, slot_minutes=plan.slot_minutes),
                setup_minutes=plan.setup_minutes,
                packup_minutes=plan.packup_minutes,
            )
            raise ValidationError(
                _("No session is left on %(day)s: the day is short. Choose another day or an earlier session.")
                % {"day": day(each)},
                code="no_time_on_day",
            )


def day_refusal(verdict: DayVerdict) -> str:
    """`Kamis, 24 Desember 2026: Cuti Bersama Natal. …`"""
    return f"{day(verdict.day)}: {verdict.name}. {verdict.sentence}"


def check_kit_states(plan: Plan, states: Mapping[date, Sequence[KitState]]) -> None:
    """Raises ValidationError: `kit_elsewhere`, `too_few_kits`, `kit_out_of_service`."""
    for each, on_day in states.items():
        if plan.kit_ids:
            _check_named(plan, each, on_day)
        else:
            _check_count(plan, each, on_day)


def _check_named(plan: Plan, each: date, on_day: Sequence[KitState]) -> None:
    refuse_kits_away(plan.kit_ids, each, on_day)


def refuse_kits_away(kit_ids: Collection[UUID], each: date, on_day: Sequence[KitState]) -> None:
    """Raises ValidationError: `too_few_kits`, `kit_out_of_service`, `kit_elsewhere`."""
    named = [state for state in on_day if state.kit_id in kit_ids]
    if len(named) < len(kit_ids):
        raise ValidationError(
            _("A kit that was chosen is not in service, or belongs to another office. Choose the kits again."),
            code="too_few_kits",
        )
    if broken := [state for state in named if state.outage]:
        raise ValidationError(" ".join(whereabouts(state, each) for state in broken), code="kit_out_of_service")
    if busy := [state for state in named if not state.is_free]:
        raise ValidationError(" ".join(whereabouts(state, each) for state in busy), code="kit_elsewhere")


def _check_count(plan: Plan, each: date, on_day: Sequence[KitState]) -> None:
    serving = [state for state in on_day if not state.outage]
    if len(on_day) < plan.kits:
        raise ValidationError(
            ngettext(
                "The office has %(count)s kit in service. Choose fewer kits, or add the missing ones under Recording kits.",
                "The office has %(count)s kits in service. Choose fewer kits, or add the missing ones under Recording kits.",
                len(on_day),
            )
            % {"count": figure(len(on_day))},
            code="too_few_kits",
        )
    if len(serving) < plan.kits:
        broken = [whereabouts(state, each) for state in on_day if state.outage]
        few = ngettext("Only %(count)s kit works on %(day)s.", "Only %(count)s kits work on %(day)s.", len(serving)) % {
            "count": figure(len(serving)),
            "day": day(each),
        }
        raise ValidationError(" ".join([few, *broken]), code="kit_out_of_service")
    free = sum(state.is_free for state in on_day)
    if free < plan.kits:
        few = ngettext("Only %(count)s kit is free on %(day)s.", "Only %(count)s kits are free on %(day)s.", free) % {
            "count": figure(free),
            "day": day(each),
        }
        away = [whereabouts(state, each) for state in on_day if not state.is_free]
        raise ValidationError(" ".join([few, *away]), code="kit_elsewhere")


def whereabouts(state: KitState, each: date) -> str:
    """`Alat 3 ada di SMAN 8 Jakarta pada Selasa, 24 November 2026, 07.00–13.30.` Or why it does not work then."""
    if state.outage:
        return _("%(kit)s is out of service on %(day)s: %(reason)s.") % {
            "kit": state.name,
            "day": day(each),
            "reason": state.outage,
        }
    return " ".join(
        _("%(kit)s is at %(place)s on %(day)s, %(start)s–%(end)s.")
        % {
            "kit": state.name,
            "place": away.place,
            "day": day(each),
            "start": clock(away.starts_at),
            "end": clock(away.ends_at),
        }
        for away in state.elsewhere
    )
