"""Surveys on pages of the floors below: the portal's start and the ticket."""

from __future__ import annotations

from typing import Any

from django import template

from helpdesk.people.models import User
from surveys.links import path_to
from surveys.models import Survey
from tickets.lifecycle import Status
from tickets.models import Ticket

register = template.Library()

_ON_START = 5


@register.simple_tag
def waiting_surveys(user: User) -> list[Survey]:
    """The newest surveys that ``user`` can answer now, each with a fresh ``path``."""
    rows = Survey.objects.of_requester(user).waiting().select_related("ticket").order_by("-pk")[:_ON_START]
    surveys = list(rows)
    for survey in surveys:
        survey.path = path_to(survey)  # for the template only
    return surveys


@register.inclusion_tag("surveys/card.html")
def survey_card(ticket: Ticket) -> dict[str, Any]:
    """The survey on its requester's ticket page: how to answer it, or what was answered."""
    if ticket.status not in {Status.AWAITING_RATING, Status.CLOSED}:
        return {}
    survey = Survey.objects.filter(ticket=ticket).first()
    if survey is None:
        return {}
    survey.ticket = ticket  # already read
    is_waiting = survey.state == Survey.State.WAITING
    return {"survey": survey, "state": survey.state, "path": path_to(survey) if is_waiting else "", "ticket": ticket}
