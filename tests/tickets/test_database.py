"""The database believes nobody: rows that make no sense are refused by it, whoever writes them (house rule 11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, ProtectedError
from django.utils import timezone

from attachments.models import AuditEntry, Folder, FolderFile
from helpdesk.notifications.models import Letter
from helpdesk.people.models import Absence, Account, Department, Membership, Organization, Service, User
from surveys.models import Survey
from tests import walks
from tests.cast import Cast, a_person
from tickets.models import Message, Ticket

NOW = timezone.now()


@pytest.mark.parametrize(
    ("walk", "values", "constraint"),
    [
        (walks.assumed, {"status": "nonsense"}, "ticket_status_known"),
        (walks.opened, {"status": "assigned"}, "ticket_executor_fits_status"),
        (walks.opened, {"status": "closed"}, "ticket_end_is_whole"),
        (walks.opened, {"priority": "soon"}, "ticket_priority_known"),
        (walks.opened, {"line": 3}, "ticket_line_known"),
        (walks.opened, {"closed_at": NOW}, "ticket_end_is_whole"),
        (walks.opened, {"outcome": "solved"}, "ticket_end_is_whole"),
        (walks.opened, {"finalized_at": NOW}, "ticket_finalized_after_closing"),
        (walks.assumed, {"status": "awaiting_distribution"}, "ticket_executor_fits_status"),
        (walks.assumed, {"executor": None}, "ticket_executor_fits_status"),
        (walks.assumed, {"assigned_at": None}, "ticket_executor_fits_status"),
        (walks.assumed, {"timer_due_at": NOW}, "ticket_timer_fits_status"),
        (walks.solved, {"status": "in_service"}, "ticket_timer_fits_status"),
        (walks.started, {"closed_by": F("executor")}, "ticket_closed_by_with_time"),
        (walks.closed, {"status": "in_service"}, "ticket_end_is_whole"),
        (walks.closed, {"outcome": "unsolved"}, "ticket_end_is_whole"),
        (walks.closed, {"outcome": ""}, "ticket_end_is_whole"),
        (walks.closed, {"closed_at": None, "closed_by": None}, "ticket_end_is_whole"),
        (walks.closed, {"finalized_by": F("executor")}, "ticket_finalized_after_closing"),
        (walks.cancelled, {"outcome": "solved"}, "ticket_end_is_whole"),
        (walks.cancelled, {"finalized_at": NOW}, "ticket_finalized_after_closing"),
        (walks.cancelled, {"timer_due_at": NOW}, "ticket_timer_fits_status"),
    ],
)
def test_ticket_that_makes_no_sense_is_refused(
    cast: Cast, walk: Callable[..., Ticket], values: dict[str, Any], constraint: str
) -> None:
    """R6.23, R6.24: status, executor, timer, end and outcome fit each other."""
    ticket = walk(cast)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(**values)


def _breaks(constraint: str, write: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write()


def test_message_of_an_unknown_kind_is_refused(cast: Cast) -> None:
    """House rule 11: choices are checked."""
    ticket = walks.opened(cast)
    _breaks(
        "message_kind_known", lambda: Message.objects.create(ticket=ticket, kind="gossip", author=cast.rita, text="x")
    )


def test_one_folder_for_each_ticket_and_one_name_for_each_folder(cast: Cast) -> None:
    """R1.7: in the database."""
    one, two = walks.opened(cast), walks.opened(cast)
    _breaks("folder", lambda: Ticket.objects.filter(pk=two.pk).update(folder=one.folder))
    _breaks("name", lambda: Folder.objects.filter(pk=two.folder.pk).update(name=one.folder.name))


def test_copies_have_different_names_in_their_folder(cast: Cast) -> None:
    """R1.10: in the database."""
    copy = walks.opened(cast).folder.files.get()
    _breaks(
        "attachments_folderfile_name_unique",
        lambda: FolderFile.objects.create(folder=copy.folder, blob=copy.blob, name=copy.name, added_by=cast.rita),
    )


def test_removed_file_has_a_remover(cast: Cast) -> None:
    """R1.16: "removed" without "by whom" is no record."""
    walks.opened(cast)
    _breaks("removed_by_somebody", lambda: FolderFile.objects.update(removed_at=NOW))


def test_audit_verbs_are_known(cast: Cast) -> None:
    """R1.17."""
    ticket = walks.opened(cast)
    _breaks(
        "attachments_audit_verb_known",
        lambda: AuditEntry.objects.create(folder=ticket.folder, verb="looked", subject="x"),
    )


def test_survey_is_one_for_each_ticket_and_whole(cast: Cast) -> None:
    """R1.38, R1.39: in the database."""
    ticket = walks.closed(cast)
    survey = Survey.objects.get()
    _breaks(
        "ticket_id",
        lambda: Survey.objects.create(
            ticket=ticket,
            ticket_number=ticket.number,
            agent=cast.ada,
            department=cast.department,
            before_closing=False,
        ),
    )
    for values in ({"rating": 3}, {"answered_at": NOW}, {"answered_at": NOW, "solved": True, "rating": 6}):
        _breaks("survey_answer_is_whole", lambda values=values: Survey.objects.filter(pk=survey.pk).update(**values))


def test_letters_have_one_id_each_and_a_fate(cast: Cast) -> None:
    """Letters are rows first: a cause cannot write twice, a sent letter has its time."""
    walks.opened(cast)
    first, second = Letter.objects.order_by("pk")[:2]
    _breaks("message_id", lambda: Letter.objects.filter(pk=second.pk).update(message_id=first.message_id))
    _breaks("letter_sent_with_time", lambda: Letter.objects.filter(pk=first.pk).update(state="sent"))
    _breaks("letter_state_known", lambda: Letter.objects.filter(pk=first.pk).update(state="lost"))


def test_structure_that_makes_no_sense_is_refused(cast: Cast) -> None:
    """A24, R2.43, R4.8: people, organizations, departments."""
    _breaks("people_user_email_", lambda: a_person("Rita Two", email="rita@demo.example"))
    _breaks("people_user_email_unique", lambda: User.objects.filter(pk=cast.eve.pk).update(email="RITA@demo.example"))
    _breaks(
        "people_manager_has_organization",
        lambda: User.objects.filter(pk=cast.ada.pk).update(manages_organization=True),
    )
    _breaks("one level deep", lambda: Organization.objects.create(name="Twig", parent=cast.branch))
    _breaks("one level deep", lambda: Organization.objects.filter(pk=cast.parent.pk).update(parent=cast.rival))
    _breaks(
        "not_its_parent|one level deep", lambda: Organization.objects.filter(pk=cast.rival.pk).update(parent=F("pk"))
    )
    _breaks("people_membership_once", lambda: Membership.objects.create(department=cast.department, user=cast.ada))
    _breaks("people_membership_says_something", lambda: Membership.objects.filter(user=cast.ada).update(line=None))
    _breaks("people_line_known", lambda: Membership.objects.filter(user=cast.ada).update(line=3))
    _breaks("people_service_name_unique", lambda: Service.objects.create(department=cast.department, name="WORKPLACE"))
    _breaks("people_absence_has_length", lambda: Absence.objects.create(user=cast.ada, starts_at=NOW, ends_at=NOW))
    _breaks("people_account_is_single", lambda: Account.objects.create(pk=2, name="Another"))
    for values in (
        {"approval_period": timedelta(seconds=-1)},
        {"rating_period": timedelta(0)},
        {"survey_period": timedelta(seconds=-1)},
        {"distribution_minutes": 0},
        {"support_lines": 3},
        {"distribution_mode": "draw"},
        {"survey_mode": "never"},
        {"attachment_access_moment": "later"},
    ):
        _breaks("people_department_", lambda values=values: Department.objects.update(**values))


def test_people_with_a_past_cannot_be_deleted(cast: Cast) -> None:
    """Deleting people is deactivating them, so that history keeps its names."""
    walks.closed(cast)
    for person in (cast.rita, cast.ada):
        with pytest.raises(ProtectedError):
            person.delete()
    for thing in (cast.department, cast.service, cast.branch):
        with pytest.raises(ProtectedError):
            thing.delete()


def test_number_comes_from_a_sequence(cast: Cast) -> None:
    """A26: what was taken is never given again, not even after a roll-back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('tickets_ticket', 'number'))")
        taken = cursor.fetchone()[0]
    assert walks.opened(cast).number == taken + 1
