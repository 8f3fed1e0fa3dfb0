from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from schools.directory.scope import schools_kept_by
from schools.forms import helper
from schools.models import Role, School, User
from students.roster import questions
from students.roster.asking import Asked, Question

UPLOADERS = (Role.SCHOOL_ADMIN, Role.PLANNER)
NO_SCHOOL = _("No single school of your office was found. Choose one from the list, or type its NPSN.")


def choice_text(school: School) -> str:
    """As the list of schools offers it: "SMAN 55 Jakarta (20102575)"."""
    return f"{school.name} ({school.npsn})"


class SchoolChoice(forms.ModelChoiceField[School]):
    def label_from_instance(self, obj: Any) -> str:
        return choice_text(obj)


class UploadForm(forms.Form):
    """The file, and the school whose list it is: one own school goes without saying, several are chosen from, and a
    planner names one of the office's."""

    school = forms.CharField(
        label=_("School"),
        max_length=160,
        help_text=_("Type the name or the NPSN. You upload on behalf of this school."),
        widget=forms.TextInput(attrs={"list": "schools", "autocomplete": "off"}),
        error_messages={"required": _("Choose the school first.")},
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "The file that Dapodik gives, as it is, or the error file that you have filled in: .xlsx, .xls, .csv or .ods, at most"
            " 10 MB."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv,.tsv,.ods"}),
        error_messages={
            "required": _("Choose the file first."),
            "empty": _("The file is empty. Choose the file that Dapodik gave."),
        },
    )

    def __init__(self, *args: Any, user: User, asked_for: str = "", **kwargs: Any) -> None:
        """`asked_for`: the NPSN in the address, from a school's own page."""
        super().__init__(*args, **kwargs)
        self.helper = helper()
        self.schools = schools_kept_by(user, *UPLOADERS)
        self.ordered_schools = self.schools.only("name", "npsn").order_by("search_name", "npsn")
        self.names_school = user.has_role(Role.PLANNER)
        own = list(self.schools.order_by("npsn")[:2]) if not self.names_school else []
        self.own_school = own[0] if len(own) == 1 else None
        if self.own_school:
            del self.fields["school"]
            return
        if not self.names_school:
            self.fields["school"] = SchoolChoice(
                self.ordered_schools,
                label=_("School"),
                empty_label=_("Choose the school"),
                to_field_name="npsn",
                error_messages={"required": _("Choose the school first."), "invalid_choice": NO_SCHOOL},
            )
        found = self.schools.filter(npsn=asked_for[:8].replace("\0", "")).first() if asked_for else None
        if found:
            self.initial["school"] = choice_text(found) if self.names_school else found

    def clean_school(self) -> School:
        """By the NPSN, alone or in brackets, else by a name that only one school of the office bears."""
        said = self.cleaned_data["school"]
        if isinstance(said, School):
            return said
        text = said.strip()
        npsn = text.rpartition("(")[2].rstrip(") ").upper()
        found = self.schools.filter(npsn=npsn).first()
        if found is None and text:
            named = School.objects.matching(text).filter(pk__in=self.schools).order_by("npsn")[:2]
            found = named[0] if len(named) == 1 else None
        if found is None:
            raise forms.ValidationError(NO_SCHOOL, code="school_unknown")
        return found

    @property
    def chosen_school(self) -> School:
        school: School = self.own_school or self.cleaned_data["school"]
        return school


@dataclass(frozen=True)
class Column:
    """A question with its field in the form."""

    question: Question
    field: forms.BoundField


class ColumnsForm(forms.Form):
    """What each column means; the names of the fields are made of the headings, so that a stale page answers nothing else."""

    def __init__(self, *args: Any, asked: Asked, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked
        for question in asked.questions:
            self.fields[_name(question.heading)] = forms.ChoiceField(
                label=question.shown,
                choices=questions.choices(asked),
                required=False,
                initial=question.guess,
                help_text=" · ".join(question.examples),
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    def columns(self) -> Sequence[Column]:
        return [Column(question, self[_name(question.heading)]) for question in self.asked.questions]

    def clean(self) -> dict[str, Any]:
        for name in self.fields:
            # Nothing was said of a column that the page did not show: that is no answer.
            if name not in self.data and name not in self.errors:
                self.add_error(name, forms.ValidationError(_("Choose what this column means."), code="required"))
        if not self.errors:
            for refusal in questions.refusals(self.asked, self.answers):
                self.add_error(_name(refusal.heading) if refusal.heading else None, refusal.error)
        return self.cleaned_data

    @property
    def answers(self) -> dict[str, str]:
        """Normalised heading → field, "" for none."""
        return {question.heading: self.cleaned_data[_name(question.heading)] for question in self.asked.questions}


def _name(heading: str) -> str:
    return f"column-{heading.replace(' ', '-')}"
