"""Deleting for good: by the typed number or by the retention, with everything that belongs to it, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction

import approvals.actions
from attachments import tasks as attachment_tasks
from attachments.models import Attachment, AuditEntry, Blob
from helpdesk.core.history import deleting_for_good
from helpdesk.core.refusals import Refused
from helpdesk.core.schedules import JOBS
from tests import walks
from tests.approvals import consents
from tests.cast import Cast, a_file
from tests.tickets import belongings
from tickets.actions import trash
from tickets.models import Event, Message, Ticket, TrashEntry
from tickets.tasks import empty_trash

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def _full(cast: Cast) -> Ticket:
    """A ticket with a row in every table."""
    ticket = walks.started(cast, ticket=walks.opened(cast, files=[a_file("own.txt", "Only here.")]))
    approvals.actions.approve_action(request=consents.asked(cast, ticket=ticket), by=cast.max)
    wanted = approvals.actions.request_priority(ticket=ticket, by=cast.ada, priority="high", text="Smoke.")
    approvals.actions.approve_priority(request=wanted, by=cast.hugo)
    return walks.closed(cast, ticket=Ticket.objects.get(pk=ticket.pk))


def test_deleted_for_good_leaves_no_row(cast: Cast) -> None:
    """R2.41: actions, survey, files, grants, hub lines, letters: all of it, and nothing of the neighbour's."""
    neighbour, ticket = _full(cast), _full(cast)
    others = belongings.of(neighbour)
    assert set(belongings.of(ticket)) == set(others)
    entry = trash.put_ticket(ticket=ticket, by=cast.hugo)
    folder = ticket.folder
    trash.delete_for_good(entry=entry, by=cast.ana, typed=f"#{ticket.number}")
    ticket.folder = folder
    assert belongings.of(ticket) == {}
    assert belongings.of(neighbour) == others
    assert not TrashEntry.objects.exists()


@pytest.mark.parametrize("typed", ["", " ", "0", "yes", "{number}0", "Printer is on fire"])
def test_something_else_typed_is_refused(cast: Cast, typed: str) -> None:
    """R2.42: beside the field, and nothing happens."""
    ticket = walks.opened(cast)
    entry = trash.put_ticket(ticket=ticket, by=cast.hugo)
    with pytest.raises(Refused, match="not the ticket's number") as refusal:
        trash.delete_for_good(entry=entry, by=cast.ana, typed=typed.format(number=ticket.number))
    assert refusal.value.field == "typed"
    assert Ticket.with_trash.exists()


def test_number_is_never_used_again(cast: Cast) -> None:
    """A26, R2.42: not even the newest one."""
    ticket = walks.opened(cast)
    entry = trash.put_ticket(ticket=ticket, by=cast.hugo)
    trash.delete_for_good(entry=entry, by=cast.ana, typed=str(ticket.number))
    assert walks.opened(cast).number > ticket.number


def test_content_that_another_file_has_stays_and_the_rest_is_swept(cast: Cast) -> None:
    """R1.9, R2.42: a content is kept once; its row and bytes go when no file has it any more, a day later."""
    shared, own = b"what many sent", b"what one sent"
    walks.opened(cast, files=[a_file("shared.txt", shared)])
    ticket = walks.opened(cast, files=[a_file("shared.txt", shared), a_file("own.txt", own)])
    blobs = {file.name: file.blob for file in Attachment.objects.filter(folder=ticket.folder).select_related("blob")}
    entry = trash.put_ticket(ticket=ticket, by=cast.hugo)
    trash.delete_for_good(entry=entry, by=cast.ana, typed=str(ticket.number))
    assert default_storage.exists(blobs["own.txt"].storage_name)

    def sweep(later: timedelta) -> int:
        now = datetime.now(UTC).replace(minute=0) + later
        return sum(attachment_tasks.sweep_storage(at=now + timedelta(hours=hour)) for hour in range(24))

    assert sweep(timedelta(hours=-24)) == 0
    assert sweep(timedelta(days=2)) == 1
    assert [default_storage.exists(blobs[name].storage_name) for name in ("shared.txt", "own.txt")] == [True, False]
    assert list(Blob.objects.values_list("pk", flat=True)) == [blobs["shared.txt"].pk]


def test_retention_is_the_accounts(cast: Cast) -> None:
    """R2.42: 30 days by default, 0 for never; what followed a customer goes with him only."""
    entries = [trash.put_ticket(ticket=walks.opened(cast), by=cast.hugo, at=NOW + timedelta(days=n)) for n in range(2)]
    assert empty_trash(at=NOW + timedelta(days=29)) == 0
    cast.account.trash_retention = 0
    cast.account.save()
    assert empty_trash(at=NOW + timedelta(days=3000)) == 0
    cast.account.trash_retention = 7
    cast.account.save()
    assert empty_trash(at=NOW + timedelta(days=7)) == 1
    assert list(TrashEntry.objects.all()) == [entries[1]]
    assert empty_trash(at=NOW + timedelta(days=7)) == 0
    assert {(job.func, job.minutes) for job in JOBS if job.name == "trash"} == {("tickets.tasks.empty_trash", 1440)}


HISTORY: dict[str, Callable[[Ticket], object]] = {
    "event": lambda ticket: Event.objects.filter(ticket=ticket),
    "message": lambda ticket: Message.objects.filter(ticket=ticket),
    "access record": lambda ticket: AuditEntry.objects.filter(folder=ticket.folder_id),
}


@pytest.mark.parametrize("kind", list(HISTORY))
@pytest.mark.parametrize("verb", ["delete", "update"])
@pytest.mark.parametrize("is_trashed", [False, True])
@pytest.mark.parametrize("says_so", [False, True])
def test_history_goes_only_out_of_the_trash_by_its_own_word(
    cast: Cast, kind: str, verb: str, is_trashed: bool, says_so: bool
) -> None:
    """R6.23, R1.17, R2.41: a deletion that says so, of a ticket in the trash; a change never, and nothing by accident."""
    ticket = walks.started(cast)
    if is_trashed:
        trash.put_ticket(ticket=ticket, by=cast.hugo)
    table = HISTORY[kind](ticket).model._meta.db_table  # type: ignore[attr-defined]  # a queryset
    keys = list(HISTORY[kind](ticket).values_list("pk", flat=True))  # type: ignore[attr-defined]  # a queryset

    def do() -> None:
        with connection.cursor() as cursor:
            if kind == "message":
                cursor.execute("DELETE FROM tickets_message_attachments")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            words = f'DELETE FROM "{table}"' if verb == "delete" else f'UPDATE "{table}" SET id = id'
            cursor.execute(f"{words} WHERE id = ANY(%s)", [keys])

    def attempt() -> None:
        if says_so:
            with deleting_for_good():
                do()
        else:
            do()

    may = verb == "delete" and is_trashed and says_so
    refused = nullcontext() if may else pytest.raises(IntegrityError, match="its rows are history")
    with refused, transaction.atomic():
        attempt()
        transaction.set_rollback(True)


@pytest.mark.parametrize("fails", [False, True])
def test_word_is_taken_back_at_the_end(cast: Cast, fails: bool) -> None:
    """R6.23: whatever follows in the same transaction is refused again, also after a failure."""

    def word() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('helpdesk.deleting_for_good', true)")
            return cursor.fetchone()[0] or ""

    with suppress(ValueError), deleting_for_good():
        assert word() == "on"
        if fails:
            raise ValueError
    assert word() in {"", "off"}
