"""A page's language: the profile, then the cookie, then Indonesian; never the browser."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import translation

from schools.language import UserLanguageMiddleware
from schools.models import User


def asked(*, profile: str | None = None, cookie: str = "", browser: str = "") -> HttpRequest:
    request = RequestFactory().get("/", headers={"accept-language": browser})
    request.COOKIES["django_language"] = cookie
    request.user = User(language=profile) if profile is not None else AnonymousUser()
    return request


@pytest.mark.parametrize(
    ("request_", "language"),
    [
        (asked(profile="en", cookie="id"), "en"),
        (asked(profile="id", cookie="en", browser="en"), "id"),
        (asked(cookie="en"), "en"),
        (asked(browser="en-GB,en;q=0.9"), "id"),
        (asked(cookie="fr"), "id"),
        (asked(profile="", cookie="en"), "en"),
    ],
)
def test_the_profile_decides_then_the_cookie_then_indonesian(request_: HttpRequest, language: str) -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(translation.get_language())

    with translation.override("id"):
        response = UserLanguageMiddleware(view)(request_)

    assert isinstance(response, HttpResponse)
    assert response.content.decode() == language
    assert response.headers["Content-Language"] == language
