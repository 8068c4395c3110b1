"""``/healthz`` and ``/readyz``: what machines are told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from helpdesk.core import health
from helpdesk.core.models import Heartbeat
from helpdesk.core.tasks import beat


def limping() -> health.Finding:
    return health.Finding("degraded", "12 letters wait")


def broken() -> health.Finding:
    raise RuntimeError("rita@demo.example")


@pytest.fixture
def only_ours(settings):
    settings.HEALTH_CHECKS = [
        "helpdesk.core.health.database",
        "helpdesk.core.health.worker",
        "helpdesk.core.health.storage",
    ]


def test_healthz_answers_whatever_the_host_and_without_a_query(client, django_assert_num_queries):
    response = client.get("/healthz", headers={"host": "10.1.2.3:8000"})
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_healthz_refuses_writes(client):
    assert client.post("/healthz").status_code == 405


def test_readyz_all_well_is_200(client, db, only_ours):
    beat()
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "checks": {"database": {"status": "ok"}, "worker": {"status": "ok"}, "storage": {"status": "ok"}},
    }


def test_readyz_worker_never_seen_is_503(client, db, only_ours):
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["worker"]["status"] == "down"


def test_readyz_worker_silent_is_503(client, db, only_ours):
    Heartbeat.objects.create(name="worker", seen_at=timezone.now() - timedelta(minutes=10))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["status"] == "down"


def test_readyz_storage_unwritable_is_503(client, db, only_ours, files_dir):
    beat()
    files_dir.parent.mkdir(exist_ok=True)
    files_dir.write_text("a file where the folder should be")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["storage"] == {"status": "down", "detail": "FileExistsError"}


def test_readyz_degraded_stays_200(client, db, settings):
    settings.HEALTH_CHECKS = ["helpdesk.core.health.database", f"{__name__}.limping"]
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "degraded",
        "checks": {"database": {"status": "ok"}, "limping": {"status": "degraded", "detail": "12 letters wait"}},
    }


def test_readyz_a_check_that_breaks_is_down_and_tells_no_values(client, db, settings):
    settings.HEALTH_CHECKS = [f"{__name__}.broken"]
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"] == {"broken": {"status": "down", "detail": "RuntimeError"}}
