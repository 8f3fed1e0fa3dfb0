#!/usr/bin/env python
"""Django's command line. Without DATABASE_URL the local servers run while a command does."""

import os
import signal
import sys
from contextlib import nullcontext
from types import FrameType

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from config import local

WITHOUT_SERVERS = {"", "--help", "-h", "help", "--version", "version", "up", "messages", "collectstatic", "diffsettings"}


def _end(number: int, _frame: FrameType | None) -> None:
    """A command told to end leaves the servers properly."""
    sys.exit(128 + number)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _end)
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    alone = command in WITHOUT_SERVERS or "--help" in sys.argv or local.configured()
    if command == "up":
        # On one machine nobody should have to make keys, also when the servers are the person's own.
        local.env_file()
        # What `make run` shows is the demonstration, unless it is told otherwise.
        os.environ.setdefault("DEMO", "false" if "--no-demo" in sys.argv else "true")
    try:
        with nullcontext() if alone else local.servers():
            execute_from_command_line(sys.argv)
    except (local.LocalServersError, ImproperlyConfigured) as refusal:
        sys.exit(str(refusal))


if __name__ == "__main__":
    main()
