"""What has been printed and lies with a class, so that a later change can say which sheets are wrong."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7


class Printout(models.Model):
    """The newest print of one slip, class sheet, attendance sheet or letter. `content` is what it said of days and hours."""

    class Kind(models.TextChoices):
        SLIP = "slip", _("slip")
        CLASS = "class", _("class sheet")
        ATTENDANCE = "attendance", _("attendance sheet")
        LETTER = "letter", _("notice letter")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    drive = models.ForeignKey("drives.Drive", models.CASCADE, related_name="printouts")
    kind = models.CharField(max_length=10, choices=Kind)
    visit = models.OneToOneField("drives.Visit", models.CASCADE, null=True, related_name="printout")
    class_group = models.ForeignKey("students.ClassGroup", models.CASCADE, null=True, related_name="+")
    drive_day = models.OneToOneField("drives.DriveDay", models.CASCADE, null=True, related_name="printout")
    content = models.CharField(max_length=80)
    printed_at = models.DateTimeField()
    printed_by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["drive", "class_group"], name="class_sheet_is_noted_once_in_a_drive"),
            models.UniqueConstraint(fields=["drive"], condition=models.Q(kind="letter"), name="letter_is_noted_once_in_a_drive"),
            models.CheckConstraint(
                condition=models.Q(kind="slip", visit__isnull=False, class_group=None, drive_day=None)
                | models.Q(kind="class", visit=None, class_group__isnull=False, drive_day=None)
                | models.Q(kind="attendance", visit=None, class_group=None, drive_day__isnull=False)
                | models.Q(kind="letter", visit=None, class_group=None, drive_day=None),
                name="printout_is_of_what_its_kind_says",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.printed_at}"
