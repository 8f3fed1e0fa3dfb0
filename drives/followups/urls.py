"""Another chance for who was absent or failed."""

from django.urls import path

from drives.followups import views

urlpatterns = [
    path("follow-ups/", views.follow_up_list, name="follow_up_list"),
    path("follow-ups/days/<uuid:drive_day_id>/", views.follow_up_day, name="follow_up_day"),
    path("follow-ups/days/<uuid:drive_day_id>/offer/", views.follow_up_offer, name="follow_up_offer"),
    path("follow-ups/schools/<slug:npsn>/", views.make_up_add, name="make_up_add"),
]
