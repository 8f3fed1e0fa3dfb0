from django.urls import path

from drives.coverage import views

urlpatterns = [
    path("coverage/", views.coverage, name="coverage"),
    path("coverage/export/", views.coverage_export, name="coverage_export"),
    path("coverage/schools/<str:npsn>/", views.coverage_school, name="coverage_school"),
    path("coverage/schools/<str:npsn>/export/", views.coverage_school_export, name="coverage_school_export"),
]
