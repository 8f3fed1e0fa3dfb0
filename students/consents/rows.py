"""What the pages of consent show: classes with their counts, and the pupils of one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from schools.models import School
from students.consents.forms import PupilForm
from students.consents.wording import CURRENT
from students.models import ClassGroup, Consent, Enrolment, Person

# How an address names those who are in no class.
NO_CLASS = "-"


@dataclass(frozen=True, slots=True)
class ClassLine:
    """A class with its live pupils, and how many of them have a standing consent. `key` is what the address says."""

    key: str
    name: str
    pupil_count: int
    given_count: int

    @property
    def lacking_count(self) -> int:
        return self.pupil_count - self.given_count

    @property
    def is_complete(self) -> bool:
        return self.lacking_count == 0


@dataclass(frozen=True, slots=True)
class PupilLine:
    """`form` is None where there is nothing to note: a consent to the current wording stands."""

    person: Person
    newest: Consent | None
    form: PupilForm | None


def class_url(school: School, key: str) -> str:
    return f"{reverse('students:consent_list')}?{urlencode({'school': school.npsn, 'class': key})}"


def class_lines(school: School) -> list[ClassLine]:
    """By grade and name, those without a class last; one query for the school."""
    live = Enrolment.objects.live().filter(school=school, person__anonymised_at=None)
    rows = live.annotate(has_consent=Consent.objects.standing_for("person")).values_list(
        "class_group__grade", "class_group__name", "has_consent"
    )
    counts = Counter((grade or 0, name or "", has_consent) for grade, name, has_consent in rows)
    keys = sorted({(grade, name) for grade, name, _has in counts}, key=lambda each: (not each[1], *each))
    return [
        ClassLine(name or NO_CLASS, name, counts[grade, name, True] + counts[grade, name, False], counts[grade, name, True])
        for grade, name in keys
    ]


def class_group(school: School, key: str) -> ClassGroup | None:
    """The class of that name in the newest school year; nobody leads those who are in no class."""
    groups = ClassGroup.objects.filter(school=school, name=key).order_by("-school_year")
    return None if key == NO_CLASS else groups.first()


def pupils_of(school: School, key: str) -> QuerySet[Person]:
    """The live pupils of a class with their lines of consent, the newest first."""
    live = Enrolment.objects.live().filter(school=school)
    named = live.filter(class_group=None) if key == NO_CLASS else live.filter(class_group__name=key)
    found = Person.objects.filter(pk__in=named.values("person"), anonymised_at=None)
    return with_history(found).order_by("search_name", "pk")


def with_history(persons: QuerySet[Person]) -> QuerySet[Person]:
    lines = Consent.objects.newest_first().select_related("entered_by")
    return persons.prefetch_related(Prefetch("consents", lines, to_attr="consent_history"))


def history_of(person: Person) -> Sequence[Consent]:
    """What `with_history` has fetched."""
    found: Sequence[Consent] = getattr(person, "consent_history")  # noqa: B009  # put there by a prefetch
    return found


def newest_of(person: Person) -> Consent | None:
    return next(iter(history_of(person)), None)


def is_current(consent: Consent | None) -> bool:
    """A consent stands, and to the words that are handed out now."""
    return consent is not None and consent.is_given and consent.wording_version == CURRENT.version
