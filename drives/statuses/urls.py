"""The check before the drive, and what Dukcapil says."""

from django.urls import path

from drives.statuses import views

urlpatterns = [
    path("statuses/", views.status_list, name="status_list"),
    path("statuses/upload/", views.status_upload, name="status_upload"),
    path("statuses/appointments/cancel/", views.status_appointments_cancel, name="status_appointments_cancel"),
    path("statuses/enter/<uuid:person_pk>/", views.status_enter, name="status_enter"),
    path("statuses/<uuid:pk>/", views.status_import, name="status_import"),
    path("statuses/<uuid:pk>/approve/", views.status_import_approve, name="status_import_approve"),
    path("statuses/<uuid:pk>/cancel/", views.status_import_cancel, name="status_import_cancel"),
    path("schools/<uuid:school_pk>/check-list/", views.check_list, name="check_list"),
]
