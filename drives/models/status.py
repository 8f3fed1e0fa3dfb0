"""What Dukcapil says: dated statuses, imported or typed by staff. The newest one counts."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from drives.models.standing import keeps_recorded_on
from schools.models import PERSON_ROLES, Role

if TYPE_CHECKING:
    from schools.models import User


class StatusImportQuerySet(models.QuerySet["StatusImport"]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(office__in=user.office_ids([Role.PLANNER]))


class StatusImport(models.Model):
    """A result list that staff brought back from their own SIAK, read once and approved once."""

    class Status(models.TextChoices):
        REVIEW = "review", _("to be reviewed")
        APPLIED = "applied", _("imported")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    uploaded_by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    filename = models.CharField(max_length=200)
    status = models.CharField(max_length=9, choices=Status, default=Status.REVIEW)
    # Rows that wait for a yes: [{"row", "person", "status", "dated_on", "problems"}]; never a NIK.
    rows = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")

    objects = StatusImportQuerySet.as_manager()

    def __str__(self) -> str:
        return self.filename


class DukcapilStatusQuerySet(models.QuerySet["DukcapilStatus"]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(models.Q(office__in=user.office_ids(PERSON_ROLES)) | models.Q(person__school__in=user.school_ids()))

    def newest_first(self) -> Self:
        """Of two on one day the later entered counts."""
        return self.order_by("-dated_on", "-pk")


class DukcapilStatus(models.Model):
    class Status(models.TextChoices):
        UNREGISTERED = "UNREGISTERED", _("not recorded")
        BIO_CAPTURED = "BIO_CAPTURED", _("recorded, not yet sent")
        PROCESSING = "PROCESSING", _("being processed")
        SENT_FOR_ENROLLMENT = "SENT_FOR_ENROLLMENT", _("sent for enrolment")
        RECEIVED_AT_CENTRAL = "RECEIVED_AT_CENTRAL", _("received at the centre")
        PRINT_READY_RECORD = "PRINT_READY_RECORD", _("ready to print")
        SENT_FOR_CARD_PRINTING = "SENT_FOR_CARD_PRINTING", _("sent to the printer")
        CARD_PRINTED = "CARD_PRINTED", _("card printed")
        CARD_SHIPPED = "CARD_SHIPPED", _("card shipped")
        CARD_ISSUED = "CARD_ISSUED", _("card issued")
        ENROLL_FAILURE_AT_REGIONAL = "ENROLL_FAILURE_AT_REGIONAL", _("enrolment failed at the regional server")
        ENROLL_FAILURE_AT_CENTRAL = "ENROLL_FAILURE_AT_CENTRAL", _("enrolment failed at the centre")
        SEARCH_FAILURE_AT_CENTRAL = "SEARCH_FAILURE_AT_CENTRAL", _("search failed at the centre, to be sent again")
        ADJUDICATE_RECORD = "ADJUDICATE_RECORD", _("to be judged by the centre")
        DUPLICATE_RECORD = "DUPLICATE_RECORD", _("duplicate record, to be settled by the Sudin")

    # After these a person is recorded (again); `docs/adr/0002-needs-recording.md`.
    NEEDING = ("UNREGISTERED", "ENROLL_FAILURE_AT_REGIONAL", "ENROLL_FAILURE_AT_CENTRAL")
    # From here on a card can be printed, or is.
    PRINTABLE = ("PRINT_READY_RECORD", "SENT_FOR_CARD_PRINTING", "CARD_PRINTED", "CARD_SHIPPED", "CARD_ISSUED")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey("students.Person", models.CASCADE, related_name="statuses")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    status = models.CharField(max_length=26, choices=Status)
    # As dated by Dukcapil; of two on one day the later entered counts (UUIDv7 grows with time).
    dated_on = models.DateField()
    status_import = models.ForeignKey(StatusImport, models.PROTECT, null=True, related_name="statuses")
    entered_by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    objects = DukcapilStatusQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["person", "-dated_on", "-id"])]
        constraints = [models.UniqueConstraint(fields=["person", "status", "dated_on"], name="status_of_a_day_is_entered_once")]
        triggers = keeps_recorded_on()

    def __str__(self) -> str:
        return f"{self.status} {self.dated_on}"


class CheckList(models.Model):
    """An audited export of NIK, name and birth date for the Sudin's own look-up; says who took which list when."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="check_lists")
    taken_by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField()
    person_count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.school_id} {self.taken_at}"
