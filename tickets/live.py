"""What open pages hear of tickets: what a move calls out, and who may listen to it.

Requesters, and those who read along in their organization, hear of nothing that is private, not even that something
happened.
"""

from __future__ import annotations

from helpdesk.notifications.live.topics import NOTHING, Following
from helpdesk.people.models import Department, Organization, User

from .models import Ticket


def topics_of(ticket: Ticket, *, is_private: bool, former_executor: int | None = None) -> list[str]:
    """Everything that a move of ``ticket`` is called out as.

    Args:
        former_executor: who had it before the move: he may see nothing else of the department, and his lists change.
    """
    found = [f"desk-{ticket.number}", f"department-{ticket.department_id}"]
    found += [f"executor-{pk}" for pk in dict.fromkeys((ticket.executor_id, former_executor)) if pk]
    if is_private:
        return found
    found += [f"ticket-{ticket.number}", f"requester-{ticket.requester_id}"]
    return [*found, f"organization-{ticket.organization_id}"] if ticket.organization_id else found


def own_ticket(user: User, number: int | None, seen: int | None) -> Following:
    """The portal's page of a ticket: the reader's own one, or one that he reads because of his organization."""
    readable = Ticket.objects.requested_by(user) | Ticket.objects.followed_by_organization(user)
    ticket = readable.filter(pk=number).only("pk").first()
    if ticket is None:
        return NOTHING
    is_stale = seen is not None and ticket.events.filter(pk__gt=seen, is_private=False).exists()
    return Following(frozenset({f"ticket-{number}"}), is_stale=is_stale)


def own_tickets(user: User, number: int | None, seen: int | None) -> Following:
    """The portal's lists."""
    return Following(frozenset({f"requester-{user.pk}"}))


def organization_tickets(user: User, number: int | None, seen: int | None) -> Following:
    """The portal's list of the tickets that the reader follows because of his organization (R2.43, R2.44)."""
    followed = Organization.objects.read_by(user).values_list("pk", flat=True)
    return Following(frozenset(f"organization-{pk}" for pk in followed))


def served_ticket(user: User, number: int | None, seen: int | None) -> Following:
    """The panel's page of a ticket, where those who handle it see each other."""
    if not user.works_here:
        return NOTHING
    ticket = Ticket.objects.handled_by(user).filter(pk=number).only("pk").first()
    if ticket is None:
        return NOTHING
    is_stale = seen is not None and ticket.events.filter(pk__gt=seen).exists()
    return Following(frozenset({f"desk-{number}"}), place=place_of(ticket), is_stale=is_stale)


def queue(user: User, number: int | None, seen: int | None) -> Following:
    """The panel's lists: tickets of the departments of which the reader sees something, and those that he has (R2.46).

    What is called out says only that something has happened there; the list that is fetched then says what.
    """
    if not user.works_here:
        return NOTHING
    sight = user.sight
    every = sight.reaches_every_department
    departments = Department.objects.values_list("pk", flat=True) if every else (*sight.whole, *sight.pool)
    return Following(frozenset({f"executor-{user.pk}", *(f"department-{pk}" for pk in departments)}))


def place_of(ticket: Ticket) -> str:
    """Where people who have the panel's page of ``ticket`` open are."""
    return f"desk-{ticket.number}"
