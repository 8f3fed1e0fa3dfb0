"""A roster on its way in: the upload, and the changeset that waits for a yes. Nothing else is written before approval."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from schools.history import tracked
from schools.models import Role

if TYPE_CHECKING:
    from schools.models import User


class RosterUploadQuerySet(models.QuerySet["RosterUpload"]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(models.Q(office__in=user.office_ids([Role.PLANNER])) | models.Q(school__in=user.school_ids()))


@tracked(exclude=["file_sealed", "questions_sealed", "claimed_at", "claimed_by", "rows_done", "tries", "imports_before"])
class RosterUpload(models.Model):
    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        READING = "reading", _("being read")
        QUESTIONS = "questions", _("columns to be explained")
        REVIEW = "review", _("to be reviewed")
        APPROVED = "approved", _("approved, waiting")
        APPLYING = "applying", _("being imported")
        APPLIED = "applied", _("imported")
        REFUSED = "refused", _("refused")
        CANCELLED = "cancelled", _("cancelled")
        UNDONE = "undone", _("undone")
        REPAIRED = "repaired", _("repairs taken over")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="roster_uploads")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    uploaded_by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    filename = models.CharField(max_length=200)
    # Sealed under this row's id; emptied after the office's retention days.
    file_sealed = models.BinaryField(null=True)
    file_digest = models.BinaryField(max_length=32)
    status = models.CharField(max_length=9, choices=Status, default=Status.WAITING)
    # Who works on it and since when; a claim older than the lease is taken over.
    claimed_at = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=80, blank=True)
    # How often a worker has begun to read it; a file that ends its reader time and again is refused.
    tries = models.PositiveSmallIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)
    format = models.CharField(max_length=20, blank=True)
    school_name_found = models.CharField(max_length=200, blank=True)
    # What is asked about its columns, with examples from the file: sealed under this row's id, emptied with the answer.
    questions_sealed = models.BinaryField(null=True)
    # [[heading as in the file, normalised, field or ""]]: the answers by which it was read.
    explained = models.JSONField(default=list)
    school_year = models.PositiveSmallIntegerField(null=True)
    # Imports of this school when the rows were compared; one more since, and they are compared anew.
    imports_before = models.PositiveIntegerField(default=0)
    # {"new": 431, "changed": 0, "unchanged": 6, "moved": 3, "similar": 0, "missing": 0, "held": 2, "without_nik": 10 …}
    counts = models.JSONField(default=dict)
    refusal_code = models.CharField(max_length=40, blank=True)
    refusal_message = models.TextField(blank=True)
    read_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")
    # The first import of a file whose remaining lines this upload brings: the same file, sealed anew, with more repairs.
    follows = models.ForeignKey("self", models.PROTECT, null=True, related_name="follow_ups")
    # For an error file that came back: the upload that its repairs went to.
    repairs_to = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")

    objects = RosterUploadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["follows"],
                condition=models.Q(status__in=["waiting", "reading", "questions", "review", "approved", "applying"]),
                name="an_import_has_one_open_follow_up",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "-created_at"]),
            models.Index(
                fields=["created_at"],
                condition=models.Q(status__in=["waiting", "reading", "approved", "applying"]),
                name="roster_upload_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def standing(self) -> "Standing":
        """The status as a chip shows it."""
        tones = {
            "questions": "wait",
            "review": "wait",
            "applied": "ok",
            "refused": "stop",
            "cancelled": "neutral",
            "undone": "neutral",
            "repaired": "ok",
        }
        status = RosterUpload.Status(self.status)
        return Standing(str(status.label).capitalize(), tones.get(status.value, "info"))


@tracked()
class HeadingAnswer(models.Model):
    """What a heading means in the files of one school, as a person has said; asked once, used every month."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    school = models.ForeignKey("schools.School", models.CASCADE, related_name="heading_answers")
    # As `columns.normalise` writes it.
    heading = models.CharField(max_length=200)
    # A field of `columns.SYNONYMS`; "" for none of them.
    field = models.CharField(max_length=20, blank=True)
    # Nobody for what the command line was told.
    answered_by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "heading"], name="a_school_explains_a_heading_once"),
        ]

    def __str__(self) -> str:
        return f"{self.heading} = {self.field or '–'}"


@dataclass(frozen=True)
class Standing:
    label: str
    tone: str


@dataclass(frozen=True)
class Change:
    """One value of a pupil, old and new."""

    label: str
    old: str
    new: str


CHANGE_LABELS = {
    "name": _("Name"),
    "sex": _("Sex"),
    "birth_date": _("Birth date"),
    "birth_place": _("Birth place"),
    "nisn": "NISN",
    "class": _("Class"),
    "phone": _("Phone"),
    "address": _("Address"),
    "domicile": _("Domicile"),
}


class RosterRow(models.Model):
    """One line of a file, or (section `missing`) one pupil who is not in it.

    What a line makes takes its id: the person (so that the sealed NIK stays valid) and the enrolment.
    """

    class Section(models.TextChoices):
        HELD = "held", _("needs repair")
        MOVED = "moved", _("moved school")
        SIMILAR = "similar", _("similar")
        CHANGED = "changed", _("changed")
        NEW = "new", _("new")
        UNCHANGED = "unchanged", _("already there")
        MISSING = "missing", _("not in the file")
        GRADUATED = "graduated", _("graduated")

    class Decision(models.TextChoices):
        NONE = "", _("no decision")
        ACCEPT = "accept", _("accept")
        REJECT = "reject", _("leave out")
        KEEP_BOTH = "keep_both", _("keep both")
        SAME_PERSON = "same_person", _("the same person")
        LEFT = "left", _("left the school")
        GRADUATED = "graduated", _("graduated")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # A desk, not an archive: thousands of rows come and go, and no foreign key is checked for each of them.
    upload = models.ForeignKey(RosterUpload, models.CASCADE, related_name="rows", db_constraint=False, db_index=False)
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    # As Excel shows it; 0 for a pupil who is not in the file.
    row_number = models.PositiveIntegerField()
    sheet = models.CharField(max_length=60, blank=True)
    section = models.CharField(max_length=9, choices=Section)
    decision = models.CharField(max_length=11, choices=Decision, blank=True, default=Decision.NONE)
    name = models.CharField(max_length=120, blank=True)
    search_name = models.CharField(max_length=120, blank=True, default="")
    sex = models.CharField(max_length=1, blank=True)
    birth_date = models.DateField(null=True)
    birth_place = models.CharField(max_length=60, blank=True)
    nik_sealed = models.BinaryField(null=True)
    nik_digest = models.BinaryField(max_length=32, null=True)
    nik_problem = models.CharField(max_length=40, blank=True, default="")
    nisn = models.CharField(max_length=10, blank=True)
    grade = models.PositiveSmallIntegerField(null=True)
    class_name = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=16, blank=True)
    address = models.CharField(max_length=200, blank=True)
    domicile_code = models.CharField(max_length=13, blank=True)
    city_code = models.CharField(max_length=5, blank=True)
    # The person this line is about; for `similar` the one it resembles, for somebody new (`made_person`) the one to be made.
    person = models.ForeignKey("students.Person", models.SET_NULL, null=True, related_name="+", db_constraint=False)
    made_person = models.BooleanField(default=False)
    # {"class": ["XI 1", "XII 1"]}: what changes, old and new; never a NIK.
    changes = models.JSONField(default=dict)
    # [{"column", "code", "level", "message"}]; never a NIK.
    problems = models.JSONField(default=list)
    # {"before": …, "after": …}: the pupil and the live enrolment around the import, so that it can be undone; never a NIK.
    # A NIK that the import replaced lies in `nik_sealed`, under this row's id.
    trace = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["upload", "section", "row_number"])]

    def __str__(self) -> str:
        return f"{self.upload_id}:{self.row_number}"

    @property
    def keeps_nik(self) -> bool:
        """The pupil's number is known already: a damaged one in the file takes nothing away."""
        known = self.person if self.section in (self.Section.CHANGED, self.Section.UNCHANGED) else None
        return known is not None and known.has_nik

    @property
    def shown_changes(self) -> list[Change]:
        """Old and new of each value; a repaired NIK is only named."""
        shown = [Change(str(CHANGE_LABELS[key]), *values) for key, values in self.changes.items() if key in CHANGE_LABELS]
        return shown + ([Change("NIK", "", str(_("repaired")))] if "nik" in self.changes else [])


@tracked(exclude=["cells_sealed", "is_read"])
class RosterRepair(models.Model):
    """What a person wrote in place of some cells of one line of a file. Laid over the file each time it is read."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    upload = models.ForeignKey(RosterUpload, models.CASCADE, related_name="repairs")
    # As the rows of the upload name their line.
    sheet = models.CharField(max_length=60, blank=True)
    row_number = models.PositiveIntegerField()
    # Names of the fields alone; what was written, a NIK perhaps, is sealed under this row's id.
    fields = models.JSONField(default=list)
    cells_sealed = models.BinaryField()
    # Whether the upload has been read since.
    is_read = models.BooleanField(default=False)
    by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "sheet", "row_number"], name="a_line_has_one_repair")]

    def __str__(self) -> str:
        return f"{self.upload_id}:{self.row_number}"
