"""Around every request: what no page can read is refused once for all, what shows persons is stored by no cache, and
what opens a door or names a person is written in no log."""

import re
from collections.abc import Callable
from urllib.parse import unquote

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase
from django_structlog.middlewares import RequestMiddleware

# A student's link, a calendar's address, an administrator's password link, and any number as long as a NIK.
SECRET = re.compile(r"(?<=^/s/)[^/]+|(?<=^/feeds/)[^/]+(?=\.ics$)|(?<=^/set-password/).+|\d{16,}")
NextStep = Callable[[HttpRequest], HttpResponseBase]


class LoggedRequestMiddleware(RequestMiddleware):
    """One line a request, without its query: there stand names that somebody searched for."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {SECRET.sub('…', request.path)}"


class ReadableAddressMiddleware:
    """No person types a NUL, and PostgreSQL takes none: an address or query with one is 400, whichever page it names.

    What is sent in a form is checked by the form's own fields.
    """

    def __init__(self, get_response: NextStep) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        if "\x00" in request.path or "\x00" in unquote(request.META.get("QUERY_STRING", "")):
            raise BadRequest


class PersonalPagesMiddleware:
    """Whoever is signed in sees persons, on a machine that others may use next: after signing out, "back" shows nothing.

    A view that says itself how its answer is kept is left alone. Stands behind AuthenticationMiddleware.
    """

    def __init__(self, get_response: NextStep) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response
