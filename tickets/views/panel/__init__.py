"""The agents' doors: my tasks, queue, board, decisions, the ticket, the search, the department (R3.7 to R3.13)."""

from .board import board
from .customers import (
    customer,
    customers,
    edit_customer,
    edit_organization,
    invite,
    new_customer,
    new_organization,
    organization,
    organizations,
)
from .dashboard import dashboard, figure
from .decisions import decide, decisions
from .department import department
from .lists import closed, queue, tasks
from .people import people
from .roles import roles
from .search import search
from .ticket import move, ticket
from .trash import delete, put_customer, put_ticket, restore, trash

__all__ = [
    "board",
    "closed",
    "customer",
    "customers",
    "dashboard",
    "decide",
    "decisions",
    "delete",
    "department",
    "edit_customer",
    "edit_organization",
    "figure",
    "invite",
    "move",
    "new_customer",
    "new_organization",
    "organization",
    "organizations",
    "people",
    "put_customer",
    "put_ticket",
    "queue",
    "restore",
    "roles",
    "search",
    "tasks",
    "ticket",
    "trash",
]
