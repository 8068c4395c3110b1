"""All or nothing: full and absent storages, failures in between, processes that were killed."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.utils import timezone

from attachments import storing, tasks
from attachments.models import Attachment, AuditEntry, Blob, Folder, FolderFile
from helpdesk.core.refusals import StorageUnavailable
from helpdesk.notifications.models import Letter, Notification
from tests import walks
from tests.cast import Cast, a_file
from tickets.models import Event, Message, Ticket

FULL = "There is no room left to store files. Nothing was sent; please try again later."
AWAY = "Files cannot be stored at the moment. Nothing was sent; please try again later."


def _use(settings: Any, files_dir: Path, name: str, **options: Any) -> None:
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": f"tests.attachments.storages.{name}",
            "OPTIONS": {"location": files_dir, "base_url": None, **options},
        }
    }


def _stored(files_dir: Path) -> list[str]:
    return sorted(path.name for path in files_dir.rglob("*") if path.is_file())


def _rows() -> dict[str, int]:
    models = (Ticket, Message, Event, Folder, FolderFile, Attachment, Blob, AuditEntry, Notification, Letter)
    return {model.__name__: model._default_manager.count() for model in models}


NOTHING = dict.fromkeys(
    (
        "Ticket",
        "Message",
        "Event",
        "Folder",
        "FolderFile",
        "Attachment",
        "Blob",
        "AuditEntry",
        "Notification",
        "Letter",
    ),
    0,
)


@pytest.mark.parametrize("room", [0, 1, 4, 5, 9, 10, 14])
def test_full_storage_refuses_the_opening_at_any_byte(cast: Cast, settings: Any, files_dir: Path, room: int) -> None:
    """R1.11: three files of five bytes; wherever the disk ends, nothing of the ticket is left, on disk or in rows."""
    _use(settings, files_dir, "FullStorage", room=room)
    with pytest.raises(StorageUnavailable) as refusal:
        walks.opened(cast, files=[a_file("1.txt", "11111"), a_file("2.txt", "22222"), a_file("3.txt", "33333")])
    assert (refusal.value.message, refusal.value.field) == (FULL, "files")
    assert (_stored(files_dir), _rows()) == ([], NOTHING)


def test_storage_that_is_away_refuses_the_opening(cast: Cast, settings: Any, files_dir: Path) -> None:
    _use(settings, files_dir, "AwayStorage")
    with pytest.raises(StorageUnavailable) as refusal:
        walks.opened(cast)
    assert (refusal.value.message, refusal.value.field) == (AWAY, "files")
    assert (_stored(files_dir), _rows()) == ([], NOTHING)


@pytest.mark.parametrize("whole_folder", [False, True])
def test_storage_that_is_away_gives_a_page_to_the_reader(
    cast: Cast, client: Client, settings: Any, files_dir: Path, whole_folder: bool
) -> None:
    """R1.17: one file or all of them; what nobody got is not written down as taken."""
    ticket = walks.opened(cast)
    _use(settings, files_dir, "AwayStorage")
    client.force_login(cast.rita)
    one = f"/attachments/{ticket.folder.attachments.get().pk}/"
    answer = client.get(f"/folders/{ticket.number}/zip/" if whole_folder else one)
    assert answer.status_code == 503
    page = answer.content.decode()
    assert "Files cannot be read at the moment. Please try again later." in page
    assert f'href="/folders/{ticket.number}/"' in page
    assert not AuditEntry.objects.filter(verb__in=["downloaded", "zipped"]).exists()


def test_full_storage_leaves_an_earlier_file_of_the_same_content(cast: Cast, settings: Any, files_dir: Path) -> None:
    kept = walks.opened(cast, files=[a_file("1.txt", "11111")])
    _use(settings, files_dir, "FullStorage", room=0)
    with pytest.raises(StorageUnavailable):
        walks.opened(cast, files=[a_file("again.txt", "11111"), a_file("2.txt", "22222")])
    assert _stored(files_dir) == [kept.folder.files.get().blob_id]
    with kept.folder.files.get().blob.open() as stream:
        assert stream.read() == b"11111"


def test_failure_after_storing_takes_the_bytes_along(cast: Cast, files_dir: Path) -> None:
    class Oops(Exception):
        pass

    def upload_and_fail() -> None:
        with storing.unit_of_work():
            storing.store([a_file("1.txt", "11111")])
            assert len(_stored(files_dir)) == 1
            raise Oops

    with pytest.raises(Oops):
        upload_and_fail()
    assert (_stored(files_dir), Blob.objects.count()) == ([], 0)


def test_bytes_cut_short_by_a_kill_are_written_anew(cast: Cast, files_dir: Path) -> None:
    content = "11111"
    blob = storing._measure(a_file("1.txt", content))
    default_storage.save(blob.storage_name, ContentFile(b"11"))
    ticket = walks.opened(cast, files=[a_file("1.txt", content)])
    with ticket.folder.files.get().blob.open() as stream:
        assert stream.read() == b"11111"


def test_sweep_removes_what_a_kill_left_and_nothing_else(cast: Cast, files_dir: Path) -> None:
    """R1.11: bytes of no row, older than a day; once in every hour's share, so all of them within a day."""
    kept = walks.opened(cast).folder.files.get().blob
    now = timezone.now()
    old = _orphan(files_dir, "a" * 64, now - timedelta(hours=49))
    foreign = _orphan(files_dir, "a" * 64 + "_Xy12", now - timedelta(days=9))
    young = _orphan(files_dir, "b" * 64, now - timedelta(hours=23))
    _age(files_dir / kept.storage_name, now - timedelta(days=30))
    # The share of an hour follows from the hour; what is old enough, from the instant.
    removed = [tasks.sweep_storage(at=(now - timedelta(hours=hour))) for hour in range(24)]
    assert sum(removed) == 2
    assert [path.exists() for path in (old, foreign, young, files_dir / kept.storage_name)] == [
        False,
        False,
        True,
        True,
    ]


def test_sweep_is_scheduled() -> None:
    from helpdesk.core.schedules import JOBS

    assert [(job.func, job.minutes) for job in JOBS if job.name == "orphans"] == [
        ("attachments.tasks.sweep_storage", 60)
    ]


def _orphan(files_dir: Path, name: str, at: Any) -> Path:
    path = files_dir / "blobs" / name[:2] / name[2:4] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"left behind")
    _age(path, at)
    return path


def _age(path: Path, at: Any) -> None:
    os.utime(path, (at.timestamp(), at.timestamp()))


@pytest.mark.django_db(transaction=True)
def test_two_uploads_of_one_content_at_once_are_stored_once(cast: Cast, files_dir: Path) -> None:
    """Same files in different order: nobody waits for ever, and each content lies there once."""
    names = [["1", "2", "3"], ["3", "2", "1"], ["2", "1", "3"], ["1", "3", "2"]]
    errors: list[BaseException] = []
    start = threading.Barrier(len(names))

    def upload(contents: list[str]) -> None:
        try:
            start.wait(timeout=20)
            walks.opened(cast, files=[a_file(f"{content}.txt", content * 100_000) for content in contents])
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=upload, args=(contents,)) for contents in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
    assert (Ticket.objects.count(), FolderFile.objects.count(), Blob.objects.count()) == (4, 12, 3)
    assert _stored(files_dir) == sorted(Blob.objects.values_list("pk", flat=True))
