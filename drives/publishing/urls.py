"""Publishing a drive or a whole season, and calling a drive off."""

from django.urls import path

from drives.publishing import change_views, views
from drives.publishing.season import views as season

urlpatterns = [
    path("drives/<uuid:drive_id>/change/", change_views.drive_change, name="drive_change"),
    path("drives/<uuid:drive_id>/publish/", views.drive_publish, name="drive_publish"),
    path("drives/<uuid:drive_id>/withdraw/", views.drive_withdraw, name="drive_withdraw"),
    path("drives/<uuid:drive_id>/cancel/", views.drive_cancel, name="drive_cancel"),
    path("season/<uuid:season_id>/publications/new/", season.publication_add, name="publication_add"),
    path("season/publications/<uuid:publication_id>/", season.publication_detail, name="publication_detail"),
    path("season/publications/<uuid:publication_id>/job/", season.publication_job, name="publication_job"),
    path("season/publications/<uuid:publication_id>/confirm/", season.publication_confirm, name="publication_confirm"),
    path("season/publications/<uuid:publication_id>/resume/", season.publication_resume, name="publication_resume"),
    path("season/publications/<uuid:publication_id>/stop/", season.publication_stop, name="publication_stop"),
    path("season/publications/<uuid:publication_id>/withdraw/", season.publication_withdraw, name="publication_withdraw"),
    path(
        "season/publications/<uuid:publication_id>/schools/<uuid:school_id>/",
        season.publication_school,
        name="publication_school",
    ),
]
