"""A ticket with what was said in it and what happened to it; and the trash."""

from .ticket import HAS_EXECUTOR, SUBJECT_LENGTH, Event, Message, Ticket
from .trash import TrashEntry

__all__ = ["HAS_EXECUTOR", "SUBJECT_LENGTH", "Event", "Message", "Ticket", "TrashEntry"]
