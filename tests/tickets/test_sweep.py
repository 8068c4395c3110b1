"""Two workers, as real processes, over many due tickets; one of them killed in the middle (issue's point 4).

``HELPDESK_TEST_SWEEP`` says how many tickets: some hundreds by default, two thousand where changes are accepted.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from helpdesk.notifications.models import Letter
from surveys.models import Survey
from tests import crowds
from tests.cast import Cast, an_agent
from tickets.lifecycle import Status
from tickets.models import Event, Ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MANY = int(os.environ.get("HELPDESK_TEST_SWEEP", "300"))
AGENTS = 7
ROOT = Path(__file__).resolve().parent.parent.parent


class Worker:
    """One sweeping process; it waits for :meth:`go`."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.tickets.sweeper", str(connection.settings_dict["NAME"])],
            cwd=ROOT,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._line() == "ready"

    def go(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def looked_at(self) -> int:
        """How many tickets it looked at, once it has ended."""
        count = int(self._line())
        assert self.process.wait(timeout=60) == 0
        return count

    def _line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()


@pytest.fixture
def workers() -> Iterator[list[Worker]]:
    """Two workers, ready; whatever they do, they do not outlive the test."""
    found = [Worker(), Worker()]
    yield found
    for worker in found:
        worker.process.kill()
        worker.process.communicate()


@pytest.fixture
def crowd(cast: Cast) -> list[Ticket]:
    """Seven agents; many tickets due for distribution, and a fourth as many due for approval."""
    for number in range(AGENTS - 2):
        an_agent(f"Agent{number} Crowd", cast.department)
    due_at = timezone.now() - timedelta(minutes=10)
    silent = crowds.solved(cast, MANY // 4, due_at=due_at, by=cast.otto)
    return crowds.waiting(cast, MANY, due_at=due_at) + silent


def _moved() -> int:
    return Event.objects.filter(actor=None).count()


def _check(cast: Cast, crowd: list[Ticket]) -> None:
    """Each moved once, loads differ by at most one, no letter twice."""
    waiting = [ticket.pk for ticket in crowd if ticket.status == Status.AWAITING_DISTRIBUTION]
    silent = [ticket.pk for ticket in crowd if ticket.status == Status.AWAITING_APPROVAL]
    assert Counter(Ticket.objects.filter(pk__in=waiting).values_list("status", flat=True)) == {"assigned": len(waiting)}
    assert Counter(Ticket.objects.filter(pk__in=silent).values_list("status", flat=True)) == {"closed": len(silent)}
    assert not Ticket.objects.exclude(timer_error="").exists()
    moved = Counter(Event.objects.filter(actor=None).values_list("verb", "ticket"))
    assert moved == Counter([("assign", pk) for pk in waiting] + [("approve_automatically", pk) for pk in silent])
    loads = Counter(Ticket.objects.filter(pk__in=waiting).values_list("executor", flat=True))
    assert len(loads) == AGENTS
    assert max(loads.values()) - min(loads.values()) <= 1
    letters = Counter(Letter.objects.values_list("kind", "facts__number"))
    kinds = {"ticket_assigned": waiting, "ticket_assumed": waiting, "solution_approved": silent}
    kinds |= {"survey_invited": silent, "ticket_closed": silent}
    assert letters == Counter((kind, number) for kind, numbers in kinds.items() for number in numbers)
    assert sorted(Survey.objects.values_list("ticket", flat=True)) == sorted(silent)
    executors = dict(Ticket.objects.filter(pk__in=waiting).values_list("pk", "executor"))
    told = Letter.objects.filter(kind="ticket_assigned").values_list("facts__number", "recipient")
    assert dict(told) == executors


def test_two_workers_move_every_due_ticket_once(cast: Cast, crowd: list[Ticket], workers: list[Worker]) -> None:
    """R1.32, R4.6, R6.24: any number of workers may sweep; together they do the work of one."""
    began = time.monotonic()
    for worker in workers:
        worker.go()
    counts = [worker.looked_at() for worker in workers]
    seconds = time.monotonic() - began
    print(f"{len(crowd)} tickets in {seconds:.1f} s: {len(crowd) / seconds:.0f} a second")
    assert sum(counts) == len(crowd)
    assert min(counts) > 0, "both had a part in it"
    _check(cast, crowd)


def test_worker_killed_in_the_middle_leaves_nothing_half_done(
    cast: Cast, crowd: list[Ticket], workers: list[Worker]
) -> None:
    """R6.24: timers survive a restart and fire once; a SIGKILL anywhere changes nothing of that."""
    for worker in workers:
        worker.go()
    killed_with_work_left = 0
    for victim in (0, 1, 0):
        goal = min(_moved() + len(crowd) // 20, len(crowd))
        while _moved() < goal:
            time.sleep(0.005)
        workers[victim].kill()
        killed_with_work_left += _moved() < len(crowd)
        workers[victim] = Worker()
        workers[victim].go()
    assert killed_with_work_left
    for worker in workers:
        worker.looked_at()
    _check(cast, crowd)
