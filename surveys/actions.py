"""Inviting to the survey and answering it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import tickets.actions
from helpdesk.core.clock import CLOCK
from helpdesk.core.refusals import Refused
from helpdesk.notifications.actions import Notices, wake_worker
from helpdesk.people.actions import is_read_only
from helpdesk.people.models import Membership, User
from tickets.funnel import facts_of, locked
from tickets.lifecycle import Outcome, Status

from .links import path_to
from .models import Survey

if TYPE_CHECKING:
    from tickets.funnel import Passage

REFUSALS = {
    Survey.State.ANSWERED: gettext_lazy("This survey has been answered already. Thank you!"),
    Survey.State.OVER: gettext_lazy("The time for rating this ticket is over."),
}


def invite(steps: Sequence[Passage]) -> None:
    """Ask requesters what they thought of the service; follows tickets into their rating or their closing (R1.35).

    Exactly one survey exists per ticket, however it was approved (R1.38, A5, A15).
    """
    steps = [step for step in steps if step.ticket.status != Status.CLOSED or step.ticket.outcome == Outcome.SOLVED]
    # The tickets are locked, so nobody else can invite meanwhile.
    invited = set(Survey.objects.filter(ticket__in=[step.ticket for step in steps]).values_list("ticket", flat=True))
    steps = [step for step in steps if step.ticket.number not in invited]
    for step, survey in zip(steps, Survey.objects.bulk_create(map(_survey, steps)), strict=True):
        open_until = survey.open_until.isoformat() if survey.open_until else ""
        step.tell_requester("survey_invited", path=path_to(survey), open_until=open_until)


def _survey(step: Passage) -> Survey:
    ticket = step.ticket
    assert ticket.executor is not None  # the database holds it: nothing is approved that nobody has solved
    before_closing, department = ticket.status == Status.AWAITING_RATING, ticket.department
    has_end = department.survey_period and not before_closing
    return Survey(
        ticket=ticket,
        ticket_number=ticket.number,
        requester_name=str(ticket.requester),
        agent_name=str(ticket.executor),
        agent=ticket.executor,
        department=department,
        sector_id=ticket.requester.sector_id,
        before_closing=before_closing,
        open_until=department.worktime.end_of(step.at, department.survey_period) if has_end else None,
        created_at=step.at,
    )


@transaction.atomic
def answer(
    *, survey: Survey, by: User, solved: bool, rating: int, comment: str = "", at: datetime | None = None
) -> Survey:
    """Answer once; where the rating stands before the closing, this closes the ticket (R1.39, R4.24 to R4.27).

    Args:
        by: the requester; a signed link stands for him.
        rating: 1 to 5.

    Raises:
        Refused: answered already, or the time is over, or it is somebody else's survey.
    """
    at = at or timezone.now()
    found = Survey.with_trash.select_for_update().filter(pk=survey.pk).first()
    if found is None:
        raise Refused(_("This ticket is not there any more."))
    survey = found
    survey.ticket = ticket = locked(survey.ticket_id)  # so that nobody ends it meanwhile
    if by.pk != ticket.requester_id:
        raise Refused(_("Only the requester can answer this survey."))
    state = survey.state_at(at)
    if state != Survey.State.WAITING:
        raise Refused(REFUSALS[state])
    if rating not in range(1, 6):
        raise Refused(_("Choose a rating from 1 to 5."), field="rating")
    survey.answered_at, survey.solved, survey.rating, survey.comment = at, solved, rating, comment.strip()
    survey.save(update_fields=["answered_at", "solved", "rating", "comment"])
    if survey.before_closing:
        ticket = tickets.actions.rate(ticket=ticket, by=by, at=at)
    if ticket.finalized_at is None:
        tickets.actions.finalize(ticket=ticket, by=CLOCK, at=at)
    _tell(survey, by=by, at=at)
    return survey


def end_unanswered(*, at: datetime | None = None, at_most: int = 500) -> int:
    """Where the time for an answer has passed after the closing, the engagement ends without one (R3.32, A7).

    Returns:
        How many were finalized; none after the end of the plan, when nobody could answer (R3.18).
    """
    at, count = at or timezone.now(), 0
    if is_read_only(at):
        return count
    for survey in Survey.objects.ended(at).select_related("ticket").order_by("open_until", "pk")[:at_most]:
        with suppress(Refused):  # its executor was quicker
            tickets.actions.finalize(ticket=survey.ticket, by=CLOCK, at=at)
            count += 1
    return count


def follow_trash(tickets: Sequence[int], since: datetime, until: datetime | None) -> None:
    """Tickets have come out of the trash: whoever had three days left for his answer has three days (R2.41)."""
    if until is None:
        return
    running = Survey.with_trash.filter(ticket__in=tickets, answered_at__isnull=True, open_until__gt=since)
    running.update(open_until=F("open_until") + (until - since))


def go_on(since: datetime, until: datetime) -> None:
    """The plan had ended and was renewed: whoever had three days left for his answer has three days (R3.18)."""
    running = Survey.objects.filter(answered_at__isnull=True, open_until__gt=since)
    running.update(open_until=F("open_until") + (until - since))


def _tell(survey: Survey, *, by: User, at: datetime) -> None:
    ticket = survey.ticket
    heads = Membership.objects.filter(department=survey.department, is_head=True).select_related("user")
    notices = Notices(by=by, at=at)
    notices.tell(
        "survey_answered",
        [ticket.executor, *(membership.user for membership in heads)],
        facts=facts_of(ticket)
        | {
            "actor": str(by),
            "rating": survey.rating,
            "solved": survey.solved,
            "text": survey.comment,
            "path": reverse("panel:ticket", args=[ticket.number]),
        },
        key=f"survey-{survey.pk}",
        thread=f"ticket-{ticket.number}",
    )
    if notices.write():
        wake_worker()
