"""What a head decides: another line, or closing without a solution."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

import attachments.actions
from helpdesk.core.clock import CLOCK
from helpdesk.people.models import User
from tickets.funnel import Passage, passage, timer_due_at
from tickets.lifecycle import Status
from tickets.models import Ticket

from .distribution import involve_head, return_to_pool


def request_line_change(*, ticket: Ticket, by: User, text: str, at: datetime | None = None) -> Ticket:
    """The line-1 executor asks for line 2, with a justification; the heads decide (R4.11)."""
    with passage("request_line_change", ticket=ticket, by=by, at=at, text=text) as step:
        ask_heads(step, "line_change_requested")
    return step.ticket


def approve_line_change(*, ticket: Ticket, by: User, text: str = "", at: datetime | None = None) -> Ticket:
    """A head sends the ticket to line 2, where its own window runs (R4.14, R4.15)."""
    with passage("approve_line_change", ticket=ticket, by=by, at=at, text=text) as step:
        involve_head(step)
        step.tell("line_change_approved", step.ticket.executor)
        step.set(line=2)
        return_to_pool(step)
    return step.ticket


def return_line_change(*, ticket: Ticket, by: User, text: str, at: datetime | None = None) -> Ticket:
    """A head returns the ticket to the line-1 executor for rework, with a comment (R4.12, R4.13, A11)."""
    with passage("return_line_change", ticket=ticket, by=by, at=at, text=text) as step:
        give_back(step, "line_change_returned")
    return step.ticket


def request_closing(*, ticket: Ticket, by: User, text: str, at: datetime | None = None) -> Ticket:
    """The last line gives up, with a justification; a head decides, or nobody has to (R4.17, A28, A29)."""
    with passage("request_closing", ticket=ticket, by=by, at=at, text=text) as step:
        if step.ticket.status == Status.CLOSED:
            apologize(step)
        else:
            ask_heads(step, "closing_requested")
    return step.ticket


def approve_closing(*, ticket: Ticket, by: User, text: str, at: datetime | None = None) -> Ticket:
    """A head closes without a solution: apologies and the reason go to the requester, no survey does (R4.18, R4.20).

    Args:
        text: the reason, in words for the requester.
    """
    with passage("approve_closing", ticket=ticket, by=by, at=at, text=text) as step:
        involve_head(step)
        step.tell("closing_approved", step.ticket.executor)
        apologize(step)
    return step.ticket


def refuse_closing(*, ticket: Ticket, by: User, text: str, at: datetime | None = None) -> Ticket:
    """A head refuses the closing: back to the executor, with a comment (R4.19, A11)."""
    with passage("refuse_closing", ticket=ticket, by=by, at=at, text=text) as step:
        give_back(step, "closing_refused")
    return step.ticket


def remind_heads(*, ticket: Ticket, by: Any = CLOCK, at: datetime | None = None, is_locked: bool = False) -> Ticket:
    """A decision is overdue: the heads are reminded, again and again after the department's time (R4.16)."""
    with passage("remind_heads", ticket=ticket, by=by, at=at, is_locked=is_locked) as step:
        step.set(timer_due_at=timer_due_at(step.ticket.department, Status(step.ticket.status), step.at))
        remind_of_decision(step, step.ticket.status, asker=step.ticket.executor)
    return step.ticket


def ask_heads(step: Passage, kind: str, **facts: Any) -> None:
    """The heads have a task on the ticket now: they are told, and may open its folder (R1.14).

    Where a department has no head, administrators decide (A41).
    """
    heads = step.heads()
    step.tell(kind, *(heads or User.objects.administrators()), **facts)
    attachments.actions.grant(folder=step.ticket.folder, by=step.by, at=step.at, viewers=heads)


def remind_of_decision(step: Passage, decision: str, *, asker: User | None) -> None:
    """Tell whoever was asked that ``decision`` is missing, and who waits for it (R4.16)."""
    deciders = step.heads() or User.objects.administrators()
    step.tell("decision_overdue", *deciders, decision=decision, asker=str(asker or ""))


def give_back(step: Passage, kind: str) -> None:
    """The executor goes on; if he is gone, the ticket waits in its line for another one (A11)."""
    involve_head(step)
    step.tell(kind, step.ticket.executor)
    if step.ticket.status == Status.AWAITING_DISTRIBUTION:
        return_to_pool(step)


def apologize(step: Passage) -> None:
    """The requester is told that it is over, why, and where a new ticket is opened (R4.18, R4.21)."""
    step.tell_requester("closed_without_solution", new_path=reverse("portal:new"))
