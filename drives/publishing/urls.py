"""Publishing a drive, and calling it off."""

from django.urls import path

from drives.publishing import change_views, views

urlpatterns = [
    path("drives/<uuid:drive_id>/change/", change_views.drive_change, name="drive_change"),
    path("drives/<uuid:drive_id>/publish/", views.drive_publish, name="drive_publish"),
    path("drives/<uuid:drive_id>/withdraw/", views.drive_withdraw, name="drive_withdraw"),
    path("drives/<uuid:drive_id>/cancel/", views.drive_cancel, name="drive_cancel"),
]
