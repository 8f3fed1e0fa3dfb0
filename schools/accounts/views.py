from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlsafe_base64_decode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from schools.access import signed_in
from schools.accounts.demo import demo_accounts, demo_users
from schools.accounts.forms import NewPasswordForm, OwnPasswordForm, SettingsForm
from schools.models import User

LOCAL_ACCOUNTS = "django.contrib.auth.backends.ModelBackend"


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """After five failures this account is locked from this address for a quarter of an hour (django-axes)."""
    if request.user.is_authenticated and request.method != "POST":
        return _onwards(request, request.user)
    if request.method == "POST" and "demo" in request.POST:
        return _sign_in_to_the_demonstration(request)
    form = AuthenticationForm(request, data=request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _let_in(request, form.get_user())
    context = {"form": form, "next": _next(request), "demo_accounts": demo_accounts()}
    return TemplateResponse(request, "schools/sign_in.html", context, status=422 if form.errors else 200)


def _sign_in_to_the_demonstration(request: HttpRequest) -> HttpResponse:
    wanted = request.POST["demo"]
    user = next((user for user in demo_users() if user.username == wanted), None)
    if user is None:
        raise Http404
    return _let_in(request, user)


def _let_in(request: HttpRequest, user: User) -> HttpResponse:
    login(request, user, backend=LOCAL_ACCOUNTS)
    return _onwards(request, user)


def _onwards(request: HttpRequest, user: User) -> HttpResponseRedirect:
    """To the page that was asked for; else home; who holds no role yet is told so on the profile."""
    home = settings.LOGIN_REDIRECT_URL if user.grants_today() else "schools:profile"
    return HttpResponseRedirect(_next(request) or reverse(home))


def _next(request: HttpRequest) -> str:
    """The address asked for before signing in, if it is one of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else ""


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """For a page before signing in; afterwards the profile decides."""
    wanted = request.POST.get("language", "")
    response = HttpResponseRedirect(_next(request) or reverse("schools:sign_in"))
    if wanted in dict(settings.LANGUAGES):
        _remember_language(response, wanted)
    return response


def _remember_language(response: HttpResponse, language: str) -> None:
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 24 * 60 * 60, samesite="Lax")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("schools:sign_in")


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    form = SettingsForm(request.POST if request.method == "POST" else None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        response = redirect("schools:profile")
        # So that the sign-in page, which knows nobody, speaks the same language.
        _remember_language(response, user.language)
        return response
    context = {"form": form, "grants": user.grants_today()}
    return TemplateResponse(request, "schools/profile.html", context, status=422 if form.errors else 200)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password_change(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    form = OwnPasswordForm(user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        form.save()
        update_session_auth_hash(request, user)
        messages.success(request, _("Your password has been changed. Other devices have been signed out."))
        return redirect("schools:profile")
    return TemplateResponse(request, "schools/password_change.html", {"form": form}, status=422 if form.errors else 200)


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password_set(request: HttpRequest, uidb64: str, token: str) -> HttpResponse:
    """The link that an administrator hands over; it works once and for three days."""
    user = _owner_of_the_link(uidb64, token)
    if user is None:
        return TemplateResponse(request, "schools/password_link_expired.html", status=410)
    form = NewPasswordForm(user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your password has been set. Sign in with it."))
        return redirect("schools:sign_in")
    context = {"form": form, "owner": user}
    return TemplateResponse(request, "schools/password_set.html", context, status=422 if form.errors else 200)


def _owner_of_the_link(uidb64: str, token: str) -> User | None:
    try:
        user = User.objects.get(pk=urlsafe_base64_decode(uidb64).decode(), is_active=True)
    except (User.DoesNotExist, ValueError, ValidationError):
        return None
    return user if default_token_generator.check_token(user, token) else None
