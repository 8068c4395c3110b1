"""Ways to a status, by real actions only: no test writes the status column.

Every walk takes the cast and returns the ticket as it then is. ``at`` is the instant of all its steps. A walk that
is given ``ticket`` goes on from there; without it, a ticket is opened first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import tickets.actions
from helpdesk.people.models import Department, User
from tickets.lifecycle import Outcome, Status
from tickets.models import Ticket

from .cast import Cast, a_file

S = Status


def opened(cast: Cast, *, at: datetime | None = None, **fields: Any) -> Ticket:
    """Rita opens a ticket with one file; ``fields`` replace hers."""
    wanted: dict[str, Any] = {
        "by": cast.rita,
        "department": cast.department,
        "service": cast.service,
        "subject": "Printer is on fire",
        "description": "It burns since nine o'clock.",
    } | fields
    if "files" not in wanted:
        wanted["files"] = [a_file()]
    return tickets.actions.open(at=at, **wanted)


def assumed(cast: Cast, *, at: datetime | None = None, by: User | None = None, ticket: Ticket | None = None) -> Ticket:
    """Ada takes it; where tickets are only given, the clock gives it."""
    ticket = ticket or opened(cast, at=at)
    if ticket.department.distribution_mode == Department.DistributionMode.PUSH:
        return tickets.actions.assign(ticket=ticket, at=at)
    return tickets.actions.assume(ticket=ticket, by=by or cast.ada, at=at)


def started(cast: Cast, *, at: datetime | None = None, by: User | None = None, ticket: Ticket | None = None) -> Ticket:
    """Its executor starts."""
    ticket = ticket if ticket and ticket.executor else assumed(cast, at=at, by=by, ticket=ticket)
    return tickets.actions.start(ticket=ticket, by=executor_of(ticket), at=at)


def given(cast: Cast, *, at: datetime | None = None, to: User | None = None, ticket: Ticket | None = None) -> Ticket:
    """Hugo, the head, gives it to Ada, or to whom he is told."""
    return tickets.actions.give(ticket=ticket or opened(cast, at=at), by=cast.hugo, executor=to or cast.ada, at=at)


def asked(cast: Cast, *, at: datetime | None = None, by: User | None = None, ticket: Ticket | None = None) -> Ticket:
    """Its executor asks the requester."""
    ticket = ticket if ticket and ticket.status == S.IN_SERVICE else started(cast, at=at, by=by, ticket=ticket)
    return tickets.actions.ask(ticket=ticket, by=executor_of(ticket), text="Which printer?", at=at)


def line_change_requested(
    cast: Cast, *, at: datetime | None = None, by: User | None = None, ticket: Ticket | None = None
) -> Ticket:
    """Its line-1 executor asks for line 2; the head has to decide."""
    ticket = ticket if ticket and ticket.status == S.IN_SERVICE else started(cast, at=at, by=by, ticket=ticket)
    return tickets.actions.request_line_change(ticket=ticket, by=executor_of(ticket), text="Beyond me.", at=at)


def on_line_2(cast: Cast, *, at: datetime | None = None, ticket: Ticket | None = None) -> Ticket:
    """Hugo approves the change of line; line 2's window runs."""
    if ticket is None or ticket.status != S.LINE_CHANGE_REQUESTED:
        ticket = line_change_requested(cast, at=at, ticket=ticket)
    return tickets.actions.approve_line_change(ticket=ticket, by=cast.hugo, at=at)


def started_on_the_last_line(cast: Cast, *, at: datetime | None = None) -> Ticket:
    """Otto works on it on line 2; where the department has one line, Ada does at once."""
    if cast.department.support_lines == 1:
        return started(cast, at=at)
    return started(cast, at=at, ticket=on_line_2(cast, at=at), by=cast.otto)


def closing_requested(cast: Cast, *, at: datetime | None = None, ticket: Ticket | None = None) -> Ticket:
    """The last line gives up; the head has to decide, or nobody has to."""
    ticket = ticket or started_on_the_last_line(cast, at=at)
    return tickets.actions.request_closing(ticket=ticket, by=executor_of(ticket), text="No spare parts.", at=at)


def closed_without_solution(cast: Cast, *, at: datetime | None = None, ticket: Ticket | None = None) -> Ticket:
    """Hugo closes it without a solution."""
    if ticket is None or ticket.status != S.CLOSING_REQUESTED:
        ticket = closing_requested(cast, at=at, ticket=ticket)
    return tickets.actions.approve_closing(ticket=ticket, by=cast.hugo, text="It cannot be repaired.", at=at)


def solved(cast: Cast, *, at: datetime | None = None, by: User | None = None, ticket: Ticket | None = None) -> Ticket:
    """Its executor sends a solution; the approval period runs."""
    if ticket is None or ticket.status not in {S.IN_SERVICE, S.AWAITING_REQUESTER}:
        ticket = started(cast, at=at, by=by, ticket=ticket)
    return tickets.actions.send_solution(ticket=ticket, by=executor_of(ticket), text="We put it out.", at=at)


def awaiting_rating(
    cast: Cast, *, at: datetime | None = None, by: User | None = None, ticket: Ticket | None = None
) -> Ticket:
    """The requester approves, and is to rate first: makes ``before_closing`` the department's survey mode."""
    cast.rules(survey_mode=Department.SurveyMode.BEFORE_CLOSING)
    if ticket is None or ticket.status != S.AWAITING_APPROVAL:
        ticket = solved(cast, at=at, by=by, ticket=ticket)
    return tickets.actions.approve(ticket=ticket, by=ticket.requester, at=at)


def closed(cast: Cast, *, at: datetime | None = None, by: User | None = None, ticket: Ticket | None = None) -> Ticket:
    """The requester approves, and with that it is closed as solved; in ``before_closing`` mode he rates too."""
    if ticket is None or ticket.status != S.AWAITING_APPROVAL:
        ticket = solved(cast, at=at, by=by, ticket=ticket)
    ticket = tickets.actions.approve(ticket=ticket, by=ticket.requester, at=at)
    if ticket.status == S.AWAITING_RATING:
        ticket = tickets.actions.rate(ticket=ticket, by=ticket.requester, at=at)
    return ticket


def finalized(
    cast: Cast, *, at: datetime | None = None, by: User | None = None, ticket: Ticket | None = None
) -> Ticket:
    """The executor has finalized the service engagement."""
    ticket = ticket if ticket and ticket.status == S.CLOSED else closed(cast, at=at, by=by, ticket=ticket)
    return tickets.actions.finalize(ticket=ticket, by=executor_of(ticket), at=at)


def cancelled(
    cast: Cast, *, at: datetime | None = None, by: User | None = None, ticket: Ticket | None = None
) -> Ticket:
    """The requester cancels, whatever state it is in."""
    ticket = ticket or opened(cast, at=at)
    return tickets.actions.cancel(ticket=ticket, by=by or ticket.requester, text="No longer needed.", at=at)


TO: dict[Status, Callable[..., Ticket]] = {
    S.AWAITING_DISTRIBUTION: opened,
    S.ASSIGNED: assumed,
    S.IN_SERVICE: started,
    S.AWAITING_REQUESTER: asked,
    S.LINE_CHANGE_REQUESTED: line_change_requested,
    S.CLOSING_REQUESTED: closing_requested,
    S.AWAITING_APPROVAL: solved,
    S.AWAITING_RATING: awaiting_rating,
    S.CLOSED: closed,
    S.CANCELLED: cancelled,
}


def to(status: Status | str, cast: Cast, *, at: datetime | None = None) -> Ticket:
    """A new ticket in ``status``."""
    return TO[Status(status)](cast, at=at)


OUTCOMES: dict[Outcome, Callable[..., Ticket]] = {
    Outcome.SOLVED: closed,
    Outcome.CLOSED_WITHOUT_SOLUTION: closed_without_solution,
    Outcome.UNSOLVED: cancelled,
}


def executor_of(ticket: Ticket) -> User:
    """The executor, who must exist."""
    assert ticket.executor is not None
    return ticket.executor
