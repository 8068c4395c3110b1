"""A ticket with what was said in it and what happened to it, what is promised, the trash, and totals."""

from .conversation import Event, Message
from .service_levels import ServiceLevel
from .ticket import HAS_EXECUTOR, NEAREST_DUE, SUBJECT_LENGTH, Ticket
from .totals import Change, Counting, Total
from .trash import TrashEntry

__all__ = [
    "HAS_EXECUTOR",
    "NEAREST_DUE",
    "SUBJECT_LENGTH",
    "Change",
    "Counting",
    "Event",
    "Message",
    "ServiceLevel",
    "Ticket",
    "Total",
    "TrashEntry",
]
