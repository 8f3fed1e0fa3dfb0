"""The words of every notice, in Indonesian, whoever asks for them. No NIK, no birth date, no list of names, ever."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from drives.models import Drive, DriveRequestStep, Notice
from drives.notices.schedule import ClassSchedule, Stretch
from schools.models import Office
from schools.templatetags.house import clock, clock_wib, day, figure

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Message:
    subject: str
    body: str


def in_indonesian(write: Callable[P, R]) -> Callable[P, R]:
    @wraps(write)
    def written(*args: P.args, **kwargs: P.kwargs) -> R:
        with translation.override("id"):
            return write(*args, **kwargs)

    return written


def place_of(drive: Drive) -> str:
    return ", ".join(filter(None, [drive.venue, drive.school.name if drive.school else ""]))


def days_in_words(days: Sequence[date]) -> str:
    return "; ".join(day(each) for each in days)


def what_to_know(drive: Drive) -> list[str]:
    """Place, what to bring, what to wear, and that it costs nothing: in every notice and on the student's page."""
    bring = (
        [_("Bring: %(documents)s.") % {"documents": drive.documents_to_bring.rstrip(". ")}] if drive.documents_to_bring else []
    )
    return [
        _("Place: %(place)s.") % {"place": place_of(drive)},
        *bring,
        _("Clothes: bring a change of clothes for the photo. Do not wear contact lenses or glasses."),
        _("Recording is FREE OF CHARGE. Nobody may ask for money."),
    ]


def _time(stretch: Stretch) -> str:
    return f"{day(stretch.starts_at)}, {clock(stretch.starts_at)}–{clock_wib(stretch.ends_at)}"


def time_and_count(stretch: Stretch) -> str:
    sentence = ngettext("%(time)s (%(count)s student)", "%(time)s (%(count)s students)", stretch.count)
    return sentence % {"time": _time(stretch), "count": figure(stretch.count)}


@in_indonesian
def class_text(drive: Drive, schedule: ClassSchedule) -> str:
    """Ready to be pasted into the class's WhatsApp group."""
    return "\n".join(
        [
            _("*Recording of the e-KTP, class %(name)s*") % {"name": schedule.name or "–"},
            "",
            _("Time:"),
            *(f"- {_time(stretch)}" for stretch in schedule.stretches),
            "",
            *what_to_know(drive),
            "",
            _("Each student's own time stands on the slip that the homeroom teacher hands out."),
        ]
    )


def _subject(kind: str, *, about: str, days: str) -> str:
    if kind == Notice.Kind.CANCELLED:
        return _("Cancelled: recording of the e-KTP, %(about)s, %(days)s") % {"about": about, "days": days}
    if kind == Notice.Kind.PUBLISHED:
        return _("Schedule: recording of the e-KTP, %(about)s, %(days)s") % {"about": about, "days": days}
    return _("Reminder: recording of the e-KTP, %(about)s, %(days)s") % {"about": about, "days": days}


@in_indonesian
def email_to_school(*, kind: str, drive: Drive, schedules: Sequence[ClassSchedule], days: Sequence[date]) -> Message:
    """`schedules` are those of the days that the notice is about."""
    count = sum(schedule.count for schedule in schedules)
    introduction = ngettext(
        "%(office)s records the e-KTP of %(count)s student of your school:",
        "%(office)s records the e-KTP of %(count)s students of your school:",
        count,
    )
    body = [
        _("Dear school administrator,"),
        "",
        introduction % {"office": drive.office.name, "count": figure(count)},
        "",
        *_by_class(schedules),
        "",
        *what_to_know(drive),
        "",
        _("The texts for the class groups, the class sheets and the slips are ready to be taken after you sign in:"),
        sign_in_address(),
        "",
        drive.office.name,
    ]
    return Message(_subject(kind, about=place_of(drive), days=days_in_words(days)), "\n".join(body))


def _by_class(schedules: Iterable[ClassSchedule]) -> list[str]:
    return [
        f"- {schedule.name or _('Without a class')}: {time_and_count(stretch)}"
        for schedule in schedules
        for stretch in schedule.stretches
    ]


@in_indonesian
def email_to_homeroom(*, kind: str, drive: Drive, schedule: ClassSchedule, days: Sequence[date]) -> Message:
    greeting = _("Dear %(name)s,") % {"name": schedule.homeroom_name} if schedule.homeroom_name else _("Dear homeroom teacher,")
    body = [
        greeting,
        "",
        _("Your class comes to the recording of the e-KTP at these times:"),
        *(f"- {time_and_count(stretch)}" for stretch in schedule.stretches),
        "",
        _("Please paste the following text into the class group:"),
        "",
        class_text(drive, schedule),
        "",
        _("The school administrator finds the slips and the class sheet after signing in:"),
        sign_in_address(),
        "",
        drive.office.name,
    ]
    about = _("class %(name)s") % {"name": schedule.name}
    return Message(_subject(kind, about=about, days=days_in_words(days)), "\n".join(body))


@in_indonesian
def email_of_cancellation(*, drive: Drive, days: Sequence[date]) -> Message:
    said = {"place": place_of(drive), "days": days_in_words(days)}
    reason = [_("Reason: %(reason)s") % {"reason": drive.cancel_reason}, ""] if drive.cancel_reason else []
    body = [
        _("The recording of the e-KTP at %(place)s on %(days)s does not take place.") % said,
        "",
        *reason,
        _("Please tell the classes. We will write again when there is a new schedule."),
        "",
        drive.office.name,
    ]
    return Message(_subject(Notice.Kind.CANCELLED, about=place_of(drive), days=days_in_words(days)), "\n".join(body))


@in_indonesian
def email_of_departures(*, office: Office, count: int) -> Message:
    """How many, and where to look; who they are stands behind the sign-in, and where they are nowhere."""
    sentence = ngettext(
        "Another school has enrolled %(count)s student of your school, whose enrolment with you has ended.",
        "Another school has enrolled %(count)s students of your school, whose enrolments with you have ended.",
        count,
    )
    body = [
        _("Dear school administrator,"),
        "",
        sentence % {"count": figure(count)},
        "",
        _("Please look who they are after you sign in, and say so if it is a mistake:"),
        sign_in_address(),
        "",
        office.name,
    ]
    return Message(_("Students of your school were enrolled elsewhere"), "\n".join(body))


REQUEST_STEPS = {
    DriveRequestStep.Kind.ASKED: gettext_lazy("%(school)s asks for a recording drive on one of these days: %(days)s."),
    DriveRequestStep.Kind.ASKED_AGAIN: gettext_lazy("%(school)s asks for other days: %(days)s."),
    DriveRequestStep.Kind.AGREED: gettext_lazy("%(school)s agrees to these days: %(days)s."),
    DriveRequestStep.Kind.WITHDRAWN: gettext_lazy("%(school)s no longer asks for a recording drive."),
    DriveRequestStep.Kind.ACCEPTED: gettext_lazy("The office accepts your request for a recording drive on: %(days)s."),
    DriveRequestStep.Kind.PROPOSED: gettext_lazy(
        "The office proposes other days for the recording drive: %(days)s. Please agree, or ask for other days."
    ),
    DriveRequestStep.Kind.DECLINED: gettext_lazy("The office cannot come as you asked. Its reason stands in the request."),
}


@in_indonesian
def email_of_request(*, step: DriveRequestStep) -> Message:
    """What was said about a school's request; the message itself is read after signing in."""
    school = step.request.school
    body = [
        str(REQUEST_STEPS[DriveRequestStep.Kind(step.kind)]) % {"school": school.name, "days": days_in_words(step.days)},
        "",
        _("Please read it, and answer, after you sign in:"),
        sign_in_address(),
        "",
        school.office.name,
    ]
    return Message(_("Request for a recording drive: %(school)s") % {"school": school.name}, "\n".join(body))


def sign_in_address() -> str:
    """The front door alone: an address that leaves the house carries no id."""
    return f"{settings.SITE_URL.rstrip('/')}/"
