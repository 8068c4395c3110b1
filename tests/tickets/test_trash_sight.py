"""What lies in the trash is nowhere else: not listed, counted, found, timed, told or opened; and back afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.template import Context
from django.test import Client
from django.utils import timezone

import approvals.actions
import approvals.tasks
import surveys.actions
from approvals.models import ActionRequest, PriorityRequest
from attachments.models import Attachment, Folder, FolderUserPermission
from attachments.permissions import reason_not
from helpdesk.core.refusals import Refused
from helpdesk.notifications import actions as notices
from helpdesk.notifications.delivery import deliver
from helpdesk.notifications.live.topics import following
from helpdesk.notifications.models import Letter, Notification
from surveys import links
from surveys.models import Survey
from tests import walks
from tests.approvals import consents
from tests.cast import Cast, a_file
from tests.pages import as_, text_of
from tickets import opening, search
from tickets.actions import trash
from tickets.models import Ticket, TrashEntry
from tickets.querysets import agents_of_line
from tickets.tasks import sweep
from tickets.templatetags.panel_tags import rail_counts

SUBJECT = "Zeppelin over the courtyard"


class World:
    """One ticket of every kind that a surface shows, all of them with the same subject."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        cast.rules(decision_reminder=timedelta(hours=4), survey_period=timedelta(days=7))
        words = {"subject": SUBJECT, "description": "It hums the old hymn."}

        def a_ticket() -> Ticket:
            return walks.opened(cast, files=[a_file("zeppelin-plans.txt")], **words)

        self.pool = a_ticket()
        self.served = walks.started(cast, ticket=a_ticket())
        self.deciding = walks.line_change_requested(cast, ticket=a_ticket())
        self.closed = walks.closed(cast, ticket=a_ticket())
        self.consent = consents.asked(cast, ticket=self.served)
        self.priority = approvals.actions.request_priority(
            ticket=self.served, by=cast.ada, priority="urgent", text="It grows."
        )
        self.survey = Survey.objects.get()
        self.tickets = (self.pool, self.served, self.deciding, self.closed)

    def put_away(self) -> list[TrashEntry]:
        return [trash.put_ticket(ticket=ticket, by=self.cast.hugo) for ticket in self.tickets]

    def bring_back(self, entries: list[TrashEntry]) -> None:
        for entry in entries:
            trash.restore(entry=entry, by=self.cast.ana)


@pytest.fixture
def world(cast: Cast) -> World:
    return World(cast)


def _page(person: str, address: str) -> Callable[[World], Any]:
    """Whether a page shows the subject."""
    return lambda world: SUBJECT in text_of(as_(world.cast.people[person]).get(address))


def _status(person: str, address: Callable[[World], str]) -> Callable[[World], Any]:
    return lambda world: as_(world.cast.people[person]).get(address(world)).status_code


def _rail(person: str) -> Callable[[World], Any]:
    return lambda world: rail_counts(
        Context({"request": SimpleNamespace(user=world.cast.again(world.cast.people[person]))})
    )


# Name: the question, the answer while they are here, the answer while they lie in the trash.
SURFACES: dict[str, tuple[Callable[[World], Any], Any, Any]] = {
    "my tasks": (_page("ada", "/panel/"), True, False),
    "queue": (_page("hugo", "/panel/queue/"), True, False),
    "board": (_page("ana", "/panel/board/?whose=all"), True, False),
    "decisions": (_page("hugo", "/panel/decisions/"), True, False),
    "closed": (_page("hugo", "/panel/closed/"), True, False),
    "search": (_page("ana", "/panel/search/?q=zeppelin"), True, False),
    "search by name": (_page("hugo", "/panel/search/?q=Rita"), True, False),
    "start": (_page("rita", "/"), True, False),
    "my open tickets": (_page("rita", "/tickets/"), True, False),
    "my ended tickets": (_page("rita", "/tickets/?show=closed"), True, False),
    "search in the portal": (_page("rita", "/tickets/?q=zeppelin"), True, False),
    "folders": (_page("rita", "/folders/"), True, False),
    "folders of administrators": (_page("ana", "/folders/"), True, False),
    "folders found": (_page("ana", "/folders/?q=zeppelin"), True, False),
    "hub": (lambda w: f"#{w.closed.number}" in text_of(as_(w.cast.rita).get("/notifications/")), True, False),
    "records of tickets": (_page("ana", "/admin/tickets/ticket/"), True, False),
    "records of access": (
        lambda world: "zeppelin-plans" in text_of(as_(world.cast.ana).get("/admin/attachments/auditentry/")), True, False,
    ),
    "records of priorities": (
        lambda world: f">{world.served.number}" in as_(world.cast.ana).get("/admin/approvals/priorityrequest/").text
        or SUBJECT in text_of(as_(world.cast.ana).get("/admin/approvals/priorityrequest/")), True, False,
    ),
    "priorities": (lambda world: PriorityRequest.objects.decided_by_heads_like(world.cast.hugo).count(), 1, 0),
    "consents": (lambda world: ActionRequest.objects.decided_by_managers_like(world.cast.max).count(), 1, 0),
    "consents followed": (lambda world: ActionRequest.objects.followed_by(world.cast.ada).count(), 1, 0),
    "surveys": (lambda world: Survey.objects.of_requester(world.cast.rita).waiting().count(), 1, 0),
    "page of a manager": (_status("max", lambda world: f"/approvals/{world.consent.pk}/"), 200, 404),
    "tab of a manager": (lambda world: "Approve actions (1)" in text_of(as_(world.cast.max).get("/")), True, False),
    "page of the asker": (_status("ada", lambda world: f"/panel/actions/{world.consent.pk}/"), 200, 404),
    "ticket in the panel": (_status("ana", lambda world: f"/panel/tickets/{world.served.number}/"), 200, 404),
    "people at the ticket": (_status("ada", lambda world: f"/panel/tickets/{world.served.number}/people/"), 200, 404),
    "ticket in the portal": (_status("rita", lambda world: f"/tickets/{world.served.number}/"), 200, 404),
    "folder": (_status("rita", lambda world: f"/folders/{world.served.number}/"), 200, 404),
    "folder of an administrator": (_status("ana", lambda world: f"/folders/{world.served.number}/"), 200, 404),
    "archive": (_status("ana", lambda world: f"/folders/{world.served.number}/zip/"), 200, 404),
    "copy": (
        _status("rita", lambda w: f"/folders/{w.served.number}/files/{w.served.folder.files.get().pk}/"), 200, 404,
    ),
    "original": (
        _status("ana", lambda w: f"/attachments/{Attachment.objects.get(folder=w.served.folder).pk}/"), 200, 404,
    ),
    "survey by its link": (lambda world: Client().get(links.path_to(world.survey)).status_code, 200, 404),
    "rail of an agent": (_rail("ada"), {"tasks": "1", "queue": "1"}, {}),
    "loads": (
        lambda world: {
            str(one): one.current_tasks  # type: ignore[attr-defined]  # annotated
            for one in agents_of_line(world.cast.department, 1, timezone.now())
        },
        {"Bob Braun": 0, "Ada Alves": 1},
        {"Bob Braun": 0, "Ada Alves": 0},
    ),
    "tickets of a person": (
        lambda world: len(search.tickets_of(world.cast.rita, reader=world.cast.ana).numbers), 4, 0,
    ),
    "lookalikes": (lambda world: len(opening.lookalikes(by=world.cast.rita, subject=SUBJECT)), 3, 0),
    "of an organization": (lambda world: world.cast.branch.tickets.count(), 4, 0),
    "of a department": (lambda world: world.cast.department.tickets.count(), 4, 0),
    "live in the panel": (lambda w: bool(following(w.cast.ada, f"desk-{w.served.number}", None).topics), True, False),
    "live in the portal": (
        lambda world: bool(following(world.cast.rita, f"ticket-{world.served.number}", None).topics), True, False,
    ),
    "letters that are due": (lambda world: Letter.objects.due(timezone.now()).exists(), True, False),
    "unread": (lambda world: Notification.objects.visible_to(world.cast.hugo).unread().exists(), True, False),
    "reminders of priorities": (
        lambda world: PriorityRequest.objects.to_remind_of(timezone.now() + timedelta(days=1)).count(), 1, 0,
    ),
    "surveys that end": (lambda world: Survey.objects.ended(timezone.now() + timedelta(days=30)).count(), 1, 0),
    "timers": (lambda world: Ticket.objects.due(timezone.now() + timedelta(days=30)).count(), 2, 0),
}  # fmt: skip


def _answers(world: World) -> dict[str, Any]:
    return {surface: ask(world) for surface, (ask, _here, _away) in SURFACES.items()}


def test_trash_is_out_of_sight_everywhere(world: World) -> None:
    """R2.41, R2.42: every surface while they are here, while they lie in the trash, and when they are back."""
    here = {surface: answer for surface, (_ask, answer, _away) in SURFACES.items()}
    away = {surface: answer for surface, (_ask, _here, answer) in SURFACES.items()}
    assert _answers(world) == here
    entries = world.put_away()
    assert _answers(world) == away
    world.bring_back(entries)
    assert _answers(world) == here


def test_clock_does_nothing_in_the_trash(world: World) -> None:
    """R2.42: neither timers, nor reminders, nor the end of surveys, however late it is."""
    world.put_away()
    much_later = timezone.now() + timedelta(days=300)
    assert sweep(at=much_later) == 0
    assert approvals.tasks.remind_heads(at=much_later) == 0
    assert surveys.actions.end_unanswered(at=much_later) == 0


def test_letters_wait_and_are_sent_when_the_ticket_is_back(world: World) -> None:
    """R2.42: nothing is sent about what lies in the trash, and nothing of it is lost."""
    waiting = Letter.objects.due(timezone.now()).count()
    assert waiting > 10
    entries = world.put_away()
    assert deliver().sent == 0
    assert Letter.with_withheld.filter(state="queued").count() == waiting
    world.bring_back(entries)
    assert deliver().sent == waiting


def test_hub_lines_are_neither_read_nor_counted_meanwhile(world: World) -> None:
    """R2.36, R2.42: "mark all read" does not touch what nobody was shown."""
    unread = Notification.objects.visible_to(world.cast.ada).unread().count()
    assert unread
    entries = world.put_away()
    assert Notification.objects.visible_to(world.cast.ada).count() == 0
    assert notices.mark_read(user=world.cast.ada) == 0
    line = Notification.with_withheld.filter(recipient=world.cast.ada).first()
    assert as_(world.cast.ada).post(f"/notifications/{line.pk}/open/").status_code == 404
    world.bring_back(entries)
    assert Notification.objects.visible_to(world.cast.ada).unread().count() == unread


def test_survey_link_says_in_a_friendly_way_that_the_ticket_is_away(world: World) -> None:
    """R1.35, R2.42: nothing of the ticket, and no answer is taken."""
    world.put_away()
    client, address = Client(), links.path_to(world.survey)
    for response in (client.get(address), client.post(address, {"solved": "yes", "rating": "5"})):
        assert response.status_code == 404
        assert "This ticket is not there any more" in text_of(response)
        assert SUBJECT not in text_of(response)
    with pytest.raises(Refused, match="not there any more"):
        surveys.actions.answer(survey=world.survey, by=world.cast.rita, solved=True, rating=5)
    assert Survey.with_trash.get().answered_at is None


def test_grants_are_the_same_rows_and_open_nothing_meanwhile(world: World) -> None:
    """R1.12, R2.41: nobody opens the folder, an administrator included; afterwards the very same grants do."""
    folder = world.served.folder
    grants = sorted(FolderUserPermission.objects.filter(content_object=folder).values_list())
    assert reason_not(world.cast.rita, "view", folder) is None
    entries = world.put_away()
    folder.refresh_from_db()
    for person in world.cast.people.values():
        assert reason_not(person, "view", folder) == (
            "The ticket of this folder lies in the trash." if person.is_active else None
        )
        assert not Folder.objects.visible_to(person).exists()
    assert sorted(FolderUserPermission.objects.filter(content_object=folder).values_list()) == grants
    world.bring_back(entries)
    folder.refresh_from_db()
    assert reason_not(world.cast.rita, "view", folder) is None


def test_open_pages_hear_that_it_is_gone_and_back(world: World) -> None:
    """R2.42: the ticket's pages, the lists of its department, executor and requester, every hub and manager's tab."""
    topics: list[str] = []

    def spoken(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if "pg_notify" in str(sql):
            topics.extend(word for text in params[1] for word in text.split())
        return execute(sql, params, many, context)

    expected = {
        f"desk-{world.served.number}",
        f"ticket-{world.served.number}",
        f"department-{world.cast.department.pk}",
        f"executor-{world.cast.ada.pk}",
        f"requester-{world.cast.rita.pk}",
        *(f"person-{world.cast.people[name].pk}" for name in ("rita", "ada", "hugo", "max", "petra")),
    }
    with connection.execute_wrapper(spoken):
        entry = trash.put_ticket(ticket=world.served, by=world.cast.hugo)
        assert expected <= set(topics)
        topics.clear()
        trash.restore(entry=entry, by=world.cast.ana)
        assert expected <= set(topics)


def test_replay_brings_nothing_over_twice(world: World) -> None:
    """A26: the reference elsewhere stays taken while its ticket lies in the trash."""
    Ticket.objects.filter(pk=world.pool.pk).update(external_reference="INC0001")
    trash.put_ticket(ticket=world.pool, by=world.cast.hugo)
    assert Ticket.with_trash.filter(external_reference="INC0001").exists()
    with pytest.raises(IntegrityError, match="ticket_external_reference_unique"), transaction.atomic():
        Ticket.objects.filter(pk=world.served.pk).update(external_reference="INC0001")
