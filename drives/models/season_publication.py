"""Turns of a season on their way to the schools: looked at, published and, where nothing has left yet, taken back."""

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from schools.history import tracked
from schools.models import Role

if TYPE_CHECKING:
    from schools.models import User


class SeasonPublicationQuerySet(models.QuerySet["SeasonPublication"]):
    def visible_to(self, user: "User") -> Self:
        """Planners of the office, and those of the offices above it."""
        return self.filter(office__in=user.office_ids([Role.PLANNER]))

    def unfinished(self) -> Self:
        """Those at which a worker is, or should be."""
        return self.filter(status__in=SeasonPublication.WORK)


@tracked(exclude=["claimed_at", "claimed_by", "beat_at"])
class SeasonPublication(models.Model):
    """One choice of turns. A worker looks at each of them, publishes them once that is confirmed, and may take them back."""

    class Step(models.TextChoices):
        CHECK = "check", _("preview")
        PUBLISH = "publish", _("publication")
        WITHDRAW = "withdraw", _("withdrawal")

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting for the worker")
        WORKING = "working", _("under way")
        DONE = "done", _("done")

    WORK = ("waiting", "working")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    season = models.ForeignKey("drives.Season", models.CASCADE, related_name="publications")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    # What is done now, or was done last, and how far it is.
    step = models.CharField(max_length=8, choices=Step, default=Step.CHECK)
    status = models.CharField(max_length=7, choices=Status, default=Status.WAITING)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("schools.User", models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey("schools.User", models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey("schools.User", models.PROTECT, null=True, blank=True, related_name="+")
    # Who works on it, since when, and when it was last heard of; a claim whose worker is silent is taken over.
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=80, blank=True)
    beat_at = models.DateTimeField(null=True, blank=True)
    # The turn under way is finished; the others stay as they are.
    stop_asked_at = models.DateTimeField(null=True, blank=True)

    objects = SeasonPublicationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["season", "-asked_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["season"],
                condition=models.Q(status__in=["waiting", "working"]),
                name="season_has_one_publication_under_way",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="working") | models.Q(claimed_at__isnull=False, beat_at__isnull=False),
                name="season_publication_is_worked_on_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(step="check") | models.Q(confirmed_at__isnull=False),
                name="season_publication_is_confirmed_before_it_leaves",
            ),
            models.CheckConstraint(
                condition=~models.Q(step="withdraw") | models.Q(withdrawn_at__isnull=False),
                name="season_publication_is_withdrawn_at_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.asked_at}"

    @property
    def is_under_way(self) -> bool:
        return self.status in self.WORK


class SeasonPublicationTurn(models.Model):
    """One school's turn in a publication: what would become of it, and what did."""

    class State(models.TextChoices):
        WAITING = "waiting", _("not looked at yet")
        READY = "ready", _("ready")
        BLOCKED = "blocked", _("cannot be published")
        PUBLISHED = "published", _("published")
        REFUSED = "refused", _("not published")
        WITHDRAWN = "withdrawn", _("a draft again")
        KEPT = "kept", _("stays published")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    publication = models.ForeignKey(SeasonPublication, models.CASCADE, related_name="turns")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    # The draft that it was, or the drive that it became.
    drive = models.ForeignKey("drives.Drive", models.SET_NULL, null=True, blank=True, related_name="+")
    days = ArrayField(models.DateField())
    # Names what was looked at; if it is something else by now, the turn is looked at again.
    seen = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    # To be done in the step under way. Kept in one transaction with what is done, so that nothing is done twice or forgotten.
    is_due = models.BooleanField(default=True)
    tries = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    # Why it is blocked, refused or kept.
    code = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    places = models.PositiveIntegerField(default=0)
    # With a place: all, and those who get it by this publication.
    seated = models.PositiveIntegerField(default=0)
    newly_seated = models.PositiveIntegerField(default=0)
    # {reason of planning: [ids of persons]}
    left_over = models.JSONField(default=dict, blank=True)
    without_consent = models.PositiveIntegerField(default=0)
    school_emails = models.PositiveIntegerField(default=0)
    class_emails = models.PositiveIntegerField(default=0)
    class_texts = models.PositiveIntegerField(default=0)
    classes_without_address = models.PositiveIntegerField(default=0)
    first_notice_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["publication", "is_due"])]
        constraints = [
            models.UniqueConstraint(fields=["publication", "school"], name="school_is_published_once_in_a_publication"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["published", "withdrawn", "kept"]) | models.Q(done_at__isnull=False),
                name="season_turn_is_published_at_a_moment",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["blocked", "refused", "kept"]) | ~models.Q(reason=""),
                name="season_turn_is_refused_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.school_id}"
