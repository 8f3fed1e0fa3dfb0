"""The question before people come at another hour: who knows the old one, what was printed, and what closes the new one."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from drives.models import Drive
from drives.planning.closed_hours import against
from drives.planning.late import Hop, Late, late_for


def confirm(
    request: HttpRequest, drive: Drive, hops: Sequence[Hop], *, back_url: str, minds_publication: bool = True
) -> HttpResponse | None:
    """The page that asks once more; None where nothing stands against it, or the answer was yes."""
    if "confirmed" in request.POST or not hops:
        return None
    late, closed = late_for(drive, hops, minds_publication=minds_publication), against(drive, hops)
    if not late.is_late and not closed:
        return None
    answers = [(name, value) for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"]
    context = {"drive": drive, "late": late, "closed": closed, "answers": answers, "action": request.path, "back_url": back_url}
    return TemplateResponse(request, "drives/planning/timeslot_confirm.html", context | _hours(drive, hops, late))


def _hours(drive: Drive, hops: Sequence[Hop], late: Late) -> dict[str, Any]:
    """From where to where, if it is one way for all of them."""
    zone, ways = drive.office.zone, {(hop.before, hop.after) for hop in hops}
    before, after = next(iter(ways)) if len(ways) == 1 else (None, None)
    return {
        "before_at": before.starts_at.astimezone(zone) if before else None,
        "after_at": after.starts_at.astimezone(zone) if after else None,
        "people": late.people,
    }
