from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from schools.access import requires, signed_in
from schools.models import Role
from schools.offices.forms import OfficeForm
from schools.staff.scope import offices_of


@require_safe
@requires(Role.SYSTEM_ADMIN)
def office_list(request: HttpRequest) -> HttpResponse:
    offices = offices_of(signed_in(request)).select_related("parent", "region").annotate(school_count=Count("schools"))
    return TemplateResponse(request, "schools/office_list.html", {"offices": offices.order_by("region_id", "name", "pk")})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.SYSTEM_ADMIN)
def office_edit(request: HttpRequest, office_id: UUID) -> HttpResponse:
    """The rules apply to drives planned from now on; a drive keeps those it was planned with."""
    office = get_object_or_404(offices_of(signed_in(request)).select_related("parent", "region"), pk=office_id)
    shown_name = office.name
    form = OfficeForm(request.POST if request.method == "POST" else None, instance=office)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved. Drives that are already planned keep their own rules."))
        return redirect("schools:office_list")
    context = {"form": form, "office": office, "shown_name": shown_name}
    return TemplateResponse(request, "schools/office_edit.html", context, status=422 if form.errors else 200)
