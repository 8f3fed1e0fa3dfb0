"""The planner's wishes for a season, and for one school's turn, as they come from a page."""

from datetime import date, timedelta
from typing import Any, Final

from crispy_forms.layout import Column, Fieldset, Row
from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from drives.models import Season
from drives.models.season import Part
from drives.planning.labels import age_name, grade_name
from schools.forms import DayField, helper
from schools.models import Office

GRADES: Final = (10, 11, 12)
AGES: Final = (180, 186, 192, 198, 204)
SECONDS: Final = ((10, _("10 seconds")), (60, _("1 minute")), (180, _("3 minutes")), (300, _("5 minutes")))
FIELDS: Final = (
    *(
        "name",
        "starts_on",
        "ends_on",
        "deadline_on",
        "reference_on",
        "kit_limit",
        "most_kits",
        "longest_days",
        "kits_a_van",
        "two_schools",
        "near_km",
    ),
    *("minutes_per_person", "slack_percent", "setup_minutes", "packup_minutes"),
    *("morning_from", "morning_until", "afternoon_from", "afternoon_until"),
    *("grades", "minimum_age_months", "base_latitude", "base_longitude"),
)
WEIGHTS: Final = ("weight_younger", "weight_kilometre", "weight_fairness")


class ClockInput(forms.TimeInput):
    """The browser's own clock; it speaks ISO whatever the language of the page."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class SeasonForm(forms.ModelForm[Season]):
    """What a season is asked for. The bounds of the figures are the action's, which says what to change."""

    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"))
    deadline_on = DayField(
        label=_("Deadline"),
        required=False,
        help_text=_("By then every school should have been visited; a later turn is marked. Empty: the last day."),
    )
    reference_on = DayField(
        label=_("Reference date"),
        required=False,
        help_text=_("Such as an election: who is 17 then counts as 17 now, and comes first. Empty: the day of each turn."),
    )
    grades = forms.TypedMultipleChoiceField(
        label=_("Grades"),
        required=False,
        coerce=int,
        choices=[(grade, grade_name(grade)) for grade in GRADES],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Without a choice: all grades."),
    )
    minimum_age_months = forms.TypedChoiceField(
        label=_("Minimum age"), coerce=int, help_text=_("On the day of the school's turn.")
    )

    helper = helper(
        Fieldset(
            _("The season"),
            "name",
            Row(Column("starts_on"), Column("ends_on")),
            Row(Column("deadline_on"), Column("reference_on")),
        ),
        Fieldset(
            _("Teams"),
            Row(Column("kit_limit"), Column("kits_a_van")),
            Row(Column("most_kits"), Column("longest_days")),
            "two_schools",
            "near_km",
        ),
        Fieldset(_("Who is recorded"), "grades", "minimum_age_months"),
        Fieldset(
            _("Time"),
            Row(Column("minutes_per_person"), Column("slack_percent")),
            Row(Column("setup_minutes"), Column("packup_minutes")),
            Row(Column("morning_from"), Column("morning_until")),
            Row(Column("afternoon_from"), Column("afternoon_until")),
        ),
        Fieldset(
            _("Where the vans stand at night"),
            Row(Column("base_latitude"), Column("base_longitude")),
        ),
    )

    class Meta:
        model = Season
        fields = FIELDS
        labels = {
            "name": _("Name"),
            "kit_limit": _("Recording kits"),
            "most_kits": _("Most kits at one school"),
            "longest_days": _("Most days at one school"),
            "kits_a_van": _("Kits in a van"),
            "two_schools": _("Two near schools may share a day"),
            "near_km": _("Near, in kilometres"),
            "minutes_per_person": _("Minutes per student"),
            "slack_percent": _("Time in reserve, in percent"),
            "setup_minutes": _("Minutes to set up"),
            "packup_minutes": _("Minutes to pack up"),
            "morning_from": _("Morning from"),
            "morning_until": _("Morning until"),
            "afternoon_from": _("Afternoon from"),
            "afternoon_until": _("Afternoon until"),
            "base_latitude": _("Latitude"),
            "base_longitude": _("Longitude"),
        }
        help_texts = {
            "base_latitude": _("Optional, as -6.26. Without it, the middle of the schools is taken."),
            "kit_limit": _("How many go out for the season at one time. Empty: all kits in service."),
            "two_schools": _("One before noon, one after, with the same kits."),
        }
        widgets = {name: ClockInput() for name in ("morning_from", "morning_until", "afternoon_from", "afternoon_until")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["minimum_age_months"]
        assert isinstance(field, forms.ChoiceField)
        asked = self.instance.minimum_age_months
        field.choices = [(months, age_name(months)) for months in sorted({*AGES, asked})]

    def _post_clean(self) -> None:
        """The instance takes the answers; whether they can be is said by the action, in sentences of its own."""
        for name, value in self.cleaned_data.items():
            setattr(self.instance, name, value)

    def wishes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FIELDS if name in self.cleaned_data}

    def refuse(self, refusal: ValidationError) -> None:
        """Each of the action's sentences beside the field that it is about."""
        refuse(self, refusal)


def refuse(form: forms.BaseForm, refusal: ValidationError) -> None:
    if not hasattr(refusal, "error_dict"):
        form.add_error(None, refusal)
        return
    for name, errors in refusal.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


def first_season(office: Office, *, today: date) -> Season:
    """What a new season begins with: the half of the school year to come, and the office's own settings."""
    starts_on = today + timedelta(days=7 - today.weekday())
    ends_on = _end_of_half_year(starts_on)
    sessions = office.default_sessions
    season = Season(
        office=office,
        name=_period_name(starts_on, ends_on),
        starts_on=starts_on,
        ends_on=ends_on,
        minutes_per_person=office.minutes_per_person,
        slack_percent=office.slack_percent,
        minimum_age_months=office.minimum_age_months,
    )
    if len(sessions) >= 2:
        (season.morning_from, season.morning_until), (season.afternoon_from, season.afternoon_until) = sessions[:2]
    return season


def _period_name(starts_on: date, ends_on: date) -> str:
    """`November 2026–Juni 2027`"""
    return f"{date_format(starts_on, 'F Y')}–{date_format(ends_on, 'F Y')}"


def _end_of_half_year(day: date) -> date:
    """The semester's end after the next six weeks: before Christmas, or mid-June."""
    ends = [date(year, month, number) for year in (day.year, day.year + 1) for month, number in ((6, 12), (12, 11))]
    return next(end for end in ends if end >= day + timedelta(weeks=6))


class WeightsForm(forms.ModelForm[Season]):
    """What counts how much, in waiting days of one person who is 17."""

    seconds = forms.TypedChoiceField(label=_("Search for at most"), coerce=int, choices=SECONDS, initial=60)
    helper = helper("weight_younger", "weight_kilometre", "weight_fairness", "seconds")

    class Meta:
        model = Season
        fields = WEIGHTS
        labels = {
            "weight_younger": _("A day's wait of somebody who is not yet 17"),
            "weight_kilometre": _("A kilometre of a van"),
            "weight_fairness": _("The wait of the district that is worst off"),
        }
        help_texts = {
            "weight_younger": _("0: they do not count. 0.1: ten of them as one who is 17. 1: all the same."),
            "weight_kilometre": _("0.5: two kilometres as one day's wait. 0: kilometres do not count."),
            "weight_fairness": _("0: the sum alone counts. More: no district is left behind the others."),
        }

    def _post_clean(self) -> None:
        for name in WEIGHTS:
            if name in self.cleaned_data:
                setattr(self.instance, name, self.cleaned_data[name])

    def weights(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in WEIGHTS}

    def refuse(self, refusal: ValidationError) -> None:
        refuse(self, refusal)


class DeadlineForm(forms.Form):
    """The last day that suits a school; none, to have no deadline."""

    last_day = DayField(label=_("Last day"), required=False)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=120)


class MoveForm(forms.Form):
    """A school's turn: from which day, with how many kits, which part of the day."""

    day = DayField(label=_("First day"))
    kits = forms.IntegerField(label=_("Recording kits"), min_value=0, max_value=50)
    part = forms.ChoiceField(label=_("Part of the day"), choices=Part.choices)
