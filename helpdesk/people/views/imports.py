"""Imports of people and organizations, for administrators: upload, look, import, result (R3.24)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.core.pages import page_of
from helpdesk.core.refusals import Refused
from helpdesk.core.spreadsheets import csv_lines, defused
from helpdesk.people import actions
from helpdesk.people.forms import ImportForm, StartImportForm
from helpdesk.people.models import PeopleImport
from helpdesk.people.requests import SignedInRequest

# So many rows are shown before an import, and so many faults; the rest is in the report.
SHOWN = 10
SHOWN_BAD = 50


def _for_administrators(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For everybody else there is no such page."""

    @wraps(view)
    def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_administrator:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@_for_administrators
def imports(request: SignedInRequest) -> HttpResponse:
    """The imports so far, newest first; on POST a file is looked at, and nothing of it written yet."""
    is_sent = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if is_sent else ImportForm()
    if is_sent and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            this = actions.check_import(by=request.user, file_name=file.name, content=file.read())
        except Refused as refusal:
            form.add_error("file", refusal.message)
        else:
            return redirect("people:import", this.pk)
    page = page_of(PeopleImport.objects.defer("rows", "bad").select_related("created_by"), request.GET)
    return render(request, "panel/imports.html", {"form": form, "page": page}, status=422 if is_sent else 200)


@require_safe
@_for_administrators
def page(request: SignedInRequest, pk: int) -> HttpResponse:
    """One import: what would happen, how far it is, or what has happened."""
    this = get_object_or_404(PeopleImport.objects.select_related("created_by"), pk=pk)
    context = {
        "this": this,
        "form": StartImportForm(),
        "is_checked": this.state == PeopleImport.State.CHECKED,
        "is_running": this.state == PeopleImport.State.RUNNING,
        "rows": this.rows[:SHOWN],
        "more_rows": max(0, len(this.rows) - SHOWN),
        "bad": this.bad[:SHOWN_BAD],
        "bad_count": len(this.bad),
        "more_bad": max(0, len(this.bad) - SHOWN_BAD),
    }
    return render(request, "panel/import.html", context)


@require_POST
@_for_administrators
def start(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have the worker import the good rows."""
    this, form = get_object_or_404(PeopleImport, pk=pk), StartImportForm(request.POST)
    try:
        if form.is_valid():
            actions.start_import(this=this, by=request.user, **form.cleaned_data)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("people:import", pk)


@require_POST
@_for_administrators
def discard(request: SignedInRequest, pk: int) -> HttpResponse:
    """Forget a file and its report."""
    this = get_object_or_404(PeopleImport, pk=pk)
    try:
        actions.discard_import(this=this, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("people:import", pk)
    messages.success(request, _("The file was forgotten; what was imported stays."))
    return redirect("people:imports")


@require_safe
@_for_administrators
def bad_rows(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The rows that were left out, as they stood, each with its line and the reasons; to be mended and sent again."""
    this = get_object_or_404(PeopleImport, pk=pk)
    width = max([len(this.header), *(len(row["cells"]) for row in this.bad)])
    padding = [""] * width
    header = [defused(str(cell)) for cell in [*this.header, *padding][:width]]
    rows = ([*[*row["cells"], *padding][:width], row["line"], " ".join(row["why"])] for row in this.bad)
    lines = csv_lines([*header, pgettext("file", "Line"), _("Why not")], rows)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="bad-rows-{this.pk}.csv"'
    return answer
