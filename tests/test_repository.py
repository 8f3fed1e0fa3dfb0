"""What keeps the house as it is meant: rules that nobody has to remember."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

from config.celery import app as celery_app
from schools.management.commands import messages
from students import fate

BASE = Path(settings.BASE_DIR)
OWN_APPS = ("schools", "students", "drives")
PERSON_TABLES = ("students.Person", "students.Enrolment", "students.Consent", "students.RosterRow", "students.RosterRepair")
# Open without signing in; each for a reason.
PUBLIC_VIEWS = {
    "healthz",  # what watches the service
    "schools:sign_in",
    "schools:password_set",  # a link that an administrator hands over, once and for three days
    "schools:language",  # the language of a page before signing in
    "drives:feed",  # a calendar of drives, by a revocable address; no person stands in it
    "drives:service_worker",  # the tablet's program: the same for everybody, and no person in it
    "drives:tablet_shell",
    "drives:api_events",  # a tablet by its own credential; a browser by its session
    "drives:tablet_pack",  # by a tablet's credential
    "drives:tablet_call",
    "drives:tablet_ping",
    "drives:tablet_walk_in_lookup",
    "drives:own_slot",  # a student's own slot, by token and birth date
    "drives:own_slot_calendar",
    "drives:own_slot_request",
}
TOP_LEVEL = {
    "manage.py",
    "pyproject.toml",
    "config",
    "drives",
    "schools",
    "students",
    "templates",
    "static",
    "tests",
    "docker-compose.yml",
    "README.md",
    ".ci",
    "Makefile",
    "Dockerfile",
    "locale",
    "docs",
    "CHANGELOG.md",
    "LICENSE",
    "requirements.txt",
    "requirements-dev.txt",
}


# Names and abbreviations that no language changes.
WORDS_IN_ANY_LANGUAGE = {
    *("Jemput", "Bola", "NIK", "NISN", "NPSN", "PIN", "Excel", "WhatsApp"),
    *("Bahasa", "Indonesia", "English"),
}
# `\d` alone would find digits of other scripts, which some tests are about. Serial 0000 is given to nobody.
SIXTEEN_DIGITS = re.compile(r"(?<![0-9A-Fa-f.])[0-9]{12}([0-9]{4})(?![0-9A-Fa-f])")


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=BASE, capture_output=True, text=True, check=True).stdout
    return [BASE / name for name in listed.split("\0") if name and (BASE / name).is_file()]


def named_patterns(patterns: list[URLPattern | URLResolver] | None = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from named_patterns(pattern.url_patterns, inner)
        elif pattern.name:
            yield f"{space}{pattern.name}", pattern


def own_models() -> list[type[models.Model]]:
    return [model for app in OWN_APPS for model in apps.get_app_config(app).get_models()]


def written_models() -> list[type[models.Model]]:
    """Ours, without the tables of versions that triggers fill."""
    return [model for model in own_models() if not hasattr(model, "pgh_tracked_model")]


def test_public_views_are_an_exact_list() -> None:
    public = {name for name, pattern in named_patterns() if not getattr(pattern.callback, "login_required", True)}

    assert public == PUBLIC_VIEWS


@pytest.mark.parametrize("label", PERSON_TABLES)
def test_every_field_about_a_person_is_declared_erased_or_kept(label: str) -> None:
    fields = {field.name for field in apps.get_model(label)._meta.concrete_fields}

    assert fate.ERASED[label] | fate.KEPT[label] == fields
    assert fate.ERASED[label] & fate.KEPT[label] == set()


@pytest.mark.parametrize("model", written_models(), ids=lambda model: model.__name__)
def test_moments_end_in_at_and_days_in_on(model: type[models.Model]) -> None:
    for field in model._meta.concrete_fields:
        if field.model is not model:
            continue
        if isinstance(field, models.DateTimeField) and field.name not in {"last_login", "date_joined"}:
            assert field.name == "at" or field.name.endswith("_at"), field
        elif type(field) is models.DateField:
            assert field.name in {"day", "since", "birth_date"} or field.name.endswith("_on"), field


@pytest.mark.parametrize("model", written_models(), ids=lambda model: model.__name__)
def test_no_model_orders_itself(model: type[models.Model]) -> None:
    assert list(model._meta.ordering or []) == []


def test_every_table_about_persons_carries_its_scope() -> None:
    about_persons = [
        model
        for model in written_models()
        if any(f.related_model is apps.get_model("students.Person") for f in model._meta.concrete_fields)
    ]

    without_office = {model.__name__ for model in about_persons if "office" not in {f.name for f in model._meta.concrete_fields}}

    assert without_office == set()


def test_every_beat_entry_has_a_task() -> None:
    celery_app.loader.import_default_modules()

    missing = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} - set(celery_app.tasks)

    assert missing == set()


def test_nothing_lies_at_the_top_that_no_tool_needs() -> None:
    top = {path.relative_to(BASE).parts[0] for path in tracked_files()}

    assert {name for name in top if not name.startswith(".")} - TOP_LEVEL == set()


def test_every_template_is_used() -> None:
    templates = {path.relative_to(BASE / "templates").as_posix() for path in (BASE / "templates").rglob("*.html")}
    sources = "\n".join(
        path.read_text()
        for folder in (*OWN_APPS, "config", "templates")
        for path in (BASE / folder).rglob("*")
        if path.suffix in {".py", ".html"}
    )
    # Django looks for these by name.
    known = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"} | {
        name for name in templates if name.startswith("bootstrap5/")
    }

    unused = {name for name in templates - known if f'"{name}"' not in sources and f"'{name}'" not in sources}

    assert unused == set()


def test_partials_state_their_inputs_first() -> None:
    silent = {
        path.relative_to(BASE).as_posix()
        for path in (BASE / "templates").rglob("_*.html")
        if not path.read_text().lstrip().startswith(("{#", "{% comment"))
    }

    assert silent == set()


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        path.relative_to(BASE).as_posix()
        for folder in OWN_APPS
        for path in (BASE / folder).rglob("*.py")
        if re.search(r"os\.environ|getenv|environ\.Env", path.read_text())
    }

    assert readers == set()


def test_no_drawer_for_everything() -> None:
    names = {path.name for folder in (*OWN_APPS, "config", "tests") for path in (BASE / folder).rglob("*.py")}

    assert names & {"utils.py", "helpers.py", "common.py", "misc.py", "signals.py"} == set()


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    """But for the one place that names the journeys which a machine without any browser cannot do (under CI it fails)."""
    switched_off = [
        f"{path.relative_to(BASE)}:{node.lineno}"
        for path in (BASE / "tests").rglob("*.py")
        if path != BASE / "tests" / "browser.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"skip", "skipif", "xfail"}
    ]

    assert switched_off == []


def test_nothing_is_loaded_from_another_host() -> None:
    loading = re.compile(r"""(?:src|href|action)=["'](?:https?:)?//(?!\{)""")
    allowed = re.compile(r"https://wa\.me/|https://maps\.|https://www\.openstreetmap\.org/")
    foreign = {
        path.relative_to(BASE).as_posix()
        for path in (BASE / "templates").rglob("*.html")
        if any(not allowed.search(line) for line in path.read_text().splitlines() if loading.search(line))
    }

    assert foreign == set()


def test_no_style_attribute_and_no_inline_script() -> None:
    inline = re.compile(r"""\sstyle=["']|<script(?![^>]*\ssrc=)|\son(?:click|change|submit|load)=""")
    guilty = {
        path.relative_to(BASE).as_posix() for path in (BASE / "templates").rglob("*.html") if inline.search(path.read_text())
    }

    assert guilty == set()


def test_every_text_is_said_in_indonesian() -> None:
    catalogues = {room: messages.read_catalogue(messages.catalogue_path(BASE, room)) for room in messages.ROOMS}

    assert list(messages.faults(messages.texts_by_room(BASE), catalogues)) == []


def test_no_word_stands_in_a_template_untranslated() -> None:
    unseen = re.compile(r"{#.*?#}|{%\s*(comment|blocktranslate)\b.*?{%\s*end\1\s*%}|<(svg|script)\b.*?</\2>", re.DOTALL)
    markup = re.compile(r"{%.*?%}|{{.*?}}|<[^>]*>|&\w+;", re.DOTALL)
    seen = {
        (path.relative_to(BASE).as_posix(), word)
        for path in (BASE / "templates").rglob("*.html")
        for word in re.findall(r"[^\W\d_]{2,}", markup.sub(" ", unseen.sub(" ", path.read_text())))
    }

    assert {(path, word) for path, word in seen if word not in WORDS_IN_ANY_LANGUAGE} == set()


def test_no_file_holds_a_number_that_could_be_somebodys() -> None:
    """Sixteen digits are a NIK, and a NIK here has a serial that is never issued: from 9000 on."""
    found = {
        f"{path.relative_to(BASE)}: …{serial}"
        for path in tracked_files()
        if path.suffix not in {".xlsx", ".svg", ".map", ".geojson", ".wasm"}
        for serial in SIXTEEN_DIGITS.findall(path.read_text(errors="ignore"))
        if serial < "9000" and serial != "0000"
    }

    assert found == set()


def test_no_file_names_the_machine_it_was_written_on() -> None:
    home = re.compile(r"/(?:home|Users)/\w+/|/[r]oot/|pypi\.org/simple|--(?:extra-)?index-url")
    named = {
        path.relative_to(BASE).as_posix()
        for path in tracked_files()
        if path != BASE / "tests" / "test_repository.py" and home.search(path.read_text(errors="ignore"))
    }

    assert named == set()


def test_migrations_are_named_by_intent() -> None:
    names = {path.stem for app in OWN_APPS for path in (BASE / app / "migrations").glob("0*.py")}

    assert {name for name in names if re.search(r"_auto_|_alter_|_and_more|_remove_", name)} == set()


def test_every_dependency_says_what_it_spares_us() -> None:
    """But for stubs, which spare what their library spares."""
    section = (BASE / "pyproject.toml").read_text().split("\ndependencies = [")[1].split("[tool.")[0]
    silent = [line.strip() for line in section.splitlines() if re.match(r'\s*"', line) and "#" not in line]

    assert [line for line in silent if not re.search(r"stubs|types|pytest|pyyaml|jsonschema", line)] == []
