"""The change of priority in the panel: asked for by the executor, decided by heads, set by administrators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from approvals import actions
from approvals.forms import PriorityForm
from approvals.lifecycle import MOVES
from approvals.models import PriorityRequest
from helpdesk.core.pages import read_key
from helpdesk.core.refusals import Refused
from helpdesk.people.requests import SignedInRequest
from tickets.checks import reason_not_now
from tickets.forms import MoveForm
from tickets.models import Ticket
from tickets.views.moves import with_refusal
from tickets.views.panel import move_pages
from tickets.views.panel.doors import for_heads, for_staff
from tickets.views.panel.move_pages import MovePage
from tickets.views.panel.paging import PAGE_SIZE
from tickets.views.panel.ways import way_back, way_to

_PAGES: dict[str, MovePage] = {
    "request_priority": MovePage(
        heading=gettext_lazy("Ask for another priority"),
        note=gettext_lazy(
            "The heads of %(department)s are told and decide; until then the present priority stays and the work goes"
            " on. %(requester)s does not read your reason."
        ),
        done=gettext_lazy("The heads of %(department)s were told; they decide."),
        submit=gettext_lazy("Request the change"),
        text=gettext_lazy("Why the priority should change"),
    ),
    "set_priority": MovePage(
        heading=gettext_lazy("Set the priority"),
        note=gettext_lazy(
            "It changes at once, with your reason on record. A request that waits ends with it. %(requester)s sees the"
            " new priority, not the reason."
        ),
        done=gettext_lazy("The priority is changed."),
        submit=gettext_lazy("Set the priority"),
    ),
    "approve_priority": MovePage(
        heading=gettext_lazy("Approve the new priority?"),
        note=gettext_lazy("It is in force at once. The agent who asked is told; %(requester)s sees the new priority."),
        done=gettext_lazy("The new priority is in force."),
        submit=gettext_lazy("Approve the change"),
        text=gettext_lazy("Comment for the agent"),
        icon="approve",
    ),
    "reject_priority": MovePage(
        heading=gettext_lazy("Reject the new priority?"),
        note=gettext_lazy("The present priority stays. The agent who asked is told why."),
        done=gettext_lazy("The present priority stays. The agent was told."),
        submit=gettext_lazy("Reject the change"),
        icon="return",
    ),
}
# Where no head is needed, the request is in force at once (A40).
_AT_ONCE = MovePage(
    heading=gettext_lazy("Change the priority"),
    note=gettext_lazy("It changes at once, with your reason on record. %(requester)s sees the new priority only."),
    done=gettext_lazy("The priority is changed."),
    submit=gettext_lazy("Change the priority"),
    text=gettext_lazy("Why the priority should change"),
)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def request_priority(request: SignedInRequest, number: int) -> HttpResponse:
    """Ask for another priority, with a justification (R4.30)."""
    ticket = _served(request, number)
    page = None if ticket.department.criticality_change_needs_approval else _AT_ONCE
    return _move(request, ticket, "request_priority", actions.request_priority, page=page)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def set_priority(request: SignedInRequest, number: int) -> HttpResponse:
    """Change the priority at once; administrators only (R4.35)."""
    return _move(request, _served(request, number), "set_priority", actions.set_priority)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def approve_priority(request: SignedInRequest, number: int, pk: int) -> HttpResponse:
    """Approve what was asked; a comment may go along (R4.32)."""
    return _decide(request, number, pk, "approve_priority", actions.approve_priority)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def reject_priority(request: SignedInRequest, number: int, pk: int) -> HttpResponse:
    """Reject what was asked, with the reason (R4.32)."""
    return _decide(request, number, pk, "reject_priority", actions.reject_priority)


@require_POST
@for_heads
def approve_priorities(request: SignedInRequest) -> HttpResponse:
    """Approve several at once; one that cannot be approved says why, and the others stand."""
    done = 0
    for pk in _chosen(request):
        wanted = PriorityRequest.objects.decided_by_heads_like(request.user).select_related("ticket__department")
        asked = wanted.filter(pk=pk).first()
        if asked is None:
            messages.error(request, _("One of the requests is not yours to decide."))
            continue
        try:
            actions.approve_priority(request=asked, by=request.user)
        except Refused as refusal:
            messages.error(request, f"#{asked.ticket_id}: {refusal.message}")
        else:
            done += 1
    if done:
        words = ngettext("%(n)d change of priority is approved.", "%(n)d changes of priority are approved.", done)
        messages.success(request, words % {"n": done})
    elif not messages.get_messages(request):
        messages.warning(request, _("Nothing was ticked."))
    return HttpResponseRedirect(way_to(request, reverse("panel:decisions")))


def _chosen(request: SignedInRequest) -> list[int]:
    """The keys that were ticked, as many as a page shows; what is no key was ticked by nobody."""
    found = (read_key(text) for text in request.POST.getlist("request")[:PAGE_SIZE])
    return [key for key in found if key is not None]


def _served(request: SignedInRequest, number: int) -> Ticket:
    """The ticket, if its department or the person himself serves it; out of sight is 404 (R6.26)."""
    tickets = Ticket.objects.served_by(request.user)
    return get_object_or_404(tickets.select_related("department", "requester", "executor"), pk=number)


def _decide(request: SignedInRequest, number: int, pk: int, verb: str, action: Callable[..., Any]) -> HttpResponse:
    ticket = _served(request, number)
    asked = get_object_or_404(PriorityRequest.objects.filter(ticket=ticket).select_related("requested_by"), pk=pk)

    def decided(*, ticket: Ticket, **given: Any) -> None:
        asked.ticket = ticket
        action(request=asked, **given)

    return _move(request, ticket, verb, decided, asked=asked)


def _move(
    request: SignedInRequest,
    ticket: Ticket,
    verb: str,
    action: Callable[..., Any],
    *,
    page: MovePage | None = None,
    asked: PriorityRequest | None = None,
) -> HttpResponse:
    """The page of a move, and the move itself when it is posted.

    Args:
        page: other words than the move's own.
        asked: the request that is decided.
    """
    move, page, back = MOVES[verb], page or _PAGES[verb], way_back(request, ticket)
    more = {"asked": asked, "asked_inside": "approvals/asked.html"} if asked else {}

    def form_of(*data: Any) -> MoveForm:
        return (PriorityForm if move.asks == "priority" else MoveForm)(move, *data, ticket=ticket)

    reason = reason_not_now(move, ticket, request.user) or (asked and actions.reason_decided(asked))
    if request.method != "POST" or reason:
        if not reason:
            return move_pages.draw(request, ticket, form_of(), page, action=request.path, **more)
        words = request.POST.get("text", "").strip()
        messages.error(request, f"#{ticket.number}: {reason}")
        if words:
            messages.warning(request, _("What you wrote was not sent: %(text)s") % {"text": words})
        return redirect(back.url)
    form = form_of(request.POST, request.FILES)
    if form.is_valid():
        try:
            action(ticket=ticket, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            said = page.done % move_pages.names_in(ticket)
            messages.success(request, f"#{ticket.number}: {said}" if back.next else said)
            return redirect(back.url)
    return with_refusal(move_pages.draw(request, ticket, form, page, action=request.path, **more))
