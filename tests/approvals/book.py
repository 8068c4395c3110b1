"""Approval actions as they should be, kept by hand beside the real ones by reading the history event by event.

Written from the specification: who may ask (R2.10 to R2.18, A19), who may approve, reject and take back (R2.20, R2.21,
R2.30), what ends with its ticket (R2.22), who may look into the folder meanwhile (R1.14), who is told (R2.23, R2.34).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals.models import ActionRequest
from helpdesk.people.models import User
from tests.cast import Cast
from tickets.models import Event, Ticket

ENDS = {"approve_action": "approved", "reject_action": "rejected", "cancel_action": "cancelled"}


@dataclass
class Asked:
    """One request: what was asked by whom beside which ticket, and what became of it."""

    ticket: int
    asker: str
    executor: str | None
    comment: str
    requested_at: datetime
    state: str = "waiting"
    evaluator: str | None = None
    evaluated_at: datetime | None = None
    reason: str = ""


class ConsentBook:
    """Every request in the order of asking; :meth:`happened` takes one event down."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.asked: list[Asked] = []
        self._to_expire: set[int] = set()

    def waiting_at(self, number: int) -> Asked | None:
        """The one that waits beside a ticket."""
        found = [one for one in self.asked if one.ticket == number and one.state == "waiting"]
        assert len(found) <= 1, "R2.17: one waits at most"
        return found[0] if found else None

    def managers(self, ticket: Ticket) -> set[str]:
        """Active people with the mark, in the organization of the ticket or in its parent (R2.13, R2.21)."""
        if ticket.organization_id is None:
            return set()
        organizations = {ticket.organization_id, ticket.organization.parent_id} - {None}
        marked = User.objects.filter(is_active=True, manages_organization=True).only("pk", "organization_id")
        return {self.cast.name_of(one) for one in marked if one.organization_id in organizations}

    def happened(self, event: Event, executor: str | None) -> set[tuple[str, Any]]:
        """Take an event down.

        Args:
            executor: who has the ticket.

        Returns:
            Who is to be told of it, as (kind, name).
        """
        number, by = event.ticket_id, self.cast.name_of(event.actor)
        if event.verb == "request_action":
            assert self.waiting_at(number) is None
            self.asked.append(Asked(number, by, executor, event.comment, event.at))
            return {("action_requested", name) for name in self.managers(event.ticket)}
        waiting = self.waiting_at(number)
        if event.verb in ENDS:
            assert waiting is not None, "R2.19: nothing leads out of a final state"
            waiting.state, waiting.evaluator, waiting.evaluated_at = ENDS[event.verb], by, event.at
            waiting.reason = event.comment
            if event.verb == "cancel_action":
                return {("action_cancelled", waiting.asker)} - {("action_cancelled", by)}
            return {(f"action_{waiting.state}", name) for name in (executor, waiting.asker)}
        if event.verb == "expire_action":
            self._to_expire.remove(number)
            return {("action_expired", next(one.asker for one in reversed(self.asked) if one.ticket == number))}
        if waiting and event.to_status in {"closed", "cancelled"} != event.from_status:
            waiting.state, waiting.evaluated_at = "expired", event.at
            self._to_expire.add(number)
        return set()

    def check_ends(self) -> None:
        """Whatever waited beside a ticket that has ended was said to expire, in the same breath (R2.22)."""
        assert self._to_expire == set()

    def check(self) -> None:
        """The real ones are these, whole; managers see exactly what waits for them, and nobody else sees anything."""
        related = ("ticket__organization", "requested_by", "executor", "evaluated_by")
        requests = list(ActionRequest.objects.select_related(*related).prefetch_related("asked").order_by("pk"))
        name = self.cast.name_of
        assert [
            Asked(
                one.ticket_id, name(one.requested_by), one.executor and name(one.executor), one.comment,
                one.requested_at, one.state, one.evaluated_by and name(one.evaluated_by), one.evaluated_at, one.reason,
            )
            for one in requests
        ] == self.asked  # fmt: skip
        seen: dict[int, set[str]] = {}
        for request in requests:
            seen[request.pk] = self.managers(request.ticket)
            if request.state == "waiting":
                assert request.ticket.closed_at is None
                assert {name(person) for person in request.asked.all()} == seen[request.pk]
        people = User.objects.in_bulk() if requests else {}
        for who, person in self.cast.people.items() if requests else ():
            visible = ActionRequest.objects.decided_by_managers_like(people[person.pk])
            assert set(visible.values_list("pk", flat=True)) == {pk for pk, names in seen.items() if who in names}

    def viewers(self) -> set[tuple[int, str]]:
        """Who may look into which folder because he is asked, and as long as he is (R1.14)."""
        waiting = [one.ticket for one in self.asked if one.state == "waiting"]
        tickets = Ticket.objects.filter(pk__in=waiting).select_related("organization")
        return {(ticket.pk, name) for ticket in tickets for name in self.managers(ticket)}

    # Who may what

    def may_ask(self, ticket: Ticket, name: str, executor: str | None, heads: set[str]) -> bool:
        """A19: executor, head, administrator, while the ticket is open, nothing waits, and somebody could approve."""
        if ticket.closed_at is not None or self.waiting_at(ticket.pk) or not self.managers(ticket):
            return False
        return name in {executor, "ana", *heads}

    def may(self, verb: str, asked: Asked, ticket: Ticket, name: str, executor: str | None) -> bool:
        """Managers evaluate; the four take back; nobody does anything with what is over (R2.19, R2.20)."""
        if asked.state != "waiting":
            return False
        managers = self.managers(ticket)
        return name in (managers | {executor, asked.asker, "ana"} if verb == "cancel_action" else managers)
