"""Named people and what they may do: a role, within an office or a school, from a day until a day."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from schools.history import tracked
from schools.models.office import Office

if TYPE_CHECKING:
    from schools.models.school import School


class Role(models.TextChoices):
    PLANNER = "planner", _("planner")
    LEAD_OPERATOR = "lead_operator", _("lead operator")
    OPERATOR = "operator", _("operator")
    SCHOOL_ADMIN = "school_admin", _("school administrator")
    OFFICIAL = "official", _("official")
    SYSTEM_ADMIN = "system_admin", _("system administrator")


# Who may look at persons of an office; officials see counts, and operators the drive of the day only.
PERSON_ROLES = (Role.PLANNER, Role.LEAD_OPERATOR)


@tracked(exclude=["password", "last_login"])
class User(AbstractUser):
    class ColourScheme(models.TextChoices):
        AUTO = "auto", _("as the device")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(
        _("language"), max_length=2, choices=[("id", "Bahasa Indonesia"), ("en", "English")], default="id"
    )
    colour_scheme = models.CharField(_("colour scheme"), max_length=5, choices=ColourScheme, default=ColourScheme.LIGHT)

    REQUIRED_FIELDS = ["name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._grants: list[Grant] | None = None
        self._offices_within: dict[frozenset[UUID], set[UUID]] = {}

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def grants_today(self) -> "list[Grant]":
        """Grants in force today, read once for each object."""
        if self._grants is None:
            self._grants = list(Grant.objects.filter(user=self).in_force(timezone.localdate()).select_related("office", "school"))
        return self._grants

    def has_role(self, *roles: str) -> bool:
        return any(grant.role in roles for grant in self.grants_today())

    def office_ids(self, roles: Iterable[str] = Role.values) -> set[UUID]:
        """Offices, with all below them, in which this person holds one of the roles; each tree is read once."""
        wanted = set(roles)
        held = frozenset(grant.office_id for grant in self.grants_today() if grant.office_id and grant.role in wanted)
        if held and held not in self._offices_within:
            self._offices_within[held] = set(Office.objects.within({*held}).values_list("pk", flat=True))
        return set(self._offices_within.get(held, ()))

    def school_ids(self) -> set[UUID]:
        return {grant.school_id for grant in self.grants_today() if grant.school_id}

    def home_name(self) -> str:
        """The office or school that stands beside the name on every page."""
        grants = self.grants_today()
        return str(grants[0].school or grants[0].office) if grants else ""

    def home_office(self) -> Office | None:
        return next((grant.office for grant in self.grants_today() if grant.office), None)

    def home_school(self) -> "School | None":
        return next((grant.school for grant in self.grants_today() if grant.school), None)


class GrantQuerySet(models.QuerySet["Grant"]):
    def in_force(self, day: date) -> Self:
        return self.filter(models.Q(ends_on=None) | models.Q(ends_on__gte=day), starts_on__lte=day)


@tracked()
class Grant(models.Model):
    """One role in one scope. `docs/permissions.md` says what it allows."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="grants", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=14, choices=Role)
    office = models.ForeignKey(
        "schools.Office", models.CASCADE, null=True, blank=True, related_name="grants", verbose_name=_("office")
    )
    school = models.ForeignKey(
        "schools.School", models.CASCADE, null=True, blank=True, related_name="grants", verbose_name=_("school")
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role=Role.SCHOOL_ADMIN, school__isnull=False, office__isnull=True)
                | (~models.Q(role=Role.SCHOOL_ADMIN) & models.Q(school__isnull=True, office__isnull=False)),
                name="grant_has_the_scope_of_its_role",
                violation_error_message=_("A school administrator needs a school; every other role needs an office."),
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")), name="grant_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.school or self.office}"
