"""Who looked at what: page views of persons, reveals of a NIK, exports. Writes are kept by triggers (pghistory)."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Self
from uuid import UUID

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

if TYPE_CHECKING:
    from schools.models.user import User


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(office__in=user.office_ids(["system_admin", "planner"]))


class AuditEntry(models.Model):
    class Action(models.TextChoices):
        VIEWED = "viewed", _("viewed")
        REVEALED = "revealed", _("revealed")
        EXPORTED = "exported", _("exported")
        IMPORTED = "imported", _("imported")
        PUBLISHED = "published", _("published")
        CORRECTED = "corrected", _("corrected")
        LOOKED_UP = "looked_up", _("looked up")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField()
    by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=10, choices=Action)
    # What was touched: a model's label and a row's id, never a name or a NIK.
    subject = models.CharField(max_length=60)
    subject_id = models.UUIDField(null=True)
    office = models.ForeignKey("schools.Office", models.PROTECT, null=True, related_name="+")
    school = models.ForeignKey("schools.School", models.PROTECT, null=True, related_name="+")
    detail = models.JSONField(default=dict)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["office", "-at"]), models.Index(fields=["subject", "subject_id"])]
        triggers = [pgtrigger.Protect(name="audit_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


def record_access(
    *,
    action: AuditEntry.Action,
    subject: models.Model | str,
    by: "User | None",
    at: datetime,
    office_id: UUID | None = None,
    school_id: UUID | None = None,
    detail: Mapping[str, object] | None = None,
) -> AuditEntry:
    """Write one line of the audit trail. `detail` holds counts and codes, never personal data."""
    return AuditEntry.objects.create(
        action=action,
        subject=subject._meta.label if isinstance(subject, models.Model) else subject,
        subject_id=subject.pk if isinstance(subject, models.Model) else None,
        by=by,
        at=at,
        office_id=office_id,
        school_id=school_id,
        detail=dict(detail or {}),
    )
