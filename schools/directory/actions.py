from django.db import transaction

from schools.models import Closure, School


@transaction.atomic
def save_school(*, school: School) -> School:
    """The name to search by follows the name. Raises ValidationError for what the database would refuse."""
    school.full_clean()
    school.save()
    return school


@transaction.atomic
def note_closure(*, closure: Closure) -> bool:
    """Whether it is new: the same days, grades and reason noted twice are one closure."""
    if closure.school_id:
        School.objects.select_for_update().get(pk=closure.school_id)
    same = Closure.objects.filter(
        office=closure.office,
        school=closure.school,
        starts_on=closure.starts_on,
        ends_on=closure.ends_on,
        effect=closure.effect,
        grades=closure.grades,
        class_names=closure.class_names,
        starts_at=closure.starts_at,
        ends_at=closure.ends_at,
        reason=closure.reason,
    )
    if same.exists():
        return False
    closure.full_clean()
    closure.save()
    return True
