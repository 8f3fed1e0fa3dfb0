"""What is asked when a published schedule is changed: each day's sessions, and the kits with their hours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from drives.models import Drive, Kit
from drives.planning.capacity import Session, check_sessions, minute_of, time_of
from drives.planning.forms import MinutesField, SessionField, minutes_text, query_of, say_ranges
from drives.planning.wishes import DayWish, KitHours, ScheduleWish
from schools.forms import DayField
from schools.templatetags.house import clock, day

NUMBERS = (1, 2, 3)
# Which field a refusal of the action is about; those of days name their day in the sentence.
FIELD_OF = {
    "minutes_out_of_range": "minutes",
    "slack_out_of_range": "slack_percent",
    "slot_length_out_of_range": "slot_minutes",
}


@dataclass(frozen=True)
class DayFields:
    """A day on the page, with what is asked about it."""

    day: date
    sessions: tuple[BoundField, ...]
    kits: tuple["KitFields", ...]
    is_new: bool

    @property
    def on_duty(self) -> list["KitFields"]:
        return [kit for kit in self.kits if kit.is_chosen]

    @property
    def others(self) -> list["KitFields"]:
        return [kit for kit in self.kits if not kit.is_chosen]


@dataclass(frozen=True)
class KitFields:
    kit: Kit
    name: str
    is_chosen: bool
    hours: BoundField


class ChangeForm(forms.Form):
    """Answers stand in the address. Where they say nothing yet, the schedule as it is."""

    slot_minutes = forms.IntegerField(label=_("Minutes per timeslot"), min_value=10, max_value=60)
    minutes = MinutesField(label=_("Minutes per student"), min_value=1, max_value=120)
    slack_percent = forms.IntegerField(label=_("Time in reserve"), min_value=0, max_value=90)
    add = DayField(label=_("Add a day"), required=False)

    def __init__(self, data: QueryDict, *, drive: Drive, current: ScheduleWish, kits: Sequence[Kit]) -> None:
        self.drive, self.current, self.kits = drive, current, kits
        self.days, self.told = _answers(data, drive, current)
        super().__init__(self.told)
        say_ranges(self)
        choices = [(str(kit.pk), kit.name) for kit in kits]
        for each in self.days:
            for number in NUMBERS:
                label = _("Session %(number)s on %(day)s") % {"number": number, "day": day(each)}
                self.fields[f"s{number}-{each}"] = SessionField(label=label, required=False)
            self.fields[f"k-{each}"] = forms.MultipleChoiceField(
                label=_("Kits on %(day)s") % {"day": day(each)}, choices=choices, required=False
            )
            for kit in kits:
                label = _("Hours of %(kit)s on %(day)s") % {"kit": kit.name, "day": day(each)}
                self.fields[hours_name(each, kit.pk)] = SessionField(label=label, required=False)

    def day_fields(self) -> Iterator[DayFields]:
        for each in self.days:
            chosen = set(self.told.getlist(f"k-{each}"))
            kits = tuple(KitFields(kit, f"k-{each}", str(kit.pk) in chosen, self[hours_name(each, kit.pk)]) for kit in self.kits)
            sessions = tuple(self[f"s{number}-{each}"] for number in NUMBERS)
            yield DayFields(each, sessions, kits, is_new=self.current.on(each) is None)

    def answers(self) -> list[tuple[str, str]]:
        """Everything once more, for the page that confirms."""
        return [(name, value) for name, values in self.told.lists() for value in values if name != "add" and value != ""]

    def clean(self) -> dict[str, Any]:
        for each in self.days:
            sessions = self._sessions(each)
            try:
                check_sessions(sessions)
            except ValidationError as refusal:
                if not any(f"s{number}-{each}" in self.errors for number in NUMBERS):
                    self.add_error(f"s1-{each}", refusal)
        return self.cleaned_data

    def _sessions(self, each: date) -> tuple[Session, ...]:
        found = [self.cleaned_data.get(f"s{number}-{each}") for number in NUMBERS]
        return tuple(sorted(session for session in found if session))

    def wish(self) -> ScheduleWish | None:
        """What the answers say, where all of them can be read."""
        if not self.is_valid():
            return None
        return ScheduleWish(
            tuple(self._wish_on(each) for each in self.days),
            self.cleaned_data["slot_minutes"],
            self.cleaned_data["minutes"],
            self.cleaned_data["slack_percent"],
        )

    def _wish_on(self, each: date) -> DayWish:
        sessions = self._sessions(each)
        standing = self.current.on(each)
        known = {kit.kit_id: kit for kit in standing.kits} if standing and standing.sessions == sessions else {}
        hours = []
        for text in self.cleaned_data[f"k-{each}"]:
            written: Session | None = self.cleaned_data[hours_name(each, UUID(text))]
            start, end = (written.start, written.end) if written else whole_day(self.drive, sessions)
            old = known.get(UUID(text))
            if not written and old and _covers(old, sessions):
                start, end = old.start, old.end
            hours.append(KitHours(UUID(text), start, end))
        return DayWish(each, sessions, tuple(sorted(hours)))

    def refuse(self, refusal: ValidationError) -> None:
        self.add_error(FIELD_OF.get(str(getattr(refusal, "code", None))), refusal)


def hours_name(on: date, kit: UUID) -> str:
    """The field with a kit's hours. Short: every kit of every day stands in the address of the preview."""
    return f"h-{on}-{kit.hex[-12:]}"


def whole_day(drive: Drive, sessions: Sequence[Session]) -> tuple[time, time]:
    """From setting up to the end of packing up."""
    first = minute_of(min(each.start for each in sessions)) - drive.setup_minutes
    last = minute_of(max(each.end for each in sessions)) + drive.packup_minutes
    return time_of(max(0, first)), time_of(min(1439, last))


def _covers(kit: KitHours, sessions: Sequence[Session]) -> bool:
    return kit.start <= min(each.start for each in sessions) and kit.end >= max(each.end for each in sessions)


def _answers(data: QueryDict, drive: Drive, current: ScheduleWish) -> tuple[list[date], QueryDict]:
    """The days that the answers speak of, with the schedule itself for all that they leave open."""
    if "days" in data:
        answers = data.copy()
    else:
        answers = query_of(
            {
                "days": [each.day.isoformat() for each in current.days],
                "slot_minutes": current.slot_minutes,
                "minutes": minutes_text(current.minutes),
                "slack_percent": current.slack_percent,
            }
        )
        for standing in current.days:
            _tell(answers, standing, standing.day, drive)
    days = {found for text in answers.getlist("days")[:60] if (found := _date(text))}
    if (added := _date(data.get("add", ""))) and added not in days and current.days:
        days.add(added)
        _tell(answers, current.on(added) or current.days[-1], added, drive)
        answers["add"] = ""
    answers.setlist("days", [each.isoformat() for each in sorted(days)])
    return sorted(days), answers


def _tell(answers: QueryDict, like: DayWish, on: date, drive: Drive) -> None:
    for number, session in zip(NUMBERS, like.sessions, strict=False):
        answers[f"s{number}-{on}"] = f"{clock(session.start)}–{clock(session.end)}"
    answers.setlist(f"k-{on}", [str(kit.kit_id) for kit in like.kits])
    for kit in like.kits:
        if not _covers(kit, like.sessions):
            answers[hours_name(on, kit.kit_id)] = f"{clock(kit.start)}–{clock(kit.end)}"


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
