"""The day's incidents: reported in two taps, closed with what was done; a broken kit may be taken out of service."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from uuid6 import uuid7

from drives.models import Drive, DriveDay, Incident, Kit, KitOutage
from drives.onsite.console import kits_of
from drives.onsite.incidents import KINDS, close_incident, incidents_of, label_of, open_incident
from drives.onsite.rules import local_day
from drives.onsite.scope import ON_SITE, is_lead_of
from drives.planning.actions import note_outage
from schools.access import requires, signed_in
from schools.models import PERSON_ROLES, Role, User
from schools.templatetags.house import clock
from schools.zones import show_in_zone_of

WATCHERS = (Role.PLANNER, *ON_SITE)
OF_OFFICE = (Role.PLANNER, Role.LEAD_OPERATOR)
ICONS: Final[dict[str, str]] = {
    Incident.Kind.NETWORK_DOWN: "off",
    Incident.Kind.SERVER_DOWN: "off",
    Incident.Kind.CROWD: "people",
    Incident.Kind.OTHER: "warning",
}


@dataclass(frozen=True, slots=True)
class Report:
    """One button: a kind, or a kit that is broken."""

    value: str
    label: str | Promise
    icon: str


@dataclass(frozen=True, slots=True)
class Told:
    """An incident as the list shows it. `is_out` says that its kit is already noted as out of service."""

    incident: Incident
    label: str
    is_out: bool


@require_GET
@requires(*WATCHERS)
def incident_list(request: HttpRequest, drive_day_id: UUID) -> HttpResponse:
    return _page(request, _day(signed_in(request), drive_day_id))


@require_POST
@requires(*WATCHERS)
def incident_add(request: HttpRequest, drive_day_id: UUID) -> HttpResponse:
    """The button's value says what is wrong: `crowd`, or `kit_broken:<kit>`."""
    drive_day = _day(signed_in(request), drive_day_id)
    kind, _colon, kit_text = request.POST.get("what", "").replace("\x00", "").partition(":")
    kit = next((kit for kit in kits_of(drive_day) if str(kit.pk) == kit_text), None)
    note = request.POST.get("note", "")
    incident_id = _uuid(request.POST.get("incident_id", "")) or uuid7()
    if not note.strip() and (open_one := _open_already(drive_day, kind=kind, kit=kit)) and open_one.pk != incident_id:
        told = {"what": label_of(open_one), "time": clock(open_one.opened_at), "by": open_one.opened_by}
        messages.info(request, _("%(what)s: reported already at %(time)s by %(by)s. It stands on the board.") % told)
        return redirect("drives:incident_list", drive_day_id)
    try:
        open_incident(
            incident_id=incident_id,
            drive_day=drive_day,
            kind=kind,
            kit=kit,
            note=note,
            by=signed_in(request),
            now=timezone.now(),
        )
    except ValidationError as error:
        return _page(request, drive_day, problem=" ".join(error.messages), note=note)
    messages.success(request, _("Reported. It stands on the board now."))
    return redirect("drives:incident_list", drive_day_id)


@require_POST
@requires(*WATCHERS)
def incident_close(request: HttpRequest, drive_day_id: UUID, incident_id: UUID) -> HttpResponse:
    drive_day = _day(signed_in(request), drive_day_id)
    incident = _incident(drive_day, incident_id)
    resolution = request.POST.get("resolution", "")
    try:
        close_incident(incident=incident, resolution=resolution, by=signed_in(request), now=timezone.now())
    except ValidationError as error:
        return _page(request, drive_day, wrong=(incident.pk, " ".join(error.messages), resolution))
    messages.success(request, _("Closed."))
    return redirect("drives:incident_list", drive_day_id)


@require_POST
@requires(*OF_OFFICE)
def incident_outage(request: HttpRequest, drive_day_id: UUID, incident_id: UUID) -> HttpResponse:
    """The broken kit is not offered to other drives until somebody says that it works again."""
    user, now = signed_in(request), timezone.now()
    drive_day = _day(user, drive_day_id)
    incident = _incident(drive_day, incident_id)
    if incident.kit is None or drive_day.office_id not in user.office_ids(PERSON_ROLES):
        raise Http404
    if not _out_of_service(drive_day, [incident]):
        reason = incident.note or _("Broke down at %(place)s") % {"place": drive_day.drive}
        note_outage(
            kit=incident.kit, starts_on=local_day(now, drive_day.office.zone), ends_on=None, reason=reason, by=user, now=now
        )
    messages.success(request, _("%(kit)s is noted as out of service.") % {"kit": incident.kit})
    return redirect("drives:incident_list", drive_day_id)


def _page(
    request: HttpRequest,
    drive_day: DriveDay,
    *,
    problem: str = "",
    note: str = "",
    wrong: tuple[UUID, str, str] | None = None,
) -> TemplateResponse:
    user = signed_in(request)
    told = _told(drive_day)
    context: dict[str, Any] = {
        "drive_day": drive_day,
        "reports": reports_for(kits_of(drive_day)),
        "incident_id": uuid7(),
        "told": told,
        "open_count": sum(one.incident.closed_at is None for one in told),
        "problem": problem,
        "note": note,
        "wrong": wrong,
        "may_take_out": drive_day.office_id in user.office_ids(PERSON_ROLES),
        "back_url": _back(user, drive_day),
    }
    return TemplateResponse(request, "drives/onsite/incident_list.html", context, status=422 if problem or wrong else 200)


def reports_for(kits: list[Kit]) -> list[Report]:
    """Every kit of the day first, for that is what breaks most; without kits the kind alone."""
    broken = [Report(f"{Incident.Kind.KIT_BROKEN}:{kit.pk}", _("%(kit)s broken") % {"kit": kit.name}, "kit") for kit in kits]
    others = [Report(kind, label, ICONS[kind]) for kind, label in KINDS.items() if kind != Incident.Kind.KIT_BROKEN]
    return [*(broken or [Report(Incident.Kind.KIT_BROKEN, gettext_lazy("Kit broken"), "kit")]), *others]


def _open_already(drive_day: DriveDay, *, kind: str, kit: Kit | None) -> Incident | None:
    """The same thing, still open: two people who see it need not report it twice. "Something else" is each time another."""
    if kind == Incident.Kind.OTHER:
        return None
    found = Incident.objects.still_open().filter(drive_day=drive_day, kind=kind, kit=kit).select_related("kit", "opened_by")
    return found.order_by("opened_at", "pk").first()


def _told(drive_day: DriveDay) -> list[Told]:
    incidents = list(incidents_of(drive_day))
    out = _out_of_service(drive_day, incidents)
    return [Told(one, label_of(one), one.kit_id in out) for one in incidents]


def _out_of_service(drive_day: DriveDay, incidents: list[Incident]) -> set[UUID | None]:
    """Which of their kits are noted as out of service on that day or later."""
    kits = {incident.kit_id for incident in incidents if incident.kit_id}
    if not kits:
        return set()
    noted = KitOutage.objects.in_force().filter(kit__in=kits)
    return {outage.kit_id for outage in noted if outage.ends_on is None or outage.ends_on >= drive_day.day}


def _day(user: User, drive_day_id: UUID) -> DriveDay:
    """Any day of the office for planners and leads; for an operator the own one, today."""
    days = DriveDay.objects.visible_to(user).exclude(drive__status=Drive.Status.DRAFT)
    drive_day = days.filter(pk=drive_day_id).select_related("drive__school", "drive__office", "office").first()
    if drive_day is None:
        raise Http404
    of_office = drive_day.office_id in user.office_ids(PERSON_ROLES)
    if not of_office and not is_lead_of(user, drive_day) and drive_day.day != local_day(timezone.now(), drive_day.office.zone):
        raise Http404
    show_in_zone_of(drive_day.office)
    return drive_day


def _incident(drive_day: DriveDay, incident_id: UUID) -> Incident:
    incident = Incident.objects.filter(drive_day=drive_day, pk=incident_id).select_related("kit").first()
    if incident is None:
        raise Http404
    return incident


def _back(user: User, drive_day: DriveDay) -> str:
    """To where its reader works: the console, else the board."""
    if user.has_role(*ON_SITE):
        return reverse("drives:console", args=[drive_day.pk])
    return reverse("drives:live", args=[drive_day.drive_id])


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
