"""An office's calendar: its working week, Fridays and Ramadan, and the holidays of a year."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from drives.models import DriveDay
from drives.planning.calendar import HolidayKind, estimated_ramadan, national_holidays
from drives.schooldays import actions
from drives.schooldays.forms import FastingMonthForm, HolidayForm, OfficeHoursForm
from drives.schooldays.told import tell_affected
from schools.access import requires, signed_in
from schools.directory.scope import offices_planned_by
from schools.models import FastingMonth, HolidayChange, Office, Role, User
from schools.templatetags.house import day as day_name

YEARS_AHEAD: Final = 2
ESTIMATED: Final = "(perkiraan)"


@dataclass(frozen=True, slots=True)
class HolidayRow:
    """A holiday of the year, foreseen or added, and what the office said about it."""

    day: date
    name: str
    kind: HolidayKind
    is_estimated: bool
    is_past: bool
    change: HolidayChange | None = None

    @property
    def is_struck(self) -> bool:
        return self.change is not None and self.change.effect == HolidayChange.Effect.STRUCK


@require_safe
@requires(Role.PLANNER)
def office_calendar(request: HttpRequest, office_id: UUID) -> HttpResponse:
    return _page(request, _office(request, office_id))


@require_POST
@requires(Role.PLANNER)
def office_hours(request: HttpRequest, office_id: UUID) -> HttpResponse:
    """New drives begin with these; a drive that is planned keeps its own."""
    office = _office(request, office_id)
    form = OfficeHoursForm(request.POST, instance=office)
    if not form.is_valid():
        return _page(request, office, hours=form)
    form.save()
    messages.success(request, _("Saved. Drives that are already planned keep their own rules."))
    return redirect("drives:office_calendar", office.pk)


@require_POST
@requires(Role.PLANNER)
def holiday_add(request: HttpRequest, office_id: UUID) -> HttpResponse:
    office, now = _office(request, office_id), timezone.now()
    form = HolidayForm(request.POST, today=timezone.localdate())
    if form.is_valid():
        on, name = form.cleaned_data["day"], form.cleaned_data["name"]
        try:
            actions.add_holiday(office=office, day=on, name=name, by=signed_in(request), now=now)
        except ValidationError as refusal:
            form.add_error("day", refusal)
        else:
            messages.success(request, _("%(name)s on %(day)s is noted as a holiday.") % {"name": name, "day": day_name(on)})
            tell_affected(request, DriveDay.objects.filter(office=office, day=on), today=timezone.localdate())
            return _back(office, on)
    return _page(request, office, holiday=form)


@require_POST
@requires(Role.PLANNER)
def holiday_strike(request: HttpRequest, office_id: UUID) -> HttpResponse:
    office = _office(request, office_id)
    try:
        on = date.fromisoformat(request.POST.get("day", ""))
        struck = actions.strike_holiday(office=office, day=on, by=signed_in(request), now=timezone.now())
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect("drives:office_calendar", office.pk)
    except ValueError:
        messages.error(request, _("This is not a date."))
        return redirect("drives:office_calendar", office.pk)
    messages.success(request, _("%(name)s is struck: %(day)s can be used.") % {"name": struck.name, "day": day_name(on)})
    return _back(office, on)


@require_POST
@requires(Role.PLANNER)
def holiday_withdraw(request: HttpRequest, holiday_id: UUID) -> HttpResponse:
    """A struck holiday stands again, an added one is gone."""
    user = signed_in(request)
    changes = HolidayChange.objects.filter(office__in=offices_planned_by(user)).select_related("office")
    change = get_object_or_404(changes, pk=holiday_id)
    actions.withdraw_holiday(change=change, by=user, now=timezone.now())
    messages.success(request, _("Taken back: %(name)s, %(day)s.") % {"name": change.name, "day": day_name(change.day)})
    if change.effect == HolidayChange.Effect.STRUCK:
        tell_affected(request, DriveDay.objects.filter(office=change.office, day=change.day), today=timezone.localdate())
    return _back(change.office, change.day)


@require_POST
@requires(Role.PLANNER)
def fasting_month_note(request: HttpRequest, office_id: UUID) -> HttpResponse:
    office = _office(request, office_id)
    form = FastingMonthForm(request.POST, instance=FastingMonth(office=office))
    if form.is_valid():
        try:
            month = actions.note_fasting_month(month=form.instance, by=signed_in(request), now=timezone.now())
        except ValidationError as refusal:
            form.add_error("starts_on", ValidationError(refusal.messages))
        else:
            messages.success(request, _("Ramadan is noted as decreed."))
            return _back(office, month.starts_on)
    return _page(request, office, fasting=form)


@require_POST
@requires(Role.PLANNER)
def fasting_month_withdraw(request: HttpRequest, fasting_month_id: UUID) -> HttpResponse:
    """The estimate holds again; what was noted stays in the history of writes."""
    months = FastingMonth.objects.filter(office__in=offices_planned_by(signed_in(request))).select_related("office")
    month = get_object_or_404(months, pk=fasting_month_id)
    month.delete()
    messages.success(request, _("Struck. Ramadan is estimated again."))
    return _back(month.office, month.starts_on)


def _back(office: Office, on: date) -> HttpResponse:
    return redirect(f"{reverse('drives:office_calendar', args=[office.pk])}?year={on.year}#holidays")


def _office(request: HttpRequest, office_id: UUID) -> Office:
    return get_object_or_404(offices_planned_by(signed_in(request)), pk=office_id)


def _page(
    request: HttpRequest,
    office: Office,
    *,
    hours: OfficeHoursForm | None = None,
    holiday: HolidayForm | None = None,
    fasting: FastingMonthForm | None = None,
) -> HttpResponse:
    today = timezone.localdate()
    year = _year(request, today)
    context = {
        "office": office,
        "others": _others(signed_in(request), office),
        "hours_form": hours or OfficeHoursForm(instance=office),
        "holiday_form": holiday or HolidayForm(today=today),
        "fasting_form": fasting or FastingMonthForm(),
        # Texts, lest a year get a point for its thousands.
        "year": str(year),
        "years": [str(each) for each in range(today.year, today.year + YEARS_AHEAD + 1)],
        "rows": holiday_rows(office, year, today=today),
        "withdrawn": _withdrawn(office, year),
        "ramadans": _ramadans(office, year),
    }
    refused = any(form is not None for form in (hours, holiday, fasting))
    return TemplateResponse(request, "drives/schooldays/office_calendar.html", context, status=422 if refused else 200)


def _year(request: HttpRequest, today: date) -> int:
    asked = request.GET.get("year", "")
    years = range(today.year, today.year + YEARS_AHEAD + 1)
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 and int(asked) in years else today.year


def _others(user: User, office: Office) -> Any:
    return offices_planned_by(user).exclude(pk=office.pk).order_by("region_id", "pk")


def holiday_rows(office: Office, year: int, *, today: date) -> list[HolidayRow]:
    """Foreseen holidays of the year, struck ones among them, and those that the office added."""
    changes = HolidayChange.objects.in_force().filter(office=office, day__year=year).select_related("made_by")
    struck = {change.day: change for change in changes if change.effect == HolidayChange.Effect.STRUCK}
    rows = [
        HolidayRow(
            each.day,
            each.name.removesuffix(ESTIMATED).strip(),
            each.kind,
            is_estimated=each.name.endswith(ESTIMATED),
            is_past=each.day < today,
            change=struck.get(each.day),
        )
        for each in national_holidays(date(year, 1, 1), date(year, 12, 31)).values()
    ]
    rows += [
        HolidayRow(change.day, change.name, HolidayKind.ADDED, is_estimated=False, is_past=change.day < today, change=change)
        for change in changes
        if change.effect == HolidayChange.Effect.ADDED
    ]
    return sorted(rows, key=lambda row: (row.day, row.kind))


def _withdrawn(office: Office, year: int) -> list[HolidayChange]:
    changes = HolidayChange.objects.filter(office=office, day__year=year, withdrawn_at__isnull=False)
    return list(changes.select_related("made_by", "withdrawn_by").order_by("-withdrawn_at", "pk")[:20])


@dataclass(frozen=True, slots=True)
class Ramadan:
    first_day: date
    last_day: date
    decreed: FastingMonth | None


def _ramadans(office: Office, year: int) -> list[Ramadan]:
    """The months that begin in the year: decreed ones, and estimates that no decree replaces."""
    months = list(
        FastingMonth.objects.filter(office=office, starts_on__year__in=[year - 1, year, year + 1]).select_related("made_by")
    )
    decreed = [Ramadan(month.starts_on, month.ends_on, month) for month in months if month.starts_on.year == year]
    foreseen = [
        Ramadan(first, last, None)
        for first, last in estimated_ramadan(year)
        if not any(abs((first - month.starts_on).days) < 45 for month in months)
    ]
    return sorted([*decreed, *foreseen], key=lambda month: month.first_day)
