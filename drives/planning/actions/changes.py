"""Changing days that people know already: sessions, timeslots and kits of a published drive, and who sits where then."""

from collections.abc import Sequence
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from drives.models import DayClose, Drive, Timeslot, Visit
from drives.planning.actions.change import Change, Relaid
from drives.planning.actions.drafts import hold_kits
from drives.planning.actions.refusals import changed_meanwhile, locked, refuse_closed
from drives.planning.actions.relaying import Relaying
from drives.planning.capacity import check_kits, check_sessions
from drives.planning.checks import check_days, check_ranges, refuse_kits_away
from drives.planning.facts import kits_at
from drives.planning.plan import Plan, moment
from drives.planning.wishes import DayWish, ScheduleWish
from schools.models import User
from schools.templatetags.house import day as day_name


@transaction.atomic
def change_published(*, drive: Drive, wish: ScheduleWish, by: User | None, now: datetime, seen: str | None = None) -> Relaid:
    """Lay the schedule out anew. Who was to come at an hour that remains keeps it; see `reseating` for the others.

    With `seen`, only while the schedule is as it was looked at. A schedule that is so already is left alone, so that a
    second press of the button does nothing. What is told to whom is the business of `drives.publishing`.

    Raises ValidationError: `drive_not_published`, `drive_closed`, `drive_cancelled`, `changed_meanwhile`, `day_has_begun`,
    `day_is_closed`, `kit_has_begun`, `kit_hours_outside`, and what `create_drive` raises of days, sessions, kits, ranges.
    """
    drive = locked(drive)
    refuse_closed(drive)
    if drive.status != Drive.Status.PUBLISHED:
        raise ValidationError(_("Only a published schedule is changed this way; edit the draft."), code="drive_not_published")
    hold_kits(drive.office)
    list(Timeslot.objects.filter(drive=drive).select_for_update(no_key=True).order_by("pk"))
    change = Change(drive, wish, by=by, now=now)
    if change.is_as_wished:
        return Relaid(change.seen, is_change=False)
    if seen is not None and seen != change.seen:
        raise changed_meanwhile()
    _Checks(change).check()
    return Relaying(change).lay_out()


class _Checks:
    """What stands against the change."""

    def __init__(self, change: Change) -> None:
        self.change = change

    def check(self) -> None:
        check_ranges(self._plan())
        for each in self.change.changed:
            check_sessions(each.sessions)
            check_kits(each.stretches)
            self._check_hours(each)
        touched = [each.day for each in self.change.changed if self.change.current.on(each.day) != each]
        self._check_begun([*touched, *self.change.gone])
        self._check_days()
        self._check_kits()

    def _plan(self) -> Plan:
        """For the checks that a draft's plan has as well."""
        wish, first = self.change.wish, self.change.wish.days[0] if self.change.wish.days else None
        return Plan(
            days=tuple(each.day for each in wish.days),
            sessions=first.sessions if first else (),
            kits=len(first.kits) if first else 0,
            minutes=wish.minutes,
            slack_percent=wish.slack_percent,
            slot_minutes=wish.slot_minutes,
            grades=tuple(self.change.drive.grades),
            minimum_age_months=self.change.drive.minimum_age_months,
        )

    def _check_hours(self, wish: DayWish) -> None:
        for kit in wish.kits:
            if kit.end <= kit.start:
                raise ValidationError(
                    _("A kit's hours on %(day)s have no time in them. Its end must be later than its start.")
                    % {"day": day_name(wish.day)},
                    code="kit_hours_empty",
                )

    def _check_begun(self, touched: Sequence[date]) -> None:
        closed = set(DayClose.objects.filter(drive_day__drive=self.change.drive).values_list("drive_day__day", flat=True))
        seen = set(
            Visit.objects.filter(drive=self.change.drive).exclude(state=Visit.State.EXPECTED).values_list("state_on", flat=True)
        )
        for day in touched:
            if day in closed or (day < self.change.today and day in self.change.rows):
                raise ValidationError(
                    _("%(day)s is over. Only days that are still to come can be changed.") % {"day": day_name(day)},
                    code="day_is_closed",
                )
            if day in self.change.begun or day in seen:
                self._check_running(day)

    def _check_running(self, day: date) -> None:
        """On a day under way the timeslots stand; a kit may still come or leave."""
        before, after = self.change.current.on(day), self.change.wish.on(day)
        if before is None or after is None or before.sessions != after.sessions:
            raise ValidationError(
                _("%(day)s has begun: its sessions stay. You can still say from when to when each kit is there.")
                % {"day": day_name(day)},
                code="day_has_begun",
            )
        now = self.change.now.astimezone(self.change.zone).time()
        worked = {kit.kit_id for kit in before.kits if kit.start <= now}
        if not worked <= {kit.kit_id for kit in after.kits}:
            raise ValidationError(
                _("A kit has worked on this day already. Leave it chosen, and write until when it was there."),
                code="kit_has_begun",
            )

    def _check_days(self) -> None:
        if not self.change.wish.days:
            raise ValidationError(
                _("A published drive keeps at least one day. Cancel the drive if none is left."), code="no_days"
            )
        assert self.change.drive.school is not None
        touched = [each for each in self.change.changed if self._sessions_changed(each)]
        if not touched:
            return
        plan = self._plan()
        for each in touched:
            one = Plan(days=(each.day,), sessions=each.sessions, kits=1, slot_minutes=plan.slot_minutes, grades=plan.grades)
            check_days(one, self.change.calendar, school=self.change.drive.school, today=self.change.today)
            fitted = self.change.calendar.sessions_on(each.day, each.sessions, slot_minutes=self.change.wish.slot_minutes)
            if tuple(fitted) != tuple(sorted(each.sessions)):
                raise ValidationError(
                    _("On %(day)s recording can take place at %(hours)s only; breaks, prayer and closed hours are left out.")
                    % {"day": day_name(each.day), "hours": ", ".join(f"{s.start:%H.%M}–{s.end:%H.%M}" for s in fitted)},
                    code="session_in_a_break",
                )

    def _sessions_changed(self, each: DayWish) -> bool:
        before = self.change.current.on(each.day)
        return before is None or before.sessions != each.sessions

    def _check_kits(self) -> None:
        """Kits that come anew, or longer than before, must be free and in service then."""
        for each in self.change.changed:
            before = self.change.current.on(each.day)
            known = {kit.kit_id: kit for kit in before.kits} if before else {}
            for kit in each.kits:
                old = known.get(kit.kit_id)
                if old and old.start <= kit.start and kit.end <= old.end:
                    continue
                hours = {each.day: (moment(each.day, kit.start, self.change.zone), moment(each.day, kit.end, self.change.zone))}
                refuse_kits_away(
                    [kit.kit_id], each.day, kits_at(self.change.drive.office_id, hours, besides=self.change.drive)[each.day]
                )
