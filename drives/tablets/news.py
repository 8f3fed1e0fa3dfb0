"""What a tablet hears with each ping of what others do in the hall: problems that are open, and who is called where."""

from typing import Any, Final

from drives.models import DriveDay, Incident
from drives.onsite.calling import called_among
from drives.onsite.console import MOST_CALLED, waiting
from drives.onsite.incidents import label_of

MOST_TROUBLES: Final = 50


def news_of(drive_day: DriveDay) -> dict[str, Any]:
    """`troubles`: id, words, note and moment (epoch seconds) of each; `called`: slip code → station. `incidents` counts all."""
    still_open = Incident.objects.still_open().filter(drive_day=drive_day)
    troubles = list(still_open.select_related("kit").order_by("opened_at", "pk")[:MOST_TROUBLES])
    return {
        "incidents": len(troubles) if len(troubles) < MOST_TROUBLES else still_open.count(),
        "troubles": [[str(one.pk), label_of(one), one.note, int(one.opened_at.timestamp())] for one in troubles],
        "called": _called(drive_day),
    }


def _called(drive_day: DriveDay) -> dict[str, str]:
    visits = list(waiting(drive_day)[:MOST_CALLED])
    codes = {visit.pk: visit.code for visit in visits}
    return {codes[visit_id]: station for visit_id, station in called_among(visits).items()}
