"""Uploading a result list, and typing one status by hand."""

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from drives.models import DukcapilStatus
from students.roster.limits import MAX_FILE_BYTES


class _DatedForm(forms.Form):
    """`dated_on` is a day of the past or today; what day it is comes from the view."""

    dated_on = forms.DateField(label=_("Date of the status"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["dated_on"].initial = today
        self.fields["dated_on"].widget.attrs["max"] = today.isoformat()
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def clean_dated_on(self) -> date:
        dated_on: date = self.cleaned_data["dated_on"]
        if dated_on > self.today:
            raise forms.ValidationError(_("The date of the status lies in the future."), code="date_in_future")
        return dated_on


class ResultListForm(_DatedForm):
    file = forms.FileField(
        label=_("Result list"),
        help_text=_("An Excel workbook or CSV with a column NIK and a column Status; a column with the date is read as well."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv,.txt"}),
    )
    field_order = ("file", "dated_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dated_on"].help_text = _("For lines that give no date of their own.")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_FILE_BYTES:
            raise forms.ValidationError(_("The file is too large. A result list has at most 10 MB."), code="file_too_large")
        return file


class StatusForm(_DatedForm):
    status = forms.ChoiceField(
        label=_("Status of Dukcapil"), choices=[("", _("Choose a status")), *DukcapilStatus.Status.choices]
    )
    field_order = ("status", "dated_on")
