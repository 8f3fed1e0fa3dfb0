"""The two forms of the student's own page."""

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

DIGITS = {"class": "form-control", "inputmode": "numeric", "autocomplete": "off", "pattern": "[0-9]*"}


NO_NUMBER = {"invalid": _("Write it in digits, as in 7 5 2010.")}


class BirthDateForm(forms.Form):
    """Three fields, as everybody writes a birth date."""

    day = forms.IntegerField(
        label=_("Day of the month"), error_messages=NO_NUMBER, widget=forms.TextInput(attrs=DIGITS | {"maxlength": 2})
    )
    month = forms.IntegerField(
        label=_("Month"), error_messages=NO_NUMBER, widget=forms.TextInput(attrs=DIGITS | {"maxlength": 2})
    )
    year = forms.IntegerField(label=_("Year"), error_messages=NO_NUMBER, widget=forms.TextInput(attrs=DIGITS | {"maxlength": 4}))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if {"day", "month", "year"} <= cleaned.keys():
            try:
                cleaned["birth_date"] = date(cleaned["year"], cleaned["month"], cleaned["day"])
            except (ValueError, OverflowError):
                raise forms.ValidationError(_("There is no such date. Write it as 7 5 2010."), code="no_such_date") from None
        return cleaned


class SlotRequestForm(forms.Form):
    note = forms.CharField(
        label=_("Why can you not come then?"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A few words suffice. Please write nothing about your health."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
