"""Reports as pages: one's own and nobody else's; for everybody else there is no such page."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import close_old_connections, connection
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from attachments.views import HARMLESS
from helpdesk.core.pages import page_of, read_key
from helpdesk.core.refusals import Refused
from helpdesk.people.models import Account
from helpdesk.people.requests import SignedInRequest

from . import actions, permissions
from .forms import ScheduleForm
from .kinds import KINDS
from .models import Report, ReportSchedule
from .periods import resolved

logger = logging.getLogger(__name__)


@require_safe
def reports(request: SignedInRequest) -> HttpResponse:
    """The reader's reports, newest first."""
    account = Account.current()
    context = {
        "page": page_of(Report.objects.visible_to(request.user), request.GET),
        "days": account.report_retention if account else None,
        "may_schedule": request.user.works_here,
    }
    return render(request, "reports/reports.html", context)


@require_POST
def ask(request: SignedInRequest) -> HttpResponse:
    """Have a report made; what is asked for stands in the form, and counts only as far as the kind knows it."""
    kind, form = request.POST.get("kind", ""), request.POST.get("form", "")
    facts = KINDS[kind].chosen(request.POST) if kind in KINDS else {}
    return _asked(request, lambda: actions.ask(by=request.user, kind=kind, form=form, facts=facts))


@require_POST
def ask_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have the same made anew."""
    old = _own_report(request, pk)
    return _asked(request, lambda: actions.ask(by=request.user, kind=old.kind, form=old.form, facts=old.facts))


def _asked(request: SignedInRequest, asking: Callable[[], Report]) -> HttpResponse:
    try:
        found = asking()
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("reports:reports")
    return redirect("reports:report", found.pk)


@require_safe
def report(request: SignedInRequest, pk: int) -> HttpResponse:
    """One report: how far it is, its file, or why there is none."""
    this = _own_report(request, pk)
    context = {
        "this": this,
        "refusal": permissions.reason_not(request.user, "fetch", this) if this.state == Report.State.READY else None,
        "may_schedule": this.kind in KINDS and KINDS[this.kind].is_regular and request.user.works_here,
    }
    return render(request, "reports/report.html", context)


@require_GET
@HARMLESS
def fetch(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The file, as a download."""
    this = _own_report(request, pk)
    if this.state != Report.State.READY:
        return redirect("reports:report", pk)
    refusal = permissions.reason_not(request.user, "fetch", this)
    if refusal:
        return render(request, "reports/report.html", {"this": this, "refusal": refusal}, status=403)
    try:
        stream = default_storage.open(this.stored_as)
    except Exception:  # whatever the storage has
        logger.exception("a report could not be read", extra={"facts": {"report": this.pk}})
        refusal = _("The file cannot be read at the moment. Please try again later, or ask for the report anew.")
        return render(request, "reports/report.html", {"this": this, "refusal": refusal}, status=503)
    response = FileResponse(stream, content_type=this.content_type)
    response.headers["Content-Length"] = str(this.size)
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=this.name) or ""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    if not connection.in_atomic_block:
        # Sending takes as long as the reader's line needs; meanwhile the connection may serve others.
        close_old_connections()
    return response


@require_POST
def throw_away(request: SignedInRequest, pk: int) -> HttpResponse:
    """Forget a report and its file; it can be asked for anew, so nobody is asked whether he is sure."""
    actions.throw_away(report=_own_report(request, pk), by=request.user)
    messages.success(request, _("The report was thrown away."))
    return redirect("reports:reports")


# --- Regularly


@require_safe
def schedules(request: SignedInRequest) -> HttpResponse:
    """What the reader is sent regularly."""
    zone = timezone.get_current_timezone()
    rows = []
    for one in ReportSchedule.objects.visible_to(request.user):
        kind = KINDS.get(one.kind)
        facts = resolved(one.facts, one.next_due_at, zone)
        rows.append({"this": one, "title": kind.title_of(request.user, facts) if kind else one.kind, "when": when(one)})
    return render(request, "reports/schedules.html", {"rows": rows, "may_schedule": request.user.works_here})


@require_http_methods(["GET", "HEAD", "POST"])
def new_schedule(request: SignedInRequest) -> HttpResponse:
    """Have a report sent regularly: the one that the address names, or one of a few."""
    if not request.user.works_here:
        raise PermissionDenied(_("Only people of the service desk are sent reports regularly."))
    given = request.POST if request.method == "POST" else request.GET
    key = read_key(given.get("report"))
    like = _own_report(request, key) if key else None
    if like and (like.kind not in KINDS or not KINDS[like.kind].is_regular):
        raise Http404
    about = {"kind": like.kind, "form": like.form, "facts": like.facts} if like else {}
    is_sent = request.method == "POST"
    form = ScheduleForm(request.POST if is_sent else None, reader=request.user, **about)
    if is_sent and form.is_valid():
        try:
            actions.schedule(by=request.user, **form.said())
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("The report will be sent to you."))
            return redirect("reports:schedules")
    context = {"form": form, "like": like, "zone": timezone.get_current_timezone_name()}
    return render(request, "reports/new_schedule.html", context, status=422 if is_sent else 200)


@require_POST
def pause_schedule(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send nothing until it is resumed."""
    actions.pause_schedule(this=_own_schedule(request, pk), by=request.user)
    return redirect("reports:schedules")


@require_POST
def resume_schedule(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send it again."""
    try:
        actions.resume_schedule(this=_own_schedule(request, pk), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("reports:schedules")


@require_http_methods(["GET", "HEAD", "POST"])
def stop_schedule(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask, and on POST forget a schedule."""
    this = _own_schedule(request, pk)
    if request.method == "POST":
        actions.stop_schedule(this=this, by=request.user)
        messages.success(request, _("The report is not sent any more."))
        return redirect("reports:schedules")
    return render(request, "reports/stop_schedule.html", {"this": this, "when": when(this)})


def when(this: ReportSchedule) -> str:
    """The rhythm in words."""
    at = {"hour": f"{this.hour:02}:00"}
    if this.rhythm == ReportSchedule.Rhythm.WEEKLY:
        return _("every week on %(weekday)s at %(hour)s") % (at | {"weekday": WEEKDAYS[this.weekday or 0]})
    return _("every month on day %(day)s at %(hour)s") % (at | {"day": this.day})


def _own_report(request: SignedInRequest, pk: int) -> Report:
    return get_object_or_404(Report.objects.visible_to(request.user), pk=pk)


def _own_schedule(request: SignedInRequest, pk: int) -> ReportSchedule:
    return get_object_or_404(ReportSchedule.objects.visible_to(request.user), pk=pk)
