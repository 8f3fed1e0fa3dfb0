"""Gunicorn: a few processes of a few threads each."""

from pathlib import Path

from config import settings

bind = f"{settings.WEB_HOST}:{settings.WEB_PORT}"
worker_class = "gthread"
workers = settings.WEB_WORKERS
threads = settings.WEB_THREADS
timeout = 60
graceful_timeout = 10
# A process is replaced now and then, so that what grows in it does not grow for ever.
max_requests = 5000
max_requests_jitter = 500
# The preview of a changed schedule names every kit on every day in its address; the usual 4094 end at six days of nine kits.
limit_request_line = 8190
# Requests are logged once, by django-structlog.
accesslog = None
errorlog = "-"
control_socket_disable = True
# The heartbeat's file, in memory where that is possible.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
