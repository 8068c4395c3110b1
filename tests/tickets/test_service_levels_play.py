"""Random histories with service levels: no pause ever ticks, and every figure equals a recount of the events (R3.58)."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from tests.tickets.promises import DAY, HOUR, Recount, a_calendar, a_level
from tests.tickets.test_random_play import PLAYS, Play


class PromisingPlay(Play):
    """The same people and accidents, where a department has office hours and something is promised."""

    def __init__(self) -> None:
        super().__init__()
        calendar = a_calendar(time_zone="Europe/Berlin", friday="09:00-13:00", saturday="22:00-04:00")
        self.change(self.department, calendar=calendar)
        a_level("urgent", first_start=HOUR / 4, conclusion=2 * HOUR)
        a_level("high", first_start=2 * HOUR, conclusion=DAY)
        a_level("normal", first_start=DAY, conclusion=2 * DAY)
        a_level("normal", first_start=None, conclusion=HOUR / 2, service=self.cast.other_service)
        a_level("low", first_start=8 * HOUR, conclusion=None, organization=self.cast.parent)

    @invariant()
    def clocks_are_as_the_history_tells_them(self) -> None:
        """R3.58, A4: what was spent, when it is due, and what was met, whatever stood in between."""
        for ticket in self.tickets():
            Recount(ticket).check(self.clock.now)


@pytest.mark.django_db
@pytest.mark.timeout(4 * 3600 if PLAYS else 300)
def test_no_pause_ever_ticks_whatever_people_do() -> None:
    run_state_machine_as_test(
        PromisingPlay,
        settings=settings(
            max_examples=PLAYS or 6,
            stateful_step_count=50 if PLAYS else 20,
            derandomize=not PLAYS,
            database=None,
            deadline=None,
            phases=list(Phase) if PLAYS else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
