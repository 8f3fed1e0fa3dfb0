"""Addresses: English, short and stable."""

from django.urls import include, path

from config.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("", include("schools.urls")),
    path("", include("students.urls")),
    path("", include("drives.urls")),
]
