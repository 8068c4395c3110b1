"""The process diagram, drawn from the moves table as a department has configured it (R1.41, R4.41).

``steps`` reads the table: which moves lead from where to where in this department. ``sheet`` lays them out: statuses
from top to bottom in the order of the process, side trips at the right, ways back at the left, and one bracket for what
is possible from everywhere. Colours are classes of ``static/css/panel.css``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import get_language

from helpdesk.people.models import Department
from tickets.lifecycle import Status

from .sheet import Sheet
from .steps import Step, steps

__all__ = ["Step", "steps", "svg"]


def svg(department: Department, status: str | None = None, *, name: str = "process") -> SafeString:
    """The drawing, in the active language.

    Args:
        status: the current one, to be marked.
        name: beginning of the ids inside; one for each drawing on a page.
    """
    settings = (
        department.distribution_mode,
        department.distribution_minutes,
        department.approval_period,
        department.survey_mode,
        department.rating_period,
    )
    return _drawn(settings, status or "", name, get_language() or "")


@lru_cache(maxsize=128)
def _drawn(settings: tuple[Any, ...], status: str, name: str, language: str) -> SafeString:
    """Drawn once for each configuration, status and language: every page of a ticket shows one."""
    mode, minutes, approval, survey, rating = settings
    department = Department(
        distribution_mode=mode,
        distribution_minutes=minutes,
        approval_period=approval,
        survey_mode=survey,
        rating_period=rating,
    )
    return Sheet(steps(department), Status(status) if status else None, name).draw()
