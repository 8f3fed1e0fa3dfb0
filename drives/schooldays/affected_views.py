from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from drives.models import Drive, DriveDay
from drives.schooldays.affected import affected_days
from schools.access import requires, signed_in
from schools.models import Role


@require_safe
@requires(Role.PLANNER)
def affected_list(request: HttpRequest) -> HttpResponse:
    """Published drive days that a closure or holiday has overtaken."""
    drives = Drive.objects.plannable_by(signed_in(request))
    found = affected_days(DriveDay.objects.filter(drive__in=drives), today=timezone.localdate())
    return TemplateResponse(request, "drives/schooldays/affected_list.html", {"found": found})
