"""The agents' doors: my tasks, queue, board, decisions, the ticket, the search, the department (R3.7 to R3.13)."""

from .board import board
from .decisions import decide, decisions
from .department import department
from .lists import closed, queue, tasks
from .people import people
from .search import search
from .ticket import move, ticket
from .trash import delete, put_customer, put_ticket, restore, trash

__all__ = [
    "board",
    "closed",
    "decide",
    "decisions",
    "delete",
    "department",
    "move",
    "people",
    "put_customer",
    "put_ticket",
    "queue",
    "restore",
    "search",
    "tasks",
    "ticket",
    "trash",
]
