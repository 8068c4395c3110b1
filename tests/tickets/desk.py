"""The desk as it should be, kept beside the real one by reading its history event by event.

Written from the specification by hand: who may open which folder (R1.12 to R1.16), who is told of what (section 7,
"Who is notified"), who has a ticket, on which line, of which department, with which priority.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from approvals.models import PriorityRequest
from attachments.models import FolderGroupPermission, FolderUserPermission
from helpdesk.notifications.models import Letter, Notification
from helpdesk.people.models import Absence, Department, Membership, User
from tests.approvals.book import ConsentBook
from tests.cast import Cast
from tickets.models import Event, Ticket

# What happened, with the status afterwards where it matters; what is told, and to whom.
_NOTICES = """
open                                    | ticket_opened: group | queue
assume                                  | ticket_assumed: requester
give                                    | ticket_assumed: requester | ticket_assigned: executor
assign                                  | ticket_assumed: requester | ticket_assigned: executor
alert                                   | no_candidate: heads admins
start                                   | ticket_started: requester
ask                                     | agent_asked: requester
reply                                   | agent_wrote: requester
note                                    |
write                                   | requester_wrote: reader
answer                                  | requester_wrote: reader
answer awaiting_distribution            | ticket_opened: line | queue
send_solution                           | solution_sent: requester
request_line_change                     | line_change_requested: deciders
approve_line_change                     | line_change_approved: former | ticket_opened: line | queue
return_line_change                      | line_change_returned: executor
return_line_change awaiting_distribution | line_change_returned: former | ticket_opened: line | queue
hand_over                               | ticket_assumed: requester | ticket_assigned: executor | ticket_taken_away: robbed
take_back                               | ticket_taken_away: robbed | ticket_opened: line | queue
forward                                 | ticket_taken_away: robbed | ticket_opened: group | queue | asked
request_closing                         | closing_requested: deciders
request_closing closed                  | closed_without_solution: requester
approve_closing                         | closing_approved: executor | closed_without_solution: requester
refuse_closing                          | closing_refused: executor
refuse_closing awaiting_distribution    | closing_refused: former | ticket_opened: line | queue
remind_heads                            | decision_overdue: deciders
return_solution                         | solution_returned: executor
return_solution awaiting_distribution   | ticket_opened: line | queue
approve                                 | solution_approved: executor | survey_invited: requester | ticket_closed: requester
approve awaiting_rating                 | solution_approved: executor | survey_invited: requester
approve_automatically                   | solution_approved: executor | survey_invited: requester | ticket_closed: requester
remind                                  | approval_reminder: requester
rate                                    | ticket_closed: requester
close_unrated                           | ticket_closed: requester
cancel                                  | ticket_cancelled: others
finalize                                |
request_priority                        | priority_requested: deciders
request_priority at once                |
approve_priority                        | priority_approved: asker
reject_priority                         | priority_rejected: asker
remind_heads_of_priority                | decision_overdue: deciders
set_priority                            |
request_action                          |
approve_action                          |
reject_action                           |
cancel_action                           |
expire_action                           |
"""  # whom approval actions concern stands in their own book
NOTICES = {
    name.strip(): [part.strip() for part in parts if part.strip()]
    for name, *parts in (line.split("|") for line in _NOTICES.strip().splitlines())
}
# P1 to P7: no letter to who caused it (R3.43); P8 goes with the survey.
SWITCHED = frozenset(
    {"ticket_opened", "ticket_assumed", "ticket_started", "requester_wrote", "agent_wrote", "agent_asked"}
    | {"solution_sent", "solution_approved", "solution_returned", "survey_answered"}
)
IN_THE_HUB_ONLY = frozenset({"action_cancelled", "action_expired"})
GIVING = frozenset({"assume", "give", "assign", "hand_over"})
DECIDING = frozenset(
    {"give", "hand_over", "take_back", "forward", "approve_line_change", "return_line_change"}
    | {"approve_closing", "refuse_closing", "approve_priority", "reject_priority"}
)
# What the administration changes in a department.
CHANGES: list[dict[str, Any]] = [
    {"distribution_mode": "pull"},
    {"distribution_mode": "push"},
    {"distribution_mode": "both"},
    {"survey_mode": "before_closing"},
    {"survey_mode": "after_closing"},
    {"attachment_access_moment": "on_open"},
    {"attachment_access_moment": "on_assume"},
    {"approval_period": timedelta(0)},
    {"approval_period": timedelta(days=2)},
    {"support_lines": 1},
    {"support_lines": 2},
    {"closing_without_solution_needs_head": False},
    {"closing_without_solution_needs_head": True},
    {"criticality_change_needs_approval": False},
    {"criticality_change_needs_approval": True},
    {"decision_reminder": timedelta(hours=1)},
    {"decision_reminder": timedelta(0)},
]
Told = tuple[int, str, str]  # ticket, kind, person


class Desk:
    """What follows from the history; :meth:`follow` reads on and compares what was told."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.granted: dict[int, set[tuple[str, str]]] = defaultdict(set)
        self.groups: dict[int, set[int]] = defaultdict(set)
        self.executors: dict[int, str] = {}
        self.departments: dict[int, int] = {}
        self.lines: dict[int, int] = {}
        self.priorities: dict[int, str] = {}
        self.consents = ConsentBook(cast)
        self._people = {person.pk: name for name, person in cast.people.items()}
        self._seen = dict.fromkeys((Event, Notification, Letter), 0)

    def follow(self, *, told_besides: Iterable[Told] = (), actor_besides: str = "") -> list[Event]:
        """Read the events since the last time, and check that exactly those were told whom they concern.

        Args:
            told_besides: what else was told, by ``actor_besides``.
        """
        related = (
            "actor",
            "subject",
            "ticket__department",
            "ticket__requester",
            "ticket__executor",
            "ticket__organization",
        )
        events = self._since(Event, *related)
        rows: Counter[Told] = Counter(told_besides)
        letters = Counter(one for one in rows if one[1] not in SWITCHED or one[2] != actor_besides)
        for event in events:
            told = self._happened(event)
            rows.update(told)
            actor = self.cast.name_of(event.actor)
            mailed = {one for one in told if one[1] not in IN_THE_HUB_ONLY}
            letters.update(one for one in mailed if one[1] not in SWITCHED or one[2] != actor)
        self.consents.check_ends()
        assert self._written(Notification) == rows
        assert self._written(Letter) == letters
        return events

    def _since(self, model: Any, *related: str) -> list[Any]:
        found = list(model.objects.filter(pk__gt=self._seen[model]).select_related(*related).order_by("pk"))
        self._seen[model] = found[-1].pk if found else self._seen[model]
        return found

    def _written(self, model: Any) -> Counter[Told]:
        name = self.cast.name_of
        return Counter((row.facts["number"], row.kind, name(row.recipient)) for row in self._since(model, "recipient"))

    # Who is who

    def heads(self, department: int) -> set[str]:
        return self._names(Membership.objects.filter(department=department, is_head=True))

    def agents(self, department: Department, line: int | None = None) -> set[str]:
        """Active agents of the department, or those who serve a line."""
        rows = Membership.objects.filter(department=department, line__isnull=False)
        return self._names(rows if line is None or department.support_lines == 1 else rows.filter(line=line))

    def admins(self) -> set[str]:
        return {self.cast.name_of(person) for person in User.objects.filter(is_superuser=True, is_active=True)}

    def _names(self, memberships: Any) -> set[str]:
        active = memberships.filter(user__is_active=True)
        return {self._people[pk] for pk in active.values_list("user", flat=True)}

    # What an event changes

    def _happened(self, event: Event) -> set[Told]:
        ticket, number = event.ticket, event.ticket_id
        by, requester = self.cast.name_of(event.actor), self.cast.name_of(ticket.requester)
        former, was_in = self.executors.get(number), self.departments.get(number, ticket.department_id)
        granted = self.granted[number]
        if event.verb == "open":
            granted |= {(requester, "view_folder"), (requester, "add_file")}
            self.lines[number], self.priorities[number] = 1, ticket.priority
        if event.verb in DECIDING and by in self.heads(was_in):
            granted.add((by, "view_folder"))
        leaves = event.to_status == "awaiting_distribution" != event.from_status
        if (leaves or event.verb == "hand_over") and former != requester:
            granted.discard((former, "add_file"))
        if leaves:
            self.executors.pop(number, None)
        if event.verb in GIVING:
            executor = self.executors[number] = self.cast.name_of(event.subject)
            granted |= {(executor, "view_folder"), (executor, "add_file")}
            self._check_choice(event, executor)
        self._moved(event)
        self._priority_changed(event)
        told = self._told(event, former)
        of_consents = self.consents.happened(event, self.executors.get(number))
        active = self._active() if of_consents else set()
        told |= {(number, kind, name) for kind, name in of_consents if name in active}
        asked = {"deciders", "queue"} & {part.split()[-1] for part in self._row(event)}
        if event.verb == "forward" and self._waiting(ticket):
            asked.add("deciders")
        asks = "deciders" in asked and not event.verb.startswith("remind")
        if asks or ("queue" in asked and ticket.department.distribution_mode != "pull"):
            granted |= {(name, "view_folder") for name in self.heads(ticket.department_id)}
        return told

    def _check_choice(self, event: Event, executor: str) -> None:
        """R4.7, R4.8: whoever is given a ticket is an active agent of its department and line, then."""
        ticket = event.ticket
        assert executor in self.agents(ticket.department, self.lines[ticket.pk])
        if event.verb == "assign":
            assert not Absence.objects.at(event.at).filter(user=event.subject).exists()

    def _moved(self, event: Event) -> None:
        """Line, department and the group's sight of the folder."""
        ticket, number = event.ticket, event.ticket_id
        if event.verb == "approve_line_change":
            self.lines[number] = 2
        if event.verb == "forward":
            self.lines[number] = 1
            self.groups[number].discard(self.departments[number])
        if event.verb in {"open", "forward"}:
            self.departments[number] = ticket.department_id
            if ticket.department.attachment_access_moment == "on_open":
                self.groups[number].add(ticket.department_id)

    def _priority_changed(self, event: Event) -> None:
        """R4.33, R4.35: by an approval, by an administrator, or at once where no head is needed."""
        changes = event.verb in {"approve_priority", "set_priority"}
        if changes or (event.verb == "request_priority" and self._at_once(event)):
            self.priorities[event.ticket_id] = event.facts["new_priority"]

    def _at_once(self, event: Event) -> bool:
        return not event.ticket.department.criticality_change_needs_approval

    def _waiting(self, ticket: Ticket) -> bool:
        return PriorityRequest.objects.filter(ticket=ticket, state="waiting").exists()

    def _row(self, event: Event) -> list[str]:
        if event.verb == "request_priority" and self._at_once(event):
            return NOTICES["request_priority at once"]
        return NOTICES.get(f"{event.verb} {event.to_status}", NOTICES[event.verb])

    def _told(self, event: Event, former: str | None) -> set[Told]:
        ticket, department, number = event.ticket, event.ticket.department, event.ticket_id
        by, requester = self.cast.name_of(event.actor), self.cast.name_of(ticket.requester)
        executor, heads = self.executors.get(number), self.heads(ticket.department_id)
        able, active = self.agents(department, self.lines[number]), self._active()
        who: dict[str, set[Any]] = {
            "requester": {requester},
            "executor": {executor},
            "former": {former},
            "robbed": {former} - {by},
            "heads": heads,
            "deciders": heads or self.admins(),
            "admins": self.admins(),
            "group": self.agents(department) | (heads if department.distribution_mode == "pull" else set()),
            "line": able,
            "reader": {executor} if executor in active else self.agents(department) | heads,
            "others": ({executor} | heads if by == requester else {executor, requester} | heads) - ({by} - {requester}),
        }
        if event.verb.endswith("_priority") and event.verb != "request_priority":
            newest = PriorityRequest.objects.filter(ticket=ticket).select_related("requested_by").last()
            who["asker"] = {self.cast.name_of(newest.requested_by)} if newest else set()
        told: set[tuple[str, Any]] = set()
        for part in self._row(event):
            if part == "queue":
                told |= {("department_unstaffed", name) for name in (() if able else self.admins())}
                told |= {("distribution_needed", name) for name in heads if department.distribution_mode != "pull"}
            elif part == "asked":
                told |= {("priority_requested", name) for name in who["deciders"] if self._waiting(ticket)}
            else:
                kind, names = part.split(":")
                told |= {(kind, name) for word in names.split() for name in who[word]}
        return {(number, kind, name) for kind, name in told if name in active}

    def _active(self) -> set[str]:
        return {self._people[pk] for pk in User.objects.filter(is_active=True).values_list("pk", flat=True)}

    # What the real one says

    def check(self) -> None:
        """Folders, executors, lines, departments and priorities are as the history makes them; Eve knows her own."""
        rows: dict[int, set[tuple[str, str]]] = defaultdict(set)
        grants = FolderUserPermission.objects.values_list("content_object__name", "user", "permission__codename")
        for folder, user, code in grants:
            rows[int(folder)].add((self._people[user], code))
        expected = {number: set(found) for number, found in self.granted.items()}
        for number, name in self.consents.viewers():
            expected[number].add((name, "view_folder"))
        assert rows == expected
        self.consents.check()
        groups: dict[int, set[int]] = defaultdict(set)
        for folder, department in FolderGroupPermission.objects.values_list(
            "content_object__name", "group__department"
        ):
            groups[int(folder)].add(department)
        assert groups == {number: found for number, found in self.groups.items() if found}
        for ticket in Ticket.objects.select_related("executor"):
            executor = self.cast.name_of(ticket.executor) if ticket.executor else None
            assert executor == self.executors.get(ticket.pk)
            assert (ticket.line, ticket.department_id) == (self.lines[ticket.pk], self.departments[ticket.pk])
            assert ticket.priority == self.priorities[ticket.pk]
        self._check_stranger()

    def _check_stranger(self) -> None:
        """R6.26: Eve's are hers, and Rita's are not."""
        eve = self.cast.again(self.cast.eve)
        assert {ticket.requester for ticket in Ticket.objects.visible_to(eve)} <= {eve}
        told = Notification.objects.filter(recipient=eve).values_list("facts__number", flat=True)
        assert not Notification.objects.filter(recipient__in=[eve, self.cast.rita], kind__startswith="action_").exists()
        assert set(told) <= set(Ticket.objects.filter(requester=eve).values_list("pk", flat=True))
