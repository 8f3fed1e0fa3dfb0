"""Who may open a view at all; which rows are seen inside is `visible_to(user)`."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from schools.models import User

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
View = Callable[Concatenate[HttpRequest, P], R]


def requires(*roles: str) -> Callable[[View[P, R]], View[P, R]]:
    """The view exists only for who holds one of the roles; for others it is 404, the same as what does not exist."""

    def decorate(view: View[P, R]) -> View[P, R]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if not (request.user.is_authenticated and request.user.has_role(*roles)):
                raise Http404
            return view(request, *args, **kwargs)

        guarded.required_roles = roles  # type: ignore[attr-defined]
        return guarded

    return decorate


def signed_in(request: HttpRequest) -> User:
    """Who asks, behind LoginRequiredMiddleware, which lets no stranger through."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user
