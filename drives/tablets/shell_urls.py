"""The console's program: the same for everybody, so open to everybody; no person stands in it."""

from django.urls import path

from drives.tablets import shell_views

urlpatterns = [
    path("sw.js", shell_views.service_worker, name="service_worker"),
    path("today/shell/", shell_views.shell, name="tablet_shell"),
]
