"""What the coverage page may be asked: a day that has figures, a kind of school, a region."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from schools.models import School
from schools.templatetags.house import day_plain

REGION_CODE = r"^\d{2}(\.\d{2}){0,2}$"


class CoverageFilter(forms.Form):
    day = forms.DateField(
        label=_("As of"),
        required=False,
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": _("This is no date. Write it as 2026-11-24.")},
        widget=forms.DateInput({"type": "date", "class": "form-control w-auto"}, format="%Y-%m-%d"),
    )
    kind = forms.ChoiceField(
        label=_("Kind of school"),
        required=False,
        choices=[("", _("All kinds of school")), *School.Kind.choices],
        error_messages={"invalid_choice": _("There is no such kind of school.")},
        widget=forms.Select({"class": "form-select w-auto"}),
    )
    region = forms.CharField(
        required=False,
        validators=[RegexValidator(REGION_CODE, _("This is no code of a region. It looks like 31.74 or 31.74.08."))],
        widget=forms.HiddenInput,
    )

    def __init__(self, *args: Any, today: date, first: date | None, last: date | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.first, self.last = today, first, last
        bounds = {"min": first, "max": last}
        self.fields["day"].widget.attrs.update({name: day.isoformat() for name, day in bounds.items() if day})

    def clean_day(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        if day and day > self.today:
            raise ValidationError(_("This day has not come yet. Choose today or an earlier day."), code="future_day")
        if day and self.first and day < self.first:
            message = _("There are no figures for this day yet. The first ones are of %(first)s.")
            raise ValidationError(message, code="before_first_day", params={"first": day_plain(self.first)})
        if day and self.last and day > self.last:
            message = _("This day is not counted yet. The last figures are of %(last)s.")
            raise ValidationError(message, code="not_counted", params={"last": day_plain(self.last)})
        return day
