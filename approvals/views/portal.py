"""The managers' doors: what waits for consent, one request with all of its ticket, the decision (R2.27 to R2.33)."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

import attachments.permissions
from approvals import actions
from approvals.forms import EvaluationForm
from approvals.lifecycle import MOVES, State
from approvals.models import ActionRequest
from helpdesk.core.refusals import Refused
from helpdesk.people.models import Account
from helpdesk.people.requests import SignedInRequest
from tickets import timeline
from tickets.lifecycle import Text

PAGE_SIZE = 25
_ENTRIES = 50
_READ = ("action", "requested_by", "evaluated_by", "ticket__requester", "ticket__organization")


@dataclass(frozen=True)
class _Page:
    """The words around one decision's confirmation."""

    heading: Any
    note: Any
    submit: Any
    done: Any
    kind: str
    icon: str


_PAGES: dict[str, _Page] = {
    "approve": _Page(
        gettext_lazy("Approve this action?"),
        gettext_lazy("You consent for %(organization)s. %(agent)s is told at once and may carry it out."),
        gettext_lazy("Yes, approve"),
        gettext_lazy("You approved “%(action)s”. %(agent)s was told."),
        "primary",
        "approve",
    ),
    "reject": _Page(
        gettext_lazy("Reject this action?"),
        gettext_lazy("%(agent)s is told at once, with your reason. The ticket itself goes on."),
        gettext_lazy("Yes, reject"),
        gettext_lazy("You rejected “%(action)s”. %(agent)s was told."),
        "danger",
        "x",
    ),
    "cancel": _Page(
        gettext_lazy("Cancel this request?"),
        gettext_lazy("Nobody will be able to approve or reject it any more. %(agent)s sees that you cancelled it."),
        gettext_lazy("Yes, cancel the request"),
        gettext_lazy("The request for “%(action)s” is cancelled."),
        "danger",
        "x",
    ),
}


@require_safe
def waiting(request: SignedInRequest) -> HttpResponse:
    """Everything that waits for this manager, longest first; nothing else, and nothing for anybody else (R2.29)."""
    wanted = ActionRequest.objects.waiting().decided_by_managers_like(request.user)
    after = request.GET.get("after", "")
    if after.isdecimal() and len(after) < 19:
        wanted = wanted.filter(pk__gt=int(after))
    rows = list(wanted.order_by("pk").select_related(*_READ)[: PAGE_SIZE + 1])
    if not rows and not _is_offered(request):
        raise Http404
    context = {
        "rows": rows[:PAGE_SIZE],
        "newer": rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None,
        "is_first": not after,
    }
    return render(request, "approvals/actions.html", context)


@require_safe
def action(request: SignedInRequest, pk: int) -> HttpResponse:
    """One request with all of its ticket while it waits; afterwards only what became of it (R2.30, A20)."""
    found = _found(request, pk)
    if found.state != State.WAITING:
        return _over(request, found)
    return _page(request, found)


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    """Ask whether it is meant; on POST do it. The first decision counts, who comes later reads it (R2.31, R2.33)."""
    page = _PAGES.get(verb)
    if page is None:
        raise Http404
    found = _found(request, pk)
    if found.state != State.WAITING:
        return _over(request, found, HTTPStatus.CONFLICT if request.method == "POST" else HTTPStatus.OK)
    asks_reason = MOVES[f"{verb}_action"].text is not Text.NONE
    if request.method != "POST":
        return _confirm(request, found, verb, page, EvaluationForm(asks_reason=asks_reason))
    form = EvaluationForm(request.POST, asks_reason=asks_reason)
    if form.is_valid():
        try:
            getattr(actions, f"{verb}_action")(request=found, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            found = _found(request, pk)
            if found.state != State.WAITING:  # somebody was quicker, between the reading above and the lock
                return _over(request, found, HTTPStatus.CONFLICT)
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, page.done % _names_in(found))
            return HttpResponseRedirect(_after(request))
    return _confirm(request, found, verb, page, form, HTTPStatus.UNPROCESSABLE_ENTITY)


def _is_offered(request: SignedInRequest) -> bool:
    """Whether the page may stand empty: for managers, where the account's plan has approval actions (R2.1)."""
    account = Account.current()
    return bool(request.user.manages_organization and account and account.offers_approval_actions)


def _found(request: SignedInRequest, pk: int) -> ActionRequest:
    """The request, if it is this manager's to see; whoever guesses a number learns nothing (R2.29)."""
    seen = ActionRequest.objects.decided_by_managers_like(request.user)
    related = (*_READ, "ticket__department", "ticket__service", "ticket__executor", "ticket__folder")
    return get_object_or_404(seen.select_related(*related), pk=pk)


def _names_in(found: ActionRequest) -> dict[str, Any]:
    return {
        "agent": found.requested_by,
        "action": found.action,
        "organization": found.ticket.organization,
    }


def _page(request: SignedInRequest, found: ActionRequest) -> HttpResponse:
    ticket = found.ticket
    may_open = attachments.permissions.reason_not(request.user, "view", ticket.folder) is None
    before = request.GET.get("before", "")
    history = timeline.history(
        ticket,
        reader=request.user,
        for_requester=True,
        may_open=may_open,
        at_most=_ENTRIES,
        before=int(before) if before.isdecimal() and len(before) < 19 else None,
    )
    menu = [
        {
            "label": MOVES["cancel_action"].label,
            "icon": "x",
            "danger": True,
            "url": reverse("approvals:decide", args=[found.pk, "cancel"]),
        }
    ]
    context = {
        "asked": found,
        "ticket": ticket,
        "history": history,
        "is_newest": not before,
        "menu": menu,
        "may_open": may_open,
        "files": ticket.folder.files.kept().select_related("blob") if may_open else [],
    }
    return render(request, "approvals/action.html", context)


def _confirm(
    request: SignedInRequest, found: ActionRequest, verb: str, page: _Page, form: EvaluationForm, status: int = 200
) -> HttpResponse:
    names = _names_in(found)
    context = {"asked": found, "verb": verb, "page": page, "note": page.note % names, "form": form}
    return render(request, "approvals/decide.html", context, status=status)


def _over(request: SignedInRequest, found: ActionRequest, status: int = HTTPStatus.OK) -> HttpResponse:
    """What happened, by whom and when; nothing of the ticket, the action or the reason (A20)."""
    return render(
        request, "approvals/over.html", {"asked": found, "came_late": request.method == "POST"}, status=status
    )


def _after(request: SignedInRequest) -> str:
    """Back to the list while there is more to decide, else to the start."""
    if ActionRequest.objects.waiting().decided_by_managers_like(request.user).exists():
        return reverse("approvals:actions")
    return reverse("portal:tickets" if request.user.works_here else "portal:home")
