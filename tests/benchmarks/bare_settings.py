"""The bare limit's server: our database, pool, sessions and users, and nothing else of ours."""

from config.settings import *  # noqa: F403

MIDDLEWARE = [
    "django.middleware.common.CommonMiddleware",  # says how long an answer is
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
ROOT_URLCONF = "tests.benchmarks.bare_views"
WSGI_APPLICATION = "tests.benchmarks.bare_wsgi.application"
