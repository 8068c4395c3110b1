"""Who may open a ticket's folder: granted and taken by the moves, exactly, and written down."""

from __future__ import annotations

import pytest

import attachments.actions
import tickets.actions
from attachments.models import Attachment, AuditEntry, Folder, FolderFile
from attachments.permissions import reason_not
from helpdesk.core.refusals import Refused
from tests import walks
from tests.cast import Cast, Clock, a_file, leave_department
from tickets.models import Ticket


def _access(cast: Cast, ticket: Ticket) -> dict[str, str]:
    """Everybody who has access: ``view``, or ``view add``. Asked in both ways, which must agree."""
    found = {}
    for name, known in cast.people.items():
        person = cast.again(known)
        rights = [verb for verb in ("view", "add") if reason_not(person, verb, ticket.folder) is None]
        assert Folder.objects.visible_to(person).filter(pk=ticket.folder.pk).exists() == ("view" in rights), name
        assert bool(FolderFile.objects.visible_to(person).filter(folder=ticket.folder)) == ("view" in rights), name
        assert bool(Attachment.objects.visible_to(person).filter(folder=ticket.folder)) == ("view" in rights), name
        if rights:
            found[name] = " ".join(rights)
    return found


ANA = {"ana": "view add"}


def test_access_on_opening_is_the_requesters_and_the_heads(cast: Cast) -> None:
    """R1.12, R1.13, A1: on_assume, and the head has a distribution task."""
    ticket = walks.opened(cast)
    assert _access(cast, ticket) == ANA | {"rita": "view add", "hugo": "view"}


def test_access_on_opening_in_pull_mode_is_the_requesters_alone(cast: Cast) -> None:
    """A1: without a task the head has nothing to open."""
    cast.rules(distribution_mode="pull")
    assert _access(cast, walks.opened(cast)) == ANA | {"rita": "view add"}


def test_access_on_open_is_the_whole_groups(cast: Cast) -> None:
    """A1: with ``on_open`` all members of the group have it from the opening; the executor gets the right to add."""
    cast.rules(attachment_access_moment="on_open")
    group = {"ada": "view", "bob": "view", "otto": "view", "hugo": "view"}
    ticket = walks.opened(cast)
    assert _access(cast, ticket) == ANA | group | {"rita": "view add"}
    walks.assumed(cast, ticket=ticket)
    assert _access(cast, ticket) == ANA | group | {"rita": "view add", "ada": "view add"}


def test_access_from_assuming_is_the_executors(cast: Cast) -> None:
    """R1.13, R1.16: at this moment, and for the executor only."""
    ticket = walks.assumed(cast)
    assert _access(cast, ticket) == ANA | {"rita": "view add", "ada": "view add", "hugo": "view"}


def test_access_from_being_given_is_the_executors(cast: Cast) -> None:
    """A3: assignment by the system equals assuming."""
    cast.rules(distribution_mode="push")
    ticket = walks.assumed(cast)
    assert _access(cast, ticket) == ANA | {"rita": "view add", "ada": "view add", "hugo": "view"}


@pytest.mark.parametrize("walk", [walks.solved, walks.awaiting_rating, walks.closed, walks.finalized])
def test_access_stays_until_after_the_end(cast: Cast, walk: object) -> None:
    """R1.14: nobody involved loses sight of the files, and nobody else gains it."""
    ticket = walk(cast)
    assert _access(cast, ticket) == ANA | {"rita": "view add", "ada": "view add", "hugo": "view"}


def test_former_executor_reads_and_adds_no_more(cast: Cast) -> None:
    """R1.14, R1.16, A11: a former executor who comes back reads; the next one reads and adds."""
    ticket = walks.solved(cast)
    leave_department(cast.department, cast.ada)
    ticket = tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="No.")
    assert _access(cast, ticket) == ANA | {"rita": "view add", "ada": "view", "hugo": "view"}
    walks.assumed(cast, ticket=ticket, by=cast.bob)
    assert _access(cast, ticket) == ANA | {"rita": "view add", "ada": "view", "bob": "view add", "hugo": "view"}


def test_deactivated_person_opens_nothing(cast: Cast) -> None:
    """R1.15: not even the own files."""
    ticket = walks.assumed(cast)
    cast.deactivate(cast.rita)
    cast.deactivate(cast.ada)
    assert _access(cast, ticket) == ANA | {"hugo": "view"}


def test_member_who_left_a_group_loses_its_access(cast: Cast) -> None:
    """R1.12: the group's grant goes with the membership."""
    cast.rules(attachment_access_moment="on_open")
    ticket = walks.opened(cast)
    leave_department(cast.department, cast.otto)
    assert "otto" not in _access(cast, ticket)


def test_access_to_one_ticket_is_none_to_another(cast: Cast) -> None:
    """R1.15: rights are per folder."""
    mine = walks.assumed(cast)
    theirs = walks.opened(cast, by=cast.eve)
    assert _access(cast, theirs) == ANA | {"eve": "view add", "hugo": "view"}
    assert set(Folder.objects.visible_to(cast.again(cast.ada))) == {mine.folder}
    assert set(Folder.objects.visible_to(cast.again(cast.eve))) == {theirs.folder}


def test_files_of_a_message_need_the_right_to_add(cast: Cast) -> None:
    """R1.16: the funnel asks the folder, whatever the ticket's own rules say."""
    ticket = walks.started(cast)
    attachments.actions.revoke(
        folder=ticket.folder, by=cast.ana, at=ticket.opened_at, person=cast.ada, codes=["add_file"]
    )
    with pytest.raises(Refused) as refusal:
        tickets.actions.reply(ticket=ticket, by=cast.again(cast.ada), text="see", files=[a_file("log.txt")])
    assert refusal.value.field == "files"
    assert ticket.messages.count() == 1


# Independence and removal


def test_removing_an_attachment_leaves_its_copy(cast: Cast, clock: Clock) -> None:
    """R1.9: and the reverse."""
    ticket = walks.opened(cast, files=[a_file("a.txt", b"1"), a_file("b.txt", b"2")])
    original = Attachment.objects.get(folder=ticket.folder, name="a.txt")
    copy = FolderFile.objects.get(folder=ticket.folder, name="b.txt")
    attachments.actions.remove(file=original, by=cast.ana, at=clock.now)
    attachments.actions.remove(file=copy, by=cast.ana, at=clock.now)
    kept = Attachment.objects.kept().filter(folder=ticket.folder)
    assert list(kept.values_list("name", flat=True)) == ["b.txt"]
    assert list(FolderFile.objects.kept().values_list("name", flat=True)) == ["a.txt"]
    assert FolderFile.objects.kept().get().blob.open().read() == b"1"


def test_removing_is_the_administrators(cast: Cast) -> None:
    """R1.16: nobody but an administrator deletes a file once its activity is over."""
    ticket = walks.started(cast)
    copy = ticket.folder.files.get()
    for name, person in cast.people.items():
        if name != "ana":
            with pytest.raises(Refused, match="Only an administrator"):
                attachments.actions.remove(file=copy, by=person)
    attachments.actions.remove(file=copy, by=cast.ana)
    copy.refresh_from_db()
    assert copy.removed_by == cast.ana


def test_removing_twice_is_recorded_once(cast: Cast) -> None:
    """R1.17: a second identical click changes nothing."""
    copy = walks.opened(cast).folder.files.get()
    attachments.actions.remove(file=copy, by=cast.ana)
    attachments.actions.remove(file=copy, by=cast.ana)
    assert AuditEntry.objects.filter(verb="removed").count() == 1


def test_name_of_a_removed_copy_is_not_taken_again(cast: Cast) -> None:
    """R1.10, R1.16: the record of the first file stays readable."""
    ticket = walks.started(cast)
    attachments.actions.remove(file=ticket.folder.files.get(), by=cast.ana)
    tickets.actions.reply(ticket=ticket, by=cast.ada, files=[a_file("screen.txt", b"2")])
    assert list(ticket.folder.files.values_list("name", flat=True)) == ["screen.txt", "screen (2).txt"]


# The audit trail


def test_audit_holds_every_grant_use_and_removal(cast: Cast, clock: Clock) -> None:
    """R1.17: in order, with actor, time, whom or what."""
    ticket = walks.assumed(cast, at=clock.now)
    copy = ticket.folder.files.get()
    attachments.actions.open_file(file=copy, by=cast.ada, at=clock.turn(minutes=1)).close()
    attachments.actions.open_folder(folder=ticket.folder, by=cast.hugo, at=clock.turn(minutes=1))
    attachments.actions.remove(file=copy, by=cast.ana, at=clock.turn(minutes=1))
    trail = [
        (entry.verb, cast.name_of(entry.actor), entry.subject, entry.detail)
        for entry in AuditEntry.objects.filter(folder=ticket.folder).select_related("actor")
    ]
    assert sorted(trail[:3]) == [
        ("granted", "rita", "Hugo Hahn", "view_folder"),
        ("granted", "rita", "Rita Ramos", "add_file"),
        ("granted", "rita", "Rita Ramos", "view_folder"),
    ]
    assert trail[3:] == [
        ("added", "rita", "screen.txt", ""),
        ("granted", "ada", "Ada Alves", "add_file"),
        ("granted", "ada", "Ada Alves", "view_folder"),
        ("downloaded", "ada", "screen.txt", "copy"),
        ("zipped", "hugo", str(ticket.number), ""),
        ("removed", "ana", "screen.txt", "copy"),
    ]


def test_audit_of_a_lost_executor_says_so(cast: Cast, clock: Clock) -> None:
    """R1.17: revocations too."""
    ticket = walks.solved(cast, at=clock.now)
    cast.deactivate(cast.ada)
    tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="No.", at=clock.turn(hours=1))
    entry = AuditEntry.objects.filter(folder=ticket.folder).last()
    assert (entry.verb, entry.subject, entry.detail, entry.actor, entry.at) == (
        "revoked",
        "Ada Alves",
        "add_file",
        cast.rita,
        clock.now,
    )


def test_granting_twice_changes_nothing(cast: Cast, clock: Clock) -> None:
    """R1.17: no second grant, no second record."""
    ticket = walks.assumed(cast)
    before = AuditEntry.objects.count()
    attachments.actions.grant(
        folder=ticket.folder, by=cast.ana, at=clock.now, adders=[cast.ada, None], viewers=[cast.hugo]
    )
    assert AuditEntry.objects.count() == before
    assert ticket.folder.user_grants.filter(user=cast.ada).count() == 2


def test_requester_who_was_his_own_executor_keeps_the_right_to_add(cast: Cast) -> None:
    """R1.16: the requester reads and adds, whatever else he was or is no more."""
    ticket = walks.solved(cast, ticket=walks.opened(cast, by=cast.ada), by=cast.ada)
    leave_department(cast.department, cast.ada)
    ada = cast.again(cast.ada)
    ticket = tickets.actions.return_solution(ticket=ticket, by=ada, text="No.", files=[a_file("why.txt", b"2")])
    assert _access(cast, ticket) == ANA | {"ada": "view add", "hugo": "view"}
