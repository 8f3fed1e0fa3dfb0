"""`.env.example` names every setting, and nothing that nobody reads."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings

from config import local

BASE_DIR = Path(settings.BASE_DIR)
READ = re.compile(r'\benv\.\w+\(\s*"([A-Z_]+)"')
NAMED = re.compile(r"^(?:# )?([A-Z_]+)=(.*)$")
ONLY_COMPOSE = "# --- Only docker-compose.yml reads these."


def _example() -> str:
    return (BASE_DIR / ".env.example").read_text()


def _named(text: str) -> list[str]:
    return [found[1] for line in text.splitlines() if (found := NAMED.match(line))]


def test_the_example_names_exactly_the_variables_that_the_settings_read() -> None:
    read = set(READ.findall((BASE_DIR / "config" / "settings.py").read_text()))

    named = _named(_example().split(ONLY_COMPOSE)[0])

    assert sorted(named) == sorted(read)


def test_the_compose_part_names_exactly_what_only_the_compose_file_reads() -> None:
    settings_part, compose_part = _example().split(ONLY_COMPOSE)
    interpolated = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", (BASE_DIR / "docker-compose.yml").read_text()))

    assert sorted(_named(compose_part)) == sorted(interpolated - set(_named(settings_part)))


def test_every_variable_has_a_sentence_above_it() -> None:
    lines = _example().splitlines()

    without = [line for above, line in pairwise(lines) if NAMED.match(line) and not re.match(r"# [A-Z].*\.$", above)]

    assert without == []


def test_secrets_have_no_value_in_the_example() -> None:
    values = {found[1]: found[2] for line in _example().splitlines() if (found := NAMED.match(line))}

    secrets = {name: value for name, value in values.items() if name.endswith("PASSWORD") or name in local.KEYS}

    assert set(secrets.values()) == {""}


@pytest.mark.parametrize("folder", ["config", "schools", "students", "drives"])
def test_only_the_settings_read_the_environment(folder: str) -> None:
    readers = {
        str(path.relative_to(BASE_DIR))
        for path in (BASE_DIR / folder).rglob("*.py")
        if re.search(r"os\.environ(?!\.setdefault\(\"DJANGO_SETTINGS_MODULE\")|getenv", path.read_text())
    }

    allowed = {
        "config/settings.py",
        "config/local/__init__.py",  # whether there is a DATABASE_URL at all
        "config/management/commands/up.py",  # hands the whole of it to the processes
    }
    assert readers <= allowed
