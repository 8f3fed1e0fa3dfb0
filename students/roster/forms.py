from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from schools.models import School, User


class UploadForm(forms.Form):
    """The file, and for a planner the school on whose behalf it is uploaded."""

    school = forms.CharField(
        label=_("School (NPSN)"), max_length=8, help_text=_("You upload on behalf of this school."), required=False
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("The file that Dapodik gives, as it is: .xlsx, .xls, .csv or .ods, at most 10 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv,.tsv,.ods"}),
        error_messages={
            "required": _("Choose the file first."),
            "empty": _("The file is empty. Choose the file that Dapodik gave."),
        },
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.own_school = user.home_school()
        if self.own_school:
            del self.fields["school"]

    def clean_school(self) -> School:
        npsn = self.cleaned_data["school"].strip().upper()
        school = School.objects.visible_to(self.user).filter(npsn=npsn).first()
        if school is None:
            raise forms.ValidationError(_("No school with this NPSN was found in your office."), code="school_unknown")
        return school

    @property
    def chosen_school(self) -> School:
        school: School = self.own_school or self.cleaned_data["school"]
        return school
