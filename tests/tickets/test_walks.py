"""The walks lead where they say."""

from __future__ import annotations

import pytest

from tests import walks
from tests.cast import Cast, Clock
from tickets.lifecycle import Outcome, Status


@pytest.mark.parametrize("status", list(Status))
def test_walk_leads_to_its_status(cast: Cast, clock: Clock, status: Status) -> None:
    """R1.1: every status can be reached by actions alone."""
    ticket = walks.to(status, cast, at=clock.now)
    ticket.refresh_from_db()
    assert ticket.status == status
    assert ticket.opened_at == clock.now


@pytest.mark.parametrize("outcome", list(Outcome))
def test_walk_leads_to_its_outcome(cast: Cast, outcome: Outcome) -> None:
    """R4.20: three ways to end, three walks."""
    ticket = walks.OUTCOMES[outcome](cast)
    ticket.refresh_from_db()
    assert ticket.outcome == outcome


def test_walk_in_push_mode_is_given_by_the_clock(cast: Cast) -> None:
    """A2: where tickets are only given, the walk is given one."""
    cast.rules(distribution_mode="push")
    ticket = walks.started(cast)
    assert (ticket.status, ticket.assigned_by_clock, ticket.executor) == (Status.IN_SERVICE, True, cast.ada)
