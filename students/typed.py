"""What was typed when a session ended: kept for half an hour, and given back on its page to the one who typed it.

A form that says `{% keeps_typed %}` names its page and its user, signed. Sent too late (the session has ended, or a sign-in
in another window has made its token stale), its answers are sealed and put into the cache, under a name that stands in
this browser's session alone. Nothing of them stands in an address, a log line or the session itself. Of a file only the
name is kept: no page may choose a file in somebody's stead, so it says which one is to be chosen again.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

import structlog
from django.contrib import messages
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure
from redis.exceptions import RedisError
from uuid6 import uuid7

from schools.accounts.expired import SignInFirstMiddleware
from students import privacy

KEPT_SECONDS: Final = 30 * 60
# A review of a hundred decisions in each section has about 50 kB; nothing that a person types has more.
MOST_CHARACTERS: Final = 256 * 1024
LONGEST_FILENAME: Final = 120
# A page that was open for longer belongs to another day's work.
FORM_SECONDS: Final = 24 * 60 * 60
FIELD: Final = "typed_for"
_SALT: Final = "students.typed"
_NOT_KEPT: Final = (FIELD, "csrfmiddlewaretoken")

log = structlog.get_logger(__name__)


def mark(*, user_id: Any, page: str) -> str:
    """What a form carries: where its answers belong and to whom."""
    return signing.dumps({"by": str(user_id), "page": page}, salt=_SALT)


def keep(request: HttpRequest) -> str:
    """The page on which what was sent will be found again; "" if it could not be kept."""
    said = _said(request)
    if said is None or (request.user.is_authenticated and str(request.user.pk) != said["by"]):
        return ""
    answers = request.POST.copy()
    for name in _NOT_KEPT:
        answers.pop(name, None)
    body = answers.urlencode()
    if len(body) > MOST_CHARACTERS:
        return ""
    key = uuid7()
    files = ", ".join((file.name or "")[:LONGEST_FILENAME] for _field, sent in request.FILES.lists() for file in sent)
    content = json.dumps({**said, "action": request.path, "body": body, "files": files}).encode()
    try:
        cache.set(_key(key), privacy.seal_typed(content, name=key), KEPT_SECONDS)
    except RedisError:
        log.warning("typed_not_kept")
        return ""
    request.session[FIELD] = key.hex
    return said["page"]


def typed(request: HttpRequest, *, action: str) -> QueryDict | None:
    """What this user had typed on this very page for the form that is sent to `action`; says so on the page."""
    kept = _kept(request) if request.method == "GET" else None
    if kept is None or kept["page"] != request.get_full_path() or kept["action"] != action:
        return None
    messages.info(request, _again(kept["files"]))
    return QueryDict(kept["body"])


def _again(files: str) -> str:
    if files:
        return _("The file “%(file)s” has not arrived: your session had ended. Choose it once more and send it.") % {
            "file": files
        }
    return _("What you had written is here again. It is not saved yet: look at it and send it once more.")


def forget(request: HttpRequest) -> None:
    name = request.session.pop(FIELD, "")
    # What cannot be reached ends by itself.
    with suppress(RedisError, ValueError):
        cache.delete(_key(UUID(name)))


class KeepsTypedMiddleware(SignInFirstMiddleware):
    """Leads to the sign-in page as ever, but a marked form's answers wait on the page that it names."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: tuple[Any, ...], view_kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        # Who sends the form again has what was kept.
        if request.user.is_authenticated and request.method == "POST" and FIELD in request.session and FIELD in request.POST:
            forget(request)
        response: HttpResponseBase | None = super().process_view(request, view_func, view_args, view_kwargs)
        return response

    def page_of(self, request: HttpRequest) -> str:
        page = keep(request) if request.method == "POST" else ""
        if not page:
            return super().page_of(request)
        if request.FILES:
            messages.info(
                request, _("Your session had ended. Sign in again, then choose the file once more: it has not arrived.")
            )
        else:
            messages.info(request, _("Your session had ended. Sign in again: what you have written waits for half an hour."))
        return page


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A page from before the last sign-in: nothing is saved, and what was typed stands there again."""
    page = keep(request)
    return redirect(page) if page else csrf_failure(request, reason)


def _said(request: HttpRequest) -> dict[str, str] | None:
    try:
        said: dict[str, str] = signing.loads(request.POST.get(FIELD, ""), salt=_SALT, max_age=FORM_SECONDS)
    except signing.BadSignature:
        return None
    return said


def _kept(request: HttpRequest) -> dict[str, str] | None:
    if FIELD not in request.session:
        return None
    try:
        name = UUID(request.session[FIELD])
        sealed = cache.get(_key(name))
        kept: dict[str, str] | None = json.loads(privacy.unseal_typed(sealed, name=name)) if sealed else None
    except (RedisError, ValueError, privacy.SealBroken):
        kept = None
    if kept is None or kept["by"] != str(request.user.pk):
        forget(request)
        return None
    return kept


def _key(name: UUID) -> str:
    return f"typed:{name.hex}"
