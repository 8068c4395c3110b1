"""Approval actions in the panel: asked for by those who serve the ticket, followed and taken back (R2.14 to R2.20)."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from approvals import actions
from approvals.forms import RequestActionForm
from approvals.lifecycle import MOVES, State
from approvals.models import ActionRequest
from approvals.permissions import reason_not_offered, reason_not_on_action
from helpdesk.core.refusals import Refused
from helpdesk.people.models import User
from helpdesk.people.requests import SignedInRequest
from tickets.checks import reason_not_now
from tickets.models import Ticket
from tickets.views.panel.doors import for_staff


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def request_action(request: SignedInRequest, number: int) -> HttpResponse:
    """Choose the action and say what the managers should know (R2.15); all conditions are asked again (R2.13)."""
    served = Ticket.objects.served_by(request.user).select_related("department", "requester", "organization")
    ticket = get_object_or_404(served, pk=number)
    reason = reason_not_now(MOVES["request_action"], ticket, request.user) or reason_not_offered(ticket)
    waiting = ActionRequest.objects.waiting().filter(ticket=ticket).exists()
    if request.method != "POST" and (reason or waiting):
        messages.warning(request, reason or _("An action already waits for approval."))
        return redirect("panel:ticket", number)
    form = RequestActionForm(request.POST) if request.method == "POST" else RequestActionForm()
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                made = actions.request_action(ticket=ticket, by=request.user, **form.cleaned_data)
            except Refused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            else:
                names = ", ".join(str(person) for person in made.asked.all())
                messages.success(
                    request,
                    _("“%(action)s” waits for approval by %(names)s.") % {"action": made.action, "names": names},
                )
                return redirect("panel:ticket", number)
        elif reason:
            form.add_error(None, reason)  # what is wrong with the choice does not matter any more
    context = {
        "ticket": ticket,
        "form": form,
        "managers": User.objects.managers_of(ticket.organization).select_related("organization").order_by("name"),
    }
    return render(request, "approvals/request_action.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def request(request: SignedInRequest, pk: int) -> HttpResponse:
    """What became of a request, for those who serve its ticket and for whoever asked; a POST takes it back (R2.20)."""
    followed = ActionRequest.objects.followed_by(request.user)
    related = ("action", "requested_by", "evaluated_by", "ticket__organization", "ticket__department")
    found = get_object_or_404(followed.select_related(*related), pk=pk)
    sees_ticket = Ticket.objects.served_by(request.user).filter(pk=found.ticket_id).exists()
    if request.method == "POST":
        try:
            actions.cancel_action(request=found, by=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal.message))
        else:
            messages.success(request, _("The request for “%(action)s” is cancelled.") % {"action": found.action})
        if sees_ticket:
            return redirect("panel:ticket", found.ticket_id)
        return redirect("approvals:request", pk)
    may_cancel = found.state == State.WAITING and not reason_not_on_action(request.user, "cancel_action", found)
    context = {"asked": found, "ticket": found.ticket, "may_cancel": may_cancel, "sees_ticket": sees_ticket}
    return render(request, "approvals/request.html", context)
