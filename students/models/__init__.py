"""Who is to be recorded, and the rosters that say so."""

from students.models.person import ClassGroup, Consent, Enrolment, Person
from students.models.roster import HeadingAnswer, RosterRepair, RosterRow, RosterUpload

__all__ = ["ClassGroup", "Consent", "Enrolment", "HeadingAnswer", "Person", "RosterRepair", "RosterRow", "RosterUpload"]
