"""The conditions and detours that the moves table names: small questions to a ticket, no writing.

A condition returns None or the sentence of refusal; a detour returns whether the other target is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from helpdesk.people.models import Department, Membership

from .lifecycle import Outcome

if TYPE_CHECKING:
    from .models import Ticket


def may_be_taken(ticket: Ticket) -> Any:
    """Where tickets are only given, nobody takes one (A2)."""
    if ticket.department.distribution_mode == Department.DistributionMode.PUSH:
        return _("In this department tickets are given to agents; they cannot be taken.")
    return None


def approval_may_be_silent(ticket: Ticket) -> Any:
    """A period of 0 means never automatically (A9)."""
    if not ticket.department.approval_period:
        return _("In this department a solution is never approved automatically.")
    return None


def approval_is_reminded_of(ticket: Ticket) -> Any:
    """Where a period runs, a reminder would put off its end (R1.27, A9)."""
    if ticket.department.approval_period:
        return _("In this department silence is approval; nobody is reminded.")
    return None


def may_be_given(ticket: Ticket) -> Any:
    """Where agents only take tickets themselves, nobody gives one (A2)."""
    if ticket.department.distribution_mode == Department.DistributionMode.PULL:
        return _("In this department agents take tickets themselves; they are not given.")
    return None


def has_a_second_line(ticket: Ticket) -> Any:
    """From line 1 there is a way up, where the department has two lines (R4.11, A29)."""
    if ticket.department.support_lines == 1:
        return _("This department has one support line.")
    return _("The ticket is on the last support line already.") if ticket.line > 1 else None


def is_on_the_last_line(ticket: Ticket) -> Any:
    """Giving up is asked for by the last line only (R4.17, A29)."""
    if ticket.line < ticket.department.support_lines:
        return _("Line 2 has to look at the ticket first: request a change of line.")
    return None


def decision_is_reminded_of(ticket: Ticket) -> Any:
    """Heads are reminded where their department wants it (R4.16)."""
    if not ticket.department.decision_reminder:
        return _("In this department heads are not reminded of their decisions.")
    return None


def may_be_finalized(ticket: Ticket) -> Any:
    """A solved ticket's engagement ends once (R3.32)."""
    if ticket.outcome != Outcome.SOLVED:
        return _("Only the service of a solved ticket is finalized.")
    return _("This service engagement is already finalized.") if ticket.finalized_at else None


def closing_needs_no_head(ticket: Ticket) -> bool:
    """Whether the last line closes without a solution on its own word (A28)."""
    return not ticket.department.closing_without_solution_needs_head


def survey_comes_first(ticket: Ticket) -> bool:
    """Whether the rating stands between approval and closing (A5)."""
    return ticket.department.survey_mode == Department.SurveyMode.BEFORE_CLOSING


def executor_is_gone(ticket: Ticket) -> bool:
    """Whether the executor cannot go on: deactivated, or no agent of the department any more (R4.23, A11)."""
    executor = ticket.executor
    if executor is None or not executor.is_active:
        return True
    return not Membership.objects.filter(department_id=ticket.department_id, user=executor, line__isnull=False).exists()
