"""A person at a drive, and the facts noted there. A visit's state is a fold over its events, never set by hand."""

from datetime import date
from typing import TYPE_CHECKING, Final, Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from drives.models.standing import keeps_recorded_on
from schools.history import tracked
from schools.models import PERSON_ROLES

if TYPE_CHECKING:
    from schools.models import User


# What was said of a person and ends with the day on which it was said: whoever is due on a later one is expected again.
UNSETTLED: Final = ("present", "absent", "failed", "declined", "under_age")
# Contradicted, or with something about a guest that a lead has to look at.
TO_DECIDE: Final = models.Q(has_conflict=True) | ~models.Q(doubts=[])


def is_open_on(day: date | models.F) -> models.Q:
    """Visits that this day has still to settle: not seen yet, or what was said is of an earlier day and settled nothing."""
    return models.Q(state="expected") | models.Q(state__in=UNSETTLED, state_on__lt=day)


def is_unseen_on(day: date) -> models.Q:
    """As `is_open_on`, for a day that may be over: who came on a later one alone was not seen on it, either."""
    return is_open_on(day) | models.Q(state_on__gt=day)


class VisitQuerySet(models.QuerySet["Visit"]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(models.Q(office__in=user.office_ids(PERSON_ROLES)) | models.Q(school__in=user.school_ids()))

    def to_decide(self) -> Self:
        return self.filter(TO_DECIDE)


class Visit(models.Model):
    """Made with the first appointment (or at the door, for a walk-in). Its token stands on the slip and outlives a move."""

    class Kind(models.TextChoices):
        STUDENT = "student", _("student")
        TEACHER = "teacher", _("teacher")
        STAFF = "staff", _("staff")
        RESIDENT = "resident", _("resident")
        OTHER_STUDENT = "other_student", _("student of another school")

    class Service(models.TextChoices):
        RECORDING = "recording", _("recording")
        REPLACEMENT = "replacement", _("replacement")
        RENEWAL = "renewal", _("renewal")
        IKD = "ikd", _("IKD only")

    class State(models.TextChoices):
        EXPECTED = "expected", _("not yet seen")
        PRESENT = "present", _("present")
        RECORDED = "recorded", _("recorded")
        ALREADY_RECORDED = "already_recorded", _("already recorded earlier")
        FAILED = "failed", _("failed")
        ABSENT = "absent", _("absent")
        DECLINED = "declined", _("declined")
        UNDER_AGE = "under_age", _("under age")
        SERVED = "served", _("served")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    drive = models.ForeignKey("drives.Drive", models.CASCADE, related_name="visits")
    person = models.ForeignKey("students.Person", models.PROTECT, related_name="visits")
    school = models.ForeignKey("schools.School", models.PROTECT, null=True, related_name="+")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=13, choices=Kind, default=Kind.STUDENT)
    service = models.CharField(max_length=11, choices=Service, default=Service.RECORDING)
    is_walk_in = models.BooleanField(default=False)
    # Under which tablets know it that noted a guest, and could not know that the person had a visit already.
    guest_ids = ArrayField(models.UUIDField(), default=list, db_default=[], blank=True)
    # What a tablet told of the guest, and was left out or stands against what was known; a lead looks at it (`onsite.walk_ins`).
    doubts = ArrayField(models.CharField(max_length=16), default=list, db_default=[], blank=True)
    # For the slip's QR and the student's own link: random, revocable, never an id.
    token = models.CharField(max_length=32, unique=True)
    # For typing: six characters without look-alikes, unique in the drive.
    code = models.CharField(max_length=8)
    token_revoked_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.EXPECTED)
    reason = models.CharField(max_length=20, blank=True)
    # When and on which day of the office the state was reached.
    state_at = models.DateTimeField(null=True, blank=True)
    state_on = models.DateField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    # Given out at the arrival: the tablet's letter and its count, "B-07"; empty where no tablet gave one.
    queue_number = models.CharField(max_length=8, blank=True)
    kit = models.ForeignKey("drives.Kit", models.PROTECT, null=True, blank=True, related_name="+")
    # Two devices said different things; both are kept and a lead decides.
    has_conflict = models.BooleanField(default=False)
    # The second outcome: empty, or the kind of the event that counts, with its reason.
    ikd_state = models.CharField(max_length=16, blank=True)
    ikd_reason = models.CharField(max_length=20, blank=True)
    ikd_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = VisitQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["drive", "state"]), models.Index(fields=["school", "state_on"])]
        constraints = [
            models.UniqueConstraint(fields=["drive", "person"], name="person_visits_a_drive_once"),
            models.UniqueConstraint(fields=["drive", "code"], name="slip_code_is_unique_in_its_drive"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["recorded", "already_recorded"]) | models.Q(state_on__isnull=False),
                name="recording_has_its_day",
            ),
        ]
        triggers = keeps_recorded_on()

    def __str__(self) -> str:
        return f"{self.person_id} {self.state}"

    def is_open_on(self, day: date) -> bool:
        """As `is_open_on` asks the database."""
        if self.state == Visit.State.EXPECTED:
            return True
        return self.state in UNSETTLED and self.state_on is not None and self.state_on < day


class VisitEvent(models.Model):
    """A fact, stored exactly once however often it is sent. The id is made by the client."""

    class Kind(models.TextChoices):
        ARRIVED = "arrived", _("arrived")
        RECORDED = "recorded", _("recorded")
        ALREADY_RECORDED = "already_recorded", _("already recorded earlier")
        FAILED = "failed", _("failed")
        ABSENT = "absent", _("absent")
        DECLINED = "declined", _("declined")
        UNDER_AGE = "under_age", _("under age")
        SERVED = "served", _("served")
        UNDONE = "undone", _("undone")
        # A second outcome beside the first, with a standing of its own.
        IKD_ACTIVATED = "ikd_activated", _("IKD activated")
        IKD_FAILED = "ikd_failed", _("IKD not activated")

    class Reason(models.TextChoices):
        NONE = "", ""
        BIOMETRIC = "biometric", _("biometrics failed")
        NIK_NOT_FOUND = "nik_not_found", _("NIK not found or not active")
        DATA_MISMATCH = "data_mismatch", _("data do not match")
        KIT_BROKEN = "kit_broken", _("kit broken")
        NETWORK_DOWN = "network_down", _("network or server down")
        OUT_OF_TIME = "out_of_time", _("ran out of time")
        SICK = "sick", _("sick")
        EXCUSED = "excused", _("excused")
        UNEXPLAINED = "unexplained", _("unexplained")
        CORRECTION = "correction", _("correction")
        NO_PHONE = "no_phone", _("no smartphone")
        NO_DATA = "no_data", _("no data quota or no signal")
        NO_EMAIL = "no_email", _("no e-mail address")
        FACE_MISMATCH = "face_mismatch", _("face did not match")
        OTHER_PHONE = "other_phone", _("phone holds another identity")
        IKD_SERVER_DOWN = "ikd_server_down", _("IKD service down")
        DECLINED_IKD = "declined_ikd", _("did not want to")

    id = models.UUIDField(primary_key=True)
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="events")
    drive = models.ForeignKey("drives.Drive", models.CASCADE, related_name="+")
    school = models.ForeignKey("schools.School", models.PROTECT, null=True, related_name="+")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    # For `undone`, and for a correction: the event that no longer counts.
    target = models.UUIDField(null=True)
    device = models.ForeignKey("drives.Device", models.PROTECT, null=True, related_name="events")
    # Who speaks and in which order: a tablet's own count, or the session of a browser that is online.
    source = models.CharField(max_length=60)
    source_sequence = models.PositiveBigIntegerField()
    device_at = models.DateTimeField()
    received_at = models.DateTimeField()
    # How far the device's clock was behind the server's when it sent this; 0 for what the network takes.
    skew_seconds = models.IntegerField(default=0, db_default=0)
    # The day of the office on which it happened; what the coverage counts by.
    day = models.DateField()
    operator = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")
    kit = models.ForeignKey("drives.Kit", models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    # Of an arrival: the number that the tablet gave out.
    queue_number = models.CharField(max_length=8, blank=True)

    class Meta:
        indexes = [models.Index(fields=["drive", "received_at"]), models.Index(fields=["school", "day"])]
        constraints = [models.UniqueConstraint(fields=["source", "source_sequence"], name="source_counts_its_events_once")]
        triggers = [pgtrigger.Protect(name="events_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} {self.visit_id}"


class DayClose(models.Model):
    """The evening's tally against each kit's own count. A snapshot; what comes later is a Correction."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    drive_day = models.OneToOneField("drives.DriveDay", models.CASCADE, related_name="close")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey("schools.User", models.PROTECT, related_name="+")
    # {"recorded": 148, "failed": 2 …} as the app counts.
    tally = models.JSONField()
    # [{"kit", "counted", "reported", "reason"}]
    kit_counts = models.JSONField(default=list)
    signed_by_name = models.CharField(_("signed by"), max_length=120)

    def __str__(self) -> str:
        return f"{self.drive_day_id}"


@tracked()
class Correction(models.Model):
    """What arrived after a day was closed: it stands beside the snapshot with both dates."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    drive_day = models.ForeignKey("drives.DriveDay", models.CASCADE, related_name="corrections")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    event = models.OneToOneField(VisitEvent, models.CASCADE, related_name="correction")
    day = models.DateField()
    noted_on = models.DateField()

    def __str__(self) -> str:
        return f"{self.day} {self.noted_on}"
