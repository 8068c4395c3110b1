"""Lets the demonstration happen: every move through the desk's own actions, in the order of time, up to now.

The people arrange themselves, then conversations and the sample of a real log take their turns, with the clock
ticking between them as the worker would let it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

import tickets.actions
from helpdesk.notifications.actions import holding_letters_back, mark_read
from helpdesk.people.models import User
from tickets import alarms
from tickets.actions import trash
from tickets.models import Ticket
from tickets.replay import log
from tickets.replay.player import Player

from .conversations import Conversation, Said, conversations, span
from .people import Desk, arrange
from .sample import DemoStage

SAMPLE = Path(settings.BASE_DIR) / "tests" / "data" / "incidents_sample.csv"
# Everybody has read what is older; and of what is older nobody wants a letter now.
UNREAD_FOR = timedelta(hours=20)
# Surveys and approvals stand above tickets, whose command this is; so the names are dotted, as on the life's page.
_ANSWER_SURVEY = "surveys.actions.answer"
_REQUEST_PRIORITY = "approvals.actions.request_priority"
_REGISTER_ACTIONS = "approvals.demonstration.register"
_CONSENT = "approvals.demonstration.consent"
_CONSENTS = frozenset({"request_action", "approve_action", "reject_action", "cancel_action"})

_Deed = Callable[[], object]


@transaction.atomic
def seed(*, now: datetime) -> Desk:
    """Fill an empty database; all or nothing.

    Letters of the last hours wait for the worker like any other, the older ones are held back: a desk of three weeks
    would flood the mail catcher with hundreds.
    """
    now = now.replace(second=0, microsecond=0)
    desk = arrange(now)
    import_string(_REGISTER_ACTIONS)()
    incidents = log.read(SAMPLE)[0] if SAMPLE.exists() else []
    stage = DemoStage(desk, incidents)
    player = Player(stage, incidents, now=now, shift=lambda incident: stage.shift(incident, now), keeps_numbers=False)
    deeds = sorted(
        (deed for conversation in conversations() for deed in _deeds(conversation, desk, now)), key=lambda deed: deed[0]
    )
    with holding_letters_back():
        _happen(deeds, player, until=now - UNREAD_FOR)
        alarms.ring(at=now - UNREAD_FOR)
        for person in [*desk.people.values(), *desk.customers.values()]:
            mark_read(user=person, at=now - UNREAD_FOR)
    _happen(deeds, player, until=now + timedelta(minutes=1))
    alarms.ring(at=now)
    return desk


def _happen(deeds: list[tuple[datetime, _Deed]], player: Player, *, until: datetime) -> None:
    """Let everything happen that comes before ``until``, conversations and the log in one order of time."""
    while True:
        said_at = deeds[0][0] if deeds else until
        played_at = player.next_at() or until
        at = min(said_at, played_at)
        player.sweep_until(min(at, until))
        if at >= until:
            return
        if said_at <= played_at:
            deeds.pop(0)[1]()
        else:
            player.play_next()


def _deeds(conversation: Conversation, desk: Desk, now: datetime) -> list[tuple[datetime, _Deed]]:
    """The moves of a conversation, each with its time; they share the ticket, which the first one opens."""
    opened: list[Ticket] = []

    def open_it() -> None:
        service = desk.services[conversation.service]
        opened.append(
            tickets.actions.open(
                by=desk.people[conversation.by],
                department=service.department,
                service=service,
                subject=conversation.subject,
                description=conversation.text,
                priority=conversation.priority,
                files=conversation.files,
                at=now - span(conversation.ago),
            )
        )

    def say(said: Said) -> _Deed:
        return lambda: _say(said, Ticket.objects.select_related("executor").get(pk=opened[0].pk), desk, now)

    return [
        (now - span(conversation.ago), open_it),
        *((now - span(said.ago), say(said)) for said in conversation.then),
    ]


def _say(said: Said, ticket: Ticket, desk: Desk, now: datetime) -> None:
    at = now - span(said.ago)
    if said.verb == "answer_survey":
        import_string(_ANSWER_SURVEY)(
            survey=ticket.survey,
            by=desk.people[said.who],
            solved=True,
            rating=said.rating,
            comment=said.text,
            at=at,
        )
        return
    by: User | None = ticket.executor if said.who == "executor" else desk.people[said.who]
    words: dict[str, Any] = {"text": said.text} if said.text else {}
    if said.verb == "request_priority":
        import_string(_REQUEST_PRIORITY)(ticket=ticket, by=by, priority=said.priority, at=at, **words)
        return
    if said.verb == "put_in_trash":
        trash.put_ticket(ticket=ticket, by=desk.people[said.who], at=at)
        return
    if said.verb in _CONSENTS:
        import_string(_CONSENT)(said.verb, ticket=ticket, by=by, action=said.action, at=at, **words)
        return
    if said.files:
        words["files"] = said.files
    if said.to:
        words["executor"] = desk.people[said.to]
    if said.service:
        words["service"] = desk.services[said.service]
    getattr(tickets.actions, said.verb)(ticket=ticket, by=by, at=at, **words)
