"""Whether this process can do its work: asked by proxies and by `manage.py up`, answered without signing in."""

from collections.abc import Callable

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

PATIENCE_SECONDS = 3


@login_not_required
@never_cache
@require_safe
@transaction.non_atomic_requests
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database and Valkey answer, else 503 that says which one does not."""
    answers = {"database": _answers(_ask_database, DatabaseError), "valkey": _answers(_ask_valkey, redis.RedisError)}
    healthy = all(answers.values())
    return JsonResponse({"healthy": healthy, **answers}, status=200 if healthy else 503)


def _answers(ask: Callable[[], None], refusal: type[Exception]) -> bool:
    try:
        ask()
    except (refusal, OSError):
        return False
    return True


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_valkey() -> None:
    with redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS
    ) as valkey:
        valkey.ping()
