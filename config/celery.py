"""Celery: the doorbell. What is to be done stands in PostgreSQL, and a sweep finds what was missed."""

import os

from celery import Celery
from celery.signals import worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("jemput_bola")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    [
        "students.roster",
        "drives.followups",
        "drives.notices",
        "drives.season",
        "drives.tablets",
        "drives.publishing.season",
        "drives.coverage",
    ]
)

# One roster at a time: its statements keep a processor of the database busy, and the other is for who stands at the door.
WORKERS: dict[str, list[str]] = {
    "worker": ["--queues=celery", "--concurrency=2"],
    "rosters": ["--queues=rosters", "--concurrency=1"],
}

# Files, mail and roll-ups yield to people on a machine that both share. Not too far: a file has seconds to be read within.
BEHIND_PEOPLE = 5


@worker_process_init.connect
def yield_to_people(**_kwargs: object) -> None:
    os.nice(BEHIND_PEOPLE)
