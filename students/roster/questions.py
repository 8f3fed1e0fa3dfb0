"""What a school has said about the headings of its files: asked when unsure, remembered, changed."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from students import privacy
from students.models import HeadingAnswer, RosterUpload
from students.roster.asking import NEEDED, Asked, Question
from students.roster.columns import field_of

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise

    from schools.models import User

FIELDS: Final[Mapping[str, "StrOrPromise"]] = {
    "name": gettext_lazy("Full name"),
    "sex": gettext_lazy("Sex"),
    "birth_date": gettext_lazy("Birth date"),
    "birth": gettext_lazy("Birth place and date in one column"),
    "birth_place": gettext_lazy("Birth place"),
    "nik": "NIK",
    "nisn": "NISN",
    "class_name": gettext_lazy("Class"),
    "grade": gettext_lazy("Grade"),
    "major": gettext_lazy("Major"),
    "parallel": gettext_lazy("Number of the parallel class"),
    "family_card": gettext_lazy("Family card number (No. KK)"),
    "mobile": gettext_lazy("Mobile number"),
    "phone": gettext_lazy("Telephone"),
    "address": gettext_lazy("Address"),
    "rt": "RT",
    "rw": "RW",
    "village": gettext_lazy("Village (kelurahan)"),
    "district": gettext_lazy("District (kecamatan)"),
}
# More headings than any school has; what was answered first is forgotten first.
MOST_REMEMBERED: Final = 300


@dataclass(frozen=True, slots=True)
class Refusal:
    """A sentence, and the heading it stands beside; "" for the whole."""

    heading: str
    error: ValidationError


def answers_of(school_id: UUID) -> dict[str, str]:
    """Normalised heading → field, "" for none of them."""
    answers = HeadingAnswer.objects.filter(school=school_id).order_by("-answered_at", "-id")
    return dict(answers.values_list("heading", "field")[:MOST_REMEMBERED])


def sealed(asked: Asked, *, upload_id: UUID) -> bytes:
    return privacy.seal_bytes(json.dumps(asked.as_json(), ensure_ascii=False).encode(), row_id=upload_id)


def asked_about(upload: RosterUpload) -> Asked | None:
    """What this upload waits for; during the review the answers it was read by, to be changed; else None."""
    if upload.status == RosterUpload.Status.QUESTIONS and upload.questions_sealed:
        return Asked.of(json.loads(privacy.unseal_bytes(bytes(upload.questions_sealed), row_id=upload.pk)))
    if upload.status == RosterUpload.Status.REVIEW and upload.explained:
        return Asked(False, (), [Question(heading, shown, (), field) for shown, heading, field in upload.explained])
    return None


def choices(asked: Asked) -> list[tuple[str, "StrOrPromise"]]:
    """What a column can be: not what another column is already."""
    fields = [(name, label) for name, label in FIELDS.items() if name not in asked.found]
    return [*fields, ("", gettext_lazy("None of these"))]


def refusals(asked: Asked, answers: Mapping[str, str]) -> list[Refusal]:
    """Why these answers cannot be: codes `two_columns_one_field`, beside every such column, and `columns_missing`."""
    allowed = {name for name, _label in choices(asked)}
    given = {heading: field if field in allowed else "" for heading, field in answers.items()}
    times = Counter(filter(None, given.values()))
    found = [
        Refusal(
            heading,
            ValidationError(
                _("%(field)s can be only one column. Choose it for one of them."),
                code="two_columns_one_field",
                params={"field": FIELDS[field]},
            ),
        )
        for heading, field in given.items()
        if times[field] > 1
    ]
    known = {*asked.found, *times}
    missing = [group for group in NEEDED if not known.intersection(group)] if asked.is_whole else []
    if missing:
        names = get_text_list([get_text_list([str(FIELDS[name]) for name in group], _("or")) for group in missing], _("and"))
        sentence = _("A student list also needs a column for: %(fields)s. Without it this file cannot be used.")
        found.append(Refusal("", ValidationError(sentence, code="columns_missing", params={"fields": names})))
    return found


def remember(asked: Asked, answers: Mapping[str, str], *, school_id: UUID, by: "User | None", now: datetime) -> None:
    """A heading that means what it says needs no answer; an older one that said otherwise is taken back."""
    plain = [question.heading for question in asked.questions if _says(question.heading) == answers[question.heading]]
    HeadingAnswer.objects.filter(school=school_id, heading__in=plain).delete()
    HeadingAnswer.objects.bulk_create(
        [
            HeadingAnswer(school_id=school_id, heading=heading, field=field, answered_by=by, answered_at=now)
            for heading, field in answers.items()
            if heading not in plain
        ],
        update_conflicts=True,
        unique_fields=["school", "heading"],
        update_fields=["field", "answered_by", "answered_at"],
    )


def explanations(upload: RosterUpload) -> Sequence[tuple[str, "StrOrPromise"]]:
    """(heading as in the file, what it was read as) of the answers that this upload was read by."""
    return [(shown, FIELDS[field]) for shown, _heading, field in upload.explained if field in FIELDS]


def _says(heading: str) -> str | None:
    """The field that a heading names by itself."""
    found = field_of(heading)
    return found[0] if found else None
