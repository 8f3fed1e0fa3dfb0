"""Settings: the only place that reads the environment. Every variable stands in `.env.example`."""

import logging
import os
from pathlib import Path
from typing import Any

import environ
import pghistory
import structlog
from celery.schedules import crontab
from kombu import Queue

from config import local

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"


class Environment(environ.Env):  # type: ignore[misc]
    """The environment and our files. A copy: what this process starts must not take the local servers for configured ones."""

    ENVIRON = dict(os.environ)


env = Environment()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")

LOCAL_SERVERS = not env.str("DATABASE_URL", "")
if LOCAL_SERVERS:
    # Nothing configured: a newcomer's machine. Our own servers, with secrets made once.
    env.read_env(local.env_file())
else:
    # Servers of one's own: the keys that `make run` made once on this machine. A deployment has no such file.
    for name, value in local.keys(known=env.ENVIRON).items():
        env.ENVIRON.setdefault(name, value)

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY")
# By its address a machine asks itself whether it is well.
ALLOWED_HOSTS = [*env.list("ALLOWED_HOSTS", default=["localhost", "[::1]"]), "127.0.0.1"]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.str("SITE_URL", "http://localhost:8000")
DEMO = env.bool("DEMO", False)

# 32-byte keys, base64: "1:key,2:key"; the last one seals, all of them open.
NIK_SEAL_KEYS = env.list("NIK_SEAL_KEYS")
NIK_DIGEST_KEY = env.str("NIK_DIGEST_KEY")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "pgtrigger",
    "pghistory",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "django_filters",
    "django_structlog",
    "axes",
    "config",
    "schools",
    "students",
    "drives",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "schools.language.UserLanguageMiddleware",
    "schools.zones.OwnZoneMiddleware",
    "config.requests.ReadableAddressMiddleware",
    "config.requests.PersonalPagesMiddleware",
    "students.typed.KeepsTypedMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.requests.LoggedRequestMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

# The web process (config/gunicorn.py).
WEB_HOST = env.str("WEB_HOST", "127.0.0.1")
WEB_PORT = env.int("PORT", 8000)
WEB_WORKERS = env.int("WEB_WORKERS", 2)
WEB_THREADS = env.int("WEB_THREADS", 4)

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "schools.navigation.navigation",
            ],
            "builtins": ["schools.templatetags.house"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"


def _database(url_name: str) -> dict[str, Any]:
    """A PostgreSQL database from a URL."""
    database: dict[str, Any] = dict(env.db_url(url_name))
    database["ENGINE"] = "django.db.backends.postgresql"
    database.setdefault("OPTIONS", {})
    return database


# The application connects as a role that owns nothing; migrations connect as the owner.
DATABASES: dict[str, dict[str, Any]] = {
    "default": _database("DATABASE_URL"),
    "owner": _database("DATABASE_OWNER_URL" if env.str("DATABASE_OWNER_URL", "") else "DATABASE_URL"),
}
# One transaction around every request: of the application's role alone, lest each request also connect as the owner.
DATABASES["default"]["ATOMIC_REQUESTS"] = True
if env.bool("DATABASE_POOL", False):
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 2, "max_size": env.int("DATABASE_POOL_SIZE", 8), "timeout": 10}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["TEST"] = {"MIRROR": "owner"}
# initdb's built-in C.UTF-8 provider everywhere, whatever the server's own locale is.
DATABASES["owner"]["TEST"] = {"TEMPLATE": "template0"}
DATABASE_APP_ROLE: str = DATABASES["default"]["USER"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The audit of writes: one insert for each statement, and nobody edits it.
PGHISTORY_LEVEL = pghistory.Statement
PGHISTORY_APPEND_ONLY = True

REDIS_URL = env.str("REDIS_URL")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
# Kombu names a Unix socket and its database in words of its own.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
CELERY_TASK_IGNORE_RESULT = True
# Rosters wait in a line of their own, which one process works off (`config.celery.WORKERS`).
CELERY_TASK_QUEUES = [Queue("celery"), Queue("rosters")]
CELERY_TASK_ROUTES = {"students.roster.tasks.work_on_upload": {"queue": "rosters"}}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A task that a killed worker held is given out again after this many seconds.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 300}
CELERY_TIMEZONE = "Asia/Jakarta"
CELERY_BEAT_SCHEDULE = {
    # Sweeps find what a lost message or a killed worker left; the tasks themselves are rung at once.
    "roster-sweep": {"task": "students.roster.tasks.sweep_uploads", "schedule": 30.0},
    "season-sweep": {"task": "drives.season.tasks.sweep_proposals", "schedule": 30.0},
    "publication-sweep": {"task": "drives.publishing.season.tasks.sweep_publications", "schedule": 30.0},
    "notices-due": {"task": "drives.notices.tasks.send_due_notices", "schedule": 60.0},
    "departures-untold": {"task": "drives.notices.tasks.tell_departures", "schedule": 60.0},
    "chances-untold": {"task": "drives.notices.tasks.tell_chances", "schedule": 60.0},
    "coverage-touched": {"task": "drives.coverage.tasks.roll_up_touched_days", "schedule": 20.0},
    "follow-ups-done": {"task": "drives.followups.tasks.end_follow_ups", "schedule": 600.0},
    "roster-retention": {"task": "students.roster.tasks.forget_rosters", "schedule": crontab(hour=1, minute=10)},
    "tablets-idle": {"task": "drives.tablets.tasks.revoke_idle_tablets", "schedule": crontab(hour=1, minute=30)},
    "coverage-nightly": {"task": "drives.coverage.tasks.roll_up_nightly", "schedule": crontab(hour=0, minute=20)},
}

AUTH_USER_MODEL = "schools.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
CSRF_FAILURE_VIEW = "students.typed.csrf_failed"
LOGIN_URL = "schools:sign_in"
LOGIN_REDIRECT_URL = "drives:home"
LOGOUT_REDIRECT_URL = "schools:sign_in"
SESSION_COOKIE_AGE = 60 * 60 * 12
# A whole school shares one address: an account and an address together are locked.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_TEMPLATE = "schools/locked_out.html"
AXES_RESET_ON_SUCCESS = True

LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
LOCALE_PATHS = sorted(path for path in (BASE_DIR / "locale").iterdir() if path.is_dir())
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Jakarta"
USE_THOUSAND_SEPARATOR = True
PHONENUMBER_DEFAULT_REGION = "ID"

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": env.str("STATICFILES_BACKEND", "config.static.ModuleStaticFilesStorage")},
}
WHITENOISE_MAX_AGE = 60 * 60 * 24 * 365
# Roster files and result lists; the importers have limits of their own.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Jemput Bola <jemput-bola@localhost>")
if LOCAL_SERVERS:
    # On a newcomer's machine mail is written to files, to be read and never sent.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"

SECURE_TLS = env.bool("SECURE_TLS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_TLS else None
# Behind our proxy, which tells a client's address and believes no client about it.
AXES_IPWARE_META_PRECEDENCE_ORDER = ["HTTP_X_FORWARDED_FOR", "REMOTE_ADDR"] if SECURE_TLS else ["REMOTE_ADDR"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_TLS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "camera": ["self"],
    "geolocation": [],
    "microphone": [],
    "payment": [],
    "usb": [],
}

LOG_LEVEL = env.str("LOG_LEVEL", "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer(),
            "foreign_pre_chain": [structlog.stdlib.add_log_level, structlog.processors.TimeStamper(fmt="iso")],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django_structlog": {"handlers": ["console"], "level": LOG_LEVEL, "propagate": False},
        # What was answered with 4xx stands in the request's own line already, and there without a student's link.
        "django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}
# One line a request, when it is answered.
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.stdlib.add_log_level,
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
