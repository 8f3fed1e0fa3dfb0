"""A drive from planning to coverage; one namespace for all rooms."""

from django.urls import URLPattern, URLResolver, include, path

app_name = "drives"
urlpatterns: list[URLPattern | URLResolver] = [
    # Of the drive day, so that a tap in the hall passes by no other room.
    path("", include("drives.tablets.urls")),
    path("", include("drives.onsite.urls")),
    path("", include("drives.tablets.shell_urls")),
    path("", include("drives.desk.urls")),
    path("", include("drives.directory.urls")),
    path("", include("drives.planning.urls")),
    path("", include("drives.schooldays.urls")),
    path("", include("drives.season.urls")),
    path("", include("drives.statuses.urls")),
    path("", include("drives.followups.urls")),
    path("", include("drives.documents.urls")),
    path("", include("drives.notices.urls")),
    path("", include("drives.publishing.urls")),
    path("", include("drives.requests.urls")),
    path("", include("drives.feeds.urls")),
    path("", include("drives.coverage.urls")),
]
