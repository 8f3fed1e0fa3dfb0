"""A drive from planning to coverage; one namespace for all rooms."""

from django.urls import URLPattern, URLResolver, include, path

app_name = "drives"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("drives.desk.urls")),
    path("", include("drives.statuses.urls")),
]
