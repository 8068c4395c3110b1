"""Receiving files: streamed, cut off at the limit, and refused with a sentence when the disk is full."""

from __future__ import annotations

import errno
from io import BytesIO

import pytest
from django.core.files import uploadedfile
from django.test import RequestFactory

from helpdesk.core.refusals import StorageUnavailable


def _post(rf: RequestFactory, **data):
    return rf.post("/x/", data)


def _file(name: str, content: bytes) -> BytesIO:
    file = BytesIO(content)
    file.name = name
    return file


@pytest.fixture
def small_limit(settings):
    settings.ATTACHMENT_MAX_BYTES = 1024
    return 1024


def test_file_within_the_limit_arrives_whole(rf, small_limit):
    request = _post(rf, subject="Printer", files=_file("a.bin", b"x" * small_limit))
    file = request.FILES["files"]
    assert (file.name, file.size, file.too_large, file.read()) == ("a.bin", 1024, False, b"x" * 1024)
    assert request.upload_failed is None
    assert request.POST["subject"] == "Printer"


def test_empty_file_arrives_empty(rf):
    file = _post(rf, files=_file("empty.txt", b"")).FILES["files"]
    assert (file.size, file.too_large) == (0, False)


def test_file_over_the_limit_is_cut_off_and_marked(rf, small_limit):
    request = _post(rf, files=[_file("big.bin", b"x" * 900_000), _file("small.txt", b"ok")], subject="still here")
    big, small = request.FILES.getlist("files")
    assert (big.size, big.too_large) == (900_000, True)
    assert len(big.read()) <= small_limit
    assert (small.size, small.too_large, small.read()) == (2, False, b"ok")
    assert request.POST["subject"] == "still here"


def test_files_over_the_limit_together_are_cut_off(rf, settings):
    settings.ATTACHMENT_MAX_BYTES = 1000
    settings.ATTACHMENT_MAX_FILES = 2
    files = _post(rf, files=[_file(f"{n}.bin", b"x" * 1000) for n in range(5)]).FILES.getlist("files")
    assert [file.too_large for file in files] == [False, False, False, True, True]


class _FullDisk(uploadedfile.TemporaryUploadedFile):
    """A temporary file on a disk that takes ten bytes."""

    def write(self, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_full_disk_is_noted_and_the_rest_of_the_form_is_read(rf, monkeypatch):
    monkeypatch.setattr("helpdesk.core.uploads.TemporaryUploadedFile", _FullDisk)
    request = _post(rf, files=[_file("a.txt", b"a" * 50), _file("b.txt", b"b")], subject="Printer", text="typed long")
    assert request.FILES.getlist("files") == []
    assert isinstance(request.upload_failed, StorageUnavailable)
    assert request.upload_failed.field == "files"
    assert "Files cannot be received at the moment" in str(request.upload_failed)
    assert (request.POST["subject"], request.POST["text"]) == ("Printer", "typed long")


def test_missing_temporary_folder_is_noted(rf, settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "gone")
    request = _post(rf, files=_file("a.txt", b"a"), subject="Printer")
    assert request.POST["subject"] == "Printer"
    assert isinstance(request.upload_failed, StorageUnavailable)
