"""A ticket with what was said in it and what happened to it, what is promised, and the trash."""

from .conversation import Event, Message
from .service_levels import ServiceLevel
from .ticket import HAS_EXECUTOR, NEAREST_DUE, SUBJECT_LENGTH, Ticket
from .trash import TrashEntry

__all__ = [
    "HAS_EXECUTOR",
    "NEAREST_DUE",
    "SUBJECT_LENGTH",
    "Event",
    "Message",
    "ServiceLevel",
    "Ticket",
    "TrashEntry",
]
