"""What has been printed and lies with a class, so that a later change can say which sheets are wrong."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7


class Printout(models.Model):
    """The newest print of one slip or one class sheet. `content` is what it said of days and hours, to compare."""

    class Kind(models.TextChoices):
        SLIP = "slip", _("slip")
        CLASS = "class", _("class sheet")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    drive = models.ForeignKey("drives.Drive", models.CASCADE, related_name="printouts")
    kind = models.CharField(max_length=5, choices=Kind)
    visit = models.OneToOneField("drives.Visit", models.CASCADE, null=True, related_name="printout")
    class_group = models.ForeignKey("students.ClassGroup", models.CASCADE, null=True, related_name="+")
    content = models.CharField(max_length=80)
    printed_at = models.DateTimeField()
    printed_by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["drive", "class_group"], name="class_sheet_is_noted_once_in_a_drive"),
            models.CheckConstraint(
                condition=models.Q(kind="slip", visit__isnull=False, class_group=None)
                | models.Q(kind="class", visit=None, class_group__isnull=False),
                name="printout_is_a_slip_or_a_class_sheet",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.printed_at}"
