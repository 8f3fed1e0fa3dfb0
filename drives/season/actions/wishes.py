"""A season's period and wishes. What cannot be wished is refused with a sentence beside its field."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from drives.models import Kit, Season
from drives.season.actions.agreements import keep_agreements
from drives.season.actions.refusals import locked
from drives.season.actions.turns import count_anew
from drives.season.calendar import sessions_of, trimmed, working_days
from drives.season.kits_free import kits_free
from drives.season.solver.problem import Part
from schools.models import Office, User
from schools.templatetags.house import day, figure

MOST_DAYS: Final = 370
# An election may lie beyond the season.
LATEST_REFERENCE: Final = timedelta(days=5 * 366)
Refusal = tuple[str, ValidationError]


@transaction.atomic
def create_season(*, office: Office, by: User | None, now: datetime, **wishes: Any) -> Season:
    """A season without any turn yet. `wishes` are fields of the season; what is not told is the office's own, or a default.

    Raises ValidationError by field: `period_reversed`, `period_past`, `period_too_long`, `no_working_day`, `no_kits`,
    `minutes_out_of_range`, `slack_out_of_range`, `no_time_after_setup`, `sessions_overlap`, `minimum_age_out_of_range`,
    `most_kits_out_of_range`, `longest_out_of_range`, `van_out_of_range`, `weight_out_of_range`, `near_out_of_range`,
    `base_incomplete`, `base_out_of_range`, `name_taken`, `deadline_outside_season`, `deadline_too_early`,
    `reference_out_of_range`.
    """
    told = {name: value for name, value in wishes.items() if value is not None}
    own = {
        "minutes_per_person": office.minutes_per_person,
        "slack_percent": office.slack_percent,
        "minimum_age_months": office.minimum_age_months,
    }
    season = Season(office=office, created_by=by, created_at=now, **(own | told))
    return _checked_and_saved(season, by=by, now=now)


@transaction.atomic
def update_season(*, season: Season, by: User | None, now: datetime, **wishes: Any) -> Season:
    """Its turns stay where they are, counted by the new reference date; the next proposal follows the new wishes.

    Raises what `create_season` raises.
    """
    season = locked(season)
    reference_on = season.reference_on
    for name, value in wishes.items():
        setattr(season, name, value)
    season = _checked_and_saved(season, by=by, now=now)
    if season.reference_on != reference_on:
        count_anew(season=season, now=now)
    return season


def _checked_and_saved(season: Season, *, by: User | None, now: datetime) -> Season:
    check(season, now=now)
    season.full_clean(exclude=["created_by"])
    season.save()
    keep_agreements(season=season, by=by, now=now)
    return season


def check(season: Season, *, now: datetime, kit_count: int | None = None) -> None:
    """Raises ValidationError by field: what `create_season` raises, everything that is wrong at once.

    `kit_count`: as if the office had so many kits in service.
    """
    today = now.astimezone(season.office.zone).date()
    found: dict[str, list[ValidationError]] = {}
    for name, error in (*_period(season, today), *_dates(season), *_figures(season), *_hours(season), *_name(season)):
        found.setdefault(name, []).append(error)
    if not found:
        for name, error in _possible(season, now=now, kit_count=kit_count):
            found.setdefault(name, []).append(error)
    if found:
        raise ValidationError(found)


def _period(season: Season, today: date) -> Iterator[Refusal]:
    if season.ends_on < season.starts_on:
        yield (
            "ends_on",
            ValidationError(
                _("The season must not end before it begins. Choose a last day after the first."), code="period_reversed"
            ),
        )
    elif (season.ends_on - season.starts_on).days >= MOST_DAYS:
        yield (
            "ends_on",
            ValidationError(
                _("A season lasts at most 370 days. Choose an earlier last day, and plan the rest in another season."),
                code="period_too_long",
            ),
        )
    elif season.ends_on <= today:
        yield "ends_on", ValidationError(_("The season is over. Choose a last day from tomorrow on."), code="period_past")


def _dates(season: Season) -> Iterator[Refusal]:
    if season.ends_on < season.starts_on:
        return
    if season.deadline_on and not season.starts_on <= season.deadline_on <= season.ends_on:
        yield (
            "deadline_on",
            ValidationError(
                _("The deadline lies outside the season. Choose a day from %(first)s to %(last)s, or leave it empty."),
                code="deadline_outside_season",
                params={"first": day(season.starts_on), "last": day(season.ends_on)},
            ),
        )
    latest = season.ends_on + LATEST_REFERENCE
    if season.reference_on and not season.starts_on <= season.reference_on <= latest:
        yield (
            "reference_on",
            ValidationError(
                _("Choose a reference date from %(first)s to %(last)s, or leave it empty."),
                code="reference_out_of_range",
                params={"first": day(season.starts_on), "last": day(latest)},
            ),
        )


# field, least, most, code, sentence
RANGES: Final = (
    ("minutes_per_person", 1, 120, "minutes_out_of_range", _("The minutes per person must be from 1 to 120.")),
    ("slack_percent", 0, 90, "slack_out_of_range", _("The time in reserve must be from 0 to 90 percent.")),
    ("setup_minutes", 0, 180, "setup_out_of_range", _("Setting up takes from 0 to 180 minutes.")),
    ("packup_minutes", 0, 180, "setup_out_of_range", _("Packing up takes from 0 to 180 minutes.")),
    ("minimum_age_months", 180, 240, "minimum_age_out_of_range", _("The minimum age must be from 15 to 20 years.")),
    ("most_kits", 1, 20, "most_kits_out_of_range", _("A school needs at least one kit. Allow from 1 to 20 kits at one school.")),
    ("longest_days", 1, 30, "longest_out_of_range", _("A school needs at least one day. Allow from 1 to 30 days at one school.")),
    ("kits_a_van", 1, 20, "van_out_of_range", _("A van carries from 1 to 20 kits.")),
    ("near_km", 0, 50, "near_out_of_range", _("Near schools are from 0 to 50 kilometres apart.")),
    ("weight_younger", 0, 1, "weight_out_of_range", _("The weight of those not yet 17 must be from 0 to 1.")),
    ("weight_kilometre", 0, 100, "weight_out_of_range", _("The weight of a kilometre must be from 0 to 100.")),
    ("weight_fairness", 0, 10, "weight_out_of_range", _("The weight of fairness must be from 0 to 10.")),
    ("base_latitude", -90, 90, "base_out_of_range", _("A latitude lies between -90 and 90 degrees.")),
    ("base_longitude", -180, 180, "base_out_of_range", _("A longitude lies between -180 and 180 degrees.")),
)


def _figures(season: Season) -> Iterator[Refusal]:
    for name, least, most, code, sentence in RANGES:
        value = getattr(season, name)
        if value is not None and not least <= value <= most:
            yield name, ValidationError(sentence, code=code)
    if season.kit_limit is not None and season.kit_limit < 1:
        yield "kit_limit", ValidationError(_("A season needs at least one kit. Allow one, or leave it empty."), code="no_kits")
    if (season.base_latitude is None) != (season.base_longitude is None):
        missing = "base_latitude" if season.base_latitude is None else "base_longitude"
        yield (
            missing,
            ValidationError(_("Enter both coordinates of the place of the vans, or neither."), code="base_incomplete"),
        )


def _hours(season: Season) -> Iterator[Refusal]:
    hours: list[tuple[str, time]] = [
        (name, getattr(season, name)) for name in ("morning_from", "morning_until", "afternoon_from", "afternoon_until")
    ]
    for (_before, one), (name, other) in pairwise(hours):
        if other < one or (other == one and name != "afternoon_from"):
            yield (
                name,
                ValidationError(
                    _("The sessions overlap, or one has no time in it. Each hour must be later than the one before it."),
                    code="sessions_overlap",
                ),
            )
            return
    if season.setup_minutes <= 180 and season.packup_minutes <= 180:
        whole = trimmed(sessions_of(season, Part.DAY), season.setup_minutes, season.packup_minutes)
        if not whole:
            yield (
                "setup_minutes",
                ValidationError(
                    _("Setting up and packing up take all the time of the day. Shorten them, or lengthen the sessions."),
                    code="no_time_after_setup",
                ),
            )


def _name(season: Season) -> Iterator[Refusal]:
    if not season.name.strip():
        yield "name", ValidationError(_("Give the season a name."), code="name_missing")
    elif Season.objects.filter(office=season.office, name=season.name).exclude(pk=season.pk).exists():
        yield "name", ValidationError(_("Another season of the office has this name. Choose another one."), code="name_taken")


def _possible(season: Season, *, now: datetime, kit_count: int | None) -> Iterator[Refusal]:
    """Whether there is any day and any kit to work with."""
    today = now.astimezone(season.office.zone).date()
    days = working_days(season=season, today=today)
    if not days:
        yield (
            "ends_on",
            ValidationError(
                _("No working day is left from %(first)s to %(last)s. Choose a longer period, or declare special working days."),
                code="no_working_day",
                params={"first": day(season.starts_on), "last": day(season.ends_on)},
            ),
        )
    elif season.deadline_on and days[0] > season.deadline_on and _is_new_deadline(season):
        yield (
            "deadline_on",
            ValidationError(
                _("No working day is left until the deadline, %(day)s. Choose a day from %(first)s on, or leave it empty."),
                code="deadline_too_early",
                params={"day": day(season.deadline_on), "first": day(days[0])},
            ),
        )
    if kit_count is None and not Kit.objects.filter(office=season.office).in_service().exists():
        yield "kit_limit", no_kits()
    elif days and not any(max(free) for free in kits_free(season, days, kit_count=kit_count).values()):
        yield "ends_on", kits_always_away()


def _is_new_deadline(season: Season) -> bool:
    """One that has passed since it was set stands in nobody's way."""
    return not Season.objects.filter(pk=season.pk, deadline_on=season.deadline_on).exists()


def no_kits() -> ValidationError:
    return ValidationError(
        _("The office has no kit in service. Add one, or put one in service, under Recording kits."), code="no_kits"
    )


def kits_always_away() -> ValidationError:
    return ValidationError(
        _("All kits are at other drives or out of service on every day of the season. Choose a longer period, or add a kit."),
        code="kits_away",
    )


def check_kit_count(office: Office, kits: int) -> None:
    """Raises ValidationError: `too_few_kits`."""
    in_service = Kit.objects.filter(office=office).in_service().count()
    if in_service < kits:
        raise ValidationError(
            ngettext(
                "The office has %(count)s kit in service. Choose fewer kits, or add the missing ones under Recording kits.",
                "The office has %(count)s kits in service. Choose fewer kits, or add the missing ones under Recording kits.",
                in_service,
            )
            % {"count": figure(in_service)},
            code="too_few_kits",
        )
