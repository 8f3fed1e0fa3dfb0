"""Kits and drives, from the first question to the slot board."""

from django.urls import path

from drives.planning import board_views, duty_views, kits, list_views, timeslot_views, views

urlpatterns = [
    path("kits/", kits.kit_list, name="kit_list"),
    path("kits/add/", kits.kit_add, name="kit_add"),
    path("kits/<uuid:kit_id>/", kits.kit_edit, name="kit_edit"),
    path("kits/<uuid:kit_id>/outage/", kits.kit_outage, name="kit_outage"),
    path("kits/<uuid:kit_id>/outage/<uuid:outage_id>/end/", kits.kit_outage_end, name="kit_outage_end"),
    path("drives/", list_views.drive_list, name="drive_list"),
    path("drives/new/", views.drive_add, name="drive_add"),
    path("drives/consequences/", views.drive_consequences, name="drive_consequences"),
    path("drives/<uuid:drive_id>/", board_views.slot_board, name="slot_board"),
    path("drives/<uuid:drive_id>/edit/", views.drive_edit, name="drive_edit"),
    path("drives/<uuid:drive_id>/operators/", duty_views.drive_operators, name="drive_operators"),
    path("drives/<uuid:drive_id>/assign/", board_views.drive_assign, name="drive_assign"),
    path("drives/<uuid:drive_id>/kit/", board_views.drive_kit, name="drive_kit"),
    path("drives/<uuid:drive_id>/undo/", board_views.drive_undo, name="drive_undo"),
    path("drives/<uuid:drive_id>/slots/<uuid:slot_id>/", timeslot_views.timeslot_detail, name="timeslot_detail"),
    path("drives/<uuid:drive_id>/slots/<uuid:slot_id>/move/", timeslot_views.timeslot_move, name="timeslot_move"),
    path("drives/<uuid:drive_id>/slots/<uuid:slot_id>/swap/", timeslot_views.timeslot_swap, name="timeslot_swap"),
    path("drives/<uuid:drive_id>/slots/<uuid:slot_id>/pin/", timeslot_views.timeslot_pin, name="timeslot_pin"),
    path("drives/<uuid:drive_id>/slots/<uuid:slot_id>/free/", timeslot_views.timeslot_free, name="timeslot_free"),
    path("drives/<uuid:drive_id>/slots/<uuid:slot_id>/place/", timeslot_views.timeslot_place, name="timeslot_place"),
]
