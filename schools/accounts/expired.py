"""Whose session has ended in the middle of work: led to the sign-in page, and afterwards back to a page that can be opened."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

SAFE = {"GET", "HEAD"}


class SignInFirstMiddleware(LoginRequiredMiddleware):
    """Django's own leads back to the address that was asked for: for a form that is a 405, for a fragment half a page."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponse:  # type: ignore[override]
        is_fragment = request.headers.get("HX-Request") == "true"
        if request.method in SAFE and not is_fragment:
            return super().handle_no_permission(request, view_func)
        page = self.page_of(request)
        address = reverse("schools:sign_in") + (f"?{urlencode({'next': page})}" if page else "")
        if is_fragment:
            # htmx leaves the page by itself; a redirect would put the sign-in page into the middle of this one.
            return HttpResponse(status=204, headers={"HX-Redirect": address})
        return redirect(address)

    def page_of(self, request: HttpRequest) -> str:
        """Where to go after signing in; "" for nowhere in particular. Says that nothing was saved, if something was sent."""
        if request.method not in SAFE and request.path != reverse("schools:sign_out"):
            messages.warning(request, _("Your session had ended. What you sent last is not saved: sign in, and send it again."))
        return _page_of(request, request.headers.get("HX-Current-URL") or request.headers.get("Referer", ""))


def _page_of(request: HttpRequest, address: str) -> str:
    """The path of the page on which the person was, if it is one of ours."""
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
