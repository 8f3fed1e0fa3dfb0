from django.urls import path

from drives.desk import departures, students, views

urlpatterns = [
    path("", views.home, name="home"),
    path("departures/", departures.departure_list, name="departure_list"),
    path("departures/seen/", departures.departure_seen, name="departure_seen"),
    path("departures/<uuid:departure_id>/object/", departures.departure_object, name="departure_object"),
    path("departures/<uuid:departure_id>/settle/", departures.departure_settle, name="departure_settle"),
    path("students/", students.student_list, name="student_list"),
    path("students/<uuid:person_id>/", students.student_detail, name="student_detail"),
    path("students/<uuid:person_id>/edit/", students.student_edit, name="student_edit"),
    path("students/<uuid:person_id>/reveal/", students.student_reveal, name="student_reveal"),
]
