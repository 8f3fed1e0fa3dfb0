from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from schools.access import requires, signed_in
from schools.directory.actions import save_school
from schools.directory.forms import ContactForm, SchoolForm
from schools.directory.scope import schools_kept_by
from schools.models import Role, School

WHOLE_FORM = [Role.PLANNER, Role.SYSTEM_ADMIN]


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*WHOLE_FORM)
def school_add(request: HttpRequest) -> HttpResponse:
    form = SchoolForm(request.POST if request.method == "POST" else None, user=signed_in(request), roles=[*WHOLE_FORM])
    if request.method == "POST" and form.is_valid() and _saved(form):
        messages.success(request, _("The school has been added."))
        return redirect("drives:school_profile", form.instance.npsn)
    return TemplateResponse(request, "schools/school_add.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*WHOLE_FORM, Role.SCHOOL_ADMIN)
def school_edit(request: HttpRequest, npsn: str) -> HttpResponse:
    """The office corrects everything; the school itself its address and contacts."""
    school = get_object_or_404(schools_kept_by(signed_in(request), *WHOLE_FORM, Role.SCHOOL_ADMIN), npsn=npsn)
    shown_name = school.name
    form = _form_for(request, school)
    if request.method == "POST" and form.is_valid() and _saved(form):
        messages.success(request, _("Saved."))
        return redirect("drives:school_profile", school.npsn)
    context = {"form": form, "npsn": npsn, "shown_name": shown_name}
    return TemplateResponse(request, "schools/school_edit.html", context, status=422 if form.errors else 200)


def _form_for(request: HttpRequest, school: School) -> ContactForm:
    user = signed_in(request)
    data = request.POST if request.method == "POST" else None
    if school.office_id in user.office_ids(WHOLE_FORM):
        return SchoolForm(data, instance=school, user=user, roles=[*WHOLE_FORM])
    return ContactForm(data, instance=school)


def _saved(form: ContactForm) -> bool:
    """Whether the school is stored; what the database would refuse stands in the form."""
    try:
        save_school(school=form.instance)
    except ValidationError as refusal:
        form.add_error(None, ValidationError(refusal.messages))
        return False
    return True
