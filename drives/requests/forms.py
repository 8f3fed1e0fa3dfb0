"""Days and a message: all that is said in a request."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from drives.models import DriveRequest
from schools.forms import DayField, DayInput, helper
from schools.templatetags.house import day as day_name

FIELD_OF: Final = {
    "days_missing": "days",
    "too_many_days": "days",
    "day_past": "days",
    "day_too_far": "days",
    "day_closed": "days",
    "not_wished": "days",
    "school_cannot": "days",
    "day_contradicts": "impossible_days",
    "reason_missing": "text",
}


class DaysInput(forms.Widget):
    """Several of the browser's own calendars under one name; empty ones count for nothing."""

    template_name = "drives/requests/_days.html"

    def __init__(self, *, shown: int) -> None:
        super().__init__()
        self.shown = shown

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        days = [each for each in value or () if each]
        filled = [each.isoformat() if isinstance(each, date) else str(each) for each in days]
        empty = max(self.shown - len(filled), 1)
        context["widget"]["days"] = [*filled, *[""] * empty]
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        found = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return [each for each in found if each]

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_1"


class DaysField(forms.Field):
    """Days in order, each once."""

    def __init__(self, *, shown: int, **kwargs: Any) -> None:
        super().__init__(widget=DaysInput(shown=shown), **kwargs)
        self.day = DayField(widget=DayInput)

    def to_python(self, value: Any) -> list[date]:
        return sorted({self.day.clean(each) for each in value or ()})

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")


class AnswerForm(forms.Form):
    """`refuse` puts an action's refusal beside the field that it is about."""

    text = forms.CharField(label=_("Message"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    # The newest step that stood on the page.
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper()

    def refuse(self, refusal: ValidationError) -> None:
        field = FIELD_OF.get(getattr(refusal, "code", "") or "")
        self.add_error(field if field in self.fields else None, refusal)


class AskForm(AnswerForm):
    """What a school would like."""

    days = DaysField(
        shown=3,
        label=_("Days you would like"),
        help_text=_("One or several days; the office chooses among them."),
        error_messages={"required": _("Choose at least one day.")},
    )
    impossible_days = DaysField(
        shown=3,
        required=False,
        label=_("Days on which you cannot"),
        help_text=_("Exams and holidays that stand among your closures need not be repeated."),
    )
    field_order = ("days", "impossible_days", "text", "seen")


class ProposalForm(AnswerForm):
    days = DaysField(
        shown=3, label=_("Days that the office proposes"), error_messages={"required": _("Choose at least one day.")}
    )
    field_order = ("days", "text", "seen")


class AcceptForm(AnswerForm):
    """Which of the school's days; all of them stand ticked."""

    days = forms.TypedMultipleChoiceField(
        label=_("Days that fit"),
        coerce=date.fromisoformat,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one day.")},
    )
    field_order = ("days", "text", "seen")

    def __init__(self, *args: Any, request: DriveRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.set_days(request.days)

    def set_days(self, days: Sequence[date]) -> None:
        choices = [(each.isoformat(), day_name(each)) for each in days]
        field: Any = self.fields["days"]
        field.choices = choices
        if not self.is_bound:
            self.initial["days"] = [value for value, _label in choices]
