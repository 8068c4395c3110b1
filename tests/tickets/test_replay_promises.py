"""The log's own verdicts on its service levels, what must have been promised, and where this desk judges otherwise."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.tickets.logbook import a_log, changes, play
from tests.tickets.promises import HOUR, a_level
from tickets.lifecycle import Priority
from tickets.models import Ticket
from tickets.replay import log, promises
from tickets.replay.promises import Target, Verdict

NORMAL = Priority.NORMAL


def _verdicts(text: str) -> list[Verdict]:
    """``3+ 5-``: met after three hours, missed after five."""
    return [Verdict(one, NORMAL, float(one[:-1]) * HOUR, one[-1] == "+") for one in text.split()]


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("1+ 2+ 4- 9-", Target(3 * HOUR, 4, 4)),
        ("4- 1+ 9- 2+", Target(3 * HOUR, 4, 4)),
        ("1+ 2- 3+ 5- 9-", Target(1.5 * HOUR, 4, 5)),
        ("1+ 2+ 2+ 2- 9- 9-", Target(5.5 * HOUR, 5, 6)),
        ("1- 2- 3- 4+", Target(HOUR / 2, 3, 4)),
        ("1- 2-", Target(None, 0, 2)),
        ("1+ 2+", Target(None, 0, 2)),
    ],
)
def test_promise_is_the_time_that_parts_met_from_missed_best(text: str, target: Target) -> None:
    assert promises.targets(_verdicts(text)) == {NORMAL: target}


def _incident(number: str, met: str, *said: tuple[str, str]) -> list[dict[str, str]]:
    resolved = next(at for state, at in reversed(said) if state == "Resolved")
    resolved_at = f"{resolved[:2]}-03-2016 {resolved[3:]}"
    return changes(*said, number=number, made_sla=met, resolved_at=resolved_at)


def _figures(path: Path) -> dict[str, int]:
    return promises.figures(log.read(path)[0])


def test_replay_compares_its_clocks_with_the_log_and_says_why_not(db: None, tmp_path: Path) -> None:
    quick = ("Active", "01 09:00"), ("Resolved", "01 10:00"), ("Closed", "02 10:00")
    slow = ("Active", "01 09:00"), ("Resolved", "02 09:00"), ("Closed", "03 09:00")
    asked = ("Active", "01 09:00"), ("Awaiting User Info", "01 09:30"), ("Resolved", "01 21:00"), ("Closed", "02 21:00")
    late = ("Active", "01 09:00"), ("Resolved", "01 10:00"), ("Closed", "04 10:00"), ("Resolved", "09 10:00")
    rows = [
        *_incident("INC1", "TRUE", *quick),
        *_incident("INC2", "TRUE", *quick),
        *_incident("INC3", "FALSE", *slow),
        *_incident("INC4", "FALSE", *asked),
        *_incident("INC5", "FALSE", *late),
        *_incident("INC6", "FALSE", *quick),
    ]
    path = a_log(tmp_path, *rows)
    play(path)
    assert _figures(path) == {
        "normal: met within 6 h 30 min; of the log's 6 verdicts this explains": 5,
        "another verdict here: concluded at another time than in the log": 1,
        "another verdict here: its clock stood while the requester was asked or checked": 1,
        "another verdict here: the log's own time does not explain its verdict": 1,
        "compared": 6,
        "the same verdict here (50%)": 3,
    }


def test_log_without_verdicts_is_compared_with_nothing(db: None, tmp_path: Path) -> None:
    path = a_log(tmp_path, *changes(("Active", "01 09:00"), ("Resolved", "01 10:00"), ("Closed", "02 10:00")))
    play(path)
    assert _figures(path) == {}


def test_clock_that_is_compared_is_the_one_that_judges(db: None) -> None:
    """With levels of these targets the tickets of the sample have the verdicts that the comparison says."""
    path = Path(__file__).resolve().parent.parent / "data" / "incidents_sample.csv"
    within = {"normal": timedelta(hours=89), "low": timedelta(hours=113), "urgent": timedelta(hours=5)}
    for priority, period in within.items():
        a_level(priority, first_start=None, conclusion=period)
    play(path)
    solved = Ticket.objects.filter(outcome="solved")
    judged = {(one.pk, one.sla_met) for one in solved}
    assert judged == {
        (one.pk, one.clock_spent <= within[one.priority] if one.priority in within else None) for one in solved
    }
    assert {met for _pk, met in judged} >= {True, False}
