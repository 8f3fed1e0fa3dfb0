"""The words about another chance, in Indonesian: counts and times, never a name."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from drives.models import Drive, DriveDay
from drives.notices.chances import Chances
from drives.notices.wording import Message, in_indonesian, place_of, sign_in_address, time_and_count, what_to_know
from schools.models import Office
from schools.templatetags.house import day, figure
from students.models import ClassGroup


def _chances_in_words(drive: Drive, chances: Chances) -> list[str]:
    """Who has a time, who waits for a make-up drive, who comes to the office: counts, no names."""
    make_up = ngettext(
        "A make-up drive, whose day is told later (%(count)s student)",
        "A make-up drive, whose day is told later (%(count)s students)",
        chances.make_up,
    )
    office = ngettext(
        "At %(office)s, on working days (%(count)s student)",
        "At %(office)s, on working days (%(count)s students)",
        chances.office,
    )
    lines = [time_and_count(stretch) for stretch in chances.stretches]
    if chances.make_up:
        lines.append(make_up % {"count": figure(chances.make_up)})
    if chances.office:
        lines.append(office % {"count": figure(chances.office), "office": office_in_words(drive.office)})
    return [f"- {line}" for line in lines]


def office_in_words(office: Office) -> str:
    return ", ".join(filter(None, [office.name, office.address]))


def _what_to_know_of(drive: Drive, chances: Chances) -> list[str]:
    """The place is that of the drive for who comes to its later days alone."""
    return what_to_know(drive) if chances.stretches else what_to_know(drive)[1:]


@in_indonesian
def class_text_of_chances(drive_day: DriveDay, name: str, chances: Chances) -> str:
    """Ready to be pasted into the class's WhatsApp group, without a name."""
    return "\n".join(
        [
            _("*Another chance for the e-KTP recording, class %(name)s*") % {"name": name or "–"},
            "",
            _("For who could not be recorded on %(day)s:") % {"day": day(drive_day.day)},
            *_chances_in_words(drive_day.drive, chances),
            "",
            *_what_to_know_of(drive_day.drive, chances),
            "",
            _("Whom it concerns sees the own time behind the link on the slip, or asks the homeroom teacher."),
        ]
    )


def _subject_of_chances(drive_day: DriveDay, about: str) -> str:
    return _("Another chance: recording of the e-KTP, %(about)s, after %(day)s") % {"about": about, "day": day(drive_day.day)}


@in_indonesian
def email_of_chances_to_school(*, drive_day: DriveDay, chances: Chances) -> Message:
    introduction = ngettext(
        "%(count)s student of your school could not be recorded on %(day)s, and has another chance:",
        "%(count)s students of your school could not be recorded on %(day)s, and have another chance:",
        chances.count,
    )
    body = [
        _("Dear school administrator,"),
        "",
        introduction % {"count": figure(chances.count), "day": day(drive_day.day)},
        "",
        *_chances_in_words(drive_day.drive, chances),
        "",
        *_what_to_know_of(drive_day.drive, chances),
        "",
        _("Who they are, and the texts for the class groups, you see after you sign in:"),
        sign_in_address(),
        "",
        drive_day.drive.office.name,
    ]
    return Message(_subject_of_chances(drive_day, place_of(drive_day.drive)), "\n".join(body))


@in_indonesian
def email_of_chances_to_homeroom(*, drive_day: DriveDay, group: ClassGroup, chances: Chances) -> Message:
    greeting = _("Dear %(name)s,") % {"name": group.homeroom_name} if group.homeroom_name else _("Dear homeroom teacher,")
    body = [
        greeting,
        "",
        _("Some students of your class could not be recorded, and have another chance. Please paste this into the class group:"),
        "",
        class_text_of_chances(drive_day, group.name, chances),
        "",
        _("Who they are, the school administrator sees after signing in:"),
        sign_in_address(),
        "",
        drive_day.drive.office.name,
    ]
    return Message(_subject_of_chances(drive_day, _("class %(name)s") % {"name": group.name}), "\n".join(body))
