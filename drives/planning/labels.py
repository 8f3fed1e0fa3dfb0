"""What a drive's state is called, in one place: a word and a tone."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from drives.models import Drive
from schools.templatetags.house import day_short


@dataclass(frozen=True, slots=True)
class State:
    label: str
    tone: str
    icon: str = ""


def state_of(drive: Drive, *, first_day: date | None, last_day: date | None, today: date) -> State:
    """Under way and past follow from the days; the rest is the drive's own status."""
    if drive.status == Drive.Status.DRAFT:
        return State(_("Draft"), "wait", "edit")
    if drive.status == Drive.Status.CANCELLED:
        return State(_("Cancelled"), "stop")
    if drive.status == Drive.Status.CLOSED:
        return State(_("Closed"), "neutral", "lock")
    if first_day and last_day and first_day <= today <= last_day:
        return State(_("Under way"), "info")
    if last_day and last_day < today:
        return State(_("Past"), "neutral", "history")
    return State(_("Published"), "ok")


def span_of(first_day: date | None, last_day: date | None) -> str:
    """`Sel 24 Nov – Kam 26 Nov`"""
    if first_day == last_day:
        return day_short(first_day)
    return f"{day_short(first_day)} – {day_short(last_day)}"


GRADE_NAMES = {7: "VII", 8: "VIII", 9: "IX", 10: "X", 11: "XI", 12: "XII", 13: "XIII"}


def grade_name(grade: int) -> str:
    return GRADE_NAMES.get(grade, str(grade))


def age_name(months: int) -> str:
    """`16 tahun 6 bulan`"""
    years, rest = divmod(months, 12)
    if not rest:
        return _("%(years)s years") % {"years": years}
    return _("%(years)s years and %(months)s months") % {"years": years, "months": rest}
