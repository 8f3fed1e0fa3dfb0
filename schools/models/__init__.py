"""Who and where: regions, offices, schools, users and their grants, the audit trail."""

from schools.models.audit import AuditEntry, record_access
from schools.models.hours import BellTime, FastingMonth, HolidayChange
from schools.models.office import Office
from schools.models.region import Region
from schools.models.school import Closure, School
from schools.models.user import PERSON_ROLES, Grant, Role, User

__all__ = [
    "PERSON_ROLES",
    "AuditEntry",
    "BellTime",
    "Closure",
    "FastingMonth",
    "Grant",
    "HolidayChange",
    "Office",
    "Region",
    "Role",
    "School",
    "User",
    "record_access",
]
