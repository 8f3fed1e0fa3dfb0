"""Addresses: English, short and stable."""

from django.urls import include, path

urlpatterns = [
    path("", include("schools.urls")),
    path("", include("students.urls")),
    path("", include("drives.urls")),
]
