"""The agents' doors: my tasks, the queue, the ticket, the search, the department (R3.7 to R3.13)."""

from .department import department
from .lists import closed, queue, tasks
from .people import people
from .search import search
from .ticket import move, ticket

__all__ = ["closed", "department", "move", "people", "queue", "search", "tasks", "ticket"]
