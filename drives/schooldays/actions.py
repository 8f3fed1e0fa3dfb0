"""What changes a calendar: lesson hours, holidays, Ramadan."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from drives.planning.calendar import national_holidays
from drives.planning.capacity import Session
from schools.models import BellTime, FastingMonth, HolidayChange, Office, School, User


@transaction.atomic
def save_bell_times(*, school: School, week: Mapping[int, Sequence[Session]]) -> bool:
    """Whether anything changed. A week without lessons means that the school has told none."""
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    wanted = {(weekday, each.start, each.end) for weekday, lessons in week.items() for each in lessons}
    standing = {(row.weekday, row.starts_at, row.ends_at): row.pk for row in school.bell_times.all()}
    if wanted == set(standing):
        return False
    school.bell_times.filter(pk__in=[pk for key, pk in standing.items() if key not in wanted]).delete()
    BellTime.objects.bulk_create(
        BellTime(school=school, weekday=weekday, starts_at=start, ends_at=end)
        for weekday, start, end in sorted(wanted - set(standing))
    )
    return True


@transaction.atomic
def add_holiday(*, office: Office, day: date, name: str, by: User, now: datetime) -> HolidayChange:
    """A decreed holiday for all schools of the office. Raises ValidationError: `holiday_known`."""
    _hold(office)
    if known := holidays_on(office, day):
        raise ValidationError(_("This date is a holiday already: %(name)s."), code="holiday_known", params={"name": known})
    return _note(office, day, HolidayChange.Effect.ADDED, name, by, now)


@transaction.atomic
def strike_holiday(*, office: Office, day: date, by: User, now: datetime) -> HolidayChange:
    """A foreseen holiday is none after all; its name is kept. Raises ValidationError: `no_holiday`."""
    _hold(office)
    foreseen = national_holidays(day, day).get(day)
    if foreseen is None or _in_force(office, day, HolidayChange.Effect.STRUCK):
        raise ValidationError(_("No foreseen holiday stands on this date."), code="no_holiday")
    return _note(office, day, HolidayChange.Effect.STRUCK, foreseen.name, by, now)


@transaction.atomic
def withdraw_holiday(*, change: HolidayChange, by: User, now: datetime) -> None:
    """What was added or struck no longer is; the row stays with who said so. A second press changes nothing."""
    HolidayChange.objects.in_force().filter(pk=change.pk).update(withdrawn_at=now, withdrawn_by=by)


@transaction.atomic
def note_fasting_month(*, month: FastingMonth, by: User, now: datetime) -> FastingMonth:
    """Ramadan as decreed. Raises ValidationError where it overlaps one that is noted already."""
    _hold(month.office)
    month.made_at, month.made_by = now, by
    month.full_clean()
    month.save()
    return month


def holidays_on(office: Office, day: date) -> str:
    """The holiday's name that stands on the day for this office, or nothing."""
    changes = {change.effect: change.name for change in HolidayChange.objects.in_force().filter(office=office, day=day)}
    foreseen = national_holidays(day, day).get(day)
    if HolidayChange.Effect.ADDED in changes:
        return changes[HolidayChange.Effect.ADDED]
    return foreseen.name if foreseen and HolidayChange.Effect.STRUCK not in changes else ""


def _hold(office: Office) -> None:
    """One change of an office's holidays at a time."""
    Office.objects.select_for_update(no_key=True).get(pk=office.pk)


def _in_force(office: Office, day: date, effect: HolidayChange.Effect) -> bool:
    return HolidayChange.objects.in_force().filter(office=office, day=day, effect=effect).exists()


def _note(office: Office, day: date, effect: HolidayChange.Effect, name: str, by: User, now: datetime) -> HolidayChange:
    return HolidayChange.objects.create(office=office, day=day, effect=effect, name=name, made_at=now, made_by=by)
