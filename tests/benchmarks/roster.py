"""A roster from file to rows: the bare limit, django-import-export, and ours. Goals 1 and 2 of the roster.

Ours reads in a child process with limits, checks every cell, matches with the whole database, seals every NIK, keeps the
changeset for review, and writes persons, enrolments and classes under audit triggers. The others write one scratch table
with columns and indexes like a person's, without triggers, sealing, checks or enrolments: less work than ours.
"""

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from django.db import connection, models, transaction
from django.utils import timezone

from schools.models import School
from students.models import Enrolment, Person, RosterUpload
from students.roster import intake, tasks
from tests.benchmarks import bare_reader, pupils
from tests.benchmarks.database import as_owner, processor_seconds
from tests.benchmarks.timing import Goal, Measured
from tests.students.roster.workbooks import DAPODIK_UPPER

ROWS: Final = 12_000
CHANGED_EVERY: Final = 20
# The first ones are cold, as no worker stays; the median is of the warm ones.
ROUNDS: Final = 7
FIELDS: Final = (
    "nik", "name", "sex", "nisn", "birth_place", "birth_date", "address", "village", "district", "phone", "class_name",
)  # fmt: skip
COLUMNS: Final = ", ".join(FIELDS)
SCRATCH: Final = """
    CREATE TABLE bench_pupil (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, nik varchar(16) NOT NULL UNIQUE, name varchar(120) NOT NULL,
        sex varchar(1) NOT NULL, nisn varchar(10) NOT NULL, birth_place varchar(60) NOT NULL, birth_date date NOT NULL,
        address varchar(200) NOT NULL, village varchar(60) NOT NULL, district varchar(60) NOT NULL, phone varchar(16) NOT NULL,
        class_name varchar(40) NOT NULL
    );
    CREATE INDEX ON bench_pupil USING gin (name gin_trgm_ops);
    CREATE INDEX ON bench_pupil (class_name, name, id);
    CREATE INDEX ON bench_pupil (district, name, id);
    CREATE INDEX ON bench_pupil (birth_date);
    GRANT ALL ON bench_pupil TO PUBLIC;
    GRANT ALL ON SEQUENCE bench_pupil_id_seq TO PUBLIC
"""


class BenchPupil(models.Model):
    """The scratch table, for the peer that wants a model."""

    nik = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=120)
    sex = models.CharField(max_length=1)
    nisn = models.CharField(max_length=10)
    birth_place = models.CharField(max_length=60)
    birth_date = models.DateField()
    address = models.CharField(max_length=200)
    village = models.CharField(max_length=60)
    district = models.CharField(max_length=60)
    phone = models.CharField(max_length=16)
    class_name = models.CharField(max_length=40)

    class Meta:
        app_label = "students"
        managed = False
        db_table = "bench_pupil"

    def __str__(self) -> str:
        return self.name


def measure(say: Callable[[str], None], *, rounds: int = ROUNDS) -> list[Measured]:
    """Both goals, the ways in turn."""
    school = School.objects.get(npsn="20102575")
    people = pupils.pupils(ROWS)
    first = pupils.dapodik(people, school="SMAN 55 JAKARTA")
    second = pupils.dapodik(pupils.with_changes(people, every=CHANGED_EVERY), school="SMAN 55 JAKARTA")
    flat_first = pupils.flat(people, headings=_headings())
    flat_second = pupils.flat(pupils.with_changes(people, every=CHANGED_EVERY), headings=_headings())
    as_owner(SCRATCH)
    new = Measured(
        f"Roster of {ROWS} rows, all new",
        [Goal("import-export default", 15), Goal("import-export bulk", 6), Goal("bare limit", 2, at_most=True)],
        used=processor_seconds,
    )
    again = Measured(
        f"The same roster with one row in {CHANGED_EVERY} changed",
        [Goal("import-export default", 25), Goal("bare limit", 2, at_most=True)],
        used=processor_seconds,
    )
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        moment = timezone.now() + timedelta(minutes=number)
        _empty()
        new.run("bare limit", partial(bare, first))
        again.run("bare limit", partial(bare, second))
        new.run("ours", partial(ours, school, first, now=moment))
        before = _written()
        again.run("ours", partial(ours, school, second, now=moment + timedelta(seconds=30)))
        again.notes["rows changed, rows written"] = f"{ROWS // CHANGED_EVERY}, {_written() - before}"
        if number == rounds // 2:
            for name, is_bulk in (("import-export default", False), ("import-export bulk", True)):
                say(name)
                as_owner("TRUNCATE bench_pupil")
                new.run(name, partial(import_export, flat_first, is_bulk=is_bulk))
                again.run(name, partial(import_export, flat_second, is_bulk=is_bulk))
    return [new, again]


def ours(school: School, data: bytes, *, now: datetime) -> None:
    """What the page and the worker do, one after the other."""
    upload = intake.upload_roster(school=school, data=data, filename="daftar.xlsx", by=None, now=now, ring_worker=False)
    tasks.work(upload.pk)
    intake.approve_upload(upload=upload, by=None, now=now, ring_worker=False)
    tasks.work(upload.pk)
    upload.refresh_from_db(fields=["status"])
    if upload.status != RosterUpload.Status.APPLIED or Person.objects.count() != ROWS or Enrolment.objects.count() != ROWS:
        raise RuntimeError("The roster was not imported.")


def bare(data: bytes) -> None:
    """calamine in a child process, COPY into a staging table, one INSERT … ON CONFLICT."""
    updated = ", ".join(f"{name} = excluded.{name}" for name in FIELDS[1:])
    differs = f"({', '.join('bench_pupil.' + name for name in FIELDS[1:])}) IS DISTINCT FROM "
    differs += f"({', '.join('excluded.' + name for name in FIELDS[1:])})"
    with (
        subprocess.Popen([sys.executable, "-m", bare_reader.__name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        output, _ = child.communicate(data)
        cursor.execute(f"CREATE TEMP TABLE staging ON COMMIT DROP AS SELECT {COLUMNS} FROM bench_pupil WITH NO DATA")
        with cursor.copy(f"COPY staging ({COLUMNS}) FROM STDIN") as copy:
            copy.write(output)
        cursor.execute(
            f"INSERT INTO bench_pupil ({COLUMNS}) SELECT {COLUMNS} FROM staging"
            f" ON CONFLICT (nik) DO UPDATE SET {updated} WHERE {differs}"
        )


def import_export(data: bytes, *, is_bulk: bool) -> None:
    """Its own reader of .xlsx files and its resource, as its documentation has them; no dry run first."""
    from import_export import resources
    from import_export.formats.base_formats import XLSX

    class Pupils(resources.ModelResource):  # type: ignore[misc]
        class Meta:
            model = BenchPupil
            import_id_fields = ("nik",)
            fields = FIELDS
            use_bulk = is_bulk
            batch_size = 1000
            use_transactions = True

    result: Any = Pupils().import_data(XLSX().create_dataset(data), raise_errors=True)
    if result.has_errors() or BenchPupil._default_manager.count() != ROWS:
        raise RuntimeError("import-export did not bring all rows in.")


def _headings() -> list[str]:
    """The fields of the model over their columns, and something over the rest."""
    names = dict(zip(bare_reader.COLUMNS, FIELDS, strict=True))
    return [names.get(column, f"column_{column}") for column in range(len(DAPODIK_UPPER))]


def _written() -> int:
    """Writes of persons and enrolments, as their history has them."""
    events = (Person.pgh_event_model, Enrolment.pgh_event_model)  # type: ignore[attr-defined]
    return sum(model.objects.count() for model in events)


def _empty() -> None:
    as_owner(
        "TRUNCATE bench_pupil",
        "TRUNCATE students_person, students_personevent, students_enrolment, students_enrolmentevent, students_classgroup,"
        " students_classgroupevent, students_rosterupload, students_rosteruploadevent, students_rosterrow CASCADE",
        "VACUUM ANALYZE",
    )
