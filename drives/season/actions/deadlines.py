"""The last day that suits one school: said, changed, taken back. Turns stay; the next proposal follows it."""

from dataclasses import replace
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from drives.models import Season, SeasonDeadline
from drives.season.actions.refusals import locked
from drives.season.facts import question
from drives.season.reasons import Reasons
from drives.season.solver.plan import first_plan
from drives.season.wording import sentences
from schools.models import School, User
from schools.templatetags.house import day as day_name


@transaction.atomic
def set_deadline(
    *, season: Season, school: School, day: date, reason: str = "", by: User | None, now: datetime
) -> SeasonDeadline:
    """Raises ValidationError: `past_day`, `deadline_outside_season`."""
    season = locked(season)
    if day <= now.astimezone(season.office.zone).date():
        raise ValidationError(
            _("%(day)s has passed or is today. Choose a day from tomorrow on.") % {"day": day_name(day)}, code="past_day"
        )
    if not season.starts_on <= day <= season.ends_on:
        raise ValidationError(
            _("A deadline lies in the season (%(first)s to %(last)s). Choose a day of it, or take the deadline away.")
            % {"first": day_name(season.starts_on), "last": day_name(season.ends_on)},
            code="deadline_outside_season",
        )
    said = " ".join(reason.split())[:120]
    found, _is_new = SeasonDeadline.objects.update_or_create(
        season=season, school=school, defaults={"office_id": season.office_id, "day": day, "reason": said, "at": now, "by": by}
    )
    return found


@transaction.atomic
def clear_deadline(*, season: Season, school: School) -> None:
    """None set, nothing happens."""
    SeasonDeadline.objects.filter(season=locked(season), school=school).delete()


def against_deadline(*, season: Season, school: School, now: datetime) -> str:
    """Why the school can have no turn by its deadline, were it alone beside what is pinned, and what to change; or nothing."""
    asked = question(season=season, now=now)
    needs = tuple(need for need in asked.problem.needs if need.id == school.pk)
    if not needs or needs[0].deadline is None:
        return ""
    alone = replace(asked.problem, needs=needs, previous={})
    plan = first_plan(alone)
    if school.pk in plan.placements:
        return ""
    return " ".join(sentences(Reasons(replace(asked, problem=alone), plan).unplaced()))
