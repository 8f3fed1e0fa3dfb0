"""A drive from planning to coverage; one namespace for all rooms."""

from django.urls import URLPattern, URLResolver, include, path

from drives.planning import kits

app_name = "drives"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("drives.desk.urls")),
    path("", include("drives.directory.urls")),
    path("kits/", kits.kit_list, name="kit_list"),
    path("kits/add/", kits.kit_add, name="kit_add"),
    path("kits/<uuid:kit_id>/", kits.kit_edit, name="kit_edit"),
    path("", include("drives.statuses.urls")),
    path("", include("drives.onsite.urls")),
    path("", include("drives.documents.urls")),
    path("", include("drives.notices.urls")),
    path("", include("drives.coverage.urls")),
]
