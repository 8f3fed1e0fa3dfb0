from django.urls import path

from drives.desk import students, views

urlpatterns = [
    path("", views.home, name="home"),
    path("students/", students.student_list, name="student_list"),
    path("students/<uuid:person_id>/", students.student_detail, name="student_detail"),
    path("students/<uuid:person_id>/edit/", students.student_edit, name="student_edit"),
    path("students/<uuid:person_id>/reveal/", students.student_reveal, name="student_reveal"),
]
