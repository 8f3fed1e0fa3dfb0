"""Timeslots and the places in them."""

from typing import TYPE_CHECKING, Self

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from drives.models.drive import HALF_OPEN, Standing, TsTzRange
from schools.history import tracked
from schools.models import PERSON_ROLES

if TYPE_CHECKING:
    from schools.models import User


@tracked(exclude=["places_taken"])
class Timeslot(models.Model):
    """A stretch of a session with a number of places. `places_taken` belongs to the appointments' trigger alone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    drive = models.ForeignKey("drives.Drive", models.CASCADE, related_name="timeslots")
    drive_day = models.ForeignKey("drives.DriveDay", models.CASCADE, related_name="timeslots")
    session = models.ForeignKey("drives.DriveSession", models.CASCADE, related_name="timeslots")
    # The session's hours, kept equal by a composite foreign key, so that a CHECK can see them.
    session_starts_at = models.DateTimeField()
    session_ends_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    places = models.PositiveSmallIntegerField()
    places_taken = models.PositiveSmallIntegerField(default=0)
    # Taken away by a change of a published schedule; it stays only for the appointments that ended with it.
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = Standing()
    everything = models.Manager()

    class Meta:
        indexes = [models.Index(fields=["drive", "starts_at"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(places_taken__lte=models.F("places")), name="timeslot_never_holds_more_than_its_places"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    starts_at__gte=models.F("session_starts_at"),
                    ends_at__lte=models.F("session_ends_at"),
                    ends_at__gt=models.F("starts_at"),
                ),
                name="timeslot_lies_inside_its_session",
            ),
            ExclusionConstraint(
                name="timeslots_of_a_day_do_not_overlap",
                expressions=[
                    ("drive_day", RangeOperators.EQUAL),
                    (TsTzRange("starts_at", "ends_at", HALF_OPEN), RangeOperators.OVERLAPS),
                ],
                condition=models.Q(withdrawn_at=None),
            ),
            models.UniqueConstraint(fields=["id", "drive"], name="timeslot_with_its_drive"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="places_taken_is_counted",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("places_taken"),
                func="""
                    IF TG_OP = 'INSERT' THEN
                        NEW.places_taken := 0;
                    ELSIF NEW.places_taken IS DISTINCT FROM OLD.places_taken AND pg_trigger_depth() < 2 THEN
                        RAISE EXCEPTION 'places_taken is counted from appointments' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at}"

    @property
    def places_left(self) -> int:
        return self.places - self.places_taken

    @property
    def is_full(self) -> bool:
        return self.places_taken >= self.places


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def live(self) -> Self:
        return self.filter(ending="")

    def standing(self) -> Self:
        """Live ones, and those that were kept: they hold or held a place."""
        return self.filter(ending__in=["", Appointment.Ending.KEPT])

    def due(self) -> Self:
        """Standing ones, and those that ended only after their day was closed: who was due on a closed day stays so."""
        is_of_closed_day = models.Q(ended_at__gte=models.F("timeslot__drive_day__close__closed_at"))
        return self.filter(models.Q(ending__in=["", Appointment.Ending.KEPT]) | is_of_closed_day)

    def visible_to(self, user: "User") -> Self:
        return self.filter(models.Q(office__in=user.office_ids(PERSON_ROLES)) | models.Q(school__in=user.school_ids()))


COUNT_PLACES = """
    IF TG_OP IN ('UPDATE', 'DELETE') AND OLD.ending IN ('', 'kept') THEN
        IF TG_OP = 'UPDATE' AND NEW.ending IN ('', 'kept')
           AND NEW.timeslot_id = OLD.timeslot_id AND NEW.places = OLD.places THEN
            RETURN NULL;
        END IF;
        UPDATE drives_timeslot SET places_taken = places_taken - OLD.places WHERE id = OLD.timeslot_id;
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') AND NEW.ending IN ('', 'kept') THEN
        UPDATE drives_timeslot SET places_taken = places_taken + NEW.places WHERE id = NEW.timeslot_id;
    END IF;
    RETURN NULL;
"""

REFUSE_THE_RECORDED = """
    IF NEW.ending = '' AND EXISTS (
        SELECT 1 FROM students_person WHERE id = NEW.person_id AND recorded_on IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'this person needs no recording'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appointment_is_for_who_needs_recording';
    END IF;
    RETURN NEW;
"""


@tracked()
class Appointment(models.Model):
    """A person's place in a timeslot. It ends as kept, moved or cancelled; a move makes a new one."""

    class Ending(models.TextChoices):
        LIVE = "", _("live")
        KEPT = "kept", _("kept")
        MOVED = "moved", _("moved")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    drive = models.ForeignKey("drives.Drive", models.CASCADE, related_name="appointments")
    timeslot = models.ForeignKey(Timeslot, models.PROTECT, related_name="appointments")
    person = models.ForeignKey("students.Person", models.PROTECT, related_name="appointments")
    school = models.ForeignKey("schools.School", models.PROTECT, null=True, related_name="+")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    class_group = models.ForeignKey("students.ClassGroup", models.SET_NULL, null=True, blank=True, related_name="+")
    places = models.PositiveSmallIntegerField(default=1)
    # Moved by hand: assigning again leaves it where it is.
    is_pinned = models.BooleanField(default=False)
    ending = models.CharField(max_length=9, choices=Ending, blank=True, default=Ending.LIVE)
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")
    moved_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["drive", "ending"]), models.Index(fields=["timeslot"])]
        constraints = [
            models.UniqueConstraint(
                fields=["drive", "person"], condition=models.Q(ending=""), name="person_has_one_live_appointment_in_a_drive"
            ),
            models.CheckConstraint(
                condition=models.Q(places__gte=1, places__lte=3), name="appointment_takes_one_to_three_places"
            ),
            models.CheckConstraint(
                condition=models.Q(ending="", ended_at=None) | (~models.Q(ending="") & models.Q(ended_at__isnull=False)),
                name="appointment_ends_at_a_moment",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="places_are_counted",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=COUNT_PLACES,
            ),
            pgtrigger.Trigger(
                name="only_who_needs_recording", when=pgtrigger.Before, operation=pgtrigger.Insert, func=REFUSE_THE_RECORDED
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.timeslot_id}"
