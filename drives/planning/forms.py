"""The planner's answers, as they come from a page: complete or not, they say what they mean so far."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from drives.models import Drive, Kit
from drives.planning.capacity import Session, check_sessions
from drives.planning.labels import age_name, grade_name
from drives.planning.plan import Plan
from schools.forms import DayField, is_reckonable
from schools.models import Office, Region, School
from schools.templatetags.house import clock

HOURS: Final = re.compile(r"^\s*(\d{1,2})[.:](\d{2})\s*(?:-|–|—|s\.?d\.?|sampai)\s*(\d{1,2})[.:](\d{2})\s*$", re.IGNORECASE)
NPSN: Final = re.compile(r"\b([0-9A-Z]{8})\b")
DEFAULT_SESSIONS: Final = ("08.00–11.00", "12.30–15.30", "")
SESSION_FIELDS: Final = ("session_1", "session_2", "session_3")
GRADES: Final = (10, 11, 12)
AGES: Final = (180, 186, 192, 198, 204)
MOST_DAYS: Final = 60
# What a number out of its range is told, by whoever notices first.
RANGE: Final = {
    "slot_minutes": _("A timeslot lasts from 10 to 60 minutes."),
    "minutes": _("The minutes per person must be from 1 to 120."),
    "slack_percent": _("The time in reserve must be from 0 to 90 percent."),
    "setup_minutes": _("Setting up and packing up take from 0 to 180 minutes each."),
    "packup_minutes": _("Setting up and packing up take from 0 to 180 minutes each."),
}
# Which field an action's refusal belongs to.
FIELD_OF: Final = {
    "no_days": "days",
    "too_many_days": "days",
    "past_day": "days",
    "holiday": "days",
    "closed_day": "days",
    "no_time_on_day": "days",
    "no_kits": "kits",
    "too_few_kits": "kits",
    "kit_elsewhere": "kits",
    "kit_out_of_service": "kits",
    "no_sessions": "session_1",
    "session_empty": "session_1",
    "sessions_overlap": "session_1",
    "no_places": "session_1",
    "minutes_out_of_range": "minutes",
    "no_minutes": "minutes",
    "slack_out_of_range": "slack_percent",
    "slot_length_out_of_range": "slot_minutes",
    "setup_out_of_range": "setup_minutes",
    "no_time_after_setup": "setup_minutes",
    "minimum_age_out_of_range": "minimum_age_months",
}


def read_hours(text: str) -> Session:
    """`08.00–11.00`, `8:00-11:00`, `07.30 s.d. 10.00`. Raises ValidationError: `session_unreadable`."""
    found = HOURS.match(text)
    numbers = [int(number) for number in found.groups()] if found else []
    if not numbers or numbers[0] > 23 or numbers[2] > 23 or numbers[1] > 59 or numbers[3] > 59:
        raise ValidationError(_("Write the session as 08.00–11.00."), code="session_unreadable")
    return Session(time(numbers[0], numbers[1]), time(numbers[2], numbers[3]))


def read_session(text: str) -> Session:
    """The same, with time in it. Raises ValidationError: `session_unreadable`, `session_empty`."""
    session = read_hours(text)
    check_sessions([session])
    return session


class SessionField(forms.Field):
    """From and until as one text; empty is no session."""

    def to_python(self, value: Any) -> Session | None:
        text = str(value or "").strip()
        return read_session(text[:20]) if text else None


class MinutesField(forms.DecimalField):
    """Minutes with at most one decimal, written `8,4` or `8.4`."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=4, decimal_places=1, **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python(str(value).strip().replace(",", ".") if value else value)


def minutes_text(minutes: Decimal | int) -> str:
    """As people write it: `10`, `8,4`."""
    whole = Decimal(minutes)
    return f"{whole:.0f}" if whole == whole.to_integral_value() else f"{whole:.1f}".replace(".", ",")


def say_ranges(form: forms.Form) -> None:
    """A number out of its range gets the sentence that the action would say."""
    for name, sentence in RANGE.items():
        if name not in form.fields:
            continue
        for code in ("min_value", "max_value"):
            form.fields[name].error_messages[code] = sentence
        for validator in form.fields[name].validators:
            if isinstance(validator, MinValueValidator | MaxValueValidator):
                validator.message = sentence


class DaysField(forms.Field):
    """Days as ISO texts; doubles count once."""

    widget = forms.CheckboxSelectMultiple
    default_error_messages = {"invalid": _("One of the days is not a date. Choose the days again.")}

    def to_python(self, value: Any) -> tuple[date, ...]:
        try:
            days = {date.fromisoformat(each) for each in (value or [])[: MOST_DAYS + 1]}
        except (TypeError, ValueError):
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        if not all(is_reckonable(day) for day in days):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return tuple(sorted(days))


class PlanForm(forms.Form):
    """Bound to what is known so far; `plan()` answers as soon as it can be reckoned with."""

    school = forms.CharField(label=_("School"), max_length=160, error_messages={"required": _("Choose a school to begin.")})
    days = DaysField(label=_("Days"), required=False)
    first = DayField(label=_("Show days from"), required=False)
    kits = forms.IntegerField(label=_("Recording kits"), min_value=0, max_value=50, required=False)
    kit = forms.MultipleChoiceField(label=_("Particular kits"), required=False)
    session_1 = SessionField(label=_("Session 1"), required=False)
    session_2 = SessionField(label=_("Session 2"), required=False)
    session_3 = SessionField(label=_("Session 3"), required=False)
    minutes = MinutesField(label=_("Minutes per student"), min_value=1, max_value=120)
    slack_percent = forms.IntegerField(label=_("Time in reserve"), min_value=0, max_value=90)
    slot_minutes = forms.IntegerField(label=_("Minutes per timeslot"), min_value=10, max_value=60)
    setup_minutes = forms.IntegerField(label=_("Minutes to set up"), min_value=0, max_value=180, required=False)
    packup_minutes = forms.IntegerField(label=_("Minutes to pack up"), min_value=0, max_value=180, required=False)
    grades = forms.TypedMultipleChoiceField(label=_("Grades"), required=False, coerce=int)
    minimum_age_months = forms.TypedChoiceField(label=_("Minimum age"), coerce=int)

    def __init__(
        self, data: QueryDict | Mapping[str, Any], *, schools: Any, kits: Sequence[Kit], drive: Drive | None = None
    ) -> None:
        super().__init__(data)
        self.schools, self.drive = schools, drive
        self.chosen_school: School | None = drive.school if drive else None
        say_ranges(self)
        self._choices("kit", [(str(kit.pk), kit.name) for kit in kits])
        self._choices("grades", [(grade, grade_name(grade)) for grade in self._grades()])
        self._choices("minimum_age_months", [(months, age_name(months)) for months in self._ages()])

    def _choices(self, name: str, choices: list[tuple[Any, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def _grades(self) -> list[int]:
        return sorted({*GRADES, *(self.drive.grades if self.drive else [])})

    def _ages(self) -> list[int]:
        """The usual ones, and the one that the office or the draft has set."""
        asked = str(self.data.get("minimum_age_months", ""))
        return sorted({*AGES, *([int(asked)] if asked.isdigit() and 180 <= int(asked) <= 240 else [])})

    def clean_school(self) -> str:
        text = str(self.cleaned_data["school"])
        if self.drive is None:
            self.chosen_school = find_school(text, self.schools)
        return text

    def clean(self) -> dict[str, Any]:
        sessions = self._sessions()
        if len(sessions) == sum(bool(self.data.get(name)) for name in SESSION_FIELDS):
            try:
                check_sessions(sessions)
            except ValidationError as refusal:
                self.add_error("session_1", refusal)
        return self.cleaned_data

    def _sessions(self) -> list[Session]:
        return sorted(each for name in SESSION_FIELDS if (each := self.cleaned_data.get(name)))

    def plan(self) -> Plan | None:
        """What the answers say, where all that are needed for reckoning are there and can be read."""
        self.is_valid()
        if set(self.errors) - {"school", "days"} or "minutes" not in self.cleaned_data:
            return None
        answers = self.cleaned_data
        kit_ids = frozenset(UUID(each) for each in answers["kit"])
        return Plan(
            days=answers.get("days", ()),
            sessions=tuple(self._sessions()),
            kits=len(kit_ids) or answers["kits"] or 0,
            kit_ids=kit_ids,
            minutes=answers["minutes"],
            slack_percent=answers["slack_percent"],
            slot_minutes=answers["slot_minutes"],
            setup_minutes=answers["setup_minutes"] or 0,
            packup_minutes=answers["packup_minutes"] or 0,
            grades=tuple(answers["grades"]),
            minimum_age_months=answers["minimum_age_months"],
        )

    def session_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in SESSION_FIELDS]

    def setup_fields(self) -> list[forms.BoundField]:
        return [self["setup_minutes"], self["packup_minutes"]]

    def refuse(self, refusal: ValidationError) -> None:
        """A refusal of the action beside the field that it is about."""
        code = getattr(refusal, "code", None)
        self.add_error(FIELD_OF.get(str(code)), refusal)


def find_school(text: str, schools: Any) -> School:
    """By NPSN anywhere in the text, by name, or by words of it. Raises ValidationError: `school_unknown`, `school_ambiguous`."""
    for npsn in NPSN.findall(text.upper()):
        if found := schools.filter(npsn=npsn).first():
            return _school(found)
    exact = list(schools.filter(name__iexact=text.strip())[:2])
    found = exact or list(schools.matching(text).order_by("search_name", "pk")[:6])
    if not found:
        raise ValidationError(_("No school of your office matches. Write its name or NPSN."), code="school_unknown")
    if len(found) > 1:
        names = ", ".join(each.name for each in found[:5])
        raise ValidationError(
            _("Several schools match: %(names)s. Choose one from the list."), code="school_ambiguous", params={"names": names}
        )
    return _school(found[0])


def _school(found: Any) -> School:
    assert isinstance(found, School)
    return found


def school_text(school: School) -> str:
    """`SMAN 55 Jakarta (20102575)`: what the list of schools offers, and what the field understands."""
    return f"{school.name} ({school.npsn})"


def first_answers(office: Office | None) -> dict[str, Any]:
    """What a new plan begins with: the office's own settings."""
    return {
        "kits": 4,
        **dict(zip(SESSION_FIELDS, _usual_sessions(office), strict=False)),
        "minutes": office.minutes_per_person if office else 10,
        "slack_percent": office.slack_percent if office else 15,
        "slot_minutes": office.slot_minutes if office else 30,
        "setup_minutes": str(office.setup_minutes) if office else "0",
        "packup_minutes": str(office.packup_minutes) if office else "0",
        "minimum_age_months": office.minimum_age_months if office else 192,
    }


def _usual_sessions(office: Office | None) -> Sequence[str]:
    return [f"{clock(start)}–{clock(end)}" for start, end in office.default_sessions] if office else DEFAULT_SESSIONS


def answers_of(plan: Plan, school: School) -> dict[str, Any]:
    """A draft's plan as the form knows it."""
    sessions = [f"{clock(each.start)}–{clock(each.end)}" for each in plan.sessions]
    return {
        "school": school_text(school),
        "days": [each.isoformat() for each in plan.days],
        "kits": plan.kits,
        **dict(zip(SESSION_FIELDS, [*sessions, "", "", ""], strict=False)),
        "minutes": minutes_text(plan.minutes),
        "slack_percent": plan.slack_percent,
        "slot_minutes": plan.slot_minutes,
        "setup_minutes": str(plan.setup_minutes),
        "packup_minutes": str(plan.packup_minutes),
        "grades": [str(grade) for grade in plan.grades],
        "minimum_age_months": plan.minimum_age_months,
    }


def query_of(answers: Mapping[str, Any]) -> QueryDict:
    """Answers as an address carries them."""
    query = QueryDict(mutable=True)
    for name, value in answers.items():
        if isinstance(value, list | tuple):
            query.setlist(name, [str(each) for each in value])
        elif value not in (None, ""):
            query[name] = str(value)
    return query


class DriveFilter(forms.Form):
    """The list's filters, as they stand in the address; what cannot be understood filters nothing."""

    q = forms.CharField(label=_("School or NPSN"), required=False, max_length=80)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("All states")),
            ("draft", _("Draft")),
            ("published", _("Published")),
            ("closed", _("Closed")),
            ("cancelled", _("Cancelled")),
        ],
    )
    district = forms.ChoiceField(label=_("District"), required=False)
    time = forms.ChoiceField(
        label=_("Time"),
        required=False,
        choices=[("", _("From today on")), ("past", _("Past")), ("all", _("At any time"))],
    )

    def __init__(self, data: object, *, districts: Sequence[Region]) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # a QueryDict is what Django's own views give
        field = self.fields["district"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("All districts")), *[(each.code, each.name) for each in districts]]
        self.is_valid()

    def wish(self, name: str) -> str:
        return str(self.cleaned_data.get(name, ""))
