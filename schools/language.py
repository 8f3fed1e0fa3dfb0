"""Which language a page is in: the profile decides, then the cookie, then Indonesian. A browser's own wish does not."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation


def language_of(request: HttpRequest) -> str:
    known = dict(settings.LANGUAGES)
    wishes = [
        getattr(request.user, "language", ""),
        request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""),
    ]
    return next((wish for wish in wishes if wish in known), settings.LANGUAGE_CODE)


class UserLanguageMiddleware:
    """Stands behind AuthenticationMiddleware, which tells who is asking."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        language = language_of(request)
        translation.activate(language)
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
