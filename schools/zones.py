"""Moments are read in the zone of the office whose day it is: Jayapura's seven o'clock is five in Jakarta."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from schools.models import Office


def show_in_zone_of(office: Office) -> None:
    """From here to the end of the request."""
    timezone.activate(office.zone)


class OwnZoneMiddleware:
    """Each request begins in the zone of the settings and leaves none to the next one of its thread."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with timezone.override(None):
            return self.get_response(request)
