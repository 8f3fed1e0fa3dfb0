"""What stands on each document, as plain data. No NIK and no birth date is ever read here."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from drives.documents.typesetting import qr_svg
from drives.models import Appointment, DayClose, Drive, DriveDay, DriveSession, Visit
from drives.onsite import paper
from drives.onsite.labels import STATES
from schools.models import Office
from schools.templatetags.house import clock, day, day_plain, figure, moment, signed


def scheduled(appointments: QuerySet[Appointment]) -> list[Appointment]:
    """Appointments that hold or held a place, by class and name."""
    rows = appointments.filter(ending__in=["", Appointment.Ending.KEPT]).select_related("person", "class_group", "timeslot")
    return list(rows.order_by("class_group__name", "person__search_name", "pk"))


def slips(drive: Drive, appointments: Sequence[Appointment]) -> dict[str, Any]:
    """A slip for each appointment whose visit has a link that still works."""
    visits = {
        visit.person_id: visit
        for visit in Visit.objects.filter(drive=drive, person__in=[one.person_id for one in appointments], token_revoked_at=None)
    }
    return _common(drive) | {
        "advice": _advice(drive),
        "texts": _texts(
            title=_("Invitation to e-KTP recording"),
            day=_("Day"),
            time=_("Time"),
            place=_("Place"),
            code=_("Code"),
            free=_("FREE OF CHARGE. Pay nobody."),
        ),
        "slips": [
            _row(drive, one) | {"code": visits[one.person_id].code, "qr": qr_svg(slip_address(visits[one.person_id]))}
            for one in appointments
            if one.person_id in visits
        ],
    }


def slip_address(visit: Visit) -> str:
    return f"{settings.SITE_URL.rstrip('/')}/s/{visit.token}/"


def classes(drive: Drive, appointments: Sequence[Appointment]) -> dict[str, Any]:
    by_class: dict[Any, list[Appointment]] = defaultdict(list)
    for one in appointments:
        by_class[one.class_group].append(one)
    return _common(drive) | {
        "advice": _advice(drive),
        "texts": _texts(
            title=_("Schedule of e-KTP recording"),
            number=_("No."),
            name=_("Name"),
            day=_("Day"),
            time=_("Time"),
            free=_("FREE OF CHARGE. Pay nobody."),
        ),
        "classes": [
            {
                "name": group.name if group else _("Without a class"),
                "homeroom": _("Homeroom teacher: %(name)s") % {"name": group.homeroom_name}
                if group and group.homeroom_name
                else "",
                "rows": [
                    _row(drive, one) for one in sorted(rows, key=lambda one: (one.timeslot.starts_at, one.person.search_name))
                ],
            }
            for group, rows in by_class.items()
        ],
    }


def attendance(drive_day: DriveDay, appointments: Sequence[Appointment], *, by_class: bool = False) -> dict[str, Any]:
    """A sheet for each timeslot, or each class, with room for the outcome by pen: in the order in which it is typed in."""
    drive = drive_day.drive
    codes = dict(Visit.objects.filter(drive=drive).values_list("person", "code"))
    of_day = [one for one in appointments if one.timeslot.drive_day_id == drive_day.pk]
    grouped = paper.by_class(of_day) if by_class else paper.by_slot(of_day)
    return _common(drive) | {
        "day": day(drive_day.day),
        "texts": _texts(
            title=_("Attendance sheet of the e-KTP recording"),
            slot="" if by_class else _("Timeslot"),
            number=_("No."),
            name=_("Name"),
            **{"class": _("Time") if by_class else _("Class")},
            code=_("Code"),
            here=_("Here at"),
            outcome=_("Outcome"),
            at=_("At"),
            kit=_("Kit"),
            initials=_("Initials"),
            guests=_("Guests without an appointment"),
            service=_("Service"),
            born=_("Birth date"),
            codes=_("Codes for the outcome"),
            writer=_("Filled in by:"),
            officer=_("For the office,"),
            school=_("For the school,"),
        ),
        "legend": [
            [{"code": code.text, "label": f"{prefix}{code.label}"} for code in codes_of_kind]
            for prefix, codes_of_kind in (
                ("", paper.PLAIN),
                (f"{_('Failed')}: ", paper.FAILED),
                (f"{_('Absent')}: ", paper.ABSENT),
            )
        ],
        "slots": [
            {
                "time": _sheet_title(drive.office, sheet),
                "count": _people(len(sheet.appointments)),
                "rows": [
                    _row(drive, one, beside="time" if by_class else "class") | {"code": codes.get(one.person_id, "")}
                    for one in sheet.appointments
                ],
            }
            for sheet in grouped
        ],
    }


def _sheet_title(office: Office, sheet: paper.Sheet) -> str:
    if sheet.slot:
        return _hours(office, sheet.slot.starts_at, sheet.slot.ends_at)
    return sheet.group.name if sheet.group else _("Without a class")


def minutes(close: DayClose, *, correction_count: int) -> dict[str, Any]:
    """The record of a closed day (berita acara): its snapshot, which nothing changes any more."""
    drive_day, tally = close.drive_day, close.tally
    drive = drive_day.drive
    school = drive.school
    told = [(str(label), tally[state]) for state, label in STATES.items() if tally.get(state)]
    more = [
        (_("Guests"), tally.get("walk_ins", 0)),
        (_("Due, and not seen"), tally.get("unseen", 0)),
        (_("Due, and done on an earlier day"), tally.get("settled_before", 0)),
        (_("Counted above, due on another day"), tally.get("unscheduled", 0)),
        (_("IKD activated"), tally.get("ikd_activated", 0)),
        (_("Contradictions undecided at the close"), tally.get("conflicts", 0)),
        (_("Incidents open at the close"), tally.get("open_incidents", 0)),
        (_("Facts not yet sent by tablets at the close"), tally.get("unsent", 0)),
        (_("Corrections noted since"), correction_count),
    ]
    return _common(drive) | {
        "texts": _texts(
            title=_("Minutes of the e-KTP recording"),
            outcomes=_("Outcomes as the app counts them"),
            kits=_("Recordings by kit"),
            kit=_("Kit"),
            app=_("App"),
            reported=_("Kit's count"),
            gap=_("Difference"),
            reason=_("Reason"),
            officer=_("For the office,"),
            school=_("For the school,"),
        ),
        "opening": _(
            "On %(day)s, the e-KTP recording of first-time holders took place at %(place)s, carried out by %(office)s. "
            "%(scheduled)s were scheduled. The day was closed on %(closed)s by %(by)s."
        )
        % {
            "day": day(drive_day.day),
            "place": drive,
            "office": drive.office.name,
            "scheduled": _people(tally.get("scheduled", 0)),
            "closed": moment(close.closed_at.astimezone(drive.office.zone)),
            "by": close.closed_by.name,
        },
        "outcomes": [{"label": label, "count": figure(count)} for label, count in [*told, *((a, n) for a, n in more if n)]],
        "kits": [
            {
                "name": count["name"] or _("Without a kit"),
                "app": figure(count["counted"]),
                "reported": figure(count["reported"]),
                "gap": signed(count["reported"] - count["counted"]),
                "reason": count["reason"],
            }
            for count in close.kit_counts
        ],
        "closing": _("These minutes were drawn up truthfully. Recording and card are free of charge."),
        "signed_by": close.signed_by_name,
        "principal": (school.principal_name if school else "") or "........................................",
    }


def letter(drive: Drive, appointments: Iterable[Appointment], *, today: date) -> dict[str, Any]:
    counts: dict[date, int] = defaultdict(int)
    for one in appointments:
        counts[one.timeslot.starts_at.astimezone(drive.office.zone).date()] += 1
    office, school = drive.office, drive.school
    return _common(drive) | {
        "dated": f"{_city(office)}, {day_plain(today)}",
        "subject": _("Notice of the e-KTP recording at the school"),
        "addressee": [
            _("To the Principal"),
            *([school.principal_name] if school and school.principal_name else []),
            str(drive),
            *([school.address] if school and school.address else []),
        ],
        "opening": [
            _("We hereby give notice that the e-KTP recording of first-time holders takes place at your school as follows."),
        ],
        "days": [_day_row(office, drive_day, counts) for drive_day in _days_with_sessions(drive)],
        "asks": _("We ask the school to:"),
        "ask_list": [
            _("make a room available with tables, chairs, electricity and shade for those who wait;"),
            _("let the students come at the time that stands on their slips, so that no crowd forms;"),
            _("tell students and guardians what to bring: %(documents)s;") % {"documents": drive.documents_to_bring},
            _("name a teacher who accompanies the recording."),
        ],
        "closing": [
            _("Recording and card are free of charge. If anybody asks for money, please tell us at once."),
            _("We thank you for your help."),
        ],
        "texts": _texts(
            number=_("Number"), subject=_("Subject"), day=_("Day"), hours=_("Hours"), students=_("Students scheduled")
        ),
        "signed_by": _("Head of %(office)s,") % {"office": office.name},
        "head_name": office.head_name or "........................................",
    }


def _common(drive: Drive) -> dict[str, Any]:
    office = drive.office
    place = str(drive)
    return {
        "office": {"name": office.name, "lines": [line for line in (office.address, office.phone, office.email) if line]},
        "place": place,
        "place_note": drive.venue if drive.school and drive.venue else "",
        "footer": _("%(office)s. Recording is free of charge.") % {"office": office.name},
    }


def _advice(drive: Drive) -> list[str]:
    return [
        _("Bring: %(documents)s, and this slip.")
        % {"documents": drive.documents_to_bring or _("a copy of the family card (KK)")},
        _("Wear a shirt with a collar; for the photo, take off glasses and contact lenses."),
        _("Come ten minutes early. If you cannot come, tell your homeroom teacher."),
    ]


def _row(drive: Drive, one: Appointment, *, beside: str = "") -> dict[str, str]:
    """`beside` names what stands in the column next to the name."""
    slot = one.timeslot
    row = {
        "name": one.person.name,
        "class": one.class_group.name if one.class_group else "",
        "day": day(slot.starts_at.astimezone(drive.office.zone).date()),
        "time": _hours(drive.office, slot.starts_at, slot.ends_at),
    }
    return row | ({"beside": row[beside]} if beside else {})


def _hours(office: Office, starts_at: datetime, ends_at: datetime) -> str:
    return f"{clock(starts_at.astimezone(office.zone))}–{clock(ends_at.astimezone(office.zone))}"


def _days_with_sessions(drive: Drive) -> list[DriveDay]:
    return list(DriveDay.objects.filter(drive=drive).prefetch_related("sessions").order_by("day"))


def _day_row(office: Office, drive_day: DriveDay, counts: dict[date, int]) -> dict[str, str]:
    sessions: list[DriveSession] = sorted(drive_day.sessions.all(), key=lambda session: session.starts_at)
    return {
        "day": day(drive_day.day),
        "hours": ", ".join(_hours(office, session.starts_at, session.ends_at) for session in sessions),
        "students": str(counts.get(drive_day.day, 0)),
    }


def _people(count: int) -> str:
    return ngettext("%(count)d student", "%(count)d students", count) % {"count": count}


def _city(office: Office) -> str:
    return office.region.name.removeprefix("Kota Administrasi ").removeprefix("Kota ").removeprefix("Kabupaten ")


def _texts(**texts: str) -> dict[str, str]:
    return texts
