"""What can be done with a ticket: one function a verb, each one passage through the funnel.

Keyword-only; ``by`` is a person or the clock, ``at`` defaults to now. Every function returns the ticket as it is
afterwards and raises ``Refused`` with a sentence for the person where the move is not possible.

Each topic has a file of its own; whoever uses them writes ``tickets.actions.assume(…)``.
"""

from .checking import approve, approve_automatically, close_unrated, rate, remind, return_solution
from .distribution import NoCandidate, alert, assign, assume, forward, give, hand_over, take_back
from .ending import cancel, finalize
from .escalation import (
    approve_closing,
    approve_line_change,
    refuse_closing,
    remind_heads,
    request_closing,
    request_line_change,
    return_line_change,
)
from .opening import open
from .service import answer, ask, note, reply, send_solution, start, write

__all__ = [
    "NoCandidate",
    "alert",
    "answer",
    "approve",
    "approve_automatically",
    "approve_closing",
    "approve_line_change",
    "ask",
    "assign",
    "assume",
    "cancel",
    "close_unrated",
    "finalize",
    "forward",
    "give",
    "hand_over",
    "note",
    "open",
    "rate",
    "refuse_closing",
    "remind",
    "remind_heads",
    "reply",
    "request_closing",
    "request_line_change",
    "return_line_change",
    "return_solution",
    "send_solution",
    "start",
    "take_back",
    "write",
]
