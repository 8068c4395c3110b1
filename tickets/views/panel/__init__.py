"""The agents' doors: my tasks, queue, board, decisions, the ticket, the search, the department (R3.7 to R3.13)."""

from .board import board
from .decisions import decide, decisions
from .department import department
from .lists import closed, queue, tasks
from .search import search
from .ticket import move, ticket

__all__ = ["board", "closed", "decide", "decisions", "department", "move", "queue", "search", "tasks", "ticket"]
