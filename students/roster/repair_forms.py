"""One line of a roster, mended in place: what is written is judged by itself first, beside its field."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from crispy_forms.layout import Div
from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from schools.forms import DayInput, helper
from students import nik as niks
from students.models import RosterRow
from students.nik import Regions
from students.problems import ERRORS
from students.roster import values
from students.roster.causes import REMEDIES, field_of
from students.roster.cells import MARK
from students.roster.error_file import written_cells
from students.roster.overlay import FIELDS, LEFT_OUT

_COHORT_AGE: Final = 17


def _text(label: Any, length: int, **attributes: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", **attributes})
    return forms.CharField(label=label, required=False, max_length=length, widget=widget)


class RepairForm(forms.Form):
    """What was understood of the line, and what is wrong with it beside the field. The NIK is never shown, only written."""

    name = _text(_("Name"), 120)
    sex = forms.ChoiceField(
        label=_("Sex"), required=False, choices=[("", _("Choose…")), ("L", _("Male (L)")), ("P", _("Female (P)"))]
    )
    birth_date = forms.CharField(label=_("Birth date"), required=False, max_length=30, widget=DayInput)
    nik = _text("NIK", 40, inputmode="numeric")
    nisn = _text("NISN", 20, inputmode="numeric")
    class_name = _text(_("Class"), 60)
    phone = _text(_("Phone"), 40, inputmode="tel")
    left_out = forms.BooleanField(
        label=_("Leave this row out: it is no student, or the student stands in another row"), required=False
    )

    def __init__(
        self, *args: Any, row: RosterRow, today: date, regions: Regions, written: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        self.row, self.today, self.regions = row, today, regions
        kwargs["initial"] = shown_cells(row) | _plain(written or {})
        super().__init__(*args, **kwargs)
        self._known = _by_field(row)
        for name, field in self.fields.items():
            field.help_text = _told(self._known.get(name, []))
        hint = _about_the_number(row)
        if hint:
            self.fields["nik"].help_text = format_html('{}<span class="d-block">{}</span>', self.fields["nik"].help_text, hint)
        halves = [Div(name, css_class="col-md-6") for name in ("sex", "birth_date", "nik", "nisn", "class_name", "phone")]
        self.helper = helper("name", Div(*halves, css_class="row"), "left_out")

    def full_clean(self) -> None:
        """Beside what is wrong with the answer, what was wrong in the file is history."""
        super().full_clean()
        for name in self.fields.keys() & self.errors.keys():
            self.fields[name].help_text = _told([("", remedy) for _message, remedy in self._known.get(name, [])])

    @property
    def cells(self) -> dict[str, str]:
        """What was changed, as it was written."""
        if self.cleaned_data.get("left_out"):
            return {LEFT_OUT: "1"}
        changed = [field for field in FIELDS if field in self.changed_data]
        return {field: self.cleaned_data[field] for field in changed if field != "nik" or self.cleaned_data["nik"]}

    def clean_name(self) -> str:
        written: str = self.cleaned_data["name"]
        if self._is_spoilt("name", written) or (written and not values.name(written)):
            raise ValidationError(ERRORS["name_missing"], code="name_missing")
        return written

    def clean_sex(self) -> str:
        written: str = self.cleaned_data["sex"]
        if self._is_spoilt("sex", written):
            raise ValidationError(_("Choose L for a boy or P for a girl."), code="sex_invalid")
        return written

    def clean_birth_date(self) -> str:
        written: str = self.cleaned_data["birth_date"]
        try:
            found = values.birth_date(written, self.today)
        except ValueError:
            raise ValidationError(ERRORS["birth_date_invalid"], code="birth_date_invalid") from None
        if found is None and self._is_spoilt("birth_date", ""):
            raise ValidationError(ERRORS["birth_date_missing"], code="birth_date_missing")
        return written

    def clean_nisn(self) -> str:
        written: str = self.cleaned_data["nisn"]
        if values.nisn(written)[1] == "nisn_invalid":
            raise ValidationError(_("A NISN has 10 digits."), code="nisn_invalid")
        return written

    def clean_phone(self) -> str:
        written: str = self.cleaned_data["phone"]
        if values.phone(written) is None:
            raise ValidationError(_("Write a phone number in Indonesia, such as 0812 3456 7890."), code="phone_invalid")
        return written

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or self.cleaned_data
        if answers.get("left_out"):
            self.errors.clear()  # nothing of the line is used
        elif not self.changed_data:
            raise ValidationError(_("Nothing was changed yet. Correct what is marked, or leave the row out."), code="unchanged")
        elif answers.get("nik"):
            self._check_nik(answers)
        return answers

    def _check_nik(self, answers: Mapping[str, Any]) -> None:
        """As in a file, by the birth date and sex that stand in the form; whether it is somebody else's shows when all
        lines are compared."""
        born = None if "birth_date" in self.errors else values.birth_date(answers.get("birth_date", ""), self.today)
        cohort = self.today.replace(year=self.today.year - _COHORT_AGE, day=1)
        try:
            found = niks.read(values.text(answers["nik"]), declared=born, cohort=cohort)
            notes = niks.check(found, regions=self.regions, declared_birth_date=born, declared_sex=answers.get("sex", ""))
        except ValidationError as refusal:
            # Nobody exports a form again: what looks like a number of Excel's is simply no NIK here.
            is_number = refusal.code == "nik_numeric_cell"
            self.add_error("nik", niks.refusal("nik_not_digits") if is_number else refusal)
            return
        for note in notes:
            if note.level == "error":
                self.add_error("nik", ValidationError(note.message, code=note.code))

    def _is_spoilt(self, field: str, written: str) -> bool:
        """What was there is taken away; what was never there may wait."""
        return not written and bool(self.initial.get(field))


def shown_cells(row: RosterRow) -> dict[str, str]:
    """As the form shows a line; the browser's calendar speaks ISO."""
    return written_cells(row) | {"birth_date": row.birth_date.isoformat() if row.birth_date else ""}


def _plain(written: Mapping[str, str]) -> dict[str, str]:
    """What somebody wrote before and nobody has read yet; never a NIK, and nothing that a program made."""
    return {field: cell for field, cell in written.items() if field != "nik" and not cell.startswith(MARK)}


def _about_the_number(row: RosterRow) -> Any:
    """Why the field is empty although the file may have a number."""
    if row.nik_problem == "" and row.section != RosterRow.Section.HELD:
        return _("The NIK can be used. Leave this empty unless it is to be replaced.")
    if row.nik_problem and row.nik_problem != "nik_missing":
        return _("The number in the file is not shown here. Write all 16 digits.")
    return ""


def _by_field(row: RosterRow) -> dict[str, list[tuple[str, str]]]:
    """What is wrong with each field and how it is mended."""
    found: dict[str, list[tuple[str, str]]] = {}
    for problem in row.problems:
        found.setdefault(field_of(problem["code"]), []).append((problem["message"], str(REMEDIES.get(problem["code"], ""))))
    return found


def _told(problems: list[tuple[str, str]]) -> SafeString:
    messages = ((message,) for message, _remedy in problems if message)
    wrong = format_html_join("", '<strong class="d-block jb-wrong">{}</strong>', messages)
    remedies = dict.fromkeys(remedy for _message, remedy in problems if remedy)
    return format_html("{}{}", wrong, format_html_join("", '<span class="d-block">{}</span>', ((each,) for each in remedies)))
