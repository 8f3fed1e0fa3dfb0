"""Recording kits: a system administrator keeps them, planners too say when one is out of service."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from drives.models import Kit, KitDuty, KitOutage
from drives.planning import actions
from schools.access import requires, signed_in
from schools.forms import DayField, helper
from schools.models import Office, Role, User


class KitForm(forms.ModelForm[Kit]):
    helper = helper("office", "name", "serial", "is_in_service", "note")

    class Meta:
        model = Kit
        fields = ["office", "name", "serial", "is_in_service", "note"]
        help_texts = {
            "name": gettext_lazy("As it is spoken of, such as Alat 3."),
            "is_in_service": gettext_lazy("A kit that is out of service cannot be assigned to a drive."),
            "note": gettext_lazy("Such as what is broken, and since when."),
        }

    def __init__(self, *args: Any, offices: QuerySet[Office], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["office"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = offices
        if len(offices) == 1:
            field.initial = offices[0]


KEEPERS: Final = (Role.SYSTEM_ADMIN,)
USERS: Final = (Role.SYSTEM_ADMIN, Role.PLANNER)


def _kits(user: User, *, roles: Sequence[Role] = KEEPERS) -> QuerySet[Kit]:
    return Kit.objects.filter(office__in=user.office_ids(roles))


def _offices(user: User) -> QuerySet[Office]:
    return Office.objects.filter(pk__in=user.office_ids([Role.SYSTEM_ADMIN])).order_by("region_id", "name", "pk")


@require_safe
@requires(*USERS)
def kit_list(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    coming = Count("duties", filter=Q(duties__released_at=None, duties__ends_at__gte=timezone.now()))
    kits = _kits(user, roles=USERS).select_related("office").annotate(coming_count=coming)
    context = {
        "kits": kits.order_by("office__region_id", Length("name"), "name", "pk"),
        "kept": set(user.office_ids(KEEPERS)),
        "broken": _broken_today(user),
    }
    return TemplateResponse(request, "drives/planning/kit_list.html", context)


def _broken_today(user: User) -> dict[UUID, str]:
    today = timezone.localdate()
    outages = KitOutage.objects.on(today, today).filter(kit__in=_kits(user, roles=USERS)).order_by("starts_on", "pk")
    return {outage.kit_id: outage.reason for outage in outages}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.SYSTEM_ADMIN)
def kit_add(request: HttpRequest) -> HttpResponse:
    return _form_page(request, Kit(), _("The kit has been added."))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.SYSTEM_ADMIN)
def kit_edit(request: HttpRequest, kit_id: UUID) -> HttpResponse:
    """A kit may break down while it is assigned; the page names the drives that then lack it."""
    return _form_page(request, get_object_or_404(_kits(signed_in(request)), pk=kit_id), _("Saved."))


class OutageForm(forms.ModelForm[KitOutage]):
    starts_on = DayField(label=gettext_lazy("Out of service from"))
    ends_on = DayField(label=gettext_lazy("Until (with that day)"), required=False)
    helper = helper("starts_on", "ends_on", "reason")

    class Meta:
        model = KitOutage
        fields = ["starts_on", "ends_on", "reason"]
        help_texts = {"reason": gettext_lazy("Such as what is broken; planners read it.")}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*USERS)
def kit_outage(request: HttpRequest, kit_id: UUID) -> HttpResponse:
    """From when to when a kit is out of service, and why; without a last day until somebody says that it works again."""
    user = signed_in(request)
    kit = get_object_or_404(_kits(user, roles=USERS), pk=kit_id)
    form = OutageForm(request.POST if request.method == "POST" else None, initial={"starts_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions.note_outage(
                kit=kit,
                starts_on=said["starts_on"],
                ends_on=said["ends_on"],
                reason=said["reason"],
                by=user,
                now=timezone.now(),
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("Noted. Planners whose drives count on this kit are told."))
            return redirect(_page_of(kit, user))
    context = {"form": form, "kit": kit, "outages": _outages(kit), "can_edit": kit.office_id in user.office_ids(KEEPERS)}
    return TemplateResponse(request, "drives/planning/kit_outage.html", context, status=422 if form.errors else 200)


@require_POST
@requires(*USERS)
def kit_outage_end(request: HttpRequest, kit_id: UUID, outage_id: UUID) -> HttpResponse:
    user = signed_in(request)
    kit = get_object_or_404(_kits(user, roles=USERS), pk=kit_id)
    outage = get_object_or_404(KitOutage.objects.filter(kit=kit), pk=outage_id)
    actions.end_outage(outage=outage, by=user, now=timezone.now())
    messages.success(request, _("The kit is offered again."))
    return redirect(_page_of(kit, user))


def _page_of(kit: Kit, user: User) -> str:
    """The kit's own page is for who keeps it."""
    name = "kit_edit" if kit.office_id in user.office_ids(KEEPERS) else "kit_outage"
    return reverse(f"drives:{name}", args=[kit.pk])


def _outages(kit: Kit) -> list[KitOutage]:
    """Those that are not over."""
    outages = KitOutage.objects.in_force().filter(kit=kit.pk).order_by("starts_on", "pk")
    return [each for each in outages if each.ends_on is None or each.ends_on >= timezone.localdate()]


def _form_page(request: HttpRequest, kit: Kit, done: str) -> HttpResponse:
    stored_name = kit.name
    data = request.POST if request.method == "POST" else None
    form = KitForm(data, instance=kit, offices=_offices(signed_in(request)))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, done)
        return redirect("drives:kit_list")
    duties = KitDuty.objects.filter(kit=kit.pk, released_at=None, ends_at__gte=timezone.now())
    context = {
        "form": form,
        "kit": kit,
        "outages": _outages(kit),
        "stored_name": stored_name,
        "duties": duties.select_related("drive_day__drive__school").order_by("starts_at", "pk"),
    }
    return TemplateResponse(request, "drives/planning/kit_form.html", context, status=422 if form.errors else 200)
