"""A real log played through the desk: groups become departments and lines, and tickets follow them."""

from __future__ import annotations

from pathlib import Path

import pytest

from attachments.models import FolderUserPermission
from helpdesk.people.actions import create_department
from helpdesk.people.models import Department, Membership
from tests.tickets.logbook import a_log, changes, counts, history, play
from tickets.models import Ticket

SECOND = {"assignment_group": "Group 2", "assigned_to": "Resolver 2"}
BEHIND = {"assignment_group": "Group 9", "assigned_to": "Resolver 9"}
# An incident of its own, so that the second group is a department and not somebody's second line.
OF_SECOND = changes(("New", "01 08:00"), number="INC2", opened_at="01-03-2016 08:00", **SECOND)


def test_replay_forwards_what_the_log_hands_to_another_group(db: None, tmp_path: Path) -> None:
    rows = changes(("New", "01 09:00")) + changes(("Active", "01 09:30"), ("Resolved", "01 10:00"), **SECOND)
    play(a_log(tmp_path, *OF_SECOND, *rows))
    assert history() == [
        ("open", "Caller 1", "01 09:00"),
        ("assume", "Resolver 1", "01 09:00"),
        ("forward", "Resolver 1", "01 09:30"),
        ("assume", "Resolver 2", "01 09:30"),
        ("start", "Resolver 2", "01 09:30"),
        ("send_solution", "Resolver 2", "01 10:00"),
        ("approve_automatically", "System", "03 10:00"),
    ]
    ticket = Ticket.objects.get(external_reference="INC1")
    assert (ticket.department.name, ticket.service.department.name) == ("Group 2", "Group 2")
    former = FolderUserPermission.objects.filter(content_object=ticket.folder, user__name="Resolver 1")
    assert list(former.values_list("permission__codename", flat=True)) == ["view_folder"]


def test_replay_lets_the_next_group_find_somebody_where_the_log_names_nobody(db: None, tmp_path: Path) -> None:
    rows = changes(("New", "01 09:00"), assigned_to="?")
    rows += changes(("New", "01 09:05"), assigned_to="?", assignment_group="Group 2")
    play(a_log(tmp_path, *OF_SECOND, *rows))
    assert history() == [
        ("open", "Caller 1", "01 09:00"),
        ("assume", "Stand-in of Group 1", "01 09:05"),
        ("forward", "Stand-in of Group 1", "01 09:05"),
        ("assign", "System", "01 09:20"),
    ]


def test_replay_ends_what_a_ticket_waits_for_before_it_is_forwarded(db: None, tmp_path: Path) -> None:
    rows = changes(("Awaiting User Info", "01 09:00")) + changes(("Awaiting User Info", "01 09:30"), **SECOND)
    rows += changes(("Resolved", "01 10:00"), **SECOND) + changes(("Resolved", "01 11:00"), assigned_to="?")
    play(a_log(tmp_path, *OF_SECOND, *rows))
    assert [verb for verb, _actor, _at in history()] == [
        "open", "assume", "start", "ask",
        "answer", "forward", "assume", "start", "ask", "send_solution",
        "return_solution", "forward", "assume", "start", "send_solution", "approve_automatically",
    ]  # fmt: skip


def test_replay_waits_for_the_timer_before_it_forwards_where_tickets_are_only_given(db: None, tmp_path: Path) -> None:
    create_department(name="Group 1", distribution_mode="push", support_lines=1)
    create_department(name="Group 2", distribution_mode="push", support_lines=1)
    rows = changes(("New", "01 09:00")) + changes(("Active", "01 09:05"), **SECOND)
    play(a_log(tmp_path, *OF_SECOND, *rows))
    assert history() == [
        ("open", "Caller 1", "01 09:00"),
        ("assign", "System", "01 09:15"),
        ("forward", "Resolver 1", "01 09:16"),
        ("assign", "System", "01 09:31"),
        ("start", "Resolver 2", "01 09:32"),
    ]


def test_replay_makes_a_second_line_of_a_group_that_only_others_hand_to(db: None, tmp_path: Path) -> None:
    rows = changes(("Active", "01 09:00")) + changes(("Active", "01 10:00"), ("Resolved", "01 11:00"), **BEHIND)
    rows += changes(("Active", "01 12:00")) + changes(("Resolved", "01 13:00"), **BEHIND)
    path = a_log(tmp_path, *rows)
    player = play(path)
    assert history() == [
        ("open", "Caller 1", "01 09:00"),
        ("assume", "Resolver 1", "01 09:00"),
        ("start", "Resolver 1", "01 09:00"),
        ("request_line_change", "Resolver 1", "01 10:00"),
        ("approve_line_change", "Head of Group 1", "01 10:00"),
        ("assume", "Resolver 9", "01 10:00"),
        ("start", "Resolver 9", "01 10:00"),
        ("send_solution", "Resolver 9", "01 11:00"),
        ("return_solution", "Caller 1", "01 12:00"),
        ("send_solution", "Resolver 9", "01 13:00"),
        ("approve_automatically", "System", "03 13:00"),
    ]
    assert list(Department.objects.values_list("name", "support_lines")) == [("Group 1", 2)]
    assert set(Membership.objects.values_list("user__name", "line", "is_head")) == {
        ("Resolver 1", 1, False), ("Resolver 9", 2, False), ("Head of Group 1", None, True)
    }  # fmt: skip
    assert player.remarks["hand-overs back to the first line: no move leads there, line 2 goes on"] == 1

    played = counts()
    assert play(path).rows_moved == 0
    assert counts() == played


def test_replay_reaches_the_second_line_of_another_department_through_its_first(db: None, tmp_path: Path) -> None:
    rows = changes(("Active", "01 09:00"), number="INC3") + changes(("Active", "01 09:10"), number="INC3", **BEHIND)
    rows += changes(("New", "01 09:00"), number="INC4", **SECOND)
    rows += changes(("New", "01 09:05"), number="INC4", **BEHIND)
    play(a_log(tmp_path, *rows))
    assert [(verb, actor) for verb, actor, _at in history("INC4")][1:] == [
        ("assume", "Resolver 2"),
        ("forward", "Resolver 2"),
        ("assume", "Resolver 1"),
        ("start", "Resolver 1"),
        ("request_line_change", "Resolver 1"),
        ("approve_line_change", "Head of Group 1"),
        ("assume", "Resolver 9"),
    ]


def test_replay_leaves_the_lines_of_a_department_that_was_there(db: None, tmp_path: Path) -> None:
    create_department(name="Group 1", support_lines=1)
    play(a_log(tmp_path, *changes(("Active", "01 09:00")), *changes(("Active", "01 10:00"), **BEHIND)))
    assert dict(Department.objects.values_list("name", "support_lines")) == {"Group 1": 1, "Group 9": 1}
    assert ("forward", "Resolver 1", "01 10:00") in history()


def test_replay_puts_whom_both_lines_know_where_the_log_names_him_most(db: None, tmp_path: Path) -> None:
    rows = changes(("Active", "01 09:00"), ("Active", "01 09:10"))
    rows += changes(("Active", "01 10:00"), assignment_group="Group 9")
    play(a_log(tmp_path, *rows))
    assert set(Membership.objects.filter(is_head=False).values_list("user__name", "line")) == {
        ("Resolver 1", 1),
        ("Stand-in of Group 9", 2),
    }


def test_replay_hands_over_when_the_log_names_another_executor(db: None, tmp_path: Path) -> None:
    rows = changes(("New", "01 09:00"))
    rows += changes(("New", "01 09:10"), ("Active", "01 09:20"), assigned_to="Resolver 2")
    rows += changes(("Active", "01 09:30"), ("Awaiting User Info", "01 09:40"))
    rows += changes(("Awaiting User Info", "01 09:50"), ("Active", "01 10:00"), assigned_to="Resolver 2")
    path = a_log(tmp_path, *rows)
    player = play(path)
    assert history() == [
        ("open", "Caller 1", "01 09:00"),
        ("assume", "Resolver 1", "01 09:00"),
        ("hand_over", "Head of Group 1", "01 09:10"),
        ("start", "Resolver 2", "01 09:20"),
        ("hand_over", "Head of Group 1", "01 09:30"),
        ("start", "Resolver 1", "01 09:30"),
        ("ask", "Resolver 1", "01 09:40"),
        # Whoever waits for an answer is left in peace; at 09:50 nothing can be handed over.
        ("answer", "Caller 1", "01 10:00"),
        ("hand_over", "Head of Group 1", "01 10:00"),
        ("start", "Resolver 2", "01 10:00"),
    ]
    assert player.remarks["changes of executor where no ticket can be handed over: the executor stays"] == 1

    played = counts()
    play(path)
    assert counts() == played


@pytest.mark.parametrize("lines", [1, 2])
def test_replay_closes_without_solution_what_the_log_never_resolves(db: None, tmp_path: Path, lines: int) -> None:
    rows = changes(("Active", "01 09:00"), ("Closed", "01 10:00"))
    if lines == 2:
        rows += changes(("Active", "01 09:00"), number="INC3") + changes(("New", "01 09:30"), number="INC3", **BEHIND)
    play(a_log(tmp_path, *rows))
    by = {1: "Resolver 1", 2: "Resolver 9"}[lines]
    assert history()[-2:] == [
        ("request_closing", by, "01 10:00"),
        ("approve_closing", "Head of Group 1", "01 10:00"),
    ]
    ticket = Ticket.objects.get(external_reference="INC1")
    assert (ticket.outcome, ticket.line) == ("closed_without_solution", lines)


def test_replay_reports_a_closed_ticket_that_the_log_hands_on(db: None, tmp_path: Path) -> None:
    rows = changes(("Resolved", "01 09:00"), ("Closed", "01 10:00")) + changes(("Closed", "01 11:00"), **SECOND)
    player = play(a_log(tmp_path, *OF_SECOND, *rows))
    assert [(complaint.line, complaint.reason) for complaint in player.complaints] == [
        (5, "“Group 2”, but the ticket is closed since 01-03-2016 10:00, and a closed ticket is not opened again")
    ]
    assert history()[-1] == ("approve", "Caller 1", "01 10:00")
