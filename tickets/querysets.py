"""Adjectives for tickets and messages, and the choice of who is given a ticket."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from helpdesk.core.text import SearchWords
from helpdesk.people.models import Department, Organization, Sight, User

from .lifecycle import CURRENT, DECISIONS, MOVES, Status, Who

# What only people who work here do to a ticket.
_AS_STAFF = sorted(verb for verb, move in MOVES.items() if Who.HEAD in move.who and Who.REQUESTER not in move.who)
_NEVER = datetime.min.replace(tzinfo=UTC)


def _served(user: User) -> Q:
    """What ``user`` serves as his profile lets him see it; for one who does not see everything."""
    sight = user.sight
    served = Q(department__in=sight.whole) | Q(executor=user)
    return served | _in_pool(sight) if sight.pool or sight.every_pool else served


def _in_pool(sight: Sight) -> Q:
    """What nobody has: open tickets without an executor are those that await distribution, and that has an index."""
    waiting = Q(status=Status.AWAITING_DISTRIBUTION, closed_at__isnull=True)
    return waiting if sight.every_pool else waiting & Q(department__in=sight.pool)


def _took_part(user: User) -> Q:
    """Tickets that ``user`` was given at some time, or acted on as staff, whoever has them now (R1.14, R1.43)."""
    from .models import Event  # models.py imports this file

    events = Event.objects.filter(Q(subject=user) | Q(actor=user, verb__in=_AS_STAFF), ticket=OuterRef("pk"))
    # Of one ticket, its own few events are asked, and not all that the person ever did.
    return Q(Exists(events.order_by()))


class TicketQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> TicketQuerySet:
        """What ``user`` may see at all: own tickets, those served, those he had once (R1.43, R6.26)."""
        if not user.is_active:
            return self.none()
        everything = user.sight.everything
        return self if everything else self.filter(Q(requester=user) | _served(user) | _took_part(user))

    def handled_by(self, user: User) -> TicketQuerySet:
        """The panel's page of one ticket: those served, and those that ``user`` had once and goes on reading (R1.43).

        Lists and searches ask ``served_by``: what somebody else has by now is no work of his.
        """
        if not user.is_active:
            return self.none()
        return self if user.sight.everything else self.filter(_served(user) | _took_part(user))

    def requested_by(self, user: User) -> TicketQuerySet:
        """The portal's view: a person's own tickets."""
        return self.filter(requester=user) if user.is_active else self.none()

    def followed_by_organization(self, user: User) -> TicketQuerySet:
        """What ``user`` reads in the portal because of his organization, without a part in it (R2.43, R2.44).

        Which organization a ticket is of was settled when it was opened. Reading only: who involves himself in nothing
        makes no moves and opens no files (R1.15).
        """
        return self.filter(organization__in=Organization.objects.read_by(user).order_by().values("pk"))

    def read_in_portal_by(self, user: User) -> TicketQuerySet:
        """The portal's page of one ticket: the own ones and those of the organization; for whoever has no place in the
        panel also those he had once (R1.43, R2.43)."""
        followed = self.followed_by_organization(user)
        return (self.requested_by(user) if user.works_here else self.visible_to(user)) | followed

    def served_by(self, user: User) -> TicketQuerySet:
        """The panel's view: what ``user`` sees of the departments that he serves or heads, and those executed (R2.46).

        Which part of a department that is, or whether tickets of other ones are seen too, his profile says.
        """
        if not user.is_active:
            return self.none()
        return self if user.sight.everything else self.filter(_served(user))

    def in_departments_of(self, user: User) -> TicketQuerySet:
        """The lists' view: like ``served_by`` without the executor's OR where whole departments are seen, so that one
        index serves it."""
        if not user.is_active:
            return self.none()
        sight = user.sight
        if sight.everything:
            return self
        return self.filter(_served(user)) if sight.is_partial else self.filter(department__in=sight.whole)

    def queue_of(self, user: User) -> list[TicketQuerySet]:
        """``in_departments_of`` as branches that do not overlap, each of which one index of open tickets serves."""
        sight = user.sight
        if not sight.is_partial:
            return [self.in_departments_of(user)]
        waiting = self.filter(_in_pool(sight)).exclude(department__in=sight.whole)
        branches = [self.filter(department__in=sight.whole)] if sight.whole else []
        branches += [waiting] if sight.pool or sight.every_pool else []
        return [*branches, self.filter(executor=user).exclude(department__in=sight.whole)]

    def lost_from_pool_of(self, user: User) -> TicketQuerySet:
        """What ``user`` could have seen while nobody had it: of two who reach for a ticket, one is told who has it
        (R1.23), and a notice of a new ticket leads to an answer although it has a new owner by now."""
        taken = Q(department__in=user.sight.pool) & ~Q(status=Status.AWAITING_DISTRIBUTION)
        return self.filter(taken) if user.is_active else self.none()

    def decided_by(self, user: User) -> TicketQuerySet:
        """What ``user`` decides on: tickets of the departments that he heads, administrators all (A41)."""
        if not user.is_active:
            return self.none()
        if user.is_administrator:
            return self
        return self.filter(department__in=[one.department_id for one in user.active_memberships if one.is_head])

    def waiting_for_heads(self) -> TicketQuerySet:
        """What a head has to decide or can give: requests, and the pool wherever tickets are given (A2)."""
        is_given = ~Q(department__distribution_mode=Department.DistributionMode.PULL)
        pool = Q(status=Status.AWAITING_DISTRIBUTION) & is_given
        return self.open().filter(Q(status__in=sorted(DECISIONS)) | pool)

    def open(self) -> TicketQuerySet:
        """Neither closed nor cancelled; worded like the partial indexes."""
        return self.filter(closed_at__isnull=True)

    def ended(self) -> TicketQuerySet:
        return self.filter(closed_at__isnull=False)

    def current_of(self, user: User) -> TicketQuerySet:
        """The executor's current tasks (R4.8)."""
        return self.open().filter(executor=user, status__in=sorted(CURRENT))

    def due(self, at: datetime) -> TicketQuerySet:
        """Timers that are due at or before ``at``, oldest first; failed ones wait for their next attempt."""
        return self.filter(Q(timer_retry_at__isnull=True) | Q(timer_retry_at__lte=at), timer_due_at__lte=at).order_by(
            "timer_due_at", "number"
        )

    def matching(
        self,
        words: str,
        *,
        notes: bool,
        requester: User | None = None,
        organizations: Collection[Organization] | None = None,
    ) -> TicketQuerySet:
        """Tickets whose subject or conversation holds ``words``: two index look-ups, joined by their keys.

        Args:
            words: as a person types them; quotes and a leading minus work as in search engines.
            notes: whether internal notes are searched (never for requesters).
            requester: keeps both look-ups to one person's tickets, so that a common word costs no more than these.
            organizations: keeps them to the tickets of these.
        """
        from .models import Message, Ticket  # models.py imports this file

        query = SearchWords(words)
        said = Message.objects.filter(search=query)
        if not notes:
            said = said.exclude(kind=Message.Kind.NOTE)
        hits = Ticket.objects.filter(search=query)
        if requester is not None:
            said, hits = said.filter(ticket__requester=requester), hits.filter(requester=requester)
        if organizations is not None:
            said = said.filter(ticket__organization__in=organizations)
            hits = hits.filter(organization__in=organizations)
        return self.filter(number__in=hits.order_by().values("number").union(said.order_by().values("ticket_id")))


class MessageQuerySet(models.QuerySet):
    def for_requester(self) -> MessageQuerySet:
        """Without internal notes."""
        return self.exclude(kind="note")


class OutsideTrash(models.Manager):
    """Of what hangs on a ticket by a key called ``ticket``, that of tickets which do not lie in the trash (R2.42)."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(ticket__trashed_at__isnull=True)


class TrashQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> TrashQuerySet:
        """The trash is the administrators' (R2.42)."""
        return self if user.is_active and user.is_administrator else self.none()

    def on_their_own(self) -> TrashQuerySet:
        """Without the tickets that followed their customer: they go where he goes."""
        return self.filter(with_customer__isnull=True)


class Rota:
    """Who is given the next ticket, for one or several of one line that are given in one transaction.

    Reads the candidates once, under a lock on each of them until the transaction ends, and counts along. The locks
    are taken in one order, so departments that share agents distribute one after the other, others at once; and
    however many sweeps there are, loads are never counted twice (R4.8).
    """

    def __init__(self, department: Department, line: int, at: datetime) -> None:
        self._at = at
        agents = User.objects.filter(memberships__department=department, memberships__line__isnull=False)
        list(agents.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))
        # Read anew: the loads as whoever held the locks before has left them.
        self._people: list[Any] = list(candidates(department, line, at))  # each with ``current_tasks``

    def next(self, requester_id: int | None = None) -> User | None:
        """The least loaded one, who has one task more from now on; None where there is nobody.

        Args:
            requester_id: who asked for the ticket serves it himself only where nobody else can: a solution is to be
                checked by somebody else than its author.
        """
        others = [one for one in self._people if one.pk != requester_id] or self._people
        if not others:
            return None
        person = min(others, key=lambda one: (one.current_tasks, one.last_assigned_at or _NEVER, one.pk))
        person.current_tasks += 1
        person.last_assigned_at = self._at
        return person


def agents_of_line(department: Department, line: int, at: datetime) -> models.QuerySet[User]:
    """Active agents of a support line, least loaded first (R4.7, R4.8, A31).

    Each carries ``current_tasks`` over all departments and ``is_absent``; ties go to who was given a ticket longest
    ago, then to the lowest identifier.
    """
    from .models import Ticket  # models.py imports this file

    load = (
        Ticket.objects.open()
        .filter(executor=OuterRef("pk"), status__in=sorted(CURRENT))
        .order_by()
        .values("executor")
        .annotate(load=Count("pk"))
        .values("load")
    )
    on_line = Q(memberships__department=department, memberships__line__isnull=False)
    if department.support_lines > 1:
        on_line &= Q(memberships__line=line)
    return (
        User.objects.active()
        .filter(on_line)
        .annotate(current_tasks=Coalesce(Subquery(load), 0), is_absent=User.objects.absence(at))
        .order_by("current_tasks", F("last_assigned_at").asc(nulls_first=True), "pk")
    )


def candidates(department: Department, line: int, at: datetime) -> models.QuerySet[User]:
    """Who can be given a ticket by the clock: present agents of the line, least loaded first (R4.8)."""
    agents: Any = agents_of_line(department, line, at)  # annotated, which their type does not say
    return agents.filter(is_absent=False)
