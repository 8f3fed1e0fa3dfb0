"""Who is to be recorded. One NIK is one person in the whole database."""

from datetime import date
from typing import TYPE_CHECKING, Self

import pgtrigger
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from schools.history import tracked
from schools.models import PERSON_ROLES, Role
from schools.names import normalise

if TYPE_CHECKING:
    from schools.models import User


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, user: "User") -> Self:
        """An office its persons, a school its own pupils, an official nobody."""
        return self.filter(
            models.Q(office__in=user.office_ids(PERSON_ROLES)) | models.Q(school__in=user.school_ids()), anonymised_at=None
        )

    def needing_recording(self) -> Self:
        """The one definition; see `docs/adr/0002-needs-recording.md`. Triggers of `drives` keep the column."""
        return self.filter(recorded_on=None)

    def matching(self, text: str) -> Self:
        """All words, in any order, without accents; digits find an NISN from its beginning."""
        found = self
        for word in normalise(text).split():
            by_name = models.Q(search_name__contains=word)
            found = found.filter(by_name | models.Q(enrolments__nisn__startswith=word) if word.isdigit() else by_name)
        return found


@tracked(exclude=["updated_at"])
class Person(models.Model):
    """A pupil, or somebody who came to a drive. No biometrics, photographs or diagnoses, ever."""

    class Sex(models.TextChoices):
        MALE = "L", _("male")
        FEMALE = "P", _("female")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=120)
    search_name = models.CharField(max_length=120)
    sex = models.CharField(_("sex"), max_length=1, choices=Sex, blank=True)
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    birth_place = models.CharField(_("birth place"), max_length=60, blank=True)
    # Sealed under this row's id; found by the digest, which the second column lets us rotate.
    nik_sealed = models.BinaryField(null=True)
    nik_digest = models.BinaryField(max_length=32, null=True)
    nik_digest_next = models.BinaryField(max_length=32, null=True)
    # Why there is no usable NIK, as a problem code of the roster.
    nik_problem = models.CharField(max_length=40, blank=True)
    # What has no constraint in the database is checked by triggers, once for a statement:
    # `docs/adr/0007-references-checked-once-for-a-statement.md`.
    city = models.ForeignKey(
        "schools.Region",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("home city"),
        db_constraint=False,
        db_index=False,
    )
    domicile = models.ForeignKey(
        "schools.Region",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("domicile"),
        db_constraint=False,
        db_index=False,
    )
    address = models.CharField(_("address"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=16, blank=True)
    # Places in a timeslot: two or three for who needs extra time. Why is never stored.
    places_needed = models.PositiveSmallIntegerField(_("places needed"), default=1)
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="persons", db_constraint=False, db_index=False)
    # The school of the live enrolment, kept by a trigger; what scopes this row.
    school = models.ForeignKey(
        "schools.School",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="persons",
        db_constraint=False,
        db_index=False,
    )
    # Since when this person needs no recording; null while it is needed. Kept by triggers of `drives`.
    recorded_on = models.DateField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    anonymised_at = models.DateTimeField(null=True, blank=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["search_name"], opclasses=["gin_trgm_ops"], name="person_search_name_trigram"),
            models.Index(fields=["school", "search_name", "id"]),
            models.Index(fields=["office", "search_name", "id"]),
            models.Index(fields=["birth_date"], condition=models.Q(recorded_on=None), name="person_needing_by_birth_date"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["nik_digest"], name="one_nik_is_one_person"),
            models.UniqueConstraint(
                fields=["nik_digest_next"],
                condition=models.Q(nik_digest_next__isnull=False),
                name="one_nik_is_one_person_after_rotation",
            ),
            models.CheckConstraint(
                condition=models.Q(nik_sealed=None, nik_digest=None)
                | models.Q(nik_sealed__isnull=False, nik_digest__isnull=False),
                name="person_nik_is_sealed_and_digested_together",
            ),
            models.CheckConstraint(
                condition=models.Q(places_needed__gte=1, places_needed__lte=3), name="person_needs_one_to_three_places"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_nik(self) -> bool:
        return self.nik_digest is not None


class ClassGroupQuerySet(models.QuerySet["ClassGroup"]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(
            models.Q(school__office__in=user.office_ids([*PERSON_ROLES, Role.OPERATOR])) | models.Q(school__in=user.school_ids())
        )


@tracked()
class ClassGroup(models.Model):
    """A rombel in one school year; `school_year` 2026 is 2026/2027."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    school = models.ForeignKey("schools.School", models.CASCADE, related_name="class_groups")
    school_year = models.PositiveSmallIntegerField(_("school year"))
    grade = models.PositiveSmallIntegerField(_("grade"), null=True, blank=True)
    name = models.CharField(_("class"), max_length=60)
    homeroom_name = models.CharField(_("homeroom teacher"), max_length=120, blank=True)
    homeroom_email = models.EmailField(_("homeroom teacher's e-mail"), blank=True)
    homeroom_phone = models.CharField(_("homeroom teacher's phone"), max_length=16, blank=True)

    objects = ClassGroupQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "school_year", "name"], name="class_name_is_unique_in_its_year")]

    def __str__(self) -> str:
        return self.name


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(models.Q(office__in=user.office_ids(PERSON_ROLES)) | models.Q(school__in=user.school_ids()))

    def live(self) -> Self:
        return self.filter(ends_on=None)

    def as_of(self, day: date) -> Self:
        """Enrolled on that day: begun, and not ended before or on it."""
        return self.filter(models.Q(ends_on=None) | models.Q(ends_on__gt=day), starts_on__lte=day)


# Who is given a live enrolment has no other one (`person_is_enrolled_in_one_school_at_a_time`).
ENROLLED = """
    UPDATE students_person AS person SET school_id = begun.school_id
      FROM changed_rows AS begun
     WHERE person.id = begun.person_id AND begun.ends_on IS NULL AND person.school_id IS DISTINCT FROM begun.school_id;
    RETURN NULL;
"""
KEEP_SCHOOL = """
    UPDATE students_person AS person
       SET school_id = (
           SELECT live.school_id FROM students_enrolment AS live WHERE live.person_id = person.id AND live.ends_on IS NULL
       )
     WHERE person.id IN (SELECT person_id FROM changed_rows)
       AND person.school_id IS DISTINCT FROM (
           SELECT live.school_id FROM students_enrolment AS live WHERE live.person_id = person.id AND live.ends_on IS NULL
       );
    RETURN NULL;
"""


@tracked()
class Enrolment(models.Model):
    """A person at a school from a day until (not including) a day."""

    class EndReason(models.TextChoices):
        MOVED = "moved", _("moved to another school")
        LEFT = "left", _("left the school")
        GRADUATED = "graduated", _("graduated")
        NEW_YEAR = "new_year", _("new school year")
        UNDONE = "undone", _("the upload was undone")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="enrolments")
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="enrolments", db_constraint=False, db_index=False)
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    class_group = models.ForeignKey(
        ClassGroup, models.PROTECT, null=True, blank=True, related_name="enrolments", db_constraint=False
    )
    school_year = models.PositiveSmallIntegerField()
    nisn = models.CharField("NISN", max_length=10, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    end_reason = models.CharField(max_length=10, choices=EndReason, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["school", "nisn"])]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(ends_on=None), name="person_is_enrolled_in_one_school_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on=None, end_reason="") | (models.Q(ends_on__isnull=False) & ~models.Q(end_reason="")),
                name="enrolment_ends_with_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")),
                name="enrolment_ends_after_it_begins",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name=f"school_follows_{name}",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=operation,
                referencing=referencing,
                func=func,
            )
            for name, operation, referencing, func in (
                ("insert", pgtrigger.Insert, pgtrigger.Referencing(new="changed_rows"), ENROLLED),
                ("update", pgtrigger.Update, pgtrigger.Referencing(new="changed_rows"), KEEP_SCHOOL),
                ("delete", pgtrigger.Delete, pgtrigger.Referencing(old="changed_rows"), KEEP_SCHOOL),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} @ {self.school_id}"


class ConsentQuerySet(models.QuerySet["Consent"]):
    def newest_first(self) -> Self:
        return self.order_by("-at", "-id")

    def standing_for(self, person: str) -> Coalesce:
        """Whether the newest line of the person that the outer query names gives consent; without any line, no."""
        newest = self.filter(person=models.OuterRef(person)).newest_first().values("is_given")[:1]
        return Coalesce(models.Subquery(newest), False, output_field=models.BooleanField())


# What may still happen to a line: its texts are erased when the retention period ends.
ONLY_ERASE = """
    OLD.given_by := '';
    OLD.relation := '';
    OLD.reason := '';
    IF NEW IS NOT DISTINCT FROM OLD THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'pgtrigger: a line of consent is never changed';
"""


class Consent(models.Model):
    """A history: a parent's consent given or withdrawn. The newest line counts."""

    class Relation(models.TextChoices):
        FATHER = "father", _("father")
        MOTHER = "mother", _("mother")
        GUARDIAN = "guardian", _("guardian")

    class Channel(models.TextChoices):
        PAPER = "paper", _("paper form")
        WHATSAPP = "whatsapp", "WhatsApp"
        SPOKEN = "spoken", _("said at school")
        LETTER = "letter", _("letter or e-mail")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="consents")
    # Empty for a guest at a drive who is at no school of ours.
    school = models.ForeignKey("schools.School", models.PROTECT, null=True, related_name="+")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    is_given = models.BooleanField()
    # Who said so; empty where the name stands on the paper form alone.
    given_by = models.CharField(_("given by"), max_length=120, blank=True)
    relation = models.CharField(_("relation"), max_length=40, choices=Relation)
    wording_version = models.CharField(_("wording"), max_length=20)
    channel = models.CharField(_("how it came"), max_length=20, choices=Channel)
    # The day on which the parent said so, and the moment at which it was noted: that one decides which line is the newest.
    declared_on = models.DateField(_("day of the statement"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    at = models.DateTimeField()
    entered_by = models.ForeignKey("schools.User", models.PROTECT, related_name="+")

    objects = ConsentQuerySet.as_manager()

    class Meta:
        triggers = [
            pgtrigger.Trigger(
                name="consents_are_never_changed", operation=pgtrigger.Update, when=pgtrigger.Before, func=ONLY_ERASE
            ),
            pgtrigger.Protect(name="consents_are_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.is_given}"
