"""Students and the rosters that bring them."""

from django.urls import URLPattern, URLResolver, include, path

from students.roster import repair_views, views

app_name = "students"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("students.consents.urls")),
    path("rosters/", views.upload_list, name="upload_list"),
    path("rosters/<uuid:upload_id>/", views.upload_detail, name="upload_detail"),
    path("rosters/<uuid:upload_id>/job/", views.upload_job, name="upload_job"),
    path("rosters/<uuid:upload_id>/columns/", views.upload_columns, name="upload_columns"),
    path("rosters/<uuid:upload_id>/decide/", views.upload_decide, name="upload_decide"),
    path("rosters/<uuid:upload_id>/approve/", views.upload_approve, name="upload_approve"),
    path("rosters/<uuid:upload_id>/cancel/", views.upload_cancel, name="upload_cancel"),
    path("rosters/<uuid:upload_id>/undo/", views.upload_undo, name="upload_undo"),
    path("rosters/<uuid:upload_id>/errors/", views.upload_errors, name="upload_errors"),
    path("rosters/<uuid:upload_id>/rows/<uuid:row_id>/", repair_views.upload_row, name="upload_row"),
    path("rosters/<uuid:upload_id>/read-again/", repair_views.upload_read_again, name="upload_read_again"),
    path("rosters/<uuid:upload_id>/continue/", repair_views.upload_continue, name="upload_continue"),
    path(
        "rosters/<uuid:upload_id>/repairs/<uuid:repair_id>/take-back/",
        repair_views.upload_repair_take_back,
        name="upload_repair_take_back",
    ),
]
