"""Seasons: the list, the board, proposals, and turns that become drives."""

from django.urls import path

from drives.season import board_views, proposal_views, publish_views, views

urlpatterns = [
    path("season/", views.season_list, name="season_list"),
    path("season/new/", views.season_add, name="season_add"),
    path("season/note/", views.season_note, name="season_note"),
    path("season/<uuid:season_id>/", board_views.season_board, name="season_board"),
    path("season/<uuid:season_id>/edit/", views.season_edit, name="season_edit"),
    path("season/<uuid:season_id>/arrange/", proposal_views.season_arrange, name="season_arrange"),
    path("season/<uuid:season_id>/publish/", publish_views.season_publish, name="season_publish"),
    path("season/<uuid:season_id>/undo/", board_views.season_undo, name="season_undo"),
    path("season/<uuid:season_id>/schools/<uuid:school_id>/", board_views.season_school, name="season_school"),
    path("season/<uuid:season_id>/schools/<uuid:school_id>/days/", board_views.season_school_days, name="season_school_days"),
    path("season/<uuid:season_id>/schools/<uuid:school_id>/move/", board_views.season_school_move, name="season_school_move"),
    path(
        "season/<uuid:season_id>/schools/<uuid:school_id>/deadline/",
        board_views.season_school_deadline,
        name="season_school_deadline",
    ),
    path("season/<uuid:season_id>/schools/<uuid:school_id>/pin/", board_views.season_school_pin, name="season_school_pin"),
    path("season/<uuid:season_id>/schools/<uuid:school_id>/unpin/", board_views.season_school_unpin, name="season_school_unpin"),
    path(
        "season/<uuid:season_id>/schools/<uuid:school_id>/remove/", board_views.season_school_remove, name="season_school_remove"
    ),
    path(
        "season/<uuid:season_id>/schools/<uuid:school_id>/return/", board_views.season_school_return, name="season_school_return"
    ),
    path("season/proposals/<uuid:proposal_id>/", proposal_views.season_proposal, name="season_proposal"),
    path("season/proposals/<uuid:proposal_id>/job/", proposal_views.season_proposal_job, name="season_proposal_job"),
    path("season/proposals/<uuid:proposal_id>/stop/", proposal_views.season_proposal_stop, name="season_proposal_stop"),
    path("season/proposals/<uuid:proposal_id>/accept/", proposal_views.season_proposal_accept, name="season_proposal_accept"),
    path("season/proposals/<uuid:proposal_id>/drop/", proposal_views.season_proposal_drop, name="season_proposal_drop"),
]
