"""What is printed, for a drive."""

from django.urls import path

from drives.documents import views

urlpatterns = [
    path("drives/<uuid:drive_id>/print/", views.print_index, name="print_index"),
    path("drives/<uuid:drive_id>/print/slips.pdf", views.print_slips, name="print_slips"),
    path("drives/<uuid:drive_id>/print/classes.pdf", views.class_sheet, name="class_sheet"),
    path("drives/<uuid:drive_id>/print/letter.pdf", views.print_letter, name="print_letter"),
    path("drives/<uuid:drive_id>/print/attendance/<uuid:drive_day_id>.pdf", views.print_attendance, name="print_attendance"),
    path("drives/<uuid:drive_id>/print/minutes/<uuid:drive_day_id>.pdf", views.print_minutes, name="print_minutes"),
]
