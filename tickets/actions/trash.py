"""The trash: tickets and customers are moved there, come back exactly as they were, or are deleted for good (R2.40 to
R2.42).

A ticket in the trash is out of every list, count, search, timer and notice, because everything asks for tickets through
``Ticket.objects``; nothing of it is changed meanwhile. What lies on other floors is put away through their own actions.
Locks are taken in the order of ``helpdesk.people.actions.locks``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

import attachments.trash
import helpdesk.notifications.actions as notices
import helpdesk.people.trash
from attachments.models import FolderUserPermission
from helpdesk.core import audit
from helpdesk.core.clock import CLOCK
from helpdesk.core.history import deleting_for_good
from helpdesk.core.refusals import Refused
from helpdesk.core.text import without_number_sign
from helpdesk.notifications.live import topics
from helpdesk.notifications.models import Letter, Notification, Presence
from helpdesk.people.actions import lock_organizations_managed_by, standstill_ended_at
from helpdesk.people.models import Account, User
from tickets import live, stays
from tickets.funnel import instant, locked
from tickets.models import Event, Message, ServiceLevel, Ticket, TrashEntry
from tickets.permissions import reason_not_restored, reason_not_trashed, reason_not_trashed_customer

# Called with the numbers of tickets that have gone to the trash, or have come back; then also with since when and until
# when they lay there, so that what runs beside a ticket goes on with what was left.
FOLLOWERS = ("approvals.actions.follow_trash", "surveys.actions.follow_trash")
# Called with a customer who goes to the trash: the numbers of others' tickets that change with it, and are locked too.
CONCERNED = ("approvals.actions.tickets_decided_by",)
# So many tickets share a statement.
_BATCH = 500
# What says as what a ticket is called out.
_CALLED_OUT = ("number", "department_id", "executor_id", "requester_id", "organization_id")

logger = logging.getLogger(__name__)


@transaction.atomic
def put_ticket(*, ticket: Ticket, by: User, at: datetime | None = None) -> TrashEntry:
    """Move a ticket to the trash, whatever status it is in; nothing of it is changed or expires (R2.40, A33).

    Raises:
        Refused: ``by`` is neither a head of its department nor an administrator, or it is not there any more.
    """
    at = instant(at)
    ticket = locked(ticket.number)
    reason = reason_not_trashed(by, ticket)
    if reason:
        raise Refused(reason)
    entry = TrashEntry.objects.create(
        kind=TrashEntry.Kind.TICKET, ticket=ticket, name=ticket.subject, deleted_by=by, deleted_at=at
    )
    _put_away([ticket.number], at)
    audit.record("ticket_trashed", about="ticket", **_facts(entry, by, at))
    return entry


@transaction.atomic
def put_customer(*, customer: User, by: User, at: datetime | None = None) -> TrashEntry:
    """Move a customer to the trash; his tickets follow him, except those that lie there already (R2.42).

    Raises:
        Refused: ``by`` is no administrator, or the person works here, has served tickets, or is gone already.
    """
    at = instant(at)
    lock_organizations_managed_by(customer)
    found = _lock_person(customer.pk)
    if found is None:
        raise Refused(_("This person is not there any more."))
    reason = reason_not_trashed_customer(by, found)
    if reason:
        raise Refused(reason)
    tickets = _lock_tickets(found)
    entry = TrashEntry.objects.create(
        kind=TrashEntry.Kind.CUSTOMER,
        customer=found,
        name=str(found),
        deleted_by=by,
        deleted_at=at,
        was_active=found.is_active,
    )
    TrashEntry.objects.bulk_create(
        (
            TrashEntry(
                kind=TrashEntry.Kind.TICKET,
                ticket_id=number,
                name=subject,
                deleted_by=by,
                deleted_at=at,
                with_customer=entry,
            )
            for number, subject in tickets
        ),
        batch_size=_BATCH,
    )
    _put_away([number for number, _subject in tickets], at)
    helpdesk.people.trash.put_in_trash(person=found, at=at)
    numbers = [number for number, _subject in tickets]
    audit.record("customer_trashed", about="person", **_facts(entry, by, at, numbers))
    return entry


@transaction.atomic
def restore(*, entry: TrashEntry, by: User, at: datetime | None = None) -> TrashEntry:
    """Bring a ticket back, or a customer with the tickets that followed him: as they were, with what was left of their
    times (R2.40, R2.41).

    Returns:
        The entry, which is gone.

    Raises:
        Refused: ``by`` is no administrator, somebody was quicker, or the customer has to be restored first.
    """
    at = instant(at)
    entry = _lock_entry(entry, by)
    reason = reason_not_restored(entry)
    if reason:
        raise Refused(reason)
    if entry.customer:
        helpdesk.people.trash.take_out_of_trash(person=entry.customer, is_active=entry.was_active)
    came_along = TrashEntry.objects.filter(Q(pk=entry.pk) | Q(with_customer=entry.pk), ticket__isnull=False)
    numbers = list(came_along.order_by("ticket").values_list("ticket", flat=True))
    _bring_back(numbers, entry.deleted_at, at)
    TrashEntry.objects.filter(with_customer=entry.pk).delete()
    TrashEntry.objects.filter(pk=entry.pk).delete()
    if entry.customer:
        audit.record("customer_restored", about="person", **_facts(entry, by, at, numbers))
    else:
        audit.record("ticket_restored", about="ticket", **_facts(entry, by, at))
    return entry


@transaction.atomic
def delete_for_good(*, entry: TrashEntry, by: User, typed: str, at: datetime | None = None) -> TrashEntry:
    """Delete what lies in the trash with everything that belongs to it; there is no way back (R2.41, R2.42).

    A ticket's number is never used again. Where history elsewhere names a customer, a row without anything personal
    stays behind.

    Args:
        typed: the ticket's number, or the customer's e-mail address.

    Returns:
        The entry, which is gone.

    Raises:
        Refused: ``by`` is no administrator, somebody was quicker, it went with its customer, or something else was
            typed; then ``field`` is ``typed``.
    """
    entry = _lock_entry(entry, by)
    if entry.with_customer:
        raise Refused(
            _("This ticket went to the trash with %(name)s, and is deleted with this customer only.")
            % {"name": entry.with_customer.name}
        )
    if without_number_sign(typed).casefold() != entry.key.casefold():
        raise Refused(
            _("This is not the customer's e-mail address.")
            if entry.customer
            else _("This is not the ticket's number."),
            field="typed",
        )
    _delete(entry, by, instant(at))
    return entry


def empty(*, at: datetime | None = None, at_most: int = 500) -> int:
    """Delete for good what has lain in the trash longer than the account wants (R2.42).

    Each in a transaction of its own; what somebody is just restoring is left alone, and what fails holds up nothing.
    After the end of the plan nobody can restore, so nothing is deleted, and with its renewal the time begins anew
    (R3.18).

    Returns:
        How many were deleted.
    """
    account = Account.current()
    kept_for = account.trash_kept_for if account else None
    if account is None or kept_for is None or account.is_plan_over(instant(at)):
        return 0
    standstill = standstill_ended_at()
    if standstill is not None and instant(at) < standstill + kept_for:
        return 0
    over = TrashEntry.objects.on_their_own().filter(deleted_at__lte=instant(at) - kept_for)
    count = 0
    for key in over.order_by("deleted_at", "pk").values_list("pk", flat=True)[:at_most]:
        try:
            with transaction.atomic():
                entry = over.filter(pk=key).select_for_update(of=("self",), skip_locked=True).first()
                if entry is not None:
                    _delete(_with_customer_locked(entry), CLOCK, instant(at))
                    count += 1
        except Exception:  # whatever ails one of them, the others go
            logger.exception("the trash could not be emptied of one entry", extra={"facts": {"entry": key}})
    return count


def _lock_entry(entry: TrashEntry, by: User) -> TrashEntry:
    if not (by.is_active and by.is_administrator):
        raise Refused(_("Only an administrator can do this."))
    found = TrashEntry.objects.select_for_update(of=("self",)).filter(pk=entry.pk).first()
    if found is None:
        raise Refused(_("This is not in the trash any more: somebody was quicker."))
    return _with_customer_locked(found)


def _with_customer_locked(entry: TrashEntry) -> TrashEntry:
    """Lock the customer before any ticket, and a ticket's customer too, so that he does not come or go meanwhile."""
    if entry.ticket_id:
        entry.ticket = Ticket.with_trash.select_related("department").get(pk=entry.ticket_id)
        requester = _lock_person(entry.ticket.requester_id)
        assert requester is not None
        entry.ticket.requester = requester
    elif entry.customer_id:
        lock_organizations_managed_by(User.with_trash.get(pk=entry.customer_id))
        entry.customer = _lock_person(entry.customer_id)
    return entry


def _lock_person(pk: int) -> User | None:
    """A person, in the trash or not, nobody else being able to move him; what only names him need not wait."""
    return User.with_trash.select_for_update(no_key=True, of=("self",)).filter(pk=pk).first()


def _lock_tickets(customer: User) -> list[tuple[int, str]]:
    """Lock at once whatever changes when ``customer`` goes; number and subject of the tickets that are his."""
    concerned = {number for each in CONCERNED for number in import_string(each)(customer)}
    found = Ticket.objects.filter(Q(requester=customer) | Q(pk__in=concerned)).order_by("pk")
    rows = found.select_for_update(of=("self",)).values_list("pk", "subject", "requester")
    return [(number, subject) for number, subject, requester in rows if requester == customer.pk]


def _put_away(numbers: Sequence[int], at: datetime) -> None:
    """Put locked tickets out of sight, with folders, notices and what hangs on them on the floors above."""
    for some in _batches(numbers):
        _announce(some)
        Ticket.with_trash.filter(pk__in=some).update(trashed_at=at)
        attachments.trash.put_in_trash(folders=_folders(some), at=at)
        notices.withhold(tickets=some)
        _follow(some, at, None)


def _bring_back(numbers: Sequence[int], since: datetime, at: datetime) -> None:
    """Show tickets again; what was left of their times is what is left of them now."""
    for some in _batches(numbers):
        tickets = Ticket.with_trash.filter(pk__in=some)
        stays.go_on(tickets, since, at)
        tickets.update(trashed_at=None)
        attachments.trash.take_out_of_trash(folders=_folders(some))
        notices.give_back(tickets=some)
        _follow(some, since, at)
        _announce(some)


def _delete(entry: TrashEntry, by: Any, at: datetime) -> None:
    """Delete what a locked entry stands for; the deletion takes the entry along."""
    if entry.ticket_id:
        _delete_tickets([entry.ticket_id])
        audit.record("ticket_deleted", about="ticket", **_facts(entry, by, at))
        return
    assert entry.customer is not None
    # With those that lay in the trash before him: they are his.
    numbers = list(Ticket.with_trash.filter(requester=entry.customer).order_by("pk").values_list("pk", flat=True))
    _delete_tickets(numbers)
    entry.delete()
    Presence.objects.filter(person=entry.customer).delete()
    for kind in (Notification, Letter):
        kind.with_withheld.filter(recipient=entry.customer).delete()
    helpdesk.people.trash.delete_for_good(person=entry.customer, besides=(FolderUserPermission, ServiceLevel))
    audit.record("customer_deleted", about="person", **_facts(entry, by, at, numbers))


def _facts(entry: TrashEntry, by: Any, at: datetime, tickets: Sequence[int] = ()) -> dict[str, Any]:
    """What the audit log says of an entry; of a customer, also which tickets went along."""
    if entry.kind == TrashEntry.Kind.TICKET:
        return {"by": by, "key": entry.ticket_id, "name": f"#{entry.ticket_id} {entry.name}", "at": at}
    facts = {"tickets": ", ".join(str(number) for number in tickets)}
    return {"by": by, "key": entry.customer_id, "name": entry.name, "facts": facts, "at": at}


def _delete_tickets(numbers: Sequence[int]) -> None:
    for some in _batches(numbers):
        folders = _folders(some)
        with deleting_for_good():
            Event.objects.filter(ticket__in=some).delete()
            Message.objects.filter(ticket__in=some).delete()
            Ticket.with_trash.filter(pk__in=some, trashed_at__isnull=False).delete()
        attachments.trash.delete_for_good(folders=folders)
        notices.forget(tickets=some)


def _folders(numbers: Iterable[int]) -> list[int]:
    return list(Ticket.with_trash.filter(pk__in=numbers).values_list("folder", flat=True))


def _follow(numbers: Sequence[int], since: datetime, until: datetime | None) -> None:
    for follower in FOLLOWERS:
        import_string(follower)(numbers, since, until)


def _announce(numbers: Sequence[int]) -> None:
    """Open pages of these tickets and lists with them look again (live channel)."""
    tickets: Any = Ticket.objects.filter(pk__in=numbers).only(*_CALLED_OUT)
    topics.announce(*(topic for ticket in tickets for topic in live.topics_of(ticket, is_private=False)))


def _batches(numbers: Sequence[int]) -> Iterator[list[int]]:
    return (list(some) for some in batched(numbers, _BATCH))
