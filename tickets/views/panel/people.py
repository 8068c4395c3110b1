"""Who else has a ticket's page open: a fragment, asked for when somebody came or went."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from helpdesk.notifications.live import presence
from tickets import live
from tickets.models import Ticket

from .doors import for_staff


@require_safe
@never_cache
@for_staff
def people(request: HttpRequest, number: int) -> HttpResponse:
    """The others of the service desk who have this ticket open; nobody else is ever named (R2.46)."""
    user = request.user
    ticket = get_object_or_404(Ticket.objects.served_by(user).only("pk"), pk=number)  # type: ignore[arg-type]  # nobody is anonymous
    others = presence.others_at(live.place_of(ticket), user)  # type: ignore[arg-type]  # nobody is anonymous
    return render(request, "tickets/people.html", {"others": others})
