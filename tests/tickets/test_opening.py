"""Opening a ticket: its data, its number, its folder with the copies, and all of it or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.storage import FileSystemStorage
from django.db import InternalError, connection
from django.test import override_settings

import tickets.actions
from attachments.models import Attachment, Blob, Folder
from helpdesk.core.refusals import Refused, StorageUnavailable
from helpdesk.notifications.models import Letter, Notification
from helpdesk.people.actions import join_department
from helpdesk.people.models import Service
from tests import walks
from tests.cast import Cast, Clock, a_file, leave_department
from tickets.lifecycle import Priority, Status
from tickets.models import Event, Message, Ticket


def _refused(cast: Cast, **fields: object) -> Refused:
    with pytest.raises(Refused) as refusal:
        walks.opened(cast, **fields)
    assert Ticket.objects.count() == 0
    return refusal.value


def test_open_with_every_field_starts_the_process(cast: Cast, clock: Clock) -> None:
    """R1.2, R3.1, R3.2, R4.2: department, service, priority, short content, description and file are taken as given."""
    ticket = walks.opened(
        cast, at=clock.now, priority=Priority.URGENT, subject="  Printer is on fire ", description=" It burns.\n"
    )
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert ticket.status == Status.AWAITING_DISTRIBUTION
    assert (ticket.requester, ticket.organization) == (cast.rita, cast.branch)
    assert (ticket.department, ticket.service, ticket.priority) == (cast.department, cast.service, "urgent")
    assert (ticket.subject, ticket.opened_at) == ("Printer is on fire", clock.now)
    assert (ticket.line, ticket.executor) == (1, None)
    message = ticket.messages.get()
    assert (message.kind, message.text, message.author, message.at) == (
        Message.Kind.OPENING,
        "It burns.",
        cast.rita,
        clock.now,
    )


def test_open_without_priority_is_normal(cast: Cast) -> None:
    """R4.4: Normal is the default."""
    assert walks.opened(cast).priority == Priority.NORMAL


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"subject": " \n "}, "subject"),
        ({"subject": "x" * 201}, "subject"),
        ({"description": "  "}, "description"),
        ({"priority": "at once"}, "priority"),
        ({"files": []}, "files"),
    ],
)
def test_open_with_a_faulty_field_is_refused_beside_it(cast: Cast, wrong: dict[str, object], field: str) -> None:
    """R1.3: the ticket is not created, and the faulty field carries its own message."""
    refusal = _refused(cast, **wrong)
    assert refusal.field == field
    assert str(refusal)


def test_open_in_a_service_of_another_department_is_refused(cast: Cast) -> None:
    """R3.3: the services depend on the chosen department."""
    assert _refused(cast, service=cast.other_service).field == "service"


def test_open_in_an_inactive_service_or_department_is_refused(cast: Cast) -> None:
    """R3.3: only what is active is offered."""
    cast.service.is_active = False
    cast.service.save()
    assert _refused(cast).field == "service"
    cast.rules(is_active=False)
    assert _refused(cast).field == "department"


def test_offered_services_need_an_active_agent(cast: Cast) -> None:
    """R3.3: only active services of active departments with at least one active agent."""
    Service.objects.create(department=cast.department, name="Gone", is_active=False)
    assert set(Service.objects.offered()) == {cast.service, cast.other_service}
    cast.deactivate(cast.nora)
    assert set(Service.objects.offered()) == {cast.service}
    join_department(department=cast.other_department, user=cast.hugo, line=None, is_head=True)
    assert set(Service.objects.offered()) == {cast.service}, "a head without a line takes no tickets"
    cast.rules(is_active=False)
    assert set(Service.objects.offered()) == set()


def test_open_by_an_inactive_person_is_refused(cast: Cast) -> None:
    """R6.26: rights are asked where the work is done."""
    cast.deactivate(cast.rita)
    assert _refused(cast).field is None


# The attachment of the first activity


def test_open_without_attachment_leaves_nothing(cast: Cast) -> None:
    """R1.4: no ticket, no folder, no notification."""
    refusal = _refused(cast, files=[])
    assert refusal.field == "files"
    assert _everything_of_tickets() == {}


@pytest.mark.parametrize(
    ("department", "service", "is_needed"),
    [
        (True, None, True),
        (True, True, True),
        (True, False, False),
        (False, None, False),
        (False, True, True),
        (False, False, False),
    ],
)
def test_open_needs_a_file_as_department_and_service_say(
    cast: Cast, department: bool, service: bool | None, is_needed: bool
) -> None:
    """A16, R1.6: the department's switch, which a service can override."""
    cast.rules(attachment_required_on_open=department)
    cast.service.attachment_required_on_open = service
    cast.service.save()
    if is_needed:
        _refused(cast, files=[])
    else:
        assert walks.opened(cast, files=[]).folder.files.count() == 0


def test_open_needs_as_many_files_as_the_department_says(cast: Cast) -> None:
    """R1.6: the minimum number is a setting."""
    cast.rules(attachment_min_count=2)
    _refused(cast, files=[a_file("one.txt")])
    assert walks.opened(cast, files=[a_file("one.txt"), a_file("two.txt")]).folder.files.count() == 2


def test_open_with_a_type_that_the_department_does_not_take_is_refused(cast: Cast) -> None:
    """R1.6: allowed extensions."""
    cast.rules(attachment_extensions="PDF, .png")
    assert "screen.txt" in str(_refused(cast))
    assert walks.opened(cast, files=[a_file("scan.Pdf", b"%PDF-1.7")]).folder.files.count() == 1


def test_open_with_more_than_25_files_is_refused(cast: Cast) -> None:
    """R1.6: at most 25 files."""
    assert _refused(cast, files=[a_file(f"{i}.txt", f"{i}") for i in range(26)]).field == "files"
    assert walks.opened(cast, files=[a_file(f"{i}.txt", f"{i}") for i in range(25)]).folder.files.count() == 25


# Number, folder, copies


def test_open_makes_a_folder_named_after_the_number(cast: Cast, clock: Clock) -> None:
    """R1.7, A26: one folder for each ticket, its name is the number."""
    one, two = walks.opened(cast, at=clock.now), walks.opened(cast, at=clock.now)
    assert [folder.name for folder in Folder.objects.order_by("pk")] == [str(one.number), str(two.number)]
    assert one.folder.created_at == clock.now
    assert two.number > one.number


def test_open_after_a_failure_never_reuses_a_number(cast: Cast) -> None:
    """A26: numbers only increase, whatever becomes of a ticket."""
    first = walks.opened(cast).number
    with _failing_insert("tickets_event"), pytest.raises(InternalError):
        walks.opened(cast)
    assert walks.opened(cast).number > first


def test_open_copies_all_attachments_into_the_folder(cast: Cast, files_dir: Path) -> None:
    """R1.8: number, names and checksums of the copies equal those of the originals."""
    contents = {"a.txt": b"first", "b.txt": b"second", "same as a.txt": b"first"}
    ticket = walks.opened(cast, files=[a_file(name, content) for name, content in contents.items()])
    originals = Attachment.objects.filter(messages__ticket=ticket)
    expected = [(name, hashlib.sha256(content).hexdigest()) for name, content in contents.items()]
    assert list(originals.values_list("name", "blob_id")) == expected
    assert list(ticket.folder.files.values_list("name", "blob_id")) == expected
    stored = {path.name: path.read_bytes() for path in files_dir.rglob("*") if path.is_file()}
    assert stored == {hashlib.sha256(content).hexdigest(): content for content in contents.values()}


def test_open_with_two_files_of_one_name_keeps_both(cast: Cast) -> None:
    """R1.10: the second gets a suffix in the folder."""
    ticket = walks.opened(cast, files=[a_file("a.txt", b"1"), a_file("a.txt", b"2"), a_file("a (2).txt", b"3")])
    names = list(ticket.folder.files.values_list("name", flat=True))
    assert names == ["a.txt", "a (2).txt", "a (2) (2).txt"]


def test_files_of_later_activities_are_copied_too(cast: Cast, clock: Clock) -> None:
    """R1.10, R1.25, R3.6, R3.10: message, question, solution and return; all of them stay, in order."""
    ticket = walks.started(cast, at=clock.now)
    tickets.actions.write(ticket=ticket, by=cast.rita, text="more", files=[a_file("screen.txt", b"2")])
    tickets.actions.ask(ticket=ticket, by=cast.ada, text="which?", files=[a_file("form.txt", b"3")])
    tickets.actions.answer(ticket=ticket, by=cast.rita, files=[a_file("answer.txt", b"4")])
    tickets.actions.send_solution(ticket=ticket, by=cast.ada, text="done", files=[a_file("solution.txt", b"5")])
    tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="no", files=[a_file("screen.txt", b"6")])
    assert list(ticket.folder.files.values_list("name", flat=True)) == [
        "screen.txt",
        "screen (2).txt",
        "form.txt",
        "answer.txt",
        "solution.txt",
        "screen (3).txt",
    ]
    assert list(Attachment.objects.filter(messages__ticket=ticket).order_by("pk").values_list("name", flat=True)) == [
        "screen.txt",
        "screen.txt",
        "form.txt",
        "answer.txt",
        "solution.txt",
        "screen.txt",
    ]


def test_equal_content_is_kept_once(cast: Cast, files_dir: Path) -> None:
    """R1.8, R1.9: rows point to the same bytes, and are independent all the same."""
    walks.opened(cast)
    walks.opened(cast)
    assert Blob.objects.count() == 1
    assert Attachment.objects.count() == 2
    assert len([path for path in files_dir.rglob("*") if path.is_file()]) == 1


# One unit of work


@contextmanager
def _failing_insert(table: str) -> Iterator[None]:
    """Let the database refuse every new row of ``table``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION test_out_of_order() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'out of order' USING ERRCODE = 'XX000'; END $$"
        )
        cursor.execute(
            f'CREATE TRIGGER test_out_of_order BEFORE INSERT ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION test_out_of_order()"
        )
        yield
        cursor.execute(f'DROP TRIGGER test_out_of_order ON "{table}"')


def _everything_of_tickets() -> dict[str, int]:
    """How many rows each table holds that an opening writes; empty tables are left out."""
    counts = {
        model._meta.db_table: model._base_manager.count()
        for label in ("attachments", "tickets", "surveys", "notifications", "django_q")
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    }
    del counts["tickets_counting"]  # one row, from the first day on: how far adding up has come
    return {table: count for table, count in counts.items() if count}


WRITTEN_ON_OPENING = [
    "attachments_folder",
    "tickets_ticket",
    "attachments_folderuserpermission",
    "attachments_foldergrouppermission",
    "attachments_blob",
    "attachments_attachment",
    "attachments_folderfile",
    "attachments_auditentry",
    "tickets_message",
    "tickets_message_attachments",
    "tickets_event",
    "tickets_change",
    "notifications_notification",
    "notifications_letter",
    "django_q_ormq",
]


def test_open_writes_exactly_these_tables(cast: Cast) -> None:
    """R1.11: so that the stages below are all there are."""
    cast.rules(attachment_access_moment="on_open")
    walks.opened(cast)
    assert sorted(_everything_of_tickets()) == sorted(WRITTEN_ON_OPENING)


@pytest.mark.parametrize("table", WRITTEN_ON_OPENING)
def test_open_that_fails_at_any_stage_leaves_nothing(cast: Cast, files_dir: Path, table: str) -> None:
    """R1.11: number, ticket, folder and copies are one unit of work; no row and no byte remains."""
    cast.rules(attachment_access_moment="on_open")
    with _failing_insert(table), pytest.raises(InternalError, match="out of order"):
        walks.opened(cast, files=[a_file("one.txt", b"1"), a_file("two.txt", b"2")])
    assert _everything_of_tickets() == {}
    assert [path for path in files_dir.rglob("*") if path.is_file()] == []


class FullAfterOneFile(FileSystemStorage):
    """A disk with room for one more file."""

    def _save(self, name: str, content: object) -> str:
        if any(path.is_file() for path in Path(self.location).rglob("*")):
            raise OSError(28, "No space left on device")
        return super()._save(name, content)


def test_open_when_the_disk_fills_up_leaves_nothing(cast: Cast, files_dir: Path) -> None:
    """R1.11: refused with a sentence; no ticket, no folder, no orphan file."""
    storages = {"default": {"BACKEND": f"{__name__}.FullAfterOneFile", "OPTIONS": {"location": files_dir}}}
    with override_settings(STORAGES=storages), pytest.raises(StorageUnavailable, match="no room left") as refusal:
        walks.opened(cast, files=[a_file("one.txt", b"1"), a_file("two.txt", b"2")])
    assert refusal.value.field == "files"
    assert _everything_of_tickets() == {}
    assert [path for path in files_dir.rglob("*") if path.is_file()] == []


def test_failed_opening_leaves_what_others_have_stored(cast: Cast, files_dir: Path) -> None:
    """R1.11: bytes that another ticket holds are not taken away with a failure."""
    walks.opened(cast, files=[a_file("one.txt", b"1")])
    with _failing_insert("tickets_event"), pytest.raises(InternalError):
        walks.opened(cast, files=[a_file("again.txt", b"1"), a_file("two.txt", b"2")])
    assert [path.read_bytes() for path in files_dir.rglob("*") if path.is_file()] == [b"1"]


def test_later_files_that_cannot_be_stored_leave_the_ticket_as_it_was(cast: Cast, files_dir: Path) -> None:
    """R1.11 for every activity: no status, no message, no event without its files."""
    ticket = walks.started(cast)
    before = _everything_of_tickets()
    storages = {"default": {"BACKEND": f"{__name__}.FullAfterOneFile", "OPTIONS": {"location": files_dir}}}
    with override_settings(STORAGES=storages), pytest.raises(StorageUnavailable):
        tickets.actions.send_solution(ticket=ticket, by=cast.ada, text="done", files=[a_file("two.txt", b"2")])
    assert _everything_of_tickets() == before
    assert Ticket.objects.get(pk=ticket.pk).status == Status.IN_SERVICE


# Telling the group


@pytest.mark.parametrize(("mode", "reads"), [("pull", "ticket_opened"), ("both", "task"), ("push", "task")])
def test_open_tells_every_active_member_of_the_group(cast: Cast, mode: str, reads: str) -> None:
    """R1.18, R1.19, R1.21: agents of both lines, and the head who takes no tickets, as his task where he has one.

    Each of them in the hub and by letter.
    """
    cast.rules(distribution_mode=mode)
    cast.deactivate(cast.bob)
    walks.opened(cast)
    assert cast.names_of(_told("ticket_opened") + _told("distribution_needed")) == ["ada", "hugo", "otto"]
    assert cast.names_of(_told("distribution_needed")) == (["hugo"] if reads == "task" else [])
    assert cast.names_of(letter.recipient for letter in Letter.objects.select_related("recipient")) == [
        "ada",
        "hugo",
        "otto",
    ]


def test_open_in_a_department_without_agents_alerts_administrators(cast: Cast) -> None:
    """R1.21: the ticket exists, and somebody learns that nobody can see it."""
    for agent in (cast.ada, cast.bob, cast.otto):
        leave_department(cast.department, agent)
    ticket = walks.opened(cast)
    assert ticket.status == Status.AWAITING_DISTRIBUTION
    assert cast.names_of(_told("ticket_opened")) == []
    assert cast.names_of(_told("department_unstaffed")) == ["ana"]


def test_open_writes_one_event(cast: Cast, clock: Clock) -> None:
    """R6.23: actor, time, from, to."""
    ticket = walks.opened(cast, at=clock.now)
    event = Event.objects.get()
    assert (event.ticket, event.verb, event.actor, event.at) == (ticket, "open", cast.rita, clock.now)
    assert (event.from_status, event.to_status) == ("", Status.AWAITING_DISTRIBUTION)


def _told(kind: str) -> list[object]:
    return [row.recipient for row in Notification.objects.filter(kind=kind).select_related("recipient")]
