"""Who and where: regions, offices, schools, users and their grants, the audit trail."""

from schools.models.audit import AuditEntry, record_access
from schools.models.office import Office
from schools.models.region import Region
from schools.models.school import Closure, School
from schools.models.user import PERSON_ROLES, Grant, Role, User

__all__ = ["PERSON_ROLES", "AuditEntry", "Closure", "Grant", "Office", "Region", "Role", "School", "User", "record_access"]
