"""The first page of each role."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from drives.desk import coming, todo
from schools.access import signed_in
from schools.models import Role


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Planners and schools see what waits for them; an operator today's drive, an official coverage, others their office."""
    user, now, today = signed_in(request), timezone.now(), timezone.localdate()
    if user.has_role(Role.PLANNER, Role.SCHOOL_ADMIN):
        todos = todo.for_planner(user, now=now, today=today) if user.has_role(Role.PLANNER) else []
        todos += todo.for_school(user, now=now, today=today) if user.has_role(Role.SCHOOL_ADMIN) else []
        context = {
            "today": today,
            "todos": todos,
            "next_drives": coming.next_drives(user, today=today),
            "can_plan": user.has_role(Role.PLANNER),
        }
        return TemplateResponse(request, "drives/desk/home.html", context)
    for role, address in (
        (Role.LEAD_OPERATOR, "drives:today"),
        (Role.OPERATOR, "drives:today"),
        (Role.OFFICIAL, "drives:coverage"),
        (Role.SYSTEM_ADMIN, "schools:user_list"),
    ):
        if user.has_role(role):
            return redirect(address)
    return redirect("schools:profile")
