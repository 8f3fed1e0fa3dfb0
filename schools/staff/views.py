from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from schools.access import requires, signed_in
from schools.models import Role, User
from schools.staff import actions
from schools.staff.forms import EndForm, GrantForm, UserFilter, UserForm
from schools.staff.scope import grants_of, keeps_account_of, users_of

PAGE_SIZE = 50
LINK_KEY = "password_link"


@require_safe
@requires(Role.SYSTEM_ADMIN)
def user_list(request: HttpRequest) -> HttpResponse:
    admin = signed_in(request)
    wishes = UserFilter(request.GET)
    page = Paginator(_filtered(admin, wishes), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "filter": wishes, "is_filtered": any(request.GET.get(name) for name in wishes.fields)}
    return TemplateResponse(request, "schools/user_list.html", context)


def _filtered(admin: User, wishes: UserFilter) -> QuerySet[User]:
    today = timezone.localdate()
    found = users_of(admin)
    for word in wishes.words():
        found = found.filter(Q(name__icontains=word) | Q(username__icontains=word))
    if role := wishes.wish("role"):
        found = found.filter(pk__in=grants_of(admin).in_force(today).filter(role=role).values("user"))
    if (state := wishes.wish("state")) != "all":
        found = found.filter(is_active=state != "inactive")
    in_force = grants_of(admin).in_force(today).select_related("office", "school").order_by("starts_on", "pk")
    return found.prefetch_related(Prefetch("grants", in_force, to_attr="shown_grants")).order_by("name", "pk")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.SYSTEM_ADMIN)
def user_add(request: HttpRequest) -> HttpResponse:
    admin = signed_in(request)
    today = timezone.localdate()
    form = UserForm(request.POST if request.method == "POST" else None, admin=admin, initial={"starts_on": today})
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.add_user(
                user=form.user,
                scope=form.scope,
                starts_on=form.cleaned_data["starts_on"],
                ends_on=form.cleaned_data["ends_on"],
            )
        except ValidationError as refusal:
            form.add_error(None, ValidationError(refusal.messages))
        else:
            _keep_link(request, user, actions.password_link(user=user, by=admin, day=today))
            return redirect("schools:user_detail", user.pk)
    return TemplateResponse(request, "schools/user_add.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_safe
@requires(Role.SYSTEM_ADMIN)
def user_detail(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """With a password link just made: shown this once, and kept nowhere."""
    context = _detail(request, user_id)
    link = request.session.get(LINK_KEY, {})
    if link.get("user") == str(user_id):
        del request.session[LINK_KEY]
        context["password_link"] = request.build_absolute_uri(link["path"])
    return TemplateResponse(request, "schools/user_detail.html", context)


def _detail(request: HttpRequest, user_id: UUID) -> dict[str, object]:
    admin = signed_in(request)
    today = timezone.localdate()
    user = _user(request, user_id)
    grants = grants_of(admin).filter(user=user).select_related("office", "school").order_by("-starts_on", "pk")
    lasting = [grant for grant in grants if grant.ends_on is None or grant.ends_on >= today]
    return {
        "person": user,
        "grants": lasting,
        "ended_grants": [grant for grant in grants if grant not in lasting],
        "today": today,
        "keeps_account": keeps_account_of(admin, user, day=today),
        "is_own": user == admin,
        "grant_form": GrantForm(admin=admin, initial={"starts_on": today}),
    }


@require_POST
@requires(Role.SYSTEM_ADMIN)
def user_link(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """A new link for choosing a password."""
    user = _user(request, user_id)
    try:
        path = actions.password_link(user=user, by=signed_in(request), day=timezone.localdate())
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        _keep_link(request, user, path)
    return redirect("schools:user_detail", user_id)


@require_POST
@requires(Role.SYSTEM_ADMIN)
def user_activate(request: HttpRequest, user_id: UUID) -> HttpResponse:
    return _set_active(request, user_id, is_active=True, done=_("The account is active again."))


@require_POST
@requires(Role.SYSTEM_ADMIN)
def user_deactivate(request: HttpRequest, user_id: UUID) -> HttpResponse:
    return _set_active(
        request, user_id, is_active=False, done=_("The account is deactivated. This person can no longer sign in.")
    )


def _set_active(request: HttpRequest, user_id: UUID, *, is_active: bool, done: str) -> HttpResponse:
    user = _user(request, user_id)
    try:
        actions.set_active(user=user, is_active=is_active, by=signed_in(request), day=timezone.localdate())
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, done)
    return redirect("schools:user_detail", user_id)


@require_POST
@requires(Role.SYSTEM_ADMIN)
def grant_add(request: HttpRequest, user_id: UUID) -> HttpResponse:
    context = _detail(request, user_id)
    form = GrantForm(request.POST, admin=signed_in(request))
    if form.is_valid():
        try:
            actions.give_grant(
                user=_user(request, user_id),
                scope=form.scope,
                starts_on=form.cleaned_data["starts_on"],
                ends_on=form.cleaned_data["ends_on"],
            )
        except ValidationError as refusal:
            form.add_error(None, ValidationError(refusal.messages))
        else:
            messages.success(request, _("The role has been given."))
            return redirect("schools:user_detail", user_id)
    context["grant_form"] = form
    return TemplateResponse(request, "schools/user_detail.html", context, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.SYSTEM_ADMIN)
def grant_end(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    admin = signed_in(request)
    grant = get_object_or_404(grants_of(admin).select_related("user", "office", "school"), pk=grant_id)
    form = EndForm(request.POST if request.method == "POST" else None, initial={"last_day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_grant(grant=grant, last_day=form.cleaned_data["last_day"], by=admin)
        except ValidationError as refusal:
            form.add_error(None, ValidationError(refusal.messages))
        else:
            messages.success(request, _("The end of the role has been noted."))
            return (
                redirect("schools:user_detail", grant.user_id)
                if users_of(admin).filter(pk=grant.user_id).exists()
                else redirect("schools:user_list")
            )
    context = {"form": form, "grant": grant}
    return TemplateResponse(request, "schools/grant_end.html", context, status=422 if form.errors else 200)


def _user(request: HttpRequest, user_id: UUID) -> User:
    return get_object_or_404(users_of(signed_in(request)), pk=user_id)


def _keep_link(request: HttpRequest, user: User, path: str) -> None:
    """Until the next page, which shows it once."""
    request.session[LINK_KEY] = {"user": str(user.pk), "path": path}
