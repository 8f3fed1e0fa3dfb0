from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from schools.forms import helper
from schools.models import School, User


def choice_text(school: School) -> str:
    """As the list of schools offers it: "SMAN 55 Jakarta (20102575)"."""
    return f"{school.name} ({school.npsn})"


class UploadForm(forms.Form):
    """The file, and for a planner the school on whose behalf it is uploaded."""

    school = forms.CharField(
        label=_("School"),
        max_length=160,
        help_text=_("Type the name or the NPSN. You upload on behalf of this school."),
        widget=forms.TextInput(attrs={"list": "schools", "autocomplete": "off"}),
        error_messages={"required": _("Choose the school first.")},
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("The file that Dapodik gives, as it is: .xlsx, .xls, .csv or .ods, at most 10 MB."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv,.tsv,.ods"}),
        error_messages={
            "required": _("Choose the file first."),
            "empty": _("The file is empty. Choose the file that Dapodik gave."),
        },
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.helper = user, helper()
        self.own_school = user.home_school()
        if self.own_school:
            del self.fields["school"]

    def clean_school(self) -> School:
        """By the NPSN, alone or in brackets, else by a name that only one school of the office bears."""
        text = self.cleaned_data["school"].strip()
        schools = School.objects.visible_to(self.user)
        npsn = text.rpartition("(")[2].rstrip(") ").upper()
        found = schools.filter(npsn=npsn).first()
        if found is None and text:
            named = schools.matching(text).order_by("npsn")[:2]
            found = named[0] if len(named) == 1 else None
        if found is None:
            raise forms.ValidationError(
                _("No single school of your office was found. Choose one from the list, or type its NPSN."), code="school_unknown"
            )
        return found

    @property
    def chosen_school(self) -> School:
        school: School = self.own_school or self.cleaned_data["school"]
        return school
