"""The one way through which a ticket changes: lock, re-read, decide, write, record, tell, follow (house rules 1 to 3).

Every verb of ``actions.py`` is one call of :func:`passage`; nothing else assigns a ticket's status.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.core.files.base import File
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

import attachments.actions
import attachments.permissions
from attachments import storing
from attachments.actions import Grant
from helpdesk.core.refusals import Refused
from helpdesk.notifications.actions import Notices, wake_worker, write_all
from helpdesk.people.actions import reason_read_only
from helpdesk.people.models import Department, Membership, User

from . import conditions, lifecycle, live, sla
from .checks import check
from .lifecycle import FINAL, MOVES, Move, Status, Timer, Who
from .models import Event, Message, Ticket

# How often a requester is reminded of an approval that has no period (A9).
REMINDER_EVERY = timedelta(days=2)
_EXCERPT = 140
_LETTER_TEXT = 5000


@dataclass
class Passage:
    """One move on its way through the funnel; what a verb may look at and add to.

    Attributes:
        ticket: the locked row, freshly read.
        by: a person, or the clock.
        at: when it happens, aware.
        changes: names of ticket fields that the verb has assigned; they are saved with the status.
        subject: whom the event concerns besides the actor.
        facts: what the event and every notice of this passage say besides the ticket's own facts.
    """

    move: Move
    ticket: Ticket
    by: Any
    at: datetime
    text: str
    files: Sequence[File]
    notices: Notices
    former_status: str = ""
    former_executor: int | None = None
    changes: set[str] = field(default_factory=set)
    subject: User | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    message: Message | None = None
    event: Event | None = None
    grants: list[Grant] = field(default_factory=list)
    _members: list[Membership] | None = None
    _told: list[tuple[str, list[User | None], bool, dict[str, Any]]] = field(default_factory=list)

    def set(self, **values: Any) -> None:
        """Assign ticket fields; those that change are saved by name together with the status."""
        for name, value in values.items():
            if getattr(self.ticket, name) != value:
                setattr(self.ticket, name, value)
                self.changes.add(name)

    def count(self, change: Callable[..., None], *args: Any) -> None:
        """Let a function of ``sla.py`` change the ticket's clock; what it has changed is saved by name."""
        before = {name: getattr(self.ticket, name) for name in sla.FIELDS}
        change(self.ticket, *args)
        self.changes |= {name for name, value in before.items() if getattr(self.ticket, name) != value}

    def grant(self, *, adders: Sequence[User] = (), viewers: Sequence[User] = (), group: Group | None = None) -> None:
        """Give access to the ticket's folder; the rows are written with everything else at the end of the passage."""
        folder = self.ticket.folder
        self.grants.append(Grant(folder=folder, by=self.by, at=self.at, adders=adders, viewers=viewers, group=group))

    def tell(self, kind: str, *people: User | None, on_portal: bool = False, **facts: Any) -> None:
        """Tell ``people``; the rows are written at the end of the passage, when the event has its key."""
        self._told.append((kind, list(people), on_portal, facts))

    def tell_requester(self, kind: str, **facts: Any) -> None:
        self.tell(kind, self.ticket.requester, on_portal=True, **facts)

    def members(self) -> list[Membership]:
        """Active people of the department, with their lines and marks, and what they see of it."""
        if self._members is None:
            self._members = list(
                Membership.objects.filter(department_id=self.ticket.department_id, user__is_active=True)
                .select_related("user")
                .with_rules()
                .only(
                    *("department_id", "line", "is_head", "user__email", "user__name", "user__is_active"),
                    *("user__is_superuser", "user__mail_new_tickets"),
                )
                .order_by("pk")
            )
            for membership in self._members:
                membership.department = self.ticket.department
        return self._members

    def heads(self) -> list[User]:
        return [membership.user for membership in self.members() if membership.is_head]

    def write_notices(self) -> None:
        """Turn what was told into rows; one key per event, so that a cause never writes twice."""
        assert self.event is not None
        key = f"ticket-{self.ticket.number}-{self.event.pk}"
        common = facts_of(self.ticket) | {
            "verb": self.move.verb,
            # The clock has no name of its own: readers see "System" in their language.
            "actor": "" if getattr(self.by, "is_clock", False) else str(self.by),
            "text": self.text[:_LETTER_TEXT],
            "comment": self.event.comment[:_LETTER_TEXT],
            "files": len(self.files),
        }
        for kind, people, on_portal, extra in self._told:
            name = "portal:ticket" if on_portal else "panel:ticket"
            facts = common | self.facts | {"path": reverse(name, args=[self.ticket.number])} | extra
            if on_portal and self.event.is_private:
                facts |= {"text": "", "comment": ""}  # words for staff only
            self.notices.tell(kind, people, facts=facts, key=key, thread=f"ticket-{self.ticket.number}")


def facts_of(ticket: Ticket) -> dict[str, Any]:
    """What every notice about a ticket may say; JSON-able, no secrets (R1.20)."""
    return {
        "number": ticket.number,
        "subject": ticket.subject,
        "requester": str(ticket.requester),
        "executor": str(ticket.executor) if ticket.executor else "",
        "department": str(ticket.department),
        "service": str(ticket.service),
        "priority": ticket.priority,
        "opened_at": ticket.opened_at.isoformat(),
        "due_at": ticket.deadline_at.isoformat() if ticket.deadline_at else "",
    }


def locked(number: int) -> Ticket:
    """Lock a ticket, then read it with everything that a passage needs.

    Two queries, on purpose: whoever waits for a lock gets the row as the other has left it, but joined rows as they
    were before; a ticket that somebody has just taken would come without its executor.

    Raises:
        Refused: the ticket lies in the trash, or was deleted for good.
    """
    if not Ticket.objects.select_for_update().only("pk").filter(pk=number).first():
        raise Refused(_("This ticket is not there any more."))
    return with_relations(number)


def with_relations(number: int) -> Ticket:
    """Read a ticket that is locked already, with the one join that passages work on."""
    return all_with_relations([number])[0]


def all_with_relations(numbers: Sequence[int]) -> list[Ticket]:
    """Locked tickets in the order of their ``numbers``, read in one query.

    Raises:
        Ticket.DoesNotExist: one of them is not there.
    """
    related = ("department__calendar", "service", "requester", "executor", "folder")
    found = {ticket.number: ticket for ticket in Ticket.objects.select_related(*related).filter(pk__in=numbers)}
    try:
        return [found[number] for number in numbers]
    except KeyError as missing:
        raise Ticket.DoesNotExist(f"There is no ticket {missing}.") from None


def instant(at: datetime | None) -> datetime:
    """``at`` or now, in UTC: adding two days to a local time would add 47 or 49 hours where clocks change (A8)."""
    return (at or timezone.now()).astimezone(UTC)


@contextmanager
def passage(
    verb: str | Move,
    *,
    ticket: Ticket,
    by: Any,
    at: datetime | None = None,
    text: str = "",
    files: Sequence[File] = (),
    is_locked: bool = False,
    roles: frozenset[Who] = frozenset(),
) -> Iterator[Passage]:
    """Lead one move through the funnel.

    The body of the ``with`` runs after every check and before anything is written; it assigns the verb's own fields
    and says who is told. All of it is one transaction.

    Args:
        verb: the move's name in the life's table, or a move that another table holds.
        ticket: whose number is read again under a lock, unless the caller ``is_locked`` it already.
        text: the words of the move; surrounding white space is dropped.
        files: uploads, checked and stored here.
        roles: what ``by`` is towards something beside the ticket, which the ticket does not know of.

    Raises:
        Refused: the status does not fit (any more), the actor may not, a condition refuses, or the input is not
            complete; ``field`` names the input. Or the plan has ended, which stops people and not the clock: that is
            stopped before it chooses (R3.18).
        StorageUnavailable: the files cannot be stored.
    """
    move = MOVES[verb] if isinstance(verb, str) else verb
    at, text = instant(at), text.strip()
    if files:
        storing.check(files, allowed_extensions=ticket.department.allowed_extensions)
    with nullcontext() if is_locked else storing.unit_of_work():
        if not is_locked:
            ticket = locked(ticket.number)
        check(move, ticket, by, text, files, roles)
        reason = reason_read_only(at) if by.pk is not None else None
        if reason:
            raise Refused(reason)
        detour = bool(move.detour and getattr(conditions, move.detour)(ticket))
        target = move.target_from(Status(ticket.status), detour=detour)
        step = Passage(move, ticket, by, at, text, files, Notices(by=by, at=at), ticket.status, ticket.executor_id)
        worktime = ticket.department.worktime
        if target != ticket.status:
            enter(step, target)
        yield step
        if step.changes & sla.LOOKED_UP_BY:
            step.count(sla.look_up_again, at, worktime)
        together = _together.get()
        if together is None:
            record([step])
        else:
            together.append(step)


_together: ContextVar[list[Passage] | None] = ContextVar("passages that are recorded together", default=None)


@contextmanager
def recording_together() -> Iterator[None]:
    """Many passages as one unit of work: what they have gathered is written at its end, or nothing of it.

    For the clock, which leads many locked tickets through the funnel; each of them is read once, at the beginning.
    """
    steps: list[Passage] = []
    with storing.unit_of_work():
        token = _together.set(steps)
        try:
            yield
        finally:
            _together.reset(token)
        record(steps)


def enter(step: Passage, target: Status) -> None:
    """Put the ticket into its new status: end stamps, the SLA clock and the one timer that fits (R6.24, R3.58)."""
    ticket = step.ticket
    step.count(sla.follow, target, step.at)
    step.set(status=target, timer_due_at=timer_due_at(ticket.department, target, step.at))
    if ticket.timer_retry_at is not None:
        step.set(timer_retry_at=None, timer_error="")
    if target in FINAL:
        step.set(outcome=step.move.outcome, closed_at=step.at, closed_by_id=step.by.pk)


def timer_due_at(department: Department, status: Status, at: datetime) -> datetime | None:
    """When the clock of ``status`` is due, in the department's working time (A8); None where none runs."""
    timer, end_of = lifecycle.TIMERS.get(status), department.worktime.end_of
    if timer is Timer.DISTRIBUTION:
        if department.distribution_mode == Department.DistributionMode.PULL:
            return None
        return end_of(at, timedelta(minutes=department.distribution_minutes))
    if timer is Timer.APPROVAL:
        return end_of(at, department.approval_period or REMINDER_EVERY)
    if timer is Timer.RATING:
        return end_of(at, department.rating_period)
    if timer is Timer.DECISION and department.decision_reminder:
        return end_of(at, department.decision_reminder)
    return None


def excerpt(text: str) -> str:
    """The beginning of a message, as lists show it."""
    return " ".join(text.split())[:_EXCERPT]


def record(steps: Sequence[Passage]) -> None:
    """Write what passages have gathered, like with like: grants, messages and files, tickets, events, notices."""
    _write_grants(steps)
    for step in steps:
        if step.move.says:
            step.message = _say(step, step.move.says)
    _save_tickets(steps)
    events = [
        Event(
            ticket=step.ticket,
            verb=step.move.verb,
            actor_id=step.by.pk,
            at=step.at,
            from_status=step.former_status,
            to_status=step.ticket.status,
            comment="" if step.message else step.text,
            subject=step.subject,
            message=step.message,
            is_private=step.move.private and step.ticket.status not in FINAL,  # how it ended is the requester's to know
            facts=step.facts,
        )
        for step in steps
    ]
    for step, event in zip(steps, Event.objects.bulk_create(events), strict=True):
        step.event = event
    for status, followers in lifecycle.FOLLOWERS.items():
        arrived = [step for step in steps if step.ticket.status == status != step.former_status]
        for follower in followers if arrived else ():
            import_string(follower)(arrived)
    _write_grants(steps)  # of the followers
    for step in steps:
        step.write_notices()
        is_private = bool(step.event and step.event.is_private)
        step.notices.announce(*live.topics_of(step.ticket, is_private=is_private, former_executor=step.former_executor))
    if write_all(step.notices for step in steps) and not all(getattr(step.by, "is_clock", False) for step in steps):
        wake_worker()


def _write_grants(steps: Sequence[Passage]) -> None:
    attachments.actions.grant_all([grant for step in steps for grant in step.grants])
    for step in steps:
        step.grants.clear()


def _say(step: Passage, kind: str) -> Message:
    ticket = step.ticket
    message = Message.objects.create(ticket=ticket, kind=kind, author=step.by, at=step.at, text=step.text)
    if step.files:
        is_new = not step.move.sources  # then the opening itself has just granted its requester the adding
        reason = None if is_new else attachments.permissions.reason_not(step.by, "add", ticket.folder)
        if reason:
            raise Refused(reason, field="files")
        added = attachments.actions.add_files(
            folder=ticket.folder, files=step.files, by=step.by, at=step.at, is_new=is_new
        )
        link = Message.attachments.through
        link.objects.bulk_create(link(message=message, attachment=attachment) for attachment in added)
    if not step.move.private:
        step.set(last_message_at=step.at, last_message_text=excerpt(step.text))
    return message


def _save_tickets(steps: Sequence[Passage]) -> None:
    """Save the fields that the passages name; tickets that change alike share a statement."""
    alike: dict[tuple[tuple[str, Any], ...], list[int]] = {}
    given: dict[datetime, list[int]] = {}
    for step in steps:
        if step.changes:
            values = tuple((name, getattr(step.ticket, name)) for name in sorted(step.changes))
            alike.setdefault(values, []).append(step.ticket.number)
        if "executor" in step.changes and step.ticket.executor_id:
            given.setdefault(step.at, []).append(step.ticket.executor_id)
    for values, numbers in alike.items():
        Ticket.objects.filter(pk__in=numbers).update(**dict(values))
    for at, people in given.items():
        User.objects.filter(pk__in=people).update(last_assigned_at=at)  # whose turn it is next (R4.8)
