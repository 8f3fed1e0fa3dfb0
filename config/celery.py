"""Celery: the doorbell. What is to be done stands in PostgreSQL, and a sweep finds what was missed."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("jemput_bola")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["students.roster", "drives.notices", "drives.coverage"])
