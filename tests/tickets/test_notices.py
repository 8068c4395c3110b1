"""Who is told of what: the specification's table (section 7), written here again, event by event.

A star means that a letter goes out beside the row in the hub.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

import approvals.actions
import surveys.actions
import tickets.actions
from approvals.models import PriorityRequest
from approvals.tasks import remind_heads
from helpdesk.core.refusals import Refused
from helpdesk.notifications.kinds import KINDS
from helpdesk.notifications.models import Letter, Notification
from helpdesk.people.models import Absence
from surveys.models import Survey
from tests import walks
from tests.cast import Cast, Clock, leave_department
from tickets.lifecycle import MOVES
from tickets.models import Ticket
from tickets.tasks import sweep

TABLE = """
opened                            | distribution_needed: hugo* | ticket_opened: ada* bob* otto*
opened, only taken                | ticket_opened: ada* bob* hugo* otto*
opened, only given                | distribution_needed: hugo* | ticket_opened: ada* bob* otto*
opened, nobody serves             | department_unstaffed: ana* | distribution_needed: hugo*
opened by an agent                | distribution_needed: hugo* | ticket_opened: ada bob* otto*
assumed                           | ticket_assumed: rita*
assigned                          | ticket_assigned: ada* | ticket_assumed: rita*
nobody to assign to               | no_candidate: ana* hugo*
given                             | ticket_assigned: ada* | ticket_assumed: rita*
handed over                       | ticket_assigned: bob* | ticket_assumed: rita* | ticket_taken_away: ada*
taken back                        | distribution_needed: hugo* | ticket_opened: ada* bob* | ticket_taken_away: ada*
forwarded                         | ticket_opened: nora*
forwarded by the head             | ticket_opened: nora* | ticket_taken_away: ada*
started                           | ticket_started: rita*
asked                             | agent_asked: rita*
replied                           | agent_wrote: rita*
noted                             |
written before it was taken       | requester_wrote: ada* bob* hugo* otto*
written                           | requester_wrote: ada*
answered                          | requester_wrote: ada*
solution sent                     | solution_sent: rita*
returned                          | solution_returned: ada*
returned, executor gone           | distribution_needed: hugo* | ticket_opened: bob*
line change requested             | line_change_requested: hugo*
line change requested, no head    | line_change_requested: ana*
line change approved              | distribution_needed: hugo* | line_change_approved: ada* | ticket_opened: otto*
line change approved, nobody there | department_unstaffed: ana* | distribution_needed: hugo* | line_change_approved: ada*
line change returned              | line_change_returned: ada*
line change returned, nobody left | distribution_needed: hugo* | ticket_opened: bob*
closing requested                 | closing_requested: hugo*
closing requested, no head needed | closed_without_solution: rita*
closing approved                  | closed_without_solution: rita* | closing_approved: otto*
closing refused                   | closing_refused: otto*
decision overdue                  | decision_overdue: hugo*
priority asked                    | priority_requested: hugo*
priority asked, no head needed    |
priority approved                 | priority_approved: ada*
priority rejected                 | priority_rejected: ada*
priority overdue                  | decision_overdue: hugo*
priority set                      |
approved                          | solution_approved: ada* | survey_invited: rita* | ticket_closed: rita*
approved, rating first            | solution_approved: ada* | survey_invited: rita*
approved by silence               | solution_approved: ada* | survey_invited: rita* | ticket_closed: rita*
reminded                          | approval_reminder: rita*
rated                             | survey_answered: ada* hugo* | ticket_closed: rita*
not rated                         | ticket_closed: rita*
survey answered                   | survey_answered: ada* hugo*
cancelled before it was taken     | ticket_cancelled: hugo*
cancelled by the requester        | ticket_cancelled: ada* hugo*
cancelled by the executor         | ticket_cancelled: hugo* rita*
cancelled by the head             | ticket_cancelled: ada* rita*
cancelled by the administrator    | ticket_cancelled: ada* hugo* rita*
cancelled while a head decides    | ticket_cancelled: ada* hugo*
finalized                         |
"""


def _approve(cast: Cast, clock: Clock) -> None:
    tickets.actions.approve(ticket=Ticket.objects.get(), by=cast.rita, at=clock.now)


def _rate(cast: Cast, clock: Clock) -> None:
    surveys.actions.answer(survey=Survey.objects.get(), by=cast.rita, solved=True, rating=4, at=clock.now)


def _by_executor(verb: str, text: str = "", **choices: str) -> Callable[[Cast, Clock], None]:
    return _by("ada", verb, text, **choices)


def _by(name: str, verb: str, text: str = "", **choices: str) -> Callable[[Cast, Clock], None]:
    """The move by ``name``; ``choices`` name what in the cast is chosen."""

    def make(cast: Cast, clock: Clock) -> None:
        words = {"text": text} if text else {}
        words |= {key: getattr(cast, chosen) for key, chosen in choices.items()}
        getattr(tickets.actions, verb)(ticket=Ticket.objects.get(), by=cast.people[name], at=clock.now, **words)

    return make


def _ask_for_priority(cast: Cast, at: datetime) -> PriorityRequest:
    ticket = Ticket.objects.first() or walks.started(cast, at=at)
    return approvals.actions.request_priority(ticket=ticket, by=cast.ada, priority="urgent", text="It burns.", at=at)


def _decide_on_priority(verb: str) -> Callable[[Cast, Clock], None]:
    def make(cast: Cast, clock: Clock) -> None:
        decide = getattr(approvals.actions, verb)
        decide(request=PriorityRequest.objects.get(), by=cast.hugo, text="So be it.", at=clock.now)

    return make


def _set_priority(cast: Cast, clock: Clock) -> None:
    approvals.actions.set_priority(
        ticket=Ticket.objects.get(), by=cast.ana, priority="low", text="No hurry.", at=clock.now
    )


def _remind_of_priority(cast: Cast, clock: Clock) -> None:
    assert remind_heads(clock.turn(hours=1)) == 1


def _sweep_later(cast: Cast, clock: Clock) -> None:
    assert sweep(clock.turn(days=2)) == 1


def _open(cast: Cast, clock: Clock) -> None:
    walks.opened(cast, at=clock.now)


def _open_by_agent(cast: Cast, clock: Clock) -> None:
    walks.opened(cast, at=clock.now, by=cast.ada)


def _nothing(cast: Cast, at: object) -> None:
    """No ticket yet."""


def _rules(**settings: object) -> Callable[..., None]:
    return lambda cast, at: cast.rules(**settings)


def _unstaffed(cast: Cast, at: object) -> None:
    for person in (cast.ada, cast.bob, cast.otto):
        leave_department(cast.department, person)


def _nobody_present(cast: Cast, at: object) -> None:
    for person in (cast.ada, cast.bob):
        Absence.objects.create(user=person, starts_at=at)
    walks.opened(cast, at=at)


def _executor_gone(walk: Callable[..., Ticket]) -> Callable[..., None]:
    def prepare(cast: Cast, at: object) -> None:
        walk(cast, at=at)
        cast.deactivate(cast.ada)

    return prepare


def _without(name: str, walk: Callable[..., Ticket]) -> Callable[..., None]:
    def prepare(cast: Cast, at: object) -> None:
        walk(cast, at=at)
        leave_department(cast.department, cast.people[name])

    return prepare


def _ruled(walk: Callable[..., object], **settings: object) -> Callable[..., None]:
    def prepare(cast: Cast, at: object) -> None:
        cast.rules(**settings)
        walk(cast, at=at)

    return prepare


Step = tuple[Callable[..., object], Callable[[Cast, Clock], object]]


def _to(walk: Callable[..., Ticket]) -> Callable[..., object]:
    return lambda cast, at: walk(cast, at=at)


# What went before, and what happens.
STEPS: dict[str, Step] = {
    "opened": (_nothing, _open),
    "opened, only taken": (_rules(distribution_mode="pull"), _open),
    "opened, only given": (_rules(distribution_mode="push"), _open),
    "opened, nobody serves": (_unstaffed, _open),
    "opened by an agent": (_nothing, _open_by_agent),
    "assumed": (_to(walks.opened), _by_executor("assume")),
    "assigned": (_to(walks.opened), _sweep_later),
    "nobody to assign to": (_nobody_present, _sweep_later),
    "given": (_to(walks.opened), _by("hugo", "give", executor="ada")),
    "handed over": (_to(walks.started), _by("hugo", "hand_over", executor="bob")),
    "taken back": (_to(walks.started), _by("hugo", "take_back")),
    "forwarded": (_to(walks.started), _by_executor("forward", "A cable.", service="other_service")),
    "forwarded by the head": (_to(walks.started), _by("hugo", "forward", "A cable.", service="other_service")),
    "started": (_to(walks.assumed), _by_executor("start")),
    "asked": (_to(walks.started), _by_executor("ask", "Which one?")),
    "replied": (_to(walks.started), _by_executor("reply", "Soon.")),
    "noted": (_to(walks.started), _by_executor("note", "Hm.")),
    "written before it was taken": (_to(walks.opened), _by("rita", "write", "Hello?")),
    "written": (_to(walks.started), _by("rita", "write", "Hello?")),
    "answered": (_to(walks.asked), _by("rita", "answer", "The big one.")),
    "solution sent": (_to(walks.started), _by_executor("send_solution", "Done.")),
    "returned": (_to(walks.solved), _by("rita", "return_solution", "No.")),
    "returned, executor gone": (_executor_gone(walks.solved), _by("rita", "return_solution", "No.")),
    "line change requested": (_to(walks.started), _by_executor("request_line_change", "Beyond me.")),
    "line change requested, no head": (_without("hugo", walks.started), _by_executor("request_line_change", "Up.")),
    "line change approved": (_to(walks.line_change_requested), _by("hugo", "approve_line_change")),
    "line change approved, nobody there": (
        _without("otto", walks.line_change_requested),
        _by("hugo", "approve_line_change"),
    ),
    "line change returned": (_to(walks.line_change_requested), _by("hugo", "return_line_change", "Look again.")),
    "line change returned, nobody left": (
        _executor_gone(walks.line_change_requested),
        _by("hugo", "return_line_change", "Look again."),
    ),
    "closing requested": (_to(walks.started_on_the_last_line), _by("otto", "request_closing", "No parts.")),
    "closing requested, no head needed": (
        _ruled(walks.started_on_the_last_line, closing_without_solution_needs_head=False),
        _by("otto", "request_closing", "No parts."),
    ),
    "closing approved": (_to(walks.closing_requested), _by("hugo", "approve_closing", "No parts.")),
    "closing refused": (_to(walks.closing_requested), _by("hugo", "refuse_closing", "Look again.")),
    "decision overdue": (_ruled(walks.closing_requested, decision_reminder=timedelta(hours=1)), _sweep_later),
    "priority asked": (_to(walks.started), lambda cast, clock: _ask_for_priority(cast, clock.now)),
    "priority asked, no head needed": (
        _ruled(walks.started, criticality_change_needs_approval=False),
        lambda cast, clock: _ask_for_priority(cast, clock.now),
    ),
    "priority approved": (_ask_for_priority, _decide_on_priority("approve_priority")),
    "priority rejected": (_ask_for_priority, _decide_on_priority("reject_priority")),
    "priority overdue": (_ruled(_ask_for_priority, decision_reminder=timedelta(hours=1)), _remind_of_priority),
    "priority set": (_ask_for_priority, _set_priority),
    "approved": (_to(walks.solved), _approve),
    "approved, rating first": (_ruled(walks.solved, survey_mode="before_closing"), _approve),
    "approved by silence": (_to(walks.solved), _sweep_later),
    "reminded": (_ruled(walks.solved, approval_period=timedelta(0)), _sweep_later),
    "rated": (_to(walks.awaiting_rating), _rate),
    "not rated": (_to(walks.awaiting_rating), _sweep_later),
    "survey answered": (_to(walks.closed), _rate),
    "cancelled before it was taken": (_to(walks.opened), _by("rita", "cancel")),
    "cancelled by the requester": (_to(walks.solved), _by("rita", "cancel")),
    "cancelled by the executor": (_to(walks.started), _by_executor("cancel", "Opened twice.")),
    "cancelled by the head": (_to(walks.started), _by("hugo", "cancel", "Opened twice.")),
    "cancelled by the administrator": (_to(walks.started), _by("ana", "cancel", "Opened twice.")),
    "cancelled while a head decides": (_to(walks.line_change_requested), _by("rita", "cancel")),
    "finalized": (_to(walks.closed), _by_executor("finalize")),
}
EXPECTED = {
    name.strip(): [part.strip() for part in parts if part.strip()]
    for name, *parts in (line.split("|") for line in TABLE.strip().splitlines())
}


def _told(cast: Cast) -> list[str]:
    hub = Counter((row.kind, cast.name_of(row.recipient)) for row in Notification.objects.select_related("recipient"))
    mail = Counter((row.kind, cast.name_of(row.recipient)) for row in Letter.objects.select_related("recipient"))
    assert set(hub.values()) <= {1}, "nobody is told the same thing twice"
    assert mail <= hub, "no letter without its row in the hub (A23)"
    kinds = sorted({kind for kind, _name in hub})
    return [
        f"{kind}: " + " ".join(name + "*" * mail[kind, name] for other, name in sorted(hub) if other == kind)
        for kind in kinds
    ]


def _prepare(cast: Cast, clock: Clock, name: str) -> Callable[[Cast, Clock], object]:
    before, step = STEPS[name]
    before(cast, clock.now)
    Notification.objects.all().delete()
    Letter.objects.all().delete()
    return step


@pytest.mark.parametrize("name", list(STEPS))
def test_notices_are_those_of_the_table(cast: Cast, clock: Clock, name: str) -> None:
    """Spec section 7, "Who is notified"; R1.18, R3.35 to R3.42, R4.10, R4.25, A3."""
    _prepare(cast, clock, name)(cast, clock)
    assert _told(cast) == EXPECTED[name]


def test_table_covers_every_move_and_every_kind() -> None:
    """A new verb or kind needs a row here."""
    kinds = {part.partition(":")[0] for parts in EXPECTED.values() for part in parts}
    others = ("action_", "sla_", "plan_", "report_")  # which have tests of their own
    assert kinds == {kind for kind in KINDS if not kind.startswith(others)}
    assert (list(EXPECTED), len(MOVES)) == (list(STEPS), 30), "a new verb needs a step here"


SWITCHED = {
    "mail_p1": ("opened", "ticket_opened"),
    "mail_p2": ("assumed", "ticket_assumed"),
    "mail_p3": ("started", "ticket_started"),
    "mail_p4": ("written", "requester_wrote"),
    "mail_p5": ("replied", "agent_wrote"),
    "mail_p6": ("solution sent", "solution_sent"),
    "mail_p7": ("approved", "solution_approved"),
    "mail_p8": ("rated", "survey_answered"),
}


@pytest.mark.parametrize("switch", list(SWITCHED))
def test_switch_takes_the_letter_and_leaves_the_hub(cast: Cast, clock: Clock, switch: str) -> None:
    """R3.35 to R3.43, A23: at once, and that one only."""
    name, kind = SWITCHED[switch]
    step = _prepare(cast, clock, name)
    setattr(cast.account, switch, False)
    cast.account.save()
    step(cast, clock)
    assert _told(cast) == [part.replace("*", "") if part.startswith(f"{kind}:") else part for part in EXPECTED[name]]


def test_letters_without_a_switch_always_go_out(cast: Cast, clock: Clock) -> None:
    """A23: survey and closing notice; those to heads and about assignments too."""
    for switch in SWITCHED:
        setattr(cast.account, switch, False)
    cast.account.save()
    walks.opened(cast, at=clock.now)
    sweep(clock.turn(minutes=15))
    walks.closed(cast, at=clock.now)
    assert sorted(set(Letter.objects.values_list("kind", flat=True))) == [
        "distribution_needed",
        "survey_invited",
        "ticket_assigned",
        "ticket_closed",
    ]


def test_inactive_people_are_told_nothing(cast: Cast) -> None:
    """R6.26: who left gets no news."""
    ticket = walks.solved(cast)
    cast.deactivate(cast.ada)
    Notification.objects.all().delete()
    tickets.actions.approve(ticket=ticket, by=cast.rita)
    assert Notification.objects.filter(recipient=cast.ada).count() == 0


def test_notice_carries_what_it_must(cast: Cast, clock: Clock) -> None:
    """R1.20: number, subject, requester, priority, opening time and a link."""
    ticket = walks.opened(cast, at=clock.now, priority="high")
    facts = Letter.objects.get(kind="ticket_opened", recipient=cast.ada).facts
    assert (facts["number"], facts["subject"], facts["requester"], facts["priority"], facts["opened_at"]) == (
        ticket.number,
        "Printer is on fire",
        "Rita Ramos",
        "high",
        clock.now.isoformat(),
    )
    assert facts["path"] == f"/panel/tickets/{ticket.number}/"
    walks.assumed(cast, ticket=ticket)
    assert Letter.objects.get(kind="ticket_assumed").facts["path"] == f"/tickets/{ticket.number}/"


def test_solution_notice_carries_the_end_of_the_period(cast: Cast, clock: Clock) -> None:
    """R3.40: with the end of the approval period."""
    walks.solved(cast, at=clock.now)
    facts = Letter.objects.get(kind="solution_sent").facts
    assert facts["due_at"] == (clock.now + timedelta(days=2)).isoformat()


def test_letters_of_one_ticket_are_one_thread_with_unique_ids(cast: Cast) -> None:
    """Message-IDs are fixed by cause and recipient; a mail program shows one conversation."""
    one, two = walks.closed(cast), walks.closed(cast)
    ids = list(Letter.objects.values_list("message_id", flat=True))
    assert len(ids) == len(set(ids))
    assert set(Letter.objects.values_list("thread", flat=True)) == {f"ticket-{one.number}", f"ticket-{two.number}"}


def test_refused_move_tells_nobody(cast: Cast) -> None:
    """A refusal leaves no trace with others."""
    ticket = walks.assumed(cast)
    before = (Notification.objects.count(), Letter.objects.count(), ticket.events.count())
    with pytest.raises(Refused):
        tickets.actions.assume(ticket=ticket, by=cast.bob)
    assert (Notification.objects.count(), Letter.objects.count(), ticket.events.count()) == before


def test_strangers_are_never_told(cast: Cast, clock: Clock) -> None:
    """R6.26: through a whole life, nobody outside learns anything."""
    ticket = walks.started(cast, at=clock.now)
    tickets.actions.write(ticket=ticket, by=cast.rita, text="Hello?")
    walks.closed(cast, ticket=walks.solved(cast, ticket=Ticket.objects.get(pk=ticket.pk)))
    told = {cast.name_of(row.recipient) for row in Notification.objects.select_related("recipient")}
    assert told == {"rita", "ada", "bob", "otto", "hugo"}
