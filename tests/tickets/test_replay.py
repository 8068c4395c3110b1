"""A real log played through the desk: the sample as a whole, and the oddities one by one."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

import tickets.tasks
from helpdesk.notifications.models import Letter
from helpdesk.people.actions import create_department, join_department
from helpdesk.people.models import Membership, User
from tests.cast import Cast
from tests.tickets.logbook import NOW, a_log, changes, counts, history, play
from tests.walks import opened
from tickets import timers
from tickets.lifecycle import Status
from tickets.models import Event, Ticket
from tickets.replay import log
from tickets.replay.player import Player
from tickets.replay.stage import LogStage

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "incidents_sample.csv"
S = Status

# --- the sample ---


def test_replay_of_the_sample_ends_well_and_twice_is_once(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("replay", str(SAMPLE))
    first = capsys.readouterr().out
    played, letters = counts(), Letter.objects.values_list("state", flat=True)
    assert "40 incidents: " in first
    assert "BROKEN" not in first
    assert "Service levels, against the log's own verdicts" in first
    assert Counter(Ticket.objects.values_list("status", flat=True)) == {"closed": 40}
    assert Ticket.objects.filter(assigned_by_clock=True).count() > 0
    assert Ticket.objects.filter(assigned_by_clock=False).count() > 0
    assert Ticket.objects.filter(approved_by_clock=True).count() > 0
    verbs = Counter(Event.objects.values_list("verb", flat=True))
    assert verbs["request_line_change"] == verbs["approve_line_change"] > 0
    assert verbs["forward"] > verbs["hand_over"] > 0
    assert set(letters) == {"held"}

    call_command("replay", str(SAMPLE))
    second = capsys.readouterr().out
    assert counts() == played
    assert "40 incidents: 0 rows moved a ticket" in second


def test_replay_interrupted_goes_on_as_if_it_had_not_been(db: None) -> None:
    incidents, _complaints = log.read(SAMPLE)
    incidents = incidents[:15]
    whole: dict[str, list[tuple[str, str, str]]] = {}
    with transaction.atomic():
        Player(LogStage(incidents), incidents, now=NOW).play()
        whole = {incident.number: history(incident.number) for incident in incidents}
        transaction.set_rollback(True)

    player = Player(LogStage(incidents), incidents, now=NOW)
    for _step in range(20):
        player.sweep_until(player.next_at() or NOW)
        player.play_next()
    Player(LogStage(incidents), incidents, now=NOW).play()

    assert {incident.number: history(incident.number) for incident in incidents} == whole


# --- moves ---


def test_replay_leads_a_ticket_through_every_step_that_the_log_jumps_over(db: None, tmp_path: Path) -> None:
    play(a_log(tmp_path, *changes(("New", "01 09:00"), ("Resolved", "01 09:10"), ("Closed", "02 09:00"))))
    assert history() == [
        ("open", "Caller 1", "01 09:00"),
        ("assume", "Resolver 1", "01 09:00"),
        ("start", "Resolver 1", "01 09:10"),
        ("send_solution", "Resolver 1", "01 09:10"),
        ("approve", "Caller 1", "02 09:00"),
    ]


def test_replay_lets_the_timer_give_and_approve_where_nobody_does(db: None, tmp_path: Path) -> None:
    rows = changes(("New", "01 09:00"), assigned_to="?")
    rows += changes(("Active", "01 10:00"), ("Resolved", "01 11:00"), ("Closed", "06 11:00"))
    play(a_log(tmp_path, *rows))
    assert history() == [
        ("open", "Caller 1", "01 09:00"),
        ("assign", "System", "01 09:15"),
        ("start", "Resolver 1", "01 10:00"),
        ("send_solution", "Resolver 1", "01 11:00"),
        ("approve_automatically", "System", "03 11:00"),
    ]


def test_replay_lets_a_person_of_the_same_minute_be_quicker_than_the_timer(db: None, tmp_path: Path) -> None:
    rows = changes(("New", "01 09:00"), assigned_to="?") + changes(("Active", "01 09:15"))
    play(a_log(tmp_path, *rows))
    assert [verb for verb, _actor, _at in history()] == ["open", "assume", "start"]


def test_replay_asks_answers_and_returns(db: None, tmp_path: Path) -> None:
    said = [("Active", "01 09:00"), ("Awaiting User Info", "01 09:30"), ("Active", "01 12:00")]
    said += [("Resolved", "01 13:00"), ("Active", "02 09:00"), ("Awaiting Problem", "02 10:00")]
    said += [("Resolved", "02 11:00"), ("Closed", "02 12:00")]
    play(a_log(tmp_path, *changes(*said)))
    assert [verb for verb, _actor, _at in history()] == [
        "open", "assume", "start", "ask", "answer", "send_solution", "return_solution", "note", "send_solution", "approve",
    ]  # fmt: skip


def test_replay_writes_nothing_for_a_row_that_changes_no_state(db: None, tmp_path: Path) -> None:
    play(a_log(tmp_path, *changes(("Active", "01 09:00"), ("Active", "01 09:05"), ("Active", "01 09:06"))))
    assert [verb for verb, _actor, _at in history()] == ["open", "assume", "start"]


def test_replay_opens_first_even_where_the_log_changes_before_it_opens(db: None, tmp_path: Path) -> None:
    play(a_log(tmp_path, *changes(("New", "01 08:50"), ("Active", "01 08:55"))))
    assert [(verb, at) for verb, _actor, at in history()] == [
        ("open", "01 09:00"),
        ("assume", "01 09:00"),
        ("start", "01 09:00"),
    ]


def test_replay_waits_for_the_timer_where_tickets_are_only_given(db: None, tmp_path: Path) -> None:
    department = create_department(name="Group 1", distribution_mode="push", support_lines=1)
    join_department(department=department, user=User.objects.create_user("someone@demo.example", "Someone"))
    play(a_log(tmp_path, *changes(("Active", "01 09:02"), ("Resolved", "01 09:04"))))
    assert history()[:4] == [
        ("open", "Caller 1", "01 09:00"),
        ("assign", "System", "01 09:15"),
        ("start", "Someone", "01 09:16"),
        ("send_solution", "Someone", "01 09:16"),
    ]


# --- what makes no sense ---


def test_replay_reports_what_cannot_be_read_and_goes_on(db: None, tmp_path: Path) -> None:
    player = play(
        a_log(
            tmp_path,
            *changes(("New", "01 09:00")),
            *changes(("Asleep", "01 09:05")),
            *changes(("Active", "yesterday")),
            *changes(("Active", "01 09:06"), number="?"),
            *changes(("Active", "01 09:07"), number="INC2", caller_id="?"),
            *changes(("Active", "01 09:08")),
        )
    )
    assert [(complaint.line, complaint.reason) for complaint in player.complaints] == [
        (3, "the state “Asleep” is not known"),
        (4, "“ye-03-2016 terday” is no time"),
        (5, "the incident has no number"),
        (6, "nobody knows who called"),
    ]
    assert [verb for verb, _actor, _at in history()] == ["open", "assume", "start"]


def test_replay_reports_a_closed_ticket_that_the_log_opens_again(db: None, tmp_path: Path) -> None:
    said = [("Resolved", "01 09:00"), ("Active", "10 09:00"), ("Resolved", "11 09:00"), ("Closed", "12 09:00")]
    player = play(a_log(tmp_path, *changes(*said)))
    assert [complaint.line for complaint in player.complaints] == [3, 4]
    assert history()[-1] == ("approve_automatically", "System", "03 09:00")


def test_replay_leaves_an_incident_out_that_cannot_be_opened(db: None, tmp_path: Path) -> None:
    create_department(name="Group 1", is_active=False)
    rows = changes(("Active", "01 09:00"), ("Closed", "02 09:00"))
    rows += changes(("Active", "01 09:00"), number="INC2", assignment_group="Group 2")
    player = play(a_log(tmp_path, *rows))
    assert [complaint.reason for complaint in player.complaints] == [
        "it cannot be opened: This department does not accept tickets."
    ]
    assert list(Ticket.objects.values_list("external_reference", flat=True)) == ["INC2"]
    assert (player.rows_moved, player.rows_idle) == (1, 2)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"a,b\n1,2\n", "This is no incident log: it has no column number, incident_state"),
        (b"\xff\xfe\x00", "is no text with comma-separated values"),
        (b"", "This is no incident log"),
        (None, "cannot be read: No such file or directory."),
    ],
)
def test_replay_of_something_else_says_so(db: None, tmp_path: Path, content: bytes | None, sentence: str) -> None:
    path = tmp_path / "log.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError, match=sentence):
        call_command("replay", str(path))


# --- people ---


def test_replay_makes_people_who_cannot_sign_in(db: None, tmp_path: Path) -> None:
    play(a_log(tmp_path, *changes(("New", "01 09:00"))))
    people = {
        person.name: (person.email, str(person.organization), person.has_usable_password())
        for person in User.objects.all()
    }
    assert people == {
        "Caller 1": ("caller-1@incidents.example", "Location 1", False),
        "Resolver 1": ("resolver-1@incidents.example", "None", False),
        "Head of Group 1": ("head-of-group-1@incidents.example", "None", False),
    }


def test_replay_staffs_a_group_without_executors_by_those_who_resolved(db: None, tmp_path: Path) -> None:
    rows = changes(("Active", "01 09:00"), assigned_to="?", resolved_by="Resolved by 7")
    rows += changes(("Active", "01 09:00"), number="INC2", assignment_group="?", assigned_to="?")
    play(a_log(tmp_path, *rows))
    agents = Membership.objects.filter(line=1, is_head=False).order_by("department__name")
    members = agents.values_list("department__name", "user__name")
    assert list(members) == [("Group 1", "Resolved by 7"), ("Group unknown", "Stand-in of Group unknown")]


# --- letters and the clock ---


def test_replay_sends_its_letters_only_when_asked_to(db: None, tmp_path: Path, capsys: Any) -> None:
    path = a_log(tmp_path, *changes(("Active", "01 09:00")))
    call_command("replay", str(path), send_letters=True)
    assert set(Letter.objects.values_list("state", flat=True)) == {"queued"}


@pytest.mark.django_db(transaction=True)
def test_sweep_stands_still_while_somebody_else_turns_the_clock(cast: Cast) -> None:
    ticket = opened(cast, at=datetime(2026, 3, 10, 9, 0, tzinfo=UTC))
    swept: list[int] = []

    def work() -> None:
        swept.append(tickets.tasks.sweep(at=datetime(2026, 3, 10, 10, 0, tzinfo=UTC)))
        connection.close()

    def elsewhere() -> None:
        worker = threading.Thread(target=work)
        worker.start()
        worker.join()

    with timers.standing_still():
        elsewhere()
    elsewhere()
    ticket.refresh_from_db()
    assert swept == [0, 1]
    assert ticket.status == S.ASSIGNED


@pytest.mark.django_db(transaction=True)
def test_replay_waits_for_nobody_for_ever(db: None) -> None:
    holds, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with timers.standing_still():
            holds.set()
            may_end.wait(20)
        connection.close()

    other = threading.Thread(target=hold)
    other.start()
    holds.wait(20)
    try:
        with pytest.raises(TimeoutError), timers.standing_still(patience=0.1):
            pass
    finally:
        may_end.set()
        other.join()
