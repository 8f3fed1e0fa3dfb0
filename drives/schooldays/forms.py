"""Days and hours as people write them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any, Final

from crispy_forms.bootstrap import InlineCheckboxes
from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from drives.planning.capacity import Session, check_sessions, without_breaks
from drives.planning.forms import read_session
from schools.forms import DayField, helper
from schools.models import Closure, FastingMonth, HolidayChange, Office
from schools.templatetags.house import clock

GRADES: Final = [(10, "X"), (11, "XI"), (12, "XII")]
LONGEST: Final = timedelta(days=366)
FURTHEST: Final = timedelta(days=2 * 366)
FRIDAY: Final = 4
BREAKS: Final = ("break_1", "break_2", "break_3")
USUAL_DAY: Final = ("06.30–15.00", "09.15–09.30", "12.00–12.45", "")
USUAL_FRIDAY: Final = ("06.30–11.30", "09.15–09.30", "", "")


def hours_text(start: time | None, end: time | None) -> str:
    return f"{clock(start)}–{clock(end)}" if start and end else ""


class HoursField(forms.Field):
    """From and until as one text, `08.00–11.00`; empty is none."""

    widget = forms.TextInput(attrs={"inputmode": "text", "autocomplete": "off", "placeholder": "08.00–11.00"})

    def to_python(self, value: Any) -> Session | None:
        text = str(value or "").strip()
        return read_session(text[:20]) if text else None


class ClockField(forms.TimeField):
    """`11.00` or `11:00`; empty is none."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "placeholder": "11.00"})
    default_error_messages = {"invalid": _("Write the time as 11.00.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, input_formats=["%H.%M", "%H:%M"], **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return clock(value) if isinstance(value, time) else value


# Closed days


def _laid_out(name: str) -> Any:
    return InlineCheckboxes(name) if name in ("grades", "class_names", "working_days") else name


class ClosureForm(forms.ModelForm[Closure]):
    """Who and when; a special working day is for everybody and whole. `class_names` are those that can be chosen."""

    effect = forms.ChoiceField(
        label=_("What happens"), choices=[(effect.value, capfirst(effect.label)) for effect in Closure.Effect]
    )
    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("Until"), help_text=_("The last day; for one day, the same day again."))
    hours = HoursField(label=_("Hours"), required=False, help_text=_("Empty means all day. Only a part of the day: 07.00–09.30."))
    grades = forms.TypedMultipleChoiceField(
        label=_("Grades"),
        choices=GRADES,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen means all grades."),
    )
    class_names = forms.MultipleChoiceField(
        label=_("Single classes"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only where not a whole grade is away."),
    )

    class Meta:
        model = Closure
        fields = ["effect", "starts_on", "ends_on", "grades", "class_names", "reason"]
        labels = {"reason": _("Reason")}
        help_texts = {"reason": _("Such as mid-term exams, report day, industrial placement of class XI.")}

    def __init__(self, *args: Any, today: date, may_open: bool, of_school: bool, class_names: Sequence[str] = (), **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.today = today
        if not may_open:
            del self.fields["effect"]
        if not of_school:
            del self.fields["grades"]
        field = self.fields["class_names"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(name, name) for name in class_names]
        if not class_names:
            del self.fields["class_names"]
        names = ("effect", "starts_on", "ends_on", "hours", "grades", "class_names", "reason")
        self.helper = helper(*[_laid_out(name) for name in names if name in self.fields])

    def clean_reason(self) -> str:
        return " ".join(self.cleaned_data["reason"].split())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last:
            for refusal in _refusals(first, last, self.today):
                self.add_error("ends_on", refusal)
        hours = cleaned.get("hours")
        if cleaned.get("effect") == Closure.Effect.OPEN:
            hours = None
            cleaned |= {name: [] for name in ("grades", "class_names") if name in self.fields}
        self.instance.starts_at, self.instance.ends_at = (hours.start, hours.end) if hours else (None, None)
        return cleaned


def _refusals(first: date, last: date, today: date) -> list[ValidationError]:
    if last < first:
        return [ValidationError(_("The last day lies before the first."), code="ends_before_it_begins")]
    if last < today:
        return [ValidationError(_("These days are over already."), code="closure_in_the_past")]
    if last - first > LONGEST:
        return [ValidationError(_("More than a year at once cannot be closed."), code="closure_too_long")]
    if first - today > FURTHEST:
        return [ValidationError(_("This is more than two years away."), code="closure_too_far")]
    return []


# Lesson hours


@dataclass(frozen=True, slots=True)
class WeekdayRow:
    name: str
    lessons: forms.BoundField
    breaks: tuple[forms.BoundField, ...]

    @property
    def errors(self) -> list[str]:
        return [str(error) for field in (self.lessons, *self.breaks) for error in field.errors]


class BellTimesForm(forms.Form):
    """A week: for each weekday its lessons, from and until, and up to three breaks in them."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        for weekday in range(7):
            day = WEEKDAYS[weekday]
            self.fields[f"lessons_{weekday}"] = HoursField(label=_("%(day)s, lessons") % {"day": day}, required=False)
            for number, name in enumerate(BREAKS, 1):
                label = _("%(day)s, break %(number)s") % {"day": day, "number": number}
                self.fields[f"{name}_{weekday}"] = HoursField(label=label, required=False)

    def rows(self) -> list[WeekdayRow]:
        return [
            WeekdayRow(
                str(WEEKDAYS[weekday]),
                self[f"lessons_{weekday}"],
                tuple(self[f"{name}_{weekday}"] for name in BREAKS),
            )
            for weekday in range(7)
        ]

    def clean(self) -> dict[str, Any]:
        for weekday in range(7):
            self._check(weekday)
        return self.cleaned_data

    def _check(self, weekday: int) -> None:
        lessons: Session | None = self.cleaned_data.get(f"lessons_{weekday}")
        named = [f"{name}_{weekday}" for name in BREAKS if self.cleaned_data.get(f"{name}_{weekday}")]
        if lessons is None:
            if named and f"lessons_{weekday}" not in self.errors:
                self.add_error(f"lessons_{weekday}", ValidationError(_("A break needs lessons around it."), code="no_lessons"))
            return
        for name in named:
            pause: Session = self.cleaned_data[name]
            if not lessons.start < pause.start < pause.end < lessons.end:
                self.add_error(name, ValidationError(_("The break must lie within the lessons."), code="break_outside"))
                return
        for before, after in pairwise(sorted(named, key=lambda name: self.cleaned_data[name])):
            if self.cleaned_data[after].start < self.cleaned_data[before].end:
                self.add_error(after, ValidationError(_("Two breaks must not overlap."), code="breaks_overlap"))

    def week(self) -> dict[int, list[Session]]:
        """Uninterrupted lessons by weekday; breaks that touch are one."""
        found = {}
        for weekday in range(7):
            if lessons := self.cleaned_data.get(f"lessons_{weekday}"):
                pauses = [pause for name in BREAKS if (pause := self.cleaned_data.get(f"{name}_{weekday}"))]
                found[weekday] = without_breaks([lessons], pauses)
        return found


def usual_week() -> dict[str, str]:
    """What a school changes to its own: lessons from 06.30, two breaks, a short Friday."""
    return {
        f"{name}_{weekday}": text
        for weekday in range(5)
        for name, text in zip(("lessons", *BREAKS), USUAL_FRIDAY if weekday == FRIDAY else USUAL_DAY, strict=True)
    }


def week_answers(week: Mapping[int, Sequence[Session]]) -> dict[str, str]:
    """A week as the form knows it: the gaps between lessons are its breaks."""
    answers = {}
    for weekday, stretches in week.items():
        answers[f"lessons_{weekday}"] = hours_text(stretches[0].start, stretches[-1].end)
        pauses = [hours_text(before.end, after.start) for before, after in pairwise(stretches)]
        answers |= {f"{name}_{weekday}": text for name, text in zip(BREAKS, pauses, strict=False)}
    return answers


def monday_everywhere(answers: Mapping[str, str]) -> dict[str, str]:
    """Monday's lessons and breaks on every weekday up to Thursday, and on a Saturday that has lessons; Friday stays."""
    copied = dict(answers.items())
    for weekday in (1, 2, 3, *([5] if answers.get("lessons_5") else [])):
        copied |= {f"{name}_{weekday}": answers.get(f"{name}_0", "") for name in ("lessons", *BREAKS)}
    return copied


# An office's calendar


class OfficeHoursForm(forms.ModelForm[Office]):
    working_days = forms.TypedMultipleChoiceField(
        label=_("Working days"),
        coerce=int,
        choices=[(number, name) for number, name in WEEKDAYS.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one working day.")},
    )
    session_1 = HoursField(label=_("Session 1"), help_text=_("A new drive begins with these sessions."))
    session_2 = HoursField(label=_("Session 2"), required=False)
    session_3 = HoursField(label=_("Session 3"), required=False)
    friday_last_slot = ClockField(label=_("Last timeslot on Friday"), help_text=_("No timeslot begins later. Empty: no limit."))
    prayer = HoursField(label=_("Friday prayer"), required=False, help_text=_("No timeslot touches these hours."))
    ramadan_ends_at = ClockField(label=_("Lessons in Ramadan end"), help_text=_("Empty: as in other months."))

    class Meta:
        model = Office
        fields = ["working_days", "friday_last_slot", "ramadan_ends_at"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        office = self.instance
        for number, (start, end) in enumerate(office.default_sessions[:3], 1):
            self.initial[f"session_{number}"] = hours_text(start, end)
        self.initial["prayer"] = hours_text(office.prayer_starts_at, office.prayer_ends_at)
        self.helper = helper(
            InlineCheckboxes("working_days"),
            "session_1",
            "session_2",
            "session_3",
            "friday_last_slot",
            "prayer",
            "ramadan_ends_at",
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        sessions = sorted(each for name in ("session_1", "session_2", "session_3") if (each := cleaned.get(name)))
        if sessions:
            try:
                check_sessions(sessions)
            except ValidationError as refusal:
                self.add_error("session_1", refusal)
        self.instance.default_sessions = [[each.start, each.end] for each in sessions]
        prayer = cleaned.get("prayer")
        self.instance.prayer_starts_at, self.instance.prayer_ends_at = (prayer.start, prayer.end) if prayer else (None, None)
        return cleaned


class HolidayForm(forms.ModelForm[HolidayChange]):
    day = DayField(label=_("Date"))

    class Meta:
        model = HolidayChange
        fields = ["day", "name"]
        labels = {"name": _("Name")}
        help_texts = {"name": _("As the decree names it, such as Hari Raya Idul Adha.")}

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.helper = helper("day", "name")

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day < self.today:
            raise ValidationError(_("This day is over already."), code="holiday_in_the_past")
        if day - self.today > FURTHEST:
            raise ValidationError(_("This is more than two years away."), code="holiday_too_far")
        return day


class FastingMonthForm(forms.ModelForm[FastingMonth]):
    starts_on = DayField(label=_("First day of fasting"))
    ends_on = DayField(label=_("Last day of fasting"), help_text=_("The day before Idul Fitri."))

    class Meta:
        model = FastingMonth
        fields = ["starts_on", "ends_on"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper("starts_on", "ends_on")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and (last - first).days not in (28, 29):
            refusal = ValidationError(_("A fasting month has 29 or 30 days. Check both dates."), code="not_a_month")
            self.add_error("ends_on", refusal)
        return cleaned
