"""Every nasty kind of file: refused with a sentence that names it, or stored and served harmlessly. One table."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import UploadedFile
from django.test import Client

from attachments.models import AuditEntry, Blob, Folder, FolderFile
from helpdesk.core.refusals import Refused
from tests import walks
from tests.cast import Cast, a_file
from tickets.models import Ticket

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
ELF = b"\x7fELF\x02\x01\x01" + bytes(60)
PE = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(60) + b"PE\x00\x00"
SHELL = b"#!/bin/sh\nrm -rf /\n"
HTML = b"<!DOCTYPE html><script>alert(document.cookie)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'
XML = b'<?xml version="1.0"?><x xmlns:h="http://www.w3.org/1999/xhtml"><h:script>alert(1)</h:script></x>'
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
OFFICE = b"PK\x03\x04\x14\x00\x06\x00" + bytes(40)

REFUSED = [
    # sent as             content               what the person reads
    ("empty.txt",         b"",                  "“empty.txt” is empty."),
    ("setup.exe",         b"harmless text",     "“setup.exe” is a program, and programs are not accepted."),
    ("SETUP.EXE",         PE,                   "“SETUP.EXE” is a program, and programs are not accepted."),
    ("setup.exe.",        PE,                   "“setup.exe” is a program, and programs are not accepted."),
    ("setup.exe ",        PE,                   "“setup.exe” is a program, and programs are not accepted."),
    ("invoice.pdf.js",    b"alert(1)",          "“invoice.pdf.js” is a program, and programs are not accepted."),
    ("invoice.pdf",       PE,                   "“invoice.pdf” is a program, and programs are not accepted."),
    ("invoice.pdf",       ELF,                  "“invoice.pdf” is a program, and programs are not accepted."),
    ("invoice.pdf",       SHELL,                "“invoice.pdf” is a program, and programs are not accepted."),
    ("invoice.pdf",       b"\xef\xbb\xbf#! /usr/bin/env python", "“invoice.pdf” is a program, and programs are not accepted."),
    ("photo.jpg",         b"\xca\xfe\xba\xbe\x00\x00", "“photo.jpg” is a program, and programs are not accepted."),
    ("link.txt",          b"\x4c\x00\x00\x00\x01\x14\x02\x00", "“link.txt” is a program, and programs are not accepted."),
    ("gpj\u202eexe.scr",  b"text",              "“gpjexe.scr” is a program, and programs are not accepted."),
    ("a/../b/run.bat",    b"@echo off",         "“run.bat” is a program, and programs are not accepted."),
    ("x" * 300 + ".cmd",  b"@echo off",         "“" + "x" * 116 + ".cmd” is a program, and programs are not accepted."),
]  # fmt: skip

BYTES = "application/octet-stream"
KEPT = [
    # sent as                   content              kept as                     told to the browser
    ("page.html",               HTML,                "page.html",                BYTES),
    ("picture.png",             HTML,                "picture.png",              BYTES),
    ("drawing.svg",             SVG,                 "drawing.svg",              BYTES),
    ("feed.xml",                XML,                 "feed.xml",                 BYTES),
    ("page.html",               PNG,                 "page.html",                "image/png"),
    ("photo.png",               PNG,                 "photo.png",                "image/png"),
    ("paper.pdf",               PDF,                 "paper.pdf",                "application/pdf"),
    ("paper.pdf",               b"only words",       "paper.pdf",                "text/plain"),
    ("MZ.txt",                  b"MZ is a letter",   "MZ.txt",                   BYTES),
    ("notes.txt",               b"#!important",      "notes.txt",                "text/plain"),
    ("text.docx",               OFFICE,              "text.docx",                "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("archive.zip",             OFFICE,              "archive.zip",              "application/zip"),
    ("data.bin2",               b"\x00\x01\x02",     "data.bin2",                BYTES),
    ("../../etc/passwd",        b"root:x:0:0",       "passwd",                   "text/plain"),
    ("a\nContent-Type: x.txt",  b"words",            "a Content-Type_ x.txt",    "text/plain"),
    ('quote".txt',              b"words",            "quote_.txt",               "text/plain"),
    ("x" * 300 + ".txt",        b"words",            "x" * 116 + ".txt",         "text/plain"),
    ("txt\u202egpj.txt",        b"words",            "txtgpj.txt",               "text/plain"),
    ("...",                     b"words",            "file",                     "text/plain"),
    ("CON.txt",                 b"words",            "_CON.txt",                 "text/plain"),
    ("отчёт.txt",               "слова".encode(),    "отчёт.txt",                "text/plain"),
]  # fmt: skip


class Sent(UploadedFile):
    """An upload whose name has not been looked at by anybody yet."""

    def __init__(self, name: str, content: bytes, **facts: Any) -> None:
        super().__init__(io.BytesIO(content), "sent", size=len(content))
        self._name = name
        for key, value in facts.items():
            setattr(self, key, value)


def _nothing_is_left(files_dir: Any) -> bool:
    stored = [path for path in files_dir.rglob("*") if path.is_file()]
    return not (stored or Ticket.objects.exists() or Folder.objects.exists() or Blob.objects.exists())


@pytest.mark.parametrize(("name", "content", "sentence"), REFUSED)
def test_nasty_file_is_refused_by_name(cast: Cast, files_dir: Any, name: str, content: bytes, sentence: str) -> None:
    """R1.6, R1.11: a sentence, and nothing of the ticket."""
    with pytest.raises(Refused) as refusal:
        walks.opened(cast, files=[a_file(), Sent(name, content)])
    assert (refusal.value.message, refusal.value.field) == (sentence, "files")
    assert _nothing_is_left(files_dir)


def test_file_beyond_the_limit_is_refused(cast: Cast, files_dir: Any, settings: Any) -> None:
    """R1.6: 25 MB each. What was cut off while receiving is told by its mark."""
    for file in (Sent("film.mp4", b"x", too_large=True), Sent("film.mp4", b"x" * (settings.ATTACHMENT_MAX_BYTES + 1))):
        with pytest.raises(Refused) as refusal:
            walks.opened(cast, files=[file])
        assert refusal.value.message == "“film.mp4” is larger than 25 MB."
    assert _nothing_is_left(files_dir)


def test_file_at_the_limit_is_kept(cast: Cast, settings: Any) -> None:
    settings.ATTACHMENT_MAX_BYTES = 2000
    ticket = walks.opened(cast, files=[Sent("film.mp4", b"x" * 2000)])
    assert ticket.folder.files.get().blob.size == 2000


def test_twenty_six_files_are_refused(cast: Cast, files_dir: Any) -> None:
    """R1.6: 25 at once."""
    with pytest.raises(Refused) as refusal:
        walks.opened(cast, files=[a_file(f"{number}.txt") for number in range(26)])
    assert refusal.value.message == "At most 25 files can be sent at once; these are 26."
    assert _nothing_is_left(files_dir)


def test_twenty_five_files_are_kept(cast: Cast) -> None:
    ticket = walks.opened(cast, files=[a_file(f"{number}.txt") for number in range(25)])
    assert ticket.folder.files.count() == 25
    assert Blob.objects.count() == 1


def test_extensions_of_the_department_are_named_in_the_refusal(cast: Cast) -> None:
    """R1.6: what the department accepts; programs never, even where it says so."""
    cast.rules(attachment_extensions=".PDF, png, exe")
    with pytest.raises(Refused) as refusal:
        walks.opened(cast, files=[a_file("notes.txt")])
    assert refusal.value.message == "“notes.txt” is not of an accepted type. Accepted: exe, pdf, png."
    with pytest.raises(Refused) as refusal:
        walks.opened(cast, files=[Sent("setup.exe", b"text")])
    assert refusal.value.message == "“setup.exe” is a program, and programs are not accepted."
    assert walks.opened(cast, files=[Sent("Paper.PDF", PDF)]).folder.files.get().name == "Paper.PDF"


@pytest.mark.parametrize(("sent", "content", "kept", "told"), KEPT)
def test_nasty_file_is_served_harmlessly(
    cast: Cast, client: Client, sent: str, content: bytes, kept: str, told: str
) -> None:
    """It is saved, not shown; nothing in it may run; its bytes are unchanged."""
    ticket = walks.opened(cast, files=[Sent(sent, content)])
    client.force_login(cast.rita)
    copy, original = ticket.folder.files.get(), ticket.folder.attachments.get()
    for url in (f"/folders/{ticket.number}/files/{copy.pk}/", f"/attachments/{original.pk}/"):
        answer = client.get(url)
        assert (answer.status_code, b"".join(answer)) == (200, content)
        headers = {name: answer.headers[name] for name in HARMLESS}
        assert headers == HARMLESS
        assert (answer.headers["Content-Type"], answer.headers["Content-Length"]) == (told, str(len(content)))
        disposition = answer.headers["Content-Disposition"]
        assert disposition.startswith("attachment; filename")
        assert "\n" not in disposition
    assert (copy.name, original.name) == (kept, kept)


HARMLESS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "X-Frame-Options": "DENY",
}


def test_download_is_named_for_every_browser(cast: Cast, client: Client) -> None:
    """RFC 5987 where the name is not plain."""
    ticket = walks.opened(cast, files=[Sent("отчёт.txt", b"a"), Sent("plain name.txt", b"b")])
    client.force_login(cast.rita)
    names = [
        client.get(f"/folders/{ticket.number}/files/{file.pk}/").headers["Content-Disposition"]
        for file in ticket.folder.files.all()
    ]
    assert names == [
        "attachment; filename*=utf-8''%D0%BE%D1%82%D1%87%D1%91%D1%82.txt",
        'attachment; filename="plain name.txt"',
    ]


def test_two_files_of_one_name_both_stay(cast: Cast, client: Client) -> None:
    """R1.10: in the folder, and in its archive, whatever their case."""
    files = [a_file("A.txt", "one"), a_file("a.txt", "two"), a_file("A.txt", "three")]
    ticket = walks.opened(cast, files=files)
    client.force_login(cast.rita)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(client.get(f"/folders/{ticket.number}/zip/"))))
    assert {name: archive.read(name) for name in archive.namelist()} == {
        "A.txt": b"one",
        "a (2).txt": b"two",
        "A (3).txt": b"three",
    }
    assert [file.name for file in ticket.folder.attachments.all()] == ["A.txt", "a.txt", "A.txt"]


def test_names_in_a_folder_are_unique_in_the_database_too(cast: Cast) -> None:
    from django.db import IntegrityError, transaction

    ticket = walks.opened(cast, files=[a_file("A.txt")])
    copy = ticket.folder.files.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        FolderFile.objects.create(folder=ticket.folder, blob=copy.blob, name="a.TXT", added_by=cast.rita)


def test_copies_equal_their_originals(cast: Cast) -> None:
    """R1.8: number, names and checksums; the bytes are stored once for each content."""
    files = [a_file("one.txt", "1"), a_file("two.txt", "2"), a_file("same.txt", "1")]
    folder = walks.opened(cast, files=files).folder
    originals = list(folder.attachments.values_list("name", "blob"))
    assert list(folder.files.values_list("name", "blob")) == originals
    assert [name for name, _sha in originals] == ["one.txt", "two.txt", "same.txt"]
    assert [sha for _name, sha in originals] == [
        "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
        "d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35",
        "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
    ]
    assert Blob.objects.count() == 2


@pytest.mark.parametrize("place", ["copy", "original"])
def test_removing_one_leaves_the_other(cast: Cast, client: Client, place: str) -> None:
    """R1.9, R1.16, R1.17: they share the bytes and nothing else."""
    ticket = walks.opened(cast, files=[a_file("one.txt", "1")])
    copy = f"/folders/{ticket.number}/files/{ticket.folder.files.get().pk}/"
    original = f"/attachments/{ticket.folder.attachments.get().pk}/"
    gone, stays = (copy, original) if place == "copy" else (original, copy)
    client.force_login(cast.ana)
    assert client.get(f"{gone}remove/").status_code == 200
    assert client.post(f"{gone}remove/").status_code == 302
    assert (client.get(gone).status_code, client.post(f"{gone}remove/").status_code) == (404, 404)
    assert b"".join(client.get(stays)) == b"1"
    client.force_login(cast.rita)
    assert (client.get(gone).status_code, client.get(stays).status_code) == (404, 200)
    removals = AuditEntry.objects.filter(verb="removed").values_list("actor__name", "subject", "detail")
    assert list(removals) == [("Ana Andrade", "one.txt", "copy" if place == "copy" else "attachment")]
