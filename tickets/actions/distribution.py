"""Who has the ticket: taking, giving, handing over, forwarding."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

import attachments.actions
from attachments.permissions import ADD
from helpdesk.core.clock import CLOCK
from helpdesk.core.refusals import Refused
from helpdesk.people.models import Department, Service, User
from tickets.funnel import Passage, passage, timer_due_at
from tickets.lifecycle import Status
from tickets.models import Ticket
from tickets.querysets import Rota, agents_of_line


class NoCandidate(Refused):
    """No active, present agent of the line: the ticket stays in the queue (R4.9)."""


def assume(*, ticket: Ticket, by: User, at: datetime | None = None) -> Ticket:
    """An agent of the group takes the ticket; of two at once, one has it (R1.22, R1.23, R3.8)."""
    with passage("assume", ticket=ticket, by=by, at=at) as step:
        give_to(step, by)
    return step.ticket


def assign(
    *,
    ticket: Ticket,
    by: Any = CLOCK,
    at: datetime | None = None,
    is_locked: bool = False,
    rota: Rota | None = None,
) -> Ticket:
    """The clock gives the ticket to the least-loaded agent of its line (R4.6, R4.8, R4.9).

    Args:
        rota: of the ticket's department and line, when several tickets are given in one transaction.

    Raises:
        NoCandidate: nobody can be given it.
    """
    with passage("assign", ticket=ticket, by=by, at=at, is_locked=is_locked) as step:
        executor = (rota or Rota(step.ticket.department, step.ticket.line, step.at)).next(step.ticket.requester_id)
        if executor is None:
            raise NoCandidate(_("No agent of this line is available."))
        give_to(step, executor)
        step.set(assigned_by_clock=True)
        step.tell("ticket_assigned", executor)
    return step.ticket


def alert(*, ticket: Ticket, by: Any = CLOCK, at: datetime | None = None) -> Ticket:
    """Nobody can be given the ticket: heads and administrators are told, once for each wait (R4.9)."""
    with passage("alert", ticket=ticket, by=by, at=at) as step:
        step.set(alerted_at=step.at)
        step.tell("no_candidate", *step.heads(), *User.objects.administrators())
    return step.ticket


def give(*, ticket: Ticket, by: User, executor: User, at: datetime | None = None) -> Ticket:
    """A head gives the ticket to an agent of its line; whichever comes first ends the timer (R4.5, R4.14, A2).

    Raises:
        Refused: ``executor`` is no active agent of the department's line.
    """
    with passage("give", ticket=ticket, by=by, at=at) as step:
        check_executor(step, executor)
        involve_head(step)
        give_to(step, executor)
        step.tell("ticket_assigned", executor)
    return step.ticket


def hand_over(*, ticket: Ticket, by: User, executor: User, text: str = "", at: datetime | None = None) -> Ticket:
    """A head gives a ticket that somebody has to somebody else of the line (R6.21).

    Raises:
        Refused: ``executor`` has it already, or is no active agent of the department's line.
    """
    with passage("hand_over", ticket=ticket, by=by, at=at, text=text) as step:
        check_executor(step, executor)
        if step.ticket.executor == executor:
            raise Refused(_("%(name)s already has this ticket.") % {"name": executor}, field="executor")
        involve_head(step)
        take_away(step)
        let_go(step)
        give_to(step, executor)
        step.tell("ticket_assigned", executor)
    return step.ticket


def take_back(*, ticket: Ticket, by: User, text: str = "", at: datetime | None = None) -> Ticket:
    """A head takes the ticket from its executor, back into the distribution of its line (R6.21)."""
    with passage("take_back", ticket=ticket, by=by, at=at, text=text) as step:
        involve_head(step)
        take_away(step)
        return_to_pool(step)
    return step.ticket


def forward(*, ticket: Ticket, by: User, service: Service, text: str, at: datetime | None = None) -> Ticket:
    """Send the ticket to the department that offers ``service``; its group is told, its window runs (R6.21, R5.52).

    Access to the folder follows: the former executor keeps reading, the former group loses sight (R1.14, R1.16).

    Raises:
        Refused: the service is not offered, or belongs to the department that has the ticket already.
    """
    with passage("forward", ticket=ticket, by=by, at=at, text=text) as step:
        ticket, former = step.ticket, step.ticket.department
        if service.department_id == former.pk:
            raise Refused(_("The ticket is in this department already."), field="service")
        if not Service.objects.offered().filter(pk=service.pk).exists():
            raise Refused(_("This service is not offered at the moment."), field="service")
        involve_head(step)
        take_away(step)
        department = Department.objects.select_related("group", "calendar").get(pk=service.department_id)
        attachments.actions.revoke_group(folder=ticket.folder, by=by, at=step.at, group=former.group)
        step.facts |= {"former_department": str(former), "department": str(department)}
        step.set(department=department, service=service, line=1)
        return_to_pool(step)
        if department.attachment_access_moment == Department.AccessMoment.ON_OPEN:
            step.grant(group=department.group)
    return step.ticket


def check_executor(step: Passage, executor: User) -> None:
    """Refuse whoever is no active agent of the ticket's department and line (R4.7).

    Raises:
        Refused: with field ``executor``.
    """
    if not agents_of_line(step.ticket.department, step.ticket.line, step.at).filter(pk=executor.pk).exists():
        raise Refused(
            _("%(name)s is no active agent of this department and support line.") % {"name": executor},
            field="executor",
        )


def involve_head(step: Passage) -> None:
    """A head who acts on a ticket has had a task on it, whether he was told of it or not (R1.14)."""
    membership = step.by.membership_in(step.ticket.department_id)
    if membership and membership.is_head:
        step.grant(viewers=[step.by])


def take_away(step: Passage) -> None:
    """Tell the executor that somebody else has taken the ticket from him."""
    if step.ticket.executor != step.by:
        step.tell("ticket_taken_away", step.ticket.executor)


def let_go(step: Passage) -> None:
    """The executor has the ticket no longer: he keeps reading its files and adds none (R1.14, R1.16)."""
    former = step.ticket.executor
    if former and former != step.ticket.requester:  # a requester adds, whatever else he was
        attachments.actions.revoke(folder=step.ticket.folder, by=step.by, at=step.at, person=former, codes=(ADD,))


def return_to_pool(step: Passage) -> None:
    """Back into distribution: nobody has the ticket, its window runs anew, group and heads are told."""
    ticket = step.ticket
    let_go(step)
    step.set(
        executor=None,
        assigned_by_clock=False,
        alerted_at=None,
        timer_due_at=timer_due_at(ticket.department, Status.AWAITING_DISTRIBUTION, step.at),
    )
    step.grant(viewers=announce(step))


def give_to(step: Passage, executor: User) -> None:
    """Make somebody the executor: access to the folder from this moment (R1.13), and the requester is told (A3)."""
    step.set(executor=executor, assigned_at=step.at, assigned_by_clock=False, alerted_at=None)
    step.subject = executor
    step.grant(adders=[executor])
    step.tell_requester("ticket_assumed")


def announce(step: Passage) -> list[User]:
    """Tell the group that a ticket waits, and the heads that they have to give it (R1.18, R4.7).

    The whole group hears of a ticket that is new to it; later on, those who can take it. Nobody reads it twice: a head
    who takes no tickets has it as his task, and where there is none, like everybody. A line without agents alerts the
    administrators instead of losing the ticket (R1.21).

    Agents whose profile shows them their own tickets only do not hear of it: they cannot open what waits, so cannot
    take it either, and are told when a head or the clock gives it to them (R2.46). Everybody who can assume is told.
    Where tickets are only taken, a line of nobody but them is a line without agents.

    Returns:
        The heads who have a task now, and so may open the folder (A1).
    """
    members = step.members()
    heads = [membership.user for membership in members if membership.is_head]
    has_task = step.ticket.department.distribution_mode != Department.DistributionMode.PULL
    on_line = [membership for membership in members if membership.serves(step.ticket.line)]
    able = [membership for membership in on_line if membership.sees(is_taken=False)]
    group = [one for one in members if (one.line or not has_task) and one.sees(is_taken=False)]
    told = group if step.move.verb in {"open", "forward"} else able
    step.tell("ticket_opened", *(membership.user for membership in told))
    if not (on_line if has_task else able):
        step.tell("department_unstaffed", *User.objects.administrators())
    if not has_task:
        return []
    step.tell("distribution_needed", *heads)
    return heads
