"""What can be asked beside a ticket and decided: one function a verb, each a passage through the ticket's own funnel.

The funnel locks the ticket first, so of two decisions at once one counts and the other reads who was first. Each
kind of request has a file of its own; whoever uses them writes ``approvals.actions.approve_action(…)``.
"""

from .access import refit_organization, refit_person, tickets_decided_by
from .consents import approve_action, cancel_action, reject_action, request_action
from .deciding import reason_decided
from .ending import end_with_ticket
from .priorities import (
    approve_priority,
    follow_forwarded,
    refit,
    reject_priority,
    remind_heads,
    request_priority,
    set_priority,
)
from .trash import follow_trash, go_on

__all__ = [
    "approve_action",
    "approve_priority",
    "cancel_action",
    "end_with_ticket",
    "follow_forwarded",
    "follow_trash",
    "go_on",
    "reason_decided",
    "refit",
    "refit_organization",
    "refit_person",
    "reject_action",
    "reject_priority",
    "remind_heads",
    "request_action",
    "request_priority",
    "set_priority",
    "tickets_decided_by",
]
