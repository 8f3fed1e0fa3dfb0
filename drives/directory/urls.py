from django.urls import path

from drives.directory import views

urlpatterns = [
    path("schools/", views.school_list, name="school_list"),
    path("schools/<slug:npsn>/", views.school_profile, name="school_profile"),
    path("classes/<uuid:class_id>/edit/", views.class_edit, name="class_edit"),
]
