"""Notices of a drive and their log; a student's own slot."""

from django.urls import path

from drives.notices import public, views

urlpatterns = [
    path("notices/", views.notice_list, name="notice_list"),
    path("notices/<uuid:pk>/resend/", views.notice_resend, name="notice_resend"),
    path("notices/<uuid:pk>/sent/", views.notice_mark_sent, name="notice_mark_sent"),
    path("drives/<uuid:pk>/notices/", views.drive_notices, name="drive_notices"),
    path("slot-requests/<uuid:pk>/answer/", views.slot_request_answer, name="slot_request_answer"),
    path("s/<str:token>/", public.own_slot_page, name="own_slot"),
    path("s/<str:token>/calendar.ics", public.own_slot_calendar, name="own_slot_calendar"),
    path("s/<str:token>/request/", public.own_slot_request, name="own_slot_request"),
]
