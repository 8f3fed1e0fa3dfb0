"""A proposal for a season: a difference to the plan in force, to be accepted or dropped."""

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from drives.models.season import Part, Season
from schools.history import tracked
from schools.models import Role

if TYPE_CHECKING:
    from schools.models import User


class SeasonProposalQuerySet(models.QuerySet["SeasonProposal"]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(office__in=user.office_ids([Role.PLANNER]))

    def open(self) -> Self:
        """Not yet decided upon."""
        return self.filter(status__in=SeasonProposal.OPEN)


PROGRESS = ("claimed_at", "claimed_by", "beat_at", "tries", "phase", "objective", "bound", "gap", "seconds")


@tracked(exclude=[*PROGRESS, "unplaced"])
class SeasonProposal(models.Model):
    """A plan to say yes or no to. Its cards can be accepted from the first moment on, while a better plan is searched."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting for the search")
        SOLVING = "solving", _("being searched")
        READY = "ready", _("ready")
        FAILED = "failed", _("search failed")
        ACCEPTED = "accepted", _("accepted")
        DROPPED = "dropped", _("dropped")

    class Method(models.TextChoices):
        GREEDY = "greedy", _("first plan")
        SOLVER = "solver", _("searched plan")

    class Phase(models.TextChoices):
        NONE = "", ""
        READING = "reading", _("reading schools and days")
        SEARCHING = "searching", _("searching")
        COMPARING = "comparing", _("comparing with the plan in force")

    OPEN = ("waiting", "solving", "ready", "failed")
    WORK = ("waiting", "solving")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    season = models.ForeignKey(Season, models.CASCADE, related_name="proposals")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("schools.User", models.PROTECT, null=True, blank=True, related_name="+")
    # Who searches, since when, and when it was last heard of; a claim whose worker is silent is taken over.
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=80, blank=True)
    beat_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    seconds_limit = models.PositiveSmallIntegerField(default=60, validators=[MinValueValidator(1), MaxValueValidator(900)])
    # The search is to end with the best plan it has.
    stop_asked_at = models.DateTimeField(null=True, blank=True)
    phase = models.CharField(max_length=9, choices=Phase, blank=True, default=Phase.NONE)
    # How the cards that stand here were found, and how good they are proven to be.
    method = models.CharField(max_length=6, choices=Method, default=Method.GREEDY)
    objective = models.FloatField(null=True, blank=True)
    bound = models.FloatField(null=True, blank=True)
    gap = models.FloatField(null=True, blank=True)
    seconds = models.FloatField(default=0)
    failure = models.TextField(blank=True)
    # [{"school": id, "name": …, "people": n, "code": …, …}]
    unplaced = models.JSONField(default=list, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("schools.User", models.PROTECT, null=True, blank=True, related_name="+")

    objects = SeasonProposalQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["season", "-asked_at"]),
            models.Index(
                fields=["asked_at"], condition=models.Q(status__in=["waiting", "solving"]), name="season_proposal_unfinished"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["season"],
                condition=models.Q(status__in=["waiting", "solving", "ready", "failed"]),
                name="season_has_one_open_proposal",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="solving") | models.Q(claimed_at__isnull=False, beat_at__isnull=False),
                name="season_proposal_is_searched_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["accepted", "dropped"], decided_at__isnull=False)
                | models.Q(status__in=["waiting", "solving", "ready", "failed"], decided_at=None),
                name="season_proposal_decided_at_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.asked_at}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN


class SeasonProposalCard(models.Model):
    """One school's turn in a proposal, and what it would change in the plan in force."""

    class Change(models.TextChoices):
        NEW = "new", _("new")
        MOVED = "moved", _("moved")
        REMOVED = "removed", _("removed")
        SAME = "same", _("unchanged")

    class Decision(models.TextChoices):
        NONE = "", ""
        ACCEPT = "accept", _("accept")
        REJECT = "reject", _("reject")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    proposal = models.ForeignKey(SeasonProposal, models.CASCADE, related_name="cards")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    # No days where the school would lose its turn.
    days = ArrayField(models.DateField(), default=list, blank=True)
    kits = models.PositiveSmallIntegerField(default=0)
    part = models.CharField(max_length=9, choices=Part, default=Part.DAY)
    people = models.PositiveIntegerField(default=0)
    seventeen = models.PositiveIntegerField(default=0)
    places = models.PositiveIntegerField(default=0)
    why = models.JSONField(default=list, blank=True)
    change = models.CharField(max_length=7, choices=Change)
    # The turn in force when the proposal was compared, where there was one.
    before_days = ArrayField(models.DateField(), default=list, blank=True)
    before_kits = models.PositiveSmallIntegerField(default=0)
    before_part = models.CharField(max_length=9, choices=Part, default=Part.DAY)
    decision = models.CharField(max_length=6, choices=Decision, blank=True, default=Decision.NONE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "school"], name="school_has_one_card_in_a_proposal"),
            models.CheckConstraint(
                condition=models.Q(change="removed", days__len=0)
                | (~models.Q(change="removed") & models.Q(days__len__gte=1, kits__gte=1)),
                name="proposed_turn_has_a_day_and_a_kit",
            ),
            models.CheckConstraint(condition=models.Q(part__in=Part.values), name="proposed_turn_has_a_known_part"),
            models.CheckConstraint(
                condition=models.Q(change="new", before_days__len=0) | ~models.Q(change="new"),
                name="a_new_turn_has_nothing_before_it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.change} {self.school_id}"
