"""The demonstration, told in the order in which it would happen, each step by the product's own actions."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db import transaction
from uuid6 import uuid7

from drives.coverage.rollup import roll_up, roll_up_touched
from drives.demo import city, day, files
from drives.demo.people import ClassPlan, Crowd, Pupil
from drives.models import Drive, DriveDay, Kit, OperatorDuty
from drives.notices import outbox
from drives.onsite.actions import record_event
from drives.onsite.walk_ins import Guest, add_walk_in
from drives.planning.actions import assign_everybody, create_drive
from drives.planning.capacity import Session
from drives.planning.eligibility import turns
from drives.planning.plan import Plan
from drives.publishing.actions import publish
from drives.season import actions as season_actions
from drives.statuses.actions import approve_import, read_result_list
from drives.statuses.check_list import take_check_list
from schools.models import BellTime, Closure, Grant, Office, Role, School, User
from students.models import ClassGroup, Enrolment, Person
from students.roster import intake
from students.roster.apply import apply_upload

WEEKS: Final = 14
MORNING: Final = (Session(time(7), time(10)), Session(time(10, 30), time(13, 30)))
# Lessons between breaks, by weekday; Friday is short.
LESSONS: Final = {
    **dict.fromkeys(range(4), ((time(6, 30), time(9, 30)), (time(9, 50), time(12)), (time(12, 30), time(15)))),
    4: ((time(6, 30), time(9, 30)), (time(9, 50), time(11, 20))),
}
PEOPLE: Final = (
    ("demo-planner", "Ratna Wulandari", Role.PLANNER),
    ("demo-school", "Endang Susilowati", Role.SCHOOL_ADMIN),
    ("demo-operator", "Agus Setiawan", Role.OPERATOR),
    ("demo-lead", "Siti Rahmawati", Role.LEAD_OPERATOR),
    ("demo-official", "Hendra Wijaya", Role.OFFICIAL),
    ("demo-admin", "Dewi Lestari", Role.SYSTEM_ADMIN),
)
TEACHERS: Final = ("Budi Hartono", "Maria Sinaga", "Yusuf Ramadhan", "Tri Handayani", "Lukman Hakim", "Rina Kusuma")
HOMEROOM: Final = (
    "Sari Wahyuni",
    "Bambang Irawan",
    "Nurul Hidayah",
    "Dedi Supriyadi",
    "Wulan Sari",
    "Arif Budiman",
    "Ida Farida",
)


@dataclass(frozen=True)
class Told:
    """What the demonstration holds in the end."""

    today: date
    schools: int
    students: int
    recorded: int


def _as_a_number(nik: str) -> str:
    """`3174…` as Excel shows it once it has taken it for a number."""
    return f"{nik[0]},{nik[1:6]}E+15"


class Demonstration:
    """The days of the story are counted from `today`; nothing later than `now` has happened."""

    def __init__(self, *, today: date, now: datetime, students: int = city.STUDENTS) -> None:
        self.today, self.now = today, now
        self.yesterday, self.tomorrow = today - timedelta(days=1), today + timedelta(days=1)
        self.office = Office.objects.get(region="31.74", level=Office.Level.SUDIN)
        school_year_began = date(intake.school_year(today), 7, 13)
        self.since = max(today - timedelta(weeks=WEEKS), min(school_year_began, today - timedelta(days=16)))
        self.parts = city.parts(students=students)
        self.crowd = Crowd(today)
        self.pupils: dict[str, list[Pupil]] = {}

    def tell(self) -> Iterator[str]:
        """Each step, with a sentence for who waits; a step is whole or not there."""
        yield "Accounts, kits, special working days, lesson hours"
        self._people()
        self._calendar()
        for number, part in enumerate(self.parts, start=1):
            if number % 10 == 1:
                yield f"Rosters {number} to {min(number + 9, len(self.parts))} of {len(self.parts)}"
            self._roster(part)
        yield "The drive at SMAN 55 Jakarta"
        sman_55 = self._drive(city.SMAN_55, days=(self.yesterday, self.today, self.tomorrow), kits=5, checked=True)
        yield "The drive at SMA Labschool Kebayoran"
        labschool = self._drive(city.LABSCHOOL, days=(self.yesterday, self.tomorrow), kits=3, grades=(11, 12))
        self._draft()
        self._waiting_upload()
        yield "Yesterday and today"
        self._play(sman_55, labschool)
        yield "Result lists from Dukcapil"
        self._results()
        yield "Coverage"
        self._coverage()
        yield "The season of the whole city"
        self._season()

    def told(self) -> Told:
        enrolled = Enrolment.objects.live()
        return Told(self.today, len(self.parts), enrolled.count(), enrolled.filter(person__recorded_on__isnull=False).count())

    def at(self, day_: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day_, time(hour, minute), self.office.zone)

    @transaction.atomic
    def _people(self) -> None:
        Office.objects.filter(pk=self.office.pk).update(
            target_percent=50, target_on=date(self.today.year, 12, 31), head_name="Hendra Wijaya"
        )
        school = School.objects.get(npsn=city.SMAN_55)
        for username, name, role in PEOPLE:
            user = User(username=username, name=name)
            user.set_unusable_password()
            user.save()
            is_school = role == Role.SCHOOL_ADMIN
            Grant.objects.create(
                user=user,
                role=role,
                starts_on=self.since,
                school=school if is_school else None,
                office=None if is_school else self.office,
            )
        for number in range(1, 11):
            Kit.objects.create(
                office=self.office,
                name=f"Alat {number}",
                serial=f"DKI-{self.office.region_id}-{number:03d}",
                is_in_service=number != 10,
            )
        Closure.objects.create(
            office=self.office,
            starts_on=self.yesterday,
            ends_on=self.tomorrow,
            effect=Closure.Effect.OPEN,
            reason="Layanan jemput bola khusus",
        )
        labschool = School.objects.get(npsn=city.LABSCHOOL)
        Closure.objects.create(
            school=labschool, starts_on=self.yesterday, ends_on=self.yesterday, grades=[11], reason="Kunjungan belajar kelas XI"
        )
        exam = self.today + timedelta(days=9)
        Closure.objects.create(school=school, starts_on=exam, ends_on=exam + timedelta(days=4), reason="Penilaian akhir semester")
        for npsn in (city.SMAN_55, city.LABSCHOOL):
            School.objects.filter(npsn=npsn).update(
                email=f"{npsn}@sekolah.example", contact_name="Tata usaha", phone="+6281200000000"
            )

    @transaction.atomic
    def _calendar(self) -> None:
        """Each school's lesson hours, and a day on which the office stays closed."""
        BellTime.objects.bulk_create(
            BellTime(school=part.school, weekday=weekday, starts_at=starts_at, ends_at=ends_at)
            for part in self.parts
            for weekday, stretches in LESSONS.items()
            for starts_at, ends_at in stretches
        )
        meeting = self.today + timedelta(days=44 - self.today.weekday())
        Closure.objects.create(office=self.office, starts_on=meeting, ends_on=meeting, reason="Rapat kerja Dinas")

    def _roster(self, part: city.Part) -> None:
        """In through the same importer as a school's file, on a day of the past."""
        school = part.school
        pupils = self.pupils[school.npsn] = self.crowd.pupils(school.npsn, part.classes)
        moment = self.at(self.since, 9)
        upload = intake.upload_roster(
            school=school,
            data=files.dapodik(school.name, school.district.name, pupils, downloaded_at=moment),
            filename=files.filename(school.name, moment),
            by=None,
            now=moment,
            ring_worker=False,
        )
        upload = intake.read_upload(upload=upload, now=moment)
        upload = intake.approve_upload(upload=upload, by=None, now=moment, ring_worker=False)
        apply_upload(upload=upload, now=moment)
        if school.npsn in (city.SMAN_55, city.LABSCHOOL):
            for place, group in enumerate(ClassGroup.objects.filter(school=school).order_by("name")):
                name = HOMEROOM[place % len(HOMEROOM)]
                ClassGroup.objects.filter(pk=group.pk).update(
                    homeroom_name=name, homeroom_email=f"wali{place + 1}.{school.npsn}@sekolah.example"
                )

    def _drive(self, npsn: str, *, days: Sequence[date], kits: int, grades: tuple[int, ...] = (), checked: bool = False) -> Drive:
        """Planned ten days ago, checked in SIAK, assigned, published a week ago."""
        school = School.objects.select_related("office").get(npsn=npsn)
        planner = User.objects.get(username="demo-planner")
        planned = self.at(self.today - timedelta(days=10), 10)
        drive = create_drive(
            school=school, plan=Plan(days=tuple(days), sessions=MORNING, kits=kits, grades=grades), by=planner, now=planned
        )
        if checked:
            take_check_list(school=school, by=planner, now=planned + timedelta(hours=1))
            self._import(
                [(pupil.nik, "BELUM REKAM", self.today - timedelta(days=9)) for pupil in self.pupils[npsn]],
                self.today - timedelta(days=9),
            )
        published = self.at(self.today - timedelta(days=8), 14)
        assign_everybody(drive=drive, by=planner, now=published)
        self._duties(drive)
        publish(drive=drive, by=planner, now=published + timedelta(minutes=20))
        return drive

    def _duties(self, drive: Drive) -> None:
        operator, lead = User.objects.get(username="demo-operator"), User.objects.get(username="demo-lead")
        for drive_day in drive.days.all():
            OperatorDuty.objects.create(user=lead, drive_day=drive_day, is_lead=True)
            if drive.school and drive.school.npsn == city.SMAN_55:
                OperatorDuty.objects.create(user=operator, drive_day=drive_day)

    def _draft(self) -> None:
        """A draft for next week, not assigned yet: something for the planner to do."""
        if len(self.parts) < 3:
            return
        days = [self.today + timedelta(days=offset) for offset in range(5, 12)]
        weekdays = tuple(day_ for day_ in days if day_.weekday() < 4)[:2]
        planner = User.objects.get(username="demo-planner")
        create_drive(
            school=self.parts[2].school,
            plan=Plan(days=weekdays, sessions=MORNING, kits=4),
            by=planner,
            now=self.at(self.yesterday, 15),
        )

    def _season(self) -> None:
        """Every other school has its turn; since then one has told of an examination, and a new proposal moves it."""
        if len(self.parts) < 4:
            return
        planner = User.objects.get(username="demo-planner")
        monday = self.today + timedelta(days=28 - self.today.weekday())
        season = season_actions.create_season(
            office=self.office,
            by=planner,
            now=self.now,
            name=f"Musim {monday.year}",
            starts_on=monday,
            ends_on=monday + timedelta(weeks=20),
            kit_limit=6,
            setup_minutes=30,
            packup_minutes=15,
        )
        first = season_actions.ask_for_proposal(season=season, by=planner, now=self.now, ring_worker=False)
        season_actions.accept(proposal=first, by=planner, now=self.now)
        cards = sorted(season.cards.select_related("school", "season"), key=lambda card: (card.days, card.school.search_name))
        if len(cards) > 2:
            season_actions.pin_card(card=cards[0], by=planner, now=self.now)
            busy = cards[len(cards) // 2]
            Closure.objects.create(
                school=busy.school, starts_on=busy.days[0], ends_on=busy.days[-1], reason="Ujian praktik kejuruan"
            )
        again = season_actions.ask_for_proposal(season=season, by=planner, now=self.now, ring_worker=False)
        season_actions.stop_search(proposal=again, by=planner, now=self.now)

    def _waiting_upload(self) -> None:
        """A school's new roster, four days old: some numbers damaged by a spreadsheet, two pupils gone, three come."""
        if len(self.parts) < 4:
            return
        school, moment = self.parts[3].school, self.at(self.today - timedelta(days=4), 11)
        pupils = self.pupils[school.npsn]
        damaged = [
            replace(pupil, nik=_as_a_number(pupil.nik)) if place % 31 == 4 else pupil for place, pupil in enumerate(pupils)
        ]
        newcomers = self.crowd.pupils(f"{school.npsn} pindahan", [ClassPlan(pupils[0].class_name, 1, 2)])
        upload = intake.upload_roster(
            school=school,
            data=files.dapodik(school.name, school.district.name, [*damaged[2:], *newcomers], downloaded_at=moment),
            filename=files.filename(school.name, moment),
            by=None,
            now=moment,
            ring_worker=False,
        )
        intake.read_upload(upload=upload, now=moment)

    def _play(self, sman_55: Drive, labschool: Drive) -> None:
        lead = User.objects.get(username="demo-lead")
        for drive in (sman_55, labschool):
            for drive_day in day.drive_days(drive):
                if drive_day.day > self.today:
                    continue
                evening = self.at(drive_day.day, 15)
                day.play(drive_day=drive_day, until=min(self.now, evening), by=lead, everybody_comes=drive == labschool)
                if drive == labschool:
                    self._teachers(drive_day, by=lead)
                if drive_day.day < self.today:
                    day.close(drive_day=drive_day, at=evening, by=lead)
        self._reminders()

    def _teachers(self, drive_day: DriveDay, *, by: User) -> None:
        """Teachers renew their cards: activity, never in the pupils' denominator."""
        for place, name in enumerate(TEACHERS):
            came_at = self.at(drive_day.day, 11, 5 + 7 * place)
            guest = Guest(name=name, kind="teacher", service="renewal")
            walk_in = add_walk_in(event_id=uuid7(), drive_day=drive_day, guest=guest, by=by, now=came_at)
            record_event(event_id=uuid7(), visit=walk_in.visit, kind="served", by=by, now=came_at + timedelta(minutes=5))

    def _reminders(self) -> None:
        """What was due until now has been sent, at its own hour."""
        for offset in range(-9, 1):
            day_ = self.today + timedelta(days=offset)
            for moment in (self.at(day_, 8, 5), self.at(day_, 16)):
                if moment <= self.now:
                    self._send_due(moment)

    def _send_due(self, moment: datetime) -> None:
        outbox.run(clock=lambda: moment)

    def _results(self) -> None:
        """Weekly lists of who was recorded at the Sudin, until the city stands at 35 percent."""
        cohort = sum(part.cohort for part in self.parts)
        missing = round(city.RECORDED_SHARE * cohort) - Person.objects.exclude(school=None).exclude(recorded_on=None).count()
        by_week: dict[date, list[tuple[str, str, date]]] = {}
        for pupil, recorded_on in self._recorded(missing):
            friday = min(recorded_on + timedelta(days=(4 - recorded_on.weekday()) % 7), self.yesterday)
            by_week.setdefault(friday, []).append((pupil.nik, self._status(pupil, recorded_on), recorded_on))
        for friday in sorted(by_week):
            self._import(by_week[friday], friday)

    def _recorded(self, count: int) -> list[tuple[Pupil, date]]:
        """Who, and since when: districts differ, those who are 17 come first, and every week brings more than the last."""
        dice = random.Random("jemput-bola results")  # noqa: S311 - an invented city
        ranked = []
        for part in self.parts[2:]:
            for pupil in self.pupils[part.school.npsn]:
                if turns(pupil.birth_date, 16) > self.today:
                    continue
                is_17 = turns(pupil.birth_date, 17) <= self.today
                weight = city.EAGERNESS.get(part.school.district_id, 1.0) * (1.7 if is_17 else 1.0)
                ranked.append((dice.expovariate(weight), pupil))
        ranked.sort(key=lambda pair: (pair[0], pair[1].nik))
        span = (self.yesterday - self.since).days - 3
        chosen = []
        for _rank, pupil in ranked[: max(0, count)]:
            recorded_on = self._working_day(self.since + timedelta(days=3 + round(span * dice.random() ** 0.75)))
            chosen.append((pupil, min(max(recorded_on, turns(pupil.birth_date, 16)), self.yesterday)))
        return chosen

    def _working_day(self, day_: date) -> date:
        return day_ - timedelta(days=max(0, day_.weekday() - 4))

    def _status(self, pupil: Pupil, recorded_on: date) -> str:
        age = (self.today - recorded_on).days
        if age < 4:
            return "BIO_CAPTURED"
        if age < 15:
            return "SENT_FOR_ENROLLMENT"
        last = int(pupil.nik[-1])
        if last == 7 and age < 40:
            return "ADJUDICATE_RECORD"
        is_17 = turns(pupil.birth_date, 17) <= self.today
        return "CARD_ISSUED" if is_17 and age > 30 and last % 2 else "PRINT_READY_RECORD"

    def _import(self, rows: Sequence[tuple[str, str, date]], on: date) -> None:
        planner = User.objects.get(username="demo-planner")
        moment = self.at(on, 15, 30)
        status_import = read_result_list(
            data=files.results(rows),
            filename=f"hasil-siak-{on:%Y-%m-%d}.csv",
            dated_on=on,
            office=self.office,
            by=planner,
            now=moment,
        )
        approve_import(status_import=status_import, by=planner, now=moment + timedelta(minutes=5))

    def _coverage(self) -> None:
        schools = School.objects.filter(office=self.office).values_list("pk", flat=True)
        roll_up(since_by_school=dict.fromkeys(schools, self.since), until=self.today, noted_on=self.today)
        roll_up_touched(today=self.today)
