"""Who may open a ticket's folder because an action waits for his approval: the managers, and only while it waits.

Grants follow the facts: whoever becomes a manager while a request waits may look, whoever is none any more may not
(R1.14, R2.13, R2.30).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

import attachments.actions
from approvals import live
from approvals.models import ActionRequest
from approvals.querysets import ActionRequestQuerySet
from attachments.permissions import VIEW
from helpdesk.core.clock import CLOCK
from helpdesk.notifications.live.topics import announce
from helpdesk.people.models import Membership, Organization, User
from tickets.funnel import Passage
from tickets.lifecycle import MOVES
from tickets.models import Ticket


def withdraw_access(request: ActionRequest, step: Passage) -> None:
    """The managers were asked, and are no more: who is not involved otherwise loses sight of the folder (R1.14).

    Their open pages say so at once (R2.28, R2.33).
    """
    managers = _asked(request)
    step.notices.announce(*live.topics_of_change(request.pk, sorted(manager.pk for manager in managers)))
    _revoke(managers, ticket=step.ticket, by=step.by, at=step.at)


def refit_person(person: User, at: datetime | None = None) -> None:
    """Somebody's marks or organization have changed: he is asked where he now has to be, and nowhere else."""
    refit_requests(_concerning(person).values_list("pk", flat=True), at)


def tickets_decided_by(person: User) -> list[int]:
    """The tickets beside which something waits for ``person``; what he is or becomes changes who is asked there."""
    return list(_concerning(person).values_list("ticket_id", flat=True))


def _concerning(person: User) -> ActionRequestQuerySet:
    """What asks him, and what is to ask him."""
    waiting = ActionRequest.objects.waiting()
    asked = ActionRequest.asked.through.objects.filter(user=person).values("actionrequest")
    now = waiting.decided_by_managers_like(person).order_by().values("pk")
    return waiting.filter(Q(pk__in=asked) | Q(pk__in=now))


def refit_organization(organization: Organization, at: datetime | None = None) -> None:
    """An organization has another parent, whose managers are asked from now on in place of the former ones'."""
    waiting = ActionRequest.objects.waiting().filter(ticket__organization=organization)
    refit_requests(waiting.values_list("pk", flat=True), at)


def refit_requests(requests: Iterable[int], at: datetime | None) -> None:
    """Lock the tickets of these requests in one order, and grant and revoke what has become right."""
    at = at or timezone.now()
    found = ActionRequest.objects.filter(pk__in=list(requests))
    numbers = sorted(found.values_list("ticket_id", flat=True))
    list(Ticket.objects.filter(pk__in=numbers).order_by("pk").select_for_update().values_list("pk"))
    for request in found.waiting().select_related("ticket__folder", "ticket__organization").order_by("pk"):
        ticket = request.ticket
        before, now = _asked(request), set(User.objects.managers_of(ticket.organization))
        if before == now:
            continue
        request.asked.add(*(now - before))
        ActionRequest.asked.through.objects.filter(actionrequest=request, user__in=before - now).delete()
        attachments.actions.grant(folder=ticket.folder, by=CLOCK, at=at, viewers=list(now - before))
        _revoke(before - now, ticket=ticket, by=CLOCK, at=at)
        announce(*live.topics_of_change(request.pk, sorted(manager.pk for manager in before ^ now)))


def _asked(request: ActionRequest) -> set[User]:
    """Whom a request asks, also those who have gone to the trash since: they are no managers there."""
    asked = ActionRequest.asked.through.objects.filter(actionrequest=request)
    return set(User.with_trash.filter(pk__in=asked.values("user")))


def _revoke(people: Iterable[User], *, ticket: Ticket, by: Any, at: datetime) -> None:
    """Take the looking away from those whom the ticket does not concern otherwise."""
    heads = Membership.objects.filter(department=ticket.department_id, is_head=True).values_list("user", flat=True)
    involved = {ticket.requester_id, ticket.executor_id, *heads}
    # Whoever was given the ticket or made one of its own moves; consenting beside it is none.
    for pair in ticket.events.filter(verb__in=list(MOVES)).values_list("actor", "subject"):
        involved.update(pair)
    for person in people:
        if person.pk not in involved:
            attachments.actions.revoke(folder=ticket.folder, by=by, at=at, person=person, codes=(VIEW,))
