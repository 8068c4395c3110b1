"""Which letters go out: the account's switches P1 to P8, who caused what, and who is told (section 7, R3.35 to R3.43)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

import approvals.actions
import surveys.actions
import tickets.actions
from approvals.models import PriorityRequest
from helpdesk.core.clock import CLOCK
from helpdesk.notifications import plan
from helpdesk.notifications.actions import Notices
from helpdesk.notifications.kinds import KINDS
from helpdesk.notifications.models import Letter, Notification
from reports.models import Report
from reports.tasks import look_after
from surveys.models import Survey
from tests import walks
from tests.approvals import consents
from tests.cast import Cast, leave_department
from tests.reports.desk import asked, made, monthly
from tests.tickets.promises import a_level
from tickets.models import Ticket
from tickets.tasks import ring

# Kind and the account's field that switches its letter off, as the specification's table says; "-" = no switch.
SWITCHES = """
    ticket_opened           mail_p1
    distribution_needed     -
    ticket_assigned         -
    ticket_assumed          mail_p2
    ticket_started          mail_p3
    requester_wrote         mail_p4
    agent_wrote             mail_p5
    agent_asked             mail_p5
    solution_sent           mail_p6
    solution_approved       mail_p7
    solution_returned       mail_p7
    approval_reminder       -
    survey_invited          -
    survey_answered         mail_p8
    ticket_closed           -
    ticket_cancelled        -
    ticket_taken_away       -
    line_change_requested   -
    line_change_approved    -
    line_change_returned    -
    closing_requested       -
    closing_approved        -
    closing_refused         -
    closed_without_solution -
    decision_overdue        -
    priority_requested      -
    priority_approved       -
    priority_rejected       -
    action_requested        -
    action_approved         -
    action_rejected         -
    action_cancelled        -
    action_expired          -
    sla_warning             -
    sla_breached            -
    department_unstaffed    -
    plan_ends               -
    no_candidate            -
    report_ready            -
    report_scheduled        -
    report_failed           -
"""
TABLE = {
    kind: None if switch == "-" else switch
    for kind, switch in (row.split() for row in SWITCHES.split("\n") if row.strip())
}
ALL_SWITCHES = [f"mail_p{number}" for number in range(1, 9)]


def test_the_table_covers_every_kind():
    assert {name: kind.switch for name, kind in KINDS.items()} == TABLE


@pytest.mark.parametrize("kind", TABLE)
def test_a_switch_turns_off_its_letters_only_and_no_hub_row(cast, kind):
    """Each switch alone, at once, without a restart: the letter of its kinds is left out, the hub row never (A23)."""
    for switch in ALL_SWITCHES:
        for name in ALL_SWITCHES:
            setattr(cast.account, name, name != switch)
        cast.account.save()
        notices = Notices(by=cast.rita, at=timezone.now())
        notices.tell(kind, [cast.ada], facts={"number": 1}, key=switch)
        assert notices.write() == (0 if TABLE[kind] == switch or not KINDS[kind].mails else 1), switch
    assert Notification.objects.filter(recipient=cast.ada, kind=kind).count() == len(ALL_SWITCHES)


@pytest.mark.parametrize("kind", TABLE)
def test_who_caused_the_event_gets_no_switchable_letter_about_it(cast, kind):
    notices = Notices(by=cast.ada, at=timezone.now())
    notices.tell(kind, [cast.ada, cast.bob], facts={"number": 1}, key="own")
    notices.write()
    told = sorted(cast.names_of(letter.recipient for letter in Letter.objects.select_related("recipient")))
    wanted = ["bob"] if TABLE[kind] else ["ada", "bob"]
    assert told == (wanted if KINDS[kind].mails else [])
    assert Notification.objects.count() == 2


def test_the_hub_keeps_no_text(cast):
    """The text stands in the ticket and in the letters; a hub row for each reader would only repeat it."""
    walks.opened(cast)
    row, letter = cast.ada.notifications.get(), Letter.objects.get(recipient=cast.ada)
    assert letter.facts["text"] == "It burns since nine o'clock."
    assert letter.facts["files"] == 1
    assert set(letter.facts) - set(row.facts) == {"text", "comment", "files"}


def test_nobody_inactive_is_told(cast):
    cast.deactivate(cast.bob)
    notices = Notices(by=cast.rita, at=timezone.now())
    notices.tell("ticket_opened", [cast.ada, cast.again(cast.bob), None, cast.ada], facts={}, key="once")
    assert notices.write() == 1
    assert Notification.objects.get().recipient_id == cast.ada.pk


def line_change(cast: Cast) -> Ticket:
    """Ada asks for line 2."""
    return tickets.actions.request_line_change(ticket=walks.started(cast), by=cast.ada, text="It is the network.")


def closing(cast: Cast) -> Ticket:
    """Otto, who has it on line 2, gives up."""
    ticket = tickets.actions.approve_line_change(ticket=line_change(cast), by=cast.hugo)
    ticket = tickets.actions.give(ticket=ticket, by=cast.hugo, executor=cast.otto)
    ticket = tickets.actions.start(ticket=ticket, by=cast.otto)
    return tickets.actions.request_closing(ticket=ticket, by=cast.otto, text="Nobody makes the part any more.")


def promised(cast: Cast, *, hours: float) -> None:
    """Ada has it, and so long after the opening of one hour is told what there is to tell."""
    a_level()
    ring(walks.assumed(cast).opened_at + timedelta(hours=hours))


def plan_ends(cast: Cast) -> None:
    """In a week."""
    cast.account.plan_ends_on = timezone.now().date() + timedelta(days=7)
    cast.account.save(update_fields=["plan_ends_on"])
    plan.remind()


def sent(cast: Cast) -> None:
    """Hugo's report comes by its schedule."""
    look_after(monthly(cast.hugo).next_due_at)
    made(Report.objects.get())


def failed(cast: Cast) -> None:
    """Ada leaves before her report is made."""
    report = asked(cast.ada)
    leave_department(cast.department, cast.ada)
    made(report)


def priority(cast: Cast) -> PriorityRequest:
    """Ada asks for another priority."""
    return approvals.actions.request_priority(
        ticket=walks.started(cast), by=cast.ada, priority="urgent", text="The whole floor waits."
    )


def reach(cast: Cast, kind: str) -> None:
    """Make what ``kind`` tells about happen."""
    ways: dict[str, Callable[[], object]] = {
        "ticket_opened": lambda: walks.opened(cast),
        "distribution_needed": lambda: walks.opened(cast),
        "ticket_assigned": lambda: tickets.actions.assign(ticket=walks.opened(cast), by=CLOCK),
        "ticket_assumed": lambda: walks.assumed(cast),
        "ticket_started": lambda: walks.started(cast),
        "requester_wrote": lambda: tickets.actions.write(ticket=walks.assumed(cast), by=cast.rita, text="Well?"),
        "agent_wrote": lambda: tickets.actions.reply(ticket=walks.started(cast), by=cast.ada, text="Soon."),
        "agent_asked": lambda: walks.asked(cast),
        "solution_sent": lambda: walks.solved(cast),
        "solution_approved": lambda: walks.closed(cast),
        "solution_returned": lambda: tickets.actions.return_solution(
            ticket=walks.solved(cast), by=cast.rita, text="It smokes."
        ),
        "approval_reminder": lambda: tickets.actions.remind(ticket=walks.solved(cast)),
        "survey_invited": lambda: walks.closed(cast),
        "survey_answered": lambda: surveys.actions.answer(
            survey=Survey.objects.get(ticket=walks.closed(cast)), by=cast.rita, solved=True, rating=5
        ),
        "ticket_closed": lambda: walks.closed(cast),
        "ticket_cancelled": lambda: walks.cancelled(cast, ticket=walks.assumed(cast)),
        "ticket_taken_away": lambda: tickets.actions.hand_over(
            ticket=walks.assumed(cast), by=cast.hugo, executor=cast.bob
        ),
        "line_change_requested": lambda: line_change(cast),
        "line_change_approved": lambda: tickets.actions.approve_line_change(ticket=line_change(cast), by=cast.hugo),
        "line_change_returned": lambda: tickets.actions.return_line_change(
            ticket=line_change(cast), by=cast.hugo, text="Ask for the log first."
        ),
        "closing_requested": lambda: closing(cast),
        "closing_approved": lambda: tickets.actions.approve_closing(
            ticket=closing(cast), by=cast.hugo, text="Sold out."
        ),
        "closing_refused": lambda: tickets.actions.refuse_closing(
            ticket=closing(cast), by=cast.hugo, text="Try again."
        ),
        "closed_without_solution": lambda: tickets.actions.approve_closing(
            ticket=closing(cast), by=cast.hugo, text="Sold out."
        ),
        "decision_overdue": lambda: tickets.actions.remind_heads(
            ticket=line_change(cast), at=timezone.now() + timedelta(hours=1)
        ),
        "priority_requested": lambda: priority(cast),
        "priority_approved": lambda: approvals.actions.approve_priority(request=priority(cast), by=cast.hugo),
        "priority_rejected": lambda: approvals.actions.reject_priority(
            request=priority(cast), by=cast.hugo, text="One desk only."
        ),
        "action_requested": lambda: consents.asked(cast),
        "action_approved": lambda: approvals.actions.approve_action(request=consents.asked(cast), by=cast.max),
        "action_rejected": lambda: approvals.actions.reject_action(request=consents.asked(cast), by=cast.max),
        "action_cancelled": lambda: approvals.actions.cancel_action(request=consents.asked(cast), by=cast.max),
        "action_expired": lambda: tickets.actions.cancel(ticket=consents.asked(cast).ticket, by=cast.rita),
        "sla_warning": lambda: promised(cast, hours=0.8),
        "sla_breached": lambda: promised(cast, hours=1),
        "plan_ends": lambda: plan_ends(cast),
        "department_unstaffed": lambda: [
            *(cast.deactivate(agent) for agent in (cast.ada, cast.bob, cast.otto)),
            walks.opened(cast),
        ],
        "report_ready": lambda: made(asked(cast.hugo), timezone.now() + timedelta(minutes=1)),
        "report_scheduled": lambda: sent(cast),
        "report_failed": lambda: failed(cast),
        "no_candidate": lambda: tickets.actions.alert(ticket=walks.opened(cast)),
    }
    ways[kind]()


# R1.20: what a whole group is told, a member may do without by e-mail; everything else is for him or has no switch.
PERSONAL = {"ticket_opened": "mail_new_tickets"}


def test_only_what_a_group_is_told_can_be_switched_off_by_a_person():
    assert {name: kind.personal for name, kind in KINDS.items() if kind.personal} == PERSONAL


def test_a_person_without_letters_about_new_tickets_keeps_the_hub_row_and_every_other_letter(cast):
    cast.ada.mail_new_tickets = False
    cast.ada.save()
    tickets.actions.write(ticket=walks.opened(cast), by=cast.rita, text="Well?")
    tickets.actions.assign(ticket=Ticket.objects.get(), by=CLOCK)
    opened = [
        model.objects.filter(kind="ticket_opened").select_related("recipient") for model in (Letter, Notification)
    ]
    told = [cast.names_of(row.recipient for row in rows) for rows in opened]
    assert told == [["bob", "otto"], ["ada", "bob", "otto"]]
    others = Letter.objects.filter(recipient=cast.ada).order_by("kind")
    assert list(others.values_list("kind", flat=True)) == ["requester_wrote", "ticket_assigned"]


RECIPIENTS = """
    ticket_opened           ada bob otto
    distribution_needed     hugo
    ticket_assigned         ada
    ticket_assumed          rita
    ticket_started          rita
    requester_wrote         ada
    agent_wrote             rita
    agent_asked             rita
    solution_sent           rita
    solution_approved       ada
    solution_returned       ada
    approval_reminder       rita
    survey_invited          rita
    survey_answered         ada hugo
    ticket_closed           rita
    ticket_cancelled        ada hugo
    ticket_taken_away       ada
    line_change_requested   hugo
    line_change_approved    ada
    line_change_returned    ada
    closing_requested       hugo
    closing_approved        otto
    closing_refused         otto
    closed_without_solution rita
    decision_overdue        hugo
    priority_requested      hugo
    priority_approved       ada
    priority_rejected       ada
    action_requested        max petra
    action_approved         ada
    action_rejected         ada
    action_cancelled        ada
    action_expired          ada
    sla_warning             ada
    sla_breached            ada hugo
    department_unstaffed    ana
    plan_ends               ana
    no_candidate            ana hugo
    report_ready            hugo
    report_scheduled        hugo
    report_failed           ada
"""
RECIPIENT_ROWS = [row.split() for row in RECIPIENTS.split("\n") if row.strip()]


@pytest.mark.parametrize("row", RECIPIENT_ROWS, ids=lambda row: row[0])
def test_recipients(cast, row):
    kind, *people = row
    if kind == "approval_reminder":
        cast.rules(approval_period=timedelta(0))
    if kind == "decision_overdue":
        cast.rules(decision_reminder=timedelta(hours=1))
    reach(cast, kind)
    letters = Letter.objects.filter(kind=kind).select_related("recipient")
    rows = Notification.objects.filter(kind=kind).select_related("recipient")
    assert cast.names_of(letter.recipient for letter in letters) == (people if KINDS[kind].mails else [])
    assert cast.names_of(one.recipient for one in rows) == people


def test_every_kind_has_its_recipients():
    assert [row[0] for row in RECIPIENT_ROWS] == list(TABLE)
