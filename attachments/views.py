"""Folders and files: what is granted can be seen and taken, the rest is not there (R1.12, R1.15).

A download writes a line into the folder's audit although it is a GET: the line is the record of the access, nothing
else changes, and repeating it only adds another line (R1.17).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import close_old_connections, connection
from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.csp import CSP
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET, require_http_methods
from zipstream import ZipStream

from helpdesk.core.pages import read_key
from helpdesk.core.refusals import Refused, StorageUnavailable
from helpdesk.people.requests import SignedInRequest

from . import actions, permissions
from .contents import kind_of, served_type
from .models import AnyFile, Attachment, AuditEntry, Folder, FolderFile

PAGE = 25
RECORDS = 50
# Even where a browser shows a file instead of saving it, nothing in it may run or load.
_POLICY: dict[str, Any] = {"default-src": [CSP.NONE], "sandbox": True}
HARMLESS = csp_override(_POLICY)


@require_GET
def folders(request: SignedInRequest) -> HttpResponse:
    """The folders that the reader may open, newest first, found by number or title."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    older_than, newer_than = read_key(request.GET.get("before")), read_key(request.GET.get("after"))
    window: dict[str, Any] = {"size": PAGE + 1, "older_than": older_than, "newer_than": newer_than}
    if words:
        keys = Folder.objects.matching(words).visible_to(request.user).page_keys(**window)
    else:
        keys = Folder.objects.page_keys_visible_to(request.user, **window)
    is_upwards, more = newer_than is not None, len(keys) > PAGE
    keys = keys[-PAGE:] if is_upwards else keys[:PAGE]
    context = {
        "folders": Folder.objects.with_totals().filter(pk__in=keys).order_by("-pk"),
        "words": words,
        "newer": keys[0] if keys and (more if is_upwards else older_than is not None) else None,
        "older": keys[-1] if keys and (more or is_upwards) else None,
        "is_first_page": not is_upwards and older_than is None,
    }
    return render(request, "attachments/folders.html", context)


@require_GET
def folder(request: SignedInRequest, number: int) -> HttpResponse:
    """One folder: its files, who has access, and for administrators everything that happened to it."""
    this = get_object_or_404(Folder.objects.visible_to(request.user), name=str(number))
    files = FolderFile.objects.filter(folder=this).select_related("blob", "added_by", "removed_by")
    kept = [_described(file) for file in files.kept()]
    context = {
        "folder": this,
        "files": kept,
        "total": sum(file.blob.size for file in kept),
        "access": _access(this),
        "may_remove": permissions.reason_not(request.user, "remove", this) is None,
    }
    if context["may_remove"]:
        originals = Attachment.objects.kept().filter(folder=this).select_related("blob", "added_by")
        older_than = read_key(request.GET.get("records"))
        records = AuditEntry.objects.filter(folder=this).select_related("actor").order_by("-pk")
        page = list((records.filter(pk__lt=older_than) if older_than else records)[: RECORDS + 1])
        context |= {
            "originals": [_described(file) for file in originals],
            "removed": [_described(file) for file in files.filter(removed_at__isnull=False)],
            "records": page[:RECORDS],
            "older_records": page[RECORDS - 1].pk if len(page) > RECORDS else None,
        }
    return render(request, "attachments/folder.html", context)


@require_GET
@HARMLESS
def archive(request: SignedInRequest, number: int) -> HttpResponseBase:
    """The whole folder as one archive, streamed from the storage file by file; its length is told beforehand."""
    this = get_object_or_404(Folder.objects.visible_to(request.user), name=str(number))
    try:
        files, lost = actions.open_folder(folder=this, by=request.user)
    except Refused as refusal:
        return _unavailable(request, refusal, this)
    stream = ZipStream(sized=True)
    for file in files:
        stream.add(_chunks(file), file.name, size=file.blob.size)
    if lost:
        words = [_("These files are missing in our storage:"), *(file.name for file in lost), ""]
        stream.add("\r\n".join(words), "_missing.txt")
    response = StreamingHttpResponse(stream, content_type="application/zip")
    response.headers["Content-Length"] = str(len(stream))
    return _as_download(response, f"{this.name}.zip")


@require_GET
@HARMLESS
def folder_file(request: SignedInRequest, number: int, pk: int) -> HttpResponseBase:
    """Download the copy in a folder."""
    return _download(request, FolderFile.objects.filter(folder__name=str(number)), pk)


@require_GET
@HARMLESS
def attachment(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Download the original on a message."""
    return _download(request, Attachment.objects.all(), pk)


@require_http_methods(["GET", "POST"])
def remove_folder_file(request: SignedInRequest, number: int, pk: int) -> HttpResponse:
    """Ask, and on POST remove a copy; the original stays (R1.9, R1.16)."""
    return _remove(request, FolderFile.objects.filter(folder__name=str(number)), pk)


@require_http_methods(["GET", "POST"])
def remove_attachment(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask, and on POST remove an original; the copy in the folder stays (R1.9, R1.16)."""
    return _remove(request, Attachment.objects.all(), pk)


def _download(request: SignedInRequest, among: Any, pk: int) -> HttpResponseBase:
    file = get_object_or_404(among.visible_to(request.user).select_related("blob", "folder"), pk=pk)
    try:
        stream = actions.open_file(file=file, by=request.user)
    except Refused as refusal:
        return _unavailable(request, refusal, file.folder)
    response = FileResponse(stream, content_type=served_type(file.blob.content_type, file.name))
    response.headers["Content-Length"] = str(file.blob.size)
    return _as_download(response, file.name)


def _unavailable(request: SignedInRequest, refusal: Refused, this: Folder) -> HttpResponse:
    """Why nothing is downloaded: the storage is away for now, or has lost the file."""
    is_away = isinstance(refusal, StorageUnavailable)
    context = {"refusal": refusal.message, "folder": this, "is_away": is_away}
    return render(request, "attachments/unavailable.html", context, status=503 if is_away else 404)


def _as_download(response: StreamingHttpResponse, name: str) -> StreamingHttpResponse:
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    if not connection.in_atomic_block:
        # Sending takes as long as the reader's line needs; meanwhile the connection may serve others.
        close_old_connections()
    return response


def _chunks(file: AnyFile) -> Iterator[bytes]:
    with file.blob.open() as stream:
        yield from stream.chunks()


def _remove(request: SignedInRequest, among: Any, pk: int) -> HttpResponse:
    file = get_object_or_404(among.visible_to(request.user).select_related("blob", "folder", "added_by"), pk=pk)
    reason = permissions.reason_not(request.user, "remove", file.folder)
    if reason:
        raise PermissionDenied(reason)
    if request.method == "POST":
        actions.remove(file=file, by=request.user)
        messages.success(request, _("“%(name)s” was removed.") % {"name": file.name})
        return redirect("attachments:folder", number=file.folder.name)
    return render(request, "attachments/remove.html", {"file": _described(file)})


def _described(file: Any) -> Any:
    """With the word for its kind."""
    file.kind = kind_of(file.blob.content_type, file.name)
    return file


def _access(this: Folder) -> list[dict[str, Any]]:
    """Who may open the folder: departments first, then people by name, each with whether they may add files."""
    departments = this.group_grants.filter(permission__codename=permissions.VIEW).select_related("group__department")
    people: dict[int, dict[str, Any]] = {}
    for row in this.user_grants.select_related("user", "permission").order_by("user__name", "user_id"):
        entry = people.setdefault(row.user_id, {"person": row.user, "may_add": False})
        entry["may_add"] |= row.permission.codename == permissions.ADD
    return [
        *({"department": row.group.department} for row in departments if hasattr(row.group, "department")),
        *(entry for entry in people.values() if entry["person"].is_active),
    ]
