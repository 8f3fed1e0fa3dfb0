"""A drive's life in rows: kits, drives, timeslots, visits, statuses, notices, coverage."""

from drives.models.coverage import CoverageTouch, DailyCoverage
from drives.models.departure import Departure
from drives.models.drive import Drive, DriveDay, DriveSession, KitDuty, OperatorDuty
from drives.models.drive_request import DriveRequest, DriveRequestStep
from drives.models.feed import Feed
from drives.models.follow_up import FollowUp
from drives.models.incident import Incident
from drives.models.kit import Kit, KitOutage
from drives.models.notice import Notice
from drives.models.printout import Printout
from drives.models.request import SlotRequest
from drives.models.season import Part, Season, SeasonAbsence, SeasonCard, SeasonDeadline, SeasonStep
from drives.models.season_proposal import SeasonProposal, SeasonProposalCard
from drives.models.season_publication import SeasonPublication, SeasonPublicationTurn
from drives.models.status import CheckList, DukcapilStatus, StatusImport
from drives.models.step import PlanningStep
from drives.models.tablet import Device, Preparation
from drives.models.timeslot import Appointment, Timeslot
from drives.models.visit import Correction, DayClose, Visit, VisitEvent

__all__ = [
    "Appointment",
    "CheckList",
    "Correction",
    "CoverageTouch",
    "DailyCoverage",
    "DayClose",
    "Departure",
    "Device",
    "Drive",
    "DriveDay",
    "DriveRequest",
    "DriveRequestStep",
    "DriveSession",
    "DukcapilStatus",
    "Feed",
    "FollowUp",
    "Incident",
    "Kit",
    "KitDuty",
    "KitOutage",
    "Notice",
    "OperatorDuty",
    "Part",
    "PlanningStep",
    "Preparation",
    "Printout",
    "Season",
    "SeasonAbsence",
    "SeasonCard",
    "SeasonDeadline",
    "SeasonProposal",
    "SeasonProposalCard",
    "SeasonPublication",
    "SeasonPublicationTurn",
    "SeasonStep",
    "SlotRequest",
    "StatusImport",
    "Timeslot",
    "Visit",
    "VisitEvent",
]
