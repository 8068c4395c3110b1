"""The one view behind every move's button, of portal and panel alike: fetch, call, answer."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from helpdesk.core.refusals import Refused
from tickets import actions
from tickets.checks import reason_not_now
from tickets.forms import MoveForm
from tickets.lifecycle import MOVES, STAFF, Move, Who
from tickets.models import Ticket

# Made through doors of their own: the opening form and the survey.
_ELSEWHERE = frozenset({"open", "rate"})


def move_named(verb: str, *, as_requester: bool) -> Move:
    """The move that a button's address names.

    Raises:
        Http404: there is no such button on this side of the product.
    """
    move = MOVES.get(verb)
    side = frozenset({Who.REQUESTER}) if as_requester else STAFF
    if move is None or verb in _ELSEWHERE or not move.who & side:
        raise Http404
    return move


def make_move(
    request: HttpRequest,
    ticket: Ticket,
    verb: str,
    *,
    as_requester: bool,
    back: str,
    refused: Callable[[MoveForm], HttpResponse],
    done: str | Callable[[Ticket], str] = "",
) -> HttpResponse:
    """Make the move that was posted.

    Args:
        back: where to go when it was made.
        refused: draws the ticket's page again around the form, with what was typed and the reason beside it.
        done: what is said when it was made, or what says it of the ticket as it is then; without it the move's own
            label is.
    """
    move = move_named(verb, as_requester=as_requester)
    form = MoveForm(move, request.POST, request.FILES, ticket=ticket)
    if form.is_valid():
        try:
            upload_failed = getattr(request, "upload_failed", None)
            if upload_failed:
                raise upload_failed
            changed = getattr(actions, verb)(ticket=ticket, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            words = done(changed) if callable(done) else done
            messages.success(request, words or _("Done: %(move)s.") % {"move": move.label})
            return HttpResponseRedirect(back)
    elif reason := reason_not_now(move, ticket, request.user):
        # What is wrong with the choice does not matter any more.
        form = MoveForm(move, request.POST, request.FILES)
        form.add_error(None, reason)
    return with_refusal(refused(form))


def with_refusal(response: HttpResponse) -> HttpResponse:
    """The page of a refused form says so by its status; whoever is sent elsewhere is sent."""
    if response.status_code == 200:
        response.status_code = 422
    return response
