"""The process diagram, drawn from the moves table as a department has configured it (R1.41, R4.41).

``steps`` reads the table: which moves lead from where to where in this department. ``sheet`` lays them out: statuses
from top to bottom in the order of the process, side trips one below the other at the right, ways back at the left, and
one bracket for what is possible from everywhere. Colours are classes of ``static/css/panel.css``.
"""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString

from helpdesk.people.models import Department
from tickets.lifecycle import Status

from .sheet import Sheet
from .steps import Step, steps

__all__ = ["Step", "department_with", "settings_of", "steps", "svg"]

_SETTINGS = (
    "distribution_mode",
    "distribution_minutes",
    "support_lines",
    "approval_period",
    "survey_mode",
    "rating_period",
    "closing_without_solution_needs_head",
)


def svg(department: Department, status: str | None = None, *, name: str = "process") -> SafeString:
    """The drawing, in the active language.

    Args:
        status: the current one, to be marked.
        name: beginning of the ids inside; one for each drawing on a page.
    """
    return Sheet(steps(department), Status(status) if status else None, name).draw()


def settings_of(department: Department) -> tuple[Any, ...]:
    """What the drawing depends on; two departments with the same settings have the same drawing."""
    return tuple(getattr(department, name) for name in _SETTINGS)


def department_with(settings: tuple[Any, ...]) -> Department:
    """A specimen with these settings."""
    return Department(**dict(zip(_SETTINGS, settings, strict=True)))
