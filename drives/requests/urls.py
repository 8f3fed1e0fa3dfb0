"""A school asks for a drive; the office answers."""

from django.urls import path

from drives.requests import views

urlpatterns = [
    path("requests/", views.request_list, name="request_list"),
    path("requests/new/<uuid:school_id>/", views.request_add, name="request_add"),
    path("requests/<uuid:drive_request_id>/", views.drive_request, name="drive_request"),
    *(
        path(f"requests/<uuid:drive_request_id>/{answer}/", views.request_answer, {"answer": answer}, name=f"request_{answer}")
        for answer in views.ANSWERS
    ),
]
