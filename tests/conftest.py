"""What every test may lean on: a PostgreSQL, files that vanish, and a word about skipped browsers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from helpdesk.core.embedded import server_if_needed


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
) -> Iterator[None]:
    """Bring the embedded PostgreSQL up (unless DATABASE_URL is set) before the test database is made."""
    with server_if_needed(careless=True):
        _drop_leftovers()
        yield


def _drop_leftovers() -> None:
    """Databases of runs that were killed: their name ends in the number of a process that is gone."""
    database = settings.DATABASES["default"]
    if os.environ.get("DATABASE_URL") or os.environ.get("PYTEST_XDIST_WORKER", "gw0") != "gw0":
        return
    with psycopg.connect(
        host=database["HOST"], user=database["USER"], dbname="postgres", autocommit=True
    ) as link:
        names = link.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test_helpdesk_%'").fetchall()
        for (name,) in names:
            number = name.removeprefix("test_helpdesk_").partition("_")[0]
            if number.isdigit() and not Path(f"/proc/{number}").exists():
                link.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(autouse=True)
def files_dir(tmp_path: Path, settings: pytest.FixtureRequest) -> Path:
    """A folder of its own for what the test stores."""
    folder = tmp_path / "files"
    settings.MEDIA_ROOT = folder  # type: ignore[attr-defined]
    settings.STORAGES = settings.STORAGES | {  # type: ignore[attr-defined]
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": folder, "base_url": None},
        }
    }
    return folder
