"""The compose file, checked as far as a machine without Docker can."""

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.utils.module_loading import import_string

from config.celery import WORKERS

BASE_DIR = Path(settings.BASE_DIR)
TEXT = (BASE_DIR / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ["beat", "migrate", "rosters", "web", "worker"]


def test_the_services_are_these() -> None:
    assert sorted(SERVICES) == ["beat", "database", "migrate", "proxy", "rosters", "valkey", "web", "worker"]
    assert {name: service["image"] for name, service in SERVICES.items() if name not in OURS} == {
        "database": "postgres:18",
        "proxy": "caddy:2",
        "valkey": "valkey/valkey:9",
    }


def test_web_and_worker_are_several_and_the_others_are_one() -> None:
    replicas = {name: service["deploy"]["replicas"] for name, service in SERVICES.items() if "deploy" in service}

    assert replicas == {"web": 2, "worker": 2, "rosters": 1, "beat": 1}


def test_every_queue_has_a_worker_here_and_on_a_server() -> None:
    queues = {f"--queues={queue.name}" for queue in settings.CELERY_TASK_QUEUES}

    assert {options[0] for options in WORKERS.values()} == queues
    assert {name: SERVICES[name]["command"][4:-1] for name in WORKERS} == WORKERS


def test_nothing_that_multiplies_has_a_name_or_a_port_of_its_own() -> None:
    for name in ("web", "worker", "rosters"):
        assert not {"container_name", "ports"} & set(SERVICES[name])


def test_every_service_that_stays_is_asked_whether_it_is_well() -> None:
    staying = {name for name, service in SERVICES.items() if service["restart"] == "unless-stopped"}

    assert {name for name in staying if SERVICES[name]["healthcheck"]["test"]} == set(SERVICES) - {"migrate"}


def test_every_condition_names_a_service_that_can_meet_it() -> None:
    for service in SERVICES.values():
        for name, need in service.get("depends_on", {}).items():
            if need["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[name]
            else:
                assert (need["condition"], SERVICES[name]["restart"]) == ("service_completed_successfully", "no")


def test_every_volume_and_configuration_is_declared_and_used() -> None:
    volumes = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    configs = {config["source"] for service in SERVICES.values() for config in service.get("configs", [])}

    assert (volumes, configs) == (set(COMPOSE["volumes"]), set(COMPOSE["configs"]))


def test_only_migrate_knows_the_owner() -> None:
    knowing = {name for name in OURS if "DATABASE_OWNER_URL" in SERVICES[name]["environment"]}

    assert knowing == {"migrate"}


def test_our_services_are_given_only_settings_that_are_read() -> None:
    read = set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', (BASE_DIR / "config" / "settings.py").read_text()))

    for name in OURS:
        assert set(SERVICES[name]["environment"]) <= read


@pytest.mark.parametrize("name", OURS)
def test_every_command_of_ours_exists(name: str) -> None:
    command = SERVICES[name]["command"]
    words = command[2].split() if command[0] == "sh" else command
    programs = {word for word in words if word in ("gunicorn", "celery", "python")}

    for program in programs:
        assert shutil.which(program, path=str(Path(sys.executable).parent))
    assert programs


def test_the_image_serves_the_application_that_exists() -> None:
    dockerfile = (BASE_DIR / "Dockerfile").read_text()

    assert SERVICES["web"]["command"] == ["gunicorn", "-c", "config/gunicorn.py", "config.wsgi"]
    assert 'CMD ["gunicorn", "-c", "config/gunicorn.py", "config.wsgi"]' in dockerfile
    assert (BASE_DIR / "config" / "gunicorn.py").exists()
    assert callable(import_string("config.wsgi.application"))


def test_the_image_installs_only_what_the_lock_names_and_runs_as_nobody_special() -> None:
    dockerfile = (BASE_DIR / "Dockerfile").read_text()
    installs = [line for line in dockerfile.splitlines() if "pip install" in line]

    assert all("--require-hashes" in line for line in installs)
    assert re.findall(r"^USER (.*)$", dockerfile, re.MULTILINE) == ["app"]


def test_no_secret_stands_in_the_file() -> None:
    given = re.findall(r"(?:PASSWORD|_KEYS?|AUTH): (.*)$", TEXT, re.MULTILINE)

    assert given
    assert all(re.fullmatch(r"\$\{[A-Z_]+:\?\}", value) for value in given)
