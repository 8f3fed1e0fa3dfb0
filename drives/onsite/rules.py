"""What may be said of a person at a drive, by whom and when."""

from datetime import date, datetime, timedelta, tzinfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from drives.models import Drive, Visit, VisitEvent
from drives.planning.eligibility import LeapRule, MinimumAge, age_on, eligible_from
from schools.models import Office
from students.models import Person

Kind = VisitEvent.Kind
Reason = VisitEvent.Reason
CORRECTION = Reason.CORRECTION
Service = Visit.Service

FAILURES = (
    Reason.BIOMETRIC,
    Reason.NIK_NOT_FOUND,
    Reason.DATA_MISMATCH,
    Reason.KIT_BROKEN,
    Reason.NETWORK_DOWN,
    Reason.OUT_OF_TIME,
)
ABSENCES = (Reason.SICK, Reason.EXCUSED, Reason.UNEXPLAINED)
REASONS = {Kind.FAILED: FAILURES, Kind.ABSENT: ABSENCES}
# Only who comes to be recorded can be found recorded, or too young for it.
OF_RECORDING = frozenset({Kind.RECORDED, Kind.ALREADY_RECORDED, Kind.UNDER_AGE})

# The screen counts down from ten; the network may take a moment more.
UNDO_SECONDS = 10
UNDO_WITHIN = timedelta(seconds=UNDO_SECONDS + 5)
# Until then a parent decides.
AGE_OF_MAJORITY = 18


def check_reason(*, kind: str, reason: str, service: str) -> None:
    """Raises ValidationError: `kind_unknown`, `service_mismatch`, `reason_missing`, `reason_unknown`."""
    if kind not in Kind.values:
        raise ValidationError(_("This outcome is not known. Choose one of the buttons."), code="kind_unknown")
    if (kind in OF_RECORDING and service != Service.RECORDING) or (kind == Kind.SERVED and service == Service.RECORDING):
        raise ValidationError(_("This outcome does not belong to the service that the person came for."), code="service_mismatch")
    if reason == CORRECTION:
        return
    if kind in REASONS and not reason:
        raise ValidationError(_("Choose a reason."), code="reason_missing")
    if reason and reason not in REASONS.get(Kind(kind), ()):
        raise ValidationError(_("This reason does not belong to the outcome."), code="reason_unknown")


def check_note(note: str) -> None:
    """Raises ValidationError: `reason_missing`, `note_too_long`."""
    if not note.strip():
        raise ValidationError(_("Write down why this is corrected."), code="reason_missing")
    if len(note) > 200:
        raise ValidationError(_("The reason may have at most 200 characters."), code="note_too_long")


def check_still_to_record(*, visit: Visit, kind: str, day: date) -> None:
    """Before a person is noted as recorded, or as too young.

    Raises ValidationError: `needs_no_recording`, `too_young`, `old_enough`.
    """
    young = is_too_young(visit.person, drive=visit.drive, day=day)
    if kind == Kind.UNDER_AGE and visit.person.birth_date and not young:
        raise ValidationError(_("This person is old enough on this day."), code="old_enough")
    if kind != Kind.RECORDED:
        return
    if visit.person.recorded_on:
        raise ValidationError(
            _("Do not record: this person is already recorded. Choose “Already recorded earlier”."), code="needs_no_recording"
        )
    if young:
        raise ValidationError(_("Do not record: this person is not old enough on this day."), code="too_young")


def leap_rule_of(drive: Drive) -> LeapRule:
    return LeapRule.LAST_DAY if drive.leap_rule == Office.LeapRule.FEBRUARY_LAST else LeapRule.NEXT_DAY


def old_enough_on(person: Person, *, drive: Drive) -> date | None:
    """The first day on which the person may be recorded at this drive; None where the birth date is not known."""
    if person.birth_date is None:
        return None
    return eligible_from(person.birth_date, MinimumAge(*divmod(drive.minimum_age_months, 12)), leap_rule_of(drive))


def is_too_young(person: Person, *, drive: Drive, day: date) -> bool:
    since = old_enough_on(person, drive=drive)
    return since is not None and since > day


def age_of(person: Person, *, drive: Drive, day: date) -> int | None:
    return age_on(person.birth_date, day, leap_rule_of(drive)) if person.birth_date else None


def is_asked_of_a_parent(person: Person, *, kind: str, drive: Drive, day: date) -> bool:
    """Of a guest who is at no school of ours: the drive's office asks, for a pupil from elsewhere and for who is a child."""
    age = age_of(person, drive=drive, day=day)
    is_child = kind == Visit.Kind.OTHER_STUDENT or (age is not None and age < AGE_OF_MAJORITY)
    return drive.office.consent_required and is_child


def undo_is_in_time(event: VisitEvent, *, operator_id: object, at: datetime) -> bool:
    """Who made it, within seconds of its being received."""
    return event.operator_id == operator_id and at - event.received_at <= UNDO_WITHIN


def local_day(moment: datetime, zone: tzinfo) -> date:
    return moment.astimezone(zone).date()
