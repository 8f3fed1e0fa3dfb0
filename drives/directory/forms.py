from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from drives.directory.figures import OPEN
from drives.models import DriveDay
from schools.models import Region, School
from students.models import Person


class SchoolFilter(forms.Form):
    """The list's filters, as they stand in the address; what cannot be understood filters nothing."""

    q = forms.CharField(label=_("Name or NPSN"), required=False, max_length=80)
    district = forms.ChoiceField(label=_("District"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All kinds")), *School.Kind.choices])
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("All states")),
            ("without_roster", _("No roster yet")),
            ("needing", _("Some need recording")),
            ("done", _("All recorded")),
            ("scheduled", _("A drive is coming")),
        ],
    )

    def __init__(self, data: object, *, districts: QuerySet[Region]) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # a QueryDict is what Django's own views give
        choices = [(district.code, district.name) for district in districts]
        field = self.fields["district"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("All districts")), *choices]
        self.is_valid()

    def wish(self, name: str) -> str:
        return str(self.cleaned_data.get(name, ""))


def in_state(schools: QuerySet[School], state: str, *, today: object) -> QuerySet[School]:
    enrolled = Person.objects.filter(school=OuterRef("pk"), anonymised_at=None)
    needing = enrolled.needing_recording()
    coming = DriveDay.objects.filter(drive__school=OuterRef("pk"), drive__status__in=OPEN, day__gte=today)
    conditions = {
        "without_roster": ~Exists(enrolled),
        "needing": Exists(needing),
        "done": Exists(enrolled) & ~Exists(needing),
        "scheduled": Exists(coming),
    }
    return schools.filter(conditions[state]) if state in conditions else schools
