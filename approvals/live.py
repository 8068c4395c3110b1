"""What managers' open pages hear of approval actions: the tab counts by itself, and who was quicker is said at once.

A page that shows a ticket listens to its request only, not to the ticket: once decided, neither is its reader's to
follow (A20).
"""

from __future__ import annotations

from collections.abc import Iterable

from helpdesk.notifications.live.topics import NOTHING, Following, of_person
from helpdesk.people.models import User
from tickets.live import own_tickets

from .lifecycle import State
from .models import ActionRequest


def topics_of_asking(managers: Iterable[int]) -> list[str]:
    """What is called out when something begins to wait for ``managers``, beside the new line in the hub of each."""
    return [_of_lists(pk) for pk in managers]


def topics_of_change(request: int, managers: Iterable[int]) -> list[str]:
    """What is called out when ``request`` waits no more, or not for the same ``managers`` (R2.28)."""
    return [_of_request(request), *(topic for pk in managers for topic in (of_person(pk), _of_lists(pk)))]


def waiting(user: User, number: int | None, seen: int | None) -> Following:
    """The list of what waits for the reader."""
    return Following(frozenset({_of_lists(user.pk)})) if user.manages_organization else NOTHING


def request(user: User, number: int | None, seen: int | None) -> Following:
    """The page of one request, or the question whether its decision is meant (R2.33)."""
    found = ActionRequest.objects.decided_by_managers_like(user).filter(pk=number).only("state").first()
    if found is None:
        return NOTHING
    return Following(frozenset({_of_request(found.pk)}), is_stale=found.state != State.WAITING)


def start(user: User, number: int | None, seen: int | None) -> Following:
    """The portal's start page: the reader's own tickets, and what waits for his consent."""
    return Following(own_tickets(user, number, seen).topics | waiting(user, number, seen).topics)


def _of_request(pk: int) -> str:
    return f"consent-{pk}"


def _of_lists(person: int) -> str:
    return f"consents-{person}"
