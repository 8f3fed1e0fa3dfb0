"""What all forms of the house share."""

from datetime import date
from typing import TYPE_CHECKING, Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from schools import phones

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise


def helper(*layout: Any) -> FormHelper:
    """Fields alone: the `<form>` tag, the token and the buttons stand in the page."""
    made = FormHelper()
    made.form_tag = False
    made.disable_csrf = True
    if layout:
        made.layout = Layout(*layout)
    return made


class DayInput(forms.DateInput):
    """The browser's own calendar; it speaks ISO whatever the language of the page."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day that something of ours can fall on: near the calendar's ends there are no weeks to reckon with."""

    widget = DayInput
    default_error_messages = {"invalid": _("Write a date, such as 2026-11-24.")}

    def to_python(self, value: Any) -> date | None:
        found = super().to_python(value)
        if found and not is_reckonable(found):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return found


def is_reckonable(day: date) -> bool:
    return 1900 <= day.year < 2200


class PhoneField(forms.CharField):
    """08…, 628… or +628…; kept as E.164."""

    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "off"})

    def __init__(self, *, label: "StrOrPromise", help_text: "StrOrPromise" = "") -> None:
        super().__init__(label=label, help_text=help_text, required=False, max_length=30)

    def prepare_value(self, value: Any) -> Any:
        return phones.shown(value) if isinstance(value, str) else value

    def clean(self, value: Any) -> str:
        written = super().clean(value)
        found = phones.parse(written)
        if written and not found:
            raise ValidationError(_("Write a phone number in Indonesia, such as 0812 3456 7890."), code="phone_invalid")
        return found
