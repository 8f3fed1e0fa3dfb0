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
# Of the second outcome.
IKD_FAILURES = (
    Reason.NO_PHONE,
    Reason.NO_DATA,
    Reason.NO_EMAIL,
    Reason.FACE_MISMATCH,
    Reason.OTHER_PHONE,
    Reason.IKD_SERVER_DOWN,
    Reason.DECLINED_IKD,
)
OF_IKD = frozenset({Kind.IKD_ACTIVATED, Kind.IKD_FAILED})
REASONS = {Kind.FAILED: FAILURES, Kind.ABSENT: ABSENCES, Kind.IKD_FAILED: IKD_FAILURES}
# Only who comes to be recorded can be found recorded, or too young for it.
OF_RECORDING = frozenset({Kind.RECORDED, Kind.ALREADY_RECORDED, Kind.UNDER_AGE})

# The screen counts down from ten; the network may take a moment more.
UNDO_SECONDS = 10
UNDO_WITHIN = timedelta(seconds=UNDO_SECONDS + 5)
# Until then a parent decides.
AGE_OF_MAJORITY = 18


def check_reason(*, kind: str, reason: str, service: str) -> None:
    """Without `service`, what the person came for was told in two ways, and any outcome may be of it.

    Raises ValidationError: `kind_unknown`, `service_mismatch`, `reason_missing`, `reason_unknown`.
    """
    if kind not in Kind.values:
        raise ValidationError(_("This outcome is not known. Choose one of the buttons."), code="kind_unknown")
    is_unfit = (kind in OF_RECORDING and service != Service.RECORDING) or (kind == Kind.SERVED and service == Service.RECORDING)
    if service and is_unfit:
        raise ValidationError(_("This outcome does not belong to the service that the person came for."), code="service_mismatch")
    if reason == CORRECTION:
        return
    if kind in REASONS and not reason:
        raise ValidationError(_("Choose a reason."), code="reason_missing")
    if reason and reason not in REASONS.get(Kind(kind), ()):
        raise ValidationError(_("This reason does not belong to the outcome."), code="reason_unknown")


def service_of(visit: Visit) -> str:
    """Empty where a tablet noted as a guest who had a visit already, and may have told another service: `check_reason`."""
    return "" if visit.guest_ids else visit.service


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


def undo_is_in_time(event: VisitEvent, *, at: datetime) -> bool:
    """Anybody on site, within seconds of its being received; but what a lead decided, a lead alone takes back."""
    return event.reason != CORRECTION and at - event.received_at <= UNDO_WITHIN


def why_no_ikd(
    *, minimum_age: int | None, needs_printable: bool, age: int | None, service: str, is_recorded: bool, is_printable: bool
) -> str:
    """Why IKD is not offered: `not_offered`, `too_young`, `no_card`; empty where it is. Whose age is not known is let pass,
    as is who comes for another service than a recording, and so holds a card."""
    if minimum_age is None:
        return "not_offered"
    if age is not None and age < minimum_age:
        return "too_young"
    if service != Service.RECORDING or is_printable or (is_recorded and not needs_printable):
        return ""
    return "no_card"


IKD_REFUSALS = {
    "not_offered": _("IKD is not offered at this drive."),
    "too_young": _("Do not activate: this person is not old enough for IKD."),
    "no_card": _("Do not activate: the card of this person cannot be printed yet."),
}


def check_ikd(*, visit: Visit, day: date, is_printable: bool) -> None:
    """Before an activation is noted. Raises ValidationError: `ikd_not_offered`, `ikd_too_young`, `ikd_no_card`."""
    why = why_no_ikd_of(visit, day=day, is_printable=is_printable)
    if why:
        raise ValidationError(IKD_REFUSALS[why], code=f"ikd_{why}")


def why_no_ikd_of(visit: Visit, *, day: date, is_printable: bool) -> str:
    return why_no_ikd(
        minimum_age=visit.drive.ikd_minimum_age,
        needs_printable=visit.drive.ikd_needs_printable,
        age=age_of(visit.person, drive=visit.drive, day=day),
        service=visit.service,
        is_recorded=visit.person.recorded_on is not None or visit.state in (Visit.State.RECORDED, Visit.State.ALREADY_RECORDED),
        is_printable=is_printable,
    )


def local_day(moment: datetime, zone: tzinfo) -> date:
    return moment.astimezone(zone).date()
