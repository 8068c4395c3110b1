"""Who may make which move. Whether a move is possible now is the lifecycle's business, not this file's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

import helpdesk.people.trash
from helpdesk.people.models import Department, User

from . import conditions
from .lifecycle import MOVES, Move, Status, Who, moves_from
from .models import Event, Ticket, TrashEntry

_REFUSALS: dict[Who, Any] = {
    Who.REQUESTER: gettext_lazy("Only the requester can do this."),
    Who.MEMBER: gettext_lazy("Only agents of this department and support line can do this."),
    Who.EXECUTOR: gettext_lazy("Only the executor of the ticket can do this."),
    Who.MANAGER: gettext_lazy("Only managers of the requester's organization can do this."),
    Who.ADMINISTRATOR: gettext_lazy("Only an administrator can do this."),
    Who.CLOCK: gettext_lazy("This happens by itself when its time has come."),
}


def who_is(user: Any, ticket: Ticket) -> frozenset[Who]:
    """Everything that ``user`` is towards ``ticket``; the clock is only the clock, inactive people are nothing."""
    if getattr(user, "is_clock", False):
        return frozenset({Who.CLOCK})
    if not user.is_active:
        return frozenset()
    found = set()
    if user.pk == ticket.requester_id:
        found.add(Who.REQUESTER)
    if user.pk == ticket.executor_id:
        found.add(Who.EXECUTOR)
    if user.is_administrator:
        found.add(Who.ADMINISTRATOR)
    if user.manages_organization and _is_under(ticket, user.organization_id):
        found.add(Who.MANAGER)
    membership = user.membership_in(ticket.department_id)
    if membership:
        if membership.is_head:
            found.add(Who.HEAD)
        if membership.serves(ticket.line) and _is_in_sight(user, ticket):
            found.add(Who.MEMBER)
    return frozenset(found)


def _is_in_sight(user: User, ticket: Ticket) -> bool:
    """Whether a member's profile shows him the ticket: nobody acts on what he does not see (R2.46, R6.26)."""
    if user.pk == ticket.executor_id or user.sight.shows_all_of(ticket.department_id):
        return True
    return ticket.status == Status.AWAITING_DISTRIBUTION and user.sight.shows_pool_of(ticket.department_id)


def _could_have_taken(user: Any, ticket: Ticket) -> bool:
    """Whether the ticket was there for ``user`` to take while nobody had it."""
    membership = user.membership_in(ticket.department_id) if isinstance(user, User) and user.is_active else None
    return bool(membership and membership.serves(ticket.line) and user.sight.shows_pool_of(ticket.department_id))


def _is_under(ticket: Ticket, organization_id: int | None) -> bool:
    """Whether the organization is the ticket's own, or the parent of that one."""
    if ticket.organization is None or organization_id is None:
        return False
    return organization_id in {ticket.organization_id, ticket.organization.parent_id}


def reason_not(user: Any, verb: str | Move, ticket: Ticket, *, roles: frozenset[Who] = frozenset()) -> Any:
    """None, or the sentence why ``user`` may not make a move on ``ticket``.

    Args:
        verb: the move's name in the life's table, or a move that another table holds.
        roles: what an active ``user`` is towards something beside the ticket, which the ticket does not know of.
    """
    move = MOVES[verb] if isinstance(verb, str) else verb
    own = who_is(user, ticket)
    if move.who & (own | roles if getattr(user, "is_active", True) else own):
        return None
    if move.who == {Who.MEMBER} and _could_have_taken(user, ticket):
        return None  # who comes second is to read who has it, not that it was none of his business (R1.23)
    if move.who == {Who.HEAD, Who.ADMINISTRATOR}:
        return _("Only a head of the department can do this.")
    if len(move.who) == 1 or Who.CLOCK in move.who:
        return _REFUSALS[next(iter(move.who - {Who.CLOCK}), Who.CLOCK)]
    return _("Only those involved in the ticket can do this.")


def reason_to_keep(department: Department) -> Any:
    """None, or why ``department`` cannot be switched off: open tickets would be nobody's any more (R1.21)."""
    count = Ticket.objects.open().filter(department=department).count()
    if not count:
        return None
    words = ngettext(
        "%(count)d open ticket stands in this department. Switch its services off, so that no new ones come, and the "
        "department itself when this one has ended.",
        "%(count)d open tickets stand in this department. Switch its services off, so that no new ones come, and the "
        "department itself when these have ended.",
        count,
    )
    return words % {"count": count}


def reason_not_trashed(user: Any, ticket: Ticket) -> Any:
    """None, or why ``user`` cannot move ``ticket`` to the trash: heads of its department and administrators can."""
    if who_is(user, ticket) & {Who.HEAD, Who.ADMINISTRATOR}:
        return None
    return _("Only a head of the department can do this.")


def reason_not_trashed_customer(user: User, customer: User) -> Any:
    """None, or why ``user`` cannot move ``customer`` to the trash: who has served tickets is in their history."""
    reason = helpdesk.people.trash.reason_to_keep(customer, user)
    if reason:
        return reason
    if Ticket.with_trash.filter(executor=customer).exists() or Event.objects.filter(subject=customer).exists():
        return _("%(name)s has served tickets. Deactivate the account instead, so that history keeps its names.") % {
            "name": customer
        }
    return None


def reason_not_restored(entry: TrashEntry) -> Any:
    """None, or why this entry cannot be restored now: customers come first, and open tickets need a department."""
    if entry.with_customer:
        return _("This ticket went to the trash with %(name)s. Restore the customer, and it comes back too.") % {
            "name": entry.with_customer.name
        }
    if entry.ticket and entry.ticket.requester.trashed_at is not None:
        return _("The requester of this ticket, %(name)s, lies in the trash. Restore the customer first.") % {
            "name": entry.ticket.requester
        }
    # Nobody would see what comes back into a department that is switched off (R1.21).
    mine = Q(trash_entry=entry.pk) | Q(trash_entry__with_customer=entry.pk)
    homeless = Ticket.with_trash.open().filter(mine, department__is_active=False).select_related("department").first()
    if homeless:
        return _(
            "Ticket #%(number)d is open, and its department %(department)s is switched off. Switch it on first."
        ) % {
            "number": homeless.number,
            "department": homeless.department,
        }
    return None


@dataclass(frozen=True)
class AvailableMove:
    """A move as a button: possible, or disabled with the sentence that says why."""

    move: Move
    refusal: Any = None


def available_moves(ticket: Ticket, user: User, *, as_requester: bool = False) -> list[AvailableMove]:
    """The moves out of the ticket's status that ``user`` may make, in the order of the buttons.

    Whoever sees a waiting ticket of a department that is not his reads beside the button why he cannot take it (R2.46).

    Args:
        as_requester: the portal's view, where a person who also works here still acts as the requester only.
    """
    roles = who_is(user, ticket)
    roles &= {Who.REQUESTER} if as_requester else roles - {Who.REQUESTER}
    if not roles and not as_requester and _reads_from_outside(user, ticket):
        return [AvailableMove(MOVES["assume"], reason_not(user, "assume", ticket))]
    return [
        AvailableMove(move, getattr(conditions, move.condition)(ticket) if move.condition else None)
        for move in moves_from(ticket.status)
        if move.who & roles and move.lines <= ticket.department.support_lines
    ]


def _reads_from_outside(user: User, ticket: Ticket) -> bool:
    """Whether ``user`` works here and sees this waiting ticket without being a member of its department."""
    if ticket.status != Status.AWAITING_DISTRIBUTION or user.membership_in(ticket.department_id):
        return False
    return user.sight.shows_pool_of(ticket.department_id)
