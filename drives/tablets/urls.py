"""Tablets in the hall: pages below `/today/` and `/tablets/`; below `/api/v1/` what a tablet says for itself."""

from django.urls import path

from drives.tablets import api, calls, views

urlpatterns = [
    path("api/v1/events", api.events, name="api_events"),
    path("today/<uuid:drive_day_id>/tablet/", views.tablet_prepare, name="tablet_prepare"),
    path("tablets/", views.tablet_list, name="tablet_list"),
    path("tablets/<uuid:device_id>/revoke/", views.tablet_revoke, name="tablet_revoke"),
    path("api/v1/tablet/pack/<uuid:drive_day_id>", api.pack, name="tablet_pack"),
    path("api/v1/tablet/ping", api.ping, name="tablet_ping"),
    path("api/v1/tablet/call", calls.call, name="tablet_call"),
    path("api/v1/tablet/walk-in-lookup", api.walk_in_lookup, name="tablet_walk_in_lookup"),
]
