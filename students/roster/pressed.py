"""Addresses of buttons: whoever comes to one by another way is led to the page on which the button stands."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from schools.access import signed_in
from students.models import RosterUpload

View = Callable[..., HttpResponse]


def pressed(view: View) -> View:
    """A session ended before the button was pressed; after signing in, the browser asks for its address. Nothing is done then."""

    @wraps(view)
    def guarded(request: HttpRequest, /, upload_id: UUID, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            upload = get_object_or_404(RosterUpload.objects.visible_to(signed_in(request)).only("pk"), pk=upload_id)
            return redirect("students:upload_detail", upload_id=upload.pk)
        return view(request, upload_id=upload_id, **kwargs)

    return guarded
