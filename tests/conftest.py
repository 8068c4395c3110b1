"""What every test may lean on: a PostgreSQL, files that vanish, and a word about skipped browsers."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.test import TransactionTestCase

from helpdesk.core.embedded import server_if_needed
from tests import database

pytest_plugins = ["tests.cast"]


# Tests that take long: journeys, those that start processes, those that need a time limit of their own.
_LONG = ("browser", "slow", "timeout")


# Seconds in which a journey ends on the busiest machine; a browser that hangs is noticed sooner by what it waits for.
_JOURNEY = 600


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with long tests are begun first: a worker that met one last would leave the other one idle."""
    ranks: dict[Path, int] = {}
    for item in items:
        if item.get_closest_marker("browser") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(_JOURNEY))
        rank = next((rank for rank, mark in enumerate(_LONG) if item.get_closest_marker(mark)), len(_LONG))
        ranks[item.path] = min(rank, ranks.get(item.path, rank))
    items.sort(key=lambda item: ranks[item.path])


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
) -> Iterator[None]:
    """Bring the embedded PostgreSQL up (unless DATABASE_URL is set) before the test database is made."""
    with server_if_needed(careless=True):
        _drop_leftovers()
        yield


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: Any,
    django_db_createdb: bool,
) -> Iterator[None]:
    """A database of the worker's own; tests that really commit leave it as they found it.

    Instead of pytest-django's, which migrates in every worker of every run (``--create-db`` does so once).
    """
    with django_db_blocker.unblock():
        before = database.enter(anew=django_db_createdb)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: database.restore())
        yield
    with django_db_blocker.unblock():
        database.leave(before)


def _drop_leftovers() -> None:
    """Databases of runs that were killed: their name ends in the number of a process that is gone."""
    server = settings.DATABASES["default"]
    if os.environ.get("DATABASE_URL") or os.environ.get("PYTEST_XDIST_WORKER", "gw0") != "gw0":
        return
    with psycopg.connect(host=server["HOST"], user=server["USER"], dbname="postgres", autocommit=True) as link:
        names = link.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test_helpdesk_%'").fetchall()
        for (name,) in names:
            number = name.removeprefix("test_helpdesk_").partition("_")[0]
            if number.isdigit() and not Path(f"/proc/{number}").exists():
                link.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The machine's Chromium; journeys that ask for it are skipped where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if path := shutil.which(name):
            return path
    pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where the browser is required (HELPDESK_REQUIRE_BROWSER=1), a skipped journey has failed."""
    report = yield
    required = os.environ.get("HELPDESK_REQUIRE_BROWSER") == "1"
    if required and report.skipped and item.get_closest_marker("browser"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and HELPDESK_REQUIRE_BROWSER forbids that: {call.excinfo}"
    return report


@pytest.fixture(autouse=True)
def forgotten_content_types() -> None:
    """A test that empties the tables gives the content types new keys; nobody remembers the old ones."""
    ContentType.objects.clear_cache()


@pytest.fixture(autouse=True)
def files_dir(tmp_path: Path, settings: Any) -> Path:
    """A folder of its own for what the test stores."""
    folder = tmp_path / "files"
    settings.MEDIA_ROOT = folder
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": folder, "base_url": None},
        }
    }
    return folder


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can reach: pytest closes its folders to others, again and again."""
    folder = Path(tempfile.mkdtemp(prefix="helpdesk-test-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
