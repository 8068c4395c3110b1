"""The life of what is asked beside a ticket, on one page: a third person decides while the ticket goes on (R6.25).

The rows are moves of the same kind as the ticket's own and pass through the same funnel; they never change the
ticket's status. Rule numbers are the specification's.
"""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tickets.lifecycle import FINAL, OPEN, Move, Text, Who


class State(TextChoices):
    """What became of a request; the first is initial, the others are final."""

    WAITING = "waiting", _("awaiting approval")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    CANCELLED = "cancelled", pgettext_lazy("request", "cancelled")
    EXPIRED = "expired", _("expired")


_HEAD = frozenset({Who.HEAD, Who.ADMINISTRATOR})
_MANAGER = frozenset({Who.MANAGER})

MOVES: dict[str, Move] = {
    move.verb: move
    for move in (
        # Change of priority (R4.30 to R4.35). The requester sees its result only, so every event is private.
        Move(
            "request_priority",
            _("Request change of priority"),
            "R4.30",
            OPEN,
            None,
            frozenset({Who.EXECUTOR}),
            text=Text.REQUIRED,
            asks="priority",
            private=True,
        ),
        Move(
            "approve_priority",
            _("Approve change of priority"),
            "R4.32",
            OPEN,
            None,
            _HEAD,
            text=Text.OPTIONAL,
            private=True,
        ),
        Move(
            "reject_priority",
            _("Reject change of priority"),
            "R4.32",
            OPEN,
            None,
            _HEAD,
            text=Text.REQUIRED,
            private=True,
        ),
        Move(
            "remind_heads_of_priority",
            _("Remind of the decision"),
            "R4.16",
            OPEN,
            None,
            frozenset({Who.CLOCK}),
            private=True,
        ),
        Move(
            "set_priority",
            _("Set priority"),
            "R4.35",
            OPEN,
            None,
            frozenset({Who.ADMINISTRATOR}),
            text=Text.REQUIRED,
            asks="priority",
            private=True,
        ),
        # Approval actions (R2.9 to R2.39). Their history is the service desk's alone, so every event is private.
        Move(
            "request_action",
            _("Request action"),
            "R2.14",
            OPEN,
            None,
            frozenset({Who.EXECUTOR, Who.HEAD, Who.ADMINISTRATOR}),  # A19
            text=Text.OPTIONAL,
            private=True,
        ),
        Move("approve_action", _("Approve action"), "R2.30", OPEN, None, _MANAGER, private=True),
        Move("reject_action", _("Reject action"), "R2.32", OPEN, None, _MANAGER, text=Text.OPTIONAL, private=True),
        Move(
            "cancel_action",
            _("Cancel action"),
            "R2.20",
            OPEN,
            None,
            frozenset({Who.EXECUTOR, Who.ASKER, Who.MANAGER, Who.ADMINISTRATOR}),
            private=True,
        ),
        # Follows the ticket into its end; nobody makes it by hand.
        Move("expire_action", _("Let action expire"), "R2.22", FINAL, None, frozenset({Who.CLOCK}), private=True),
    )
}
