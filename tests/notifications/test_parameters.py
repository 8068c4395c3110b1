"""R3.35 to R3.42: the parameters P1 to P8, each switched off in the administration's own form."""

from __future__ import annotations

from collections import Counter

import pytest
from django.urls import reverse

import surveys.actions
import tickets.actions
from helpdesk.notifications.models import Letter, Notification
from surveys.models import Survey
from tests import walks
from tests.cast import Cast
from tests.pages import as_

ALL = [f"mail_p{number}" for number in range(1, 9)]
# The switch, its rule, and whose letter is missing without it.
PARAMETERS = {
    "mail_p1": ("R3.35", "ticket_opened", ["Ada Alves", "Bob Braun", "Otto Orlov"]),
    "mail_p2": ("R3.36", "ticket_assumed", ["Rita Ramos"]),
    "mail_p3": ("R3.37", "ticket_started", ["Rita Ramos"]),
    "mail_p4": ("R3.38", "requester_wrote", ["Ada Alves"]),
    "mail_p5": ("R3.39", "agent_wrote", ["Rita Ramos"]),
    "mail_p6": ("R3.40", "solution_sent", ["Rita Ramos"]),
    "mail_p7": ("R3.41", "solution_approved", ["Ada Alves"]),
    "mail_p8": ("R3.42", "survey_answered", ["Ada Alves", "Hugo Hahn"]),
}


def _switch_off(cast: Cast, switch: str) -> None:
    wanted = {one: "on" for one in ALL if one != switch}
    company = {
        "name": "Demo Desk",
        "language": "en",
        "time_zone": "UTC",
        "plan": "basic",
        "trash_retention": "30",
        "report_retention": "14",
        "plan_reminder_days": "30",
    }
    url = reverse("admin:people_account_change", args=[1])
    assert as_(cast.ana).post(url, company | wanted).status_code == 302


def story(cast: Cast) -> tuple[Counter, Counter]:
    """Every event that has a parameter happens once. Returns the letters and the notifications of it."""
    for model in (Letter, Notification):
        model.objects.all().delete()
    ticket = walks.started(cast)
    tickets.actions.write(ticket=ticket, by=cast.rita, text="And?")
    tickets.actions.reply(ticket=ticket, by=cast.ada, text="Soon.")
    walks.closed(cast, ticket=ticket)
    survey = Survey.objects.get(ticket=ticket)
    surveys.actions.answer(survey=survey, by=cast.rita, solved=True, rating=5)
    letters, lines = (Counter(model.objects.values_list("kind", "recipient__name")) for model in (Letter, Notification))
    return letters, lines


@pytest.mark.parametrize("switch", PARAMETERS, ids=[rule for rule, _kind, _people in PARAMETERS.values()])
def test_each_parameter_changes_exactly_its_letter_at_once(cast: Cast, switch: str) -> None:
    """R3.35 to R3.43, A23: nothing else is missing, and every notification is made."""
    letters, lines = story(cast)
    _switch_off(cast, switch)
    without, still = story(cast)
    _rule, kind, people = PARAMETERS[switch]
    assert letters - without == Counter((kind, name) for name in people)
    assert without - letters == Counter()
    assert still == lines
    _switch_off(cast, "none of them")
    assert story(cast)[0] == letters
