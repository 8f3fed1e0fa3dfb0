"""The drive day. All below `/today/` is the operator's console; the board stands with its drive."""

from django.urls import path

from drives.onsite import board_views, incident_views, lead_views, paper_guest_views, paper_views, views

urlpatterns = [
    path("today/", views.today, name="today"),
    path("today/<uuid:drive_day_id>/", views.console, name="console"),
    path("today/<uuid:drive_day_id>/search/", views.search, name="console_search"),
    path("today/<uuid:drive_day_id>/next/", views.call_next, name="console_next"),
    path("today/<uuid:drive_day_id>/kit/", views.choose_kit, name="console_kit"),
    path("today/<uuid:drive_day_id>/walk-in/", views.walk_in, name="walk_in"),
    path("today/<uuid:drive_day_id>/walk-in/check/", views.walk_in_check, name="walk_in_check"),
    path("today/<uuid:drive_day_id>/visits/<uuid:visit_id>/outcome/", views.outcome, name="outcome"),
    path("today/<uuid:drive_day_id>/visits/<uuid:visit_id>/undo/", views.undo_outcome, name="outcome_undo"),
    path("today/<uuid:drive_day_id>/visits/<uuid:visit_id>/correct/", lead_views.correct_visit, name="visit_correct"),
    path("today/<uuid:drive_day_id>/conflicts/", lead_views.conflict_list, name="conflict_list"),
    path("today/<uuid:drive_day_id>/close/", lead_views.close, name="day_close"),
    path("drives/<uuid:drive_id>/live/", board_views.live, name="live"),
    path("drives/<uuid:drive_id>/live/figures/", board_views.live_figures, name="live_figures"),
    path("today/<uuid:drive_day_id>/paper/", paper_views.paper_index, name="paper_index"),
    path("today/<uuid:drive_day_id>/paper/guests/", paper_guest_views.paper_guest_list, name="paper_guest_list"),
    path("today/<uuid:drive_day_id>/paper/slots/<uuid:slot_id>/", paper_views.paper_slot, name="paper_slot"),
    path("today/<uuid:drive_day_id>/paper/classes/<uuid:class_id>/", paper_views.paper_class, name="paper_class"),
    path("live/", board_views.wall, name="wall"),
    path("live/figures/", board_views.wall_figures, name="wall_figures"),
    path("today/<uuid:drive_day_id>/incidents/", incident_views.incident_list, name="incident_list"),
    path("today/<uuid:drive_day_id>/incidents/add/", incident_views.incident_add, name="incident_add"),
    path("today/<uuid:drive_day_id>/incidents/<uuid:incident_id>/close/", incident_views.incident_close, name="incident_close"),
    path(
        "today/<uuid:drive_day_id>/incidents/<uuid:incident_id>/outage/", incident_views.incident_outage, name="incident_outage"
    ),
]
