"""Every address of the project, ready to be knocked at: how each is filled in, and what is sent to it.

The world behind them: Rita's ticket that Ada serves, with a file, for which she has asked another priority; Rita's closed ticket with its survey; a letter that
failed; Rita's ticket in the trash; a report of Hugo's. Whoever adds an address adds it here and to the table of ``test_access.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

import approvals.actions
from approvals.models import ActionRequest, PriorityRequest
from attachments.models import Attachment, FolderFile
from helpdesk.notifications.models import Letter, Notification
from helpdesk.people.actions import check_import
from helpdesk.people.models import PeopleImport
from reports.models import Report, ReportSchedule
from surveys import links
from surveys.models import Survey
from tests import walks
from tests.approvals import consents
from tests.cast import Cast, a_file
from tests.reports.desk import asked, made, monthly
from tickets.actions import trash
from tickets.models import Ticket, TrashEntry

SUBJECT = "Zeppelin over the courtyard"
SECRET_FILE = "zeppelin-plans.txt"
SECRET_WORDS = "It hums the old hymn."


@dataclass
class World:
    """What the addresses lead to; all of it is Rita's."""

    cast: Cast
    served: Ticket
    closed: Ticket
    copy: FolderFile
    original: Attachment
    notice: Notification
    letter: Letter
    survey: Survey
    asked: PriorityRequest
    consent: ActionRequest
    trashed: TrashEntry
    imported: PeopleImport
    report: Report
    schedule: ReportSchedule

    @property
    def token(self) -> str:
        return links.path_to(self.survey).rstrip("/").rsplit("/", 1)[-1]


def build_world(cast: Cast) -> World:
    words = {"subject": SUBJECT, "description": SECRET_WORDS}
    served = walks.started(cast, ticket=walks.opened(cast, files=[a_file(SECRET_FILE, SECRET_WORDS)], **words))
    closed = walks.closed(cast, ticket=walks.opened(cast, files=[a_file("other-plans.txt", "More.")], **words))
    beside = walks.started(cast, ticket=walks.opened(cast, files=[a_file("third-plans.txt", "Even more.")], **words))
    away = walks.opened(cast, files=[a_file("fourth-plans.txt", "Thrown away.")], **words)
    letter = Letter.objects.filter(recipient=cast.rita).earliest("pk")
    Letter.objects.filter(pk=letter.pk).update(state=Letter.State.FAILED, error="550 no such mailbox")
    return World(
        cast=cast,
        served=served,
        closed=closed,
        copy=FolderFile.objects.get(name=SECRET_FILE),
        original=Attachment.objects.get(name=SECRET_FILE),
        notice=Notification.objects.filter(recipient=cast.rita).earliest("pk"),
        letter=letter,
        survey=Survey.objects.get(),
        asked=approvals.actions.request_priority(ticket=served, by=cast.ada, priority="urgent", text="It grows."),
        consent=consents.asked(cast, ticket=beside),
        trashed=trash.put_ticket(ticket=away, by=cast.hugo),
        imported=check_import(
            by=cast.ana, file_name="people.csv", content=b"Name,E-mail\nZoe,zoe@demo.example\nCarl,\n"
        ),
        report=made(asked(cast.hugo)),
        schedule=monthly(cast.hugo),
    )


@dataclass(frozen=True)
class Door:
    """One address: its route as the resolver spells it, and how to fill it in."""

    route: str
    fill: Callable[[World], str]
    data: Callable[[World], dict[str, Any]] = lambda world: {}

    def knock(self, client: Client, method: str, world: World) -> HttpResponseBase:
        """Knock once; what the answer sets in the browser is forgotten, so that signing out does not last."""
        cookies = SimpleCookie(client.cookies.output(header="", sep=";"))
        try:
            if method == "POST":
                return client.post(self.fill(world), self.data(world))
            return client.get(self.fill(world))
        finally:
            client.cookies = cookies


def _plain(route: str, **data: Any) -> Door:
    return Door(route, lambda world: f"/{route}", lambda world: data)


def _door(route: str, fill: Callable[[World], str], **data: Any) -> Door:
    return Door(route, fill, lambda world: data)


def _opening(world: World) -> dict[str, Any]:
    return {
        "department": world.cast.department.pk,
        "service": world.cast.service.pk,
        "priority": "normal",
        "subject": "One more",
        "description": "Please.",
        "files": [a_file()],
    }


DOORS: tuple[Door, ...] = (
    # Sign-in and one's own account
    _plain("account/signup/"),
    _plain("account/email/"),
    _plain("account/login/"),
    _plain("account/logout/"),
    _plain("account/inactive/"),
    _plain("account/reauthenticate/"),
    _plain("account/confirm-email/"),
    _door("account/confirm-email/(?P<key>[-:\\w]+)/$", lambda world: "/account/confirm-email/guessed/"),
    _plain("account/password/change/"),
    _plain("account/password/set/"),
    _plain("account/password/reset/", email="nobody@demo.example"),
    _plain("account/password/reset/done/"),
    _plain("account/password/reset/key/done/"),
    _door(
        "account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        lambda world: "/account/password/reset/key/1-guessed/",
    ),
    _plain("account/login/code/confirm/"),
    _plain("account/2fa/"),
    _plain("account/2fa/authenticate/"),
    _plain("account/2fa/reauthenticate/"),
    _plain("account/2fa/totp/activate/"),
    _plain("account/2fa/totp/deactivate/"),
    _plain("account/2fa/recovery-codes/"),
    _plain("account/2fa/recovery-codes/generate/"),
    _plain("account/2fa/recovery-codes/download/"),
    _plain("account/sessions/"),
    _plain("setup/"),
    _plain("profile/", name="Somebody New", language="en", time_zone="UTC"),
    _plain("help/"),
    _plain("help/tickets/"),
    _plain("help/service/"),
    _plain("help/registering/"),
    _plain("organization/"),
    _door("organization/<int:pk>/", lambda world: f"/organization/{world.cast.branch.pk}/"),
    _door(
        "organization/<int:pk>/members/new/",
        lambda world: f"/organization/{world.cast.branch.pk}/members/new/",
        name="Somebody New",
        email="new@demo.example",
        language="en",
        time_zone="UTC",
    ),
    _door(
        "organization/members/<int:pk>/<slug:verb>/",
        lambda world: f"/organization/members/{world.cast.cora.pk}/appoint/",
    ),
    # Notices
    _plain("notifications/"),
    _plain("notifications/bell/"),
    _plain("notifications/read/"),
    _door("notifications/<int:pk>/open/", lambda world: f"/notifications/{world.notice.pk}/open/"),
    _door("notifications/<int:pk>/read/", lambda world: f"/notifications/{world.notice.pk}/read/"),
    _plain("panel/letters/"),
    _plain("panel/letters/texts/"),
    _door(
        "panel/letters/texts/<slug:kind>/<slug:language>/",
        lambda world: "/panel/letters/texts/ticket_started/en/",
        subject="[#{number}] We are at it",
        body="Look: {link}",
    ),
    _door(
        "panel/letters/texts/<slug:kind>/<slug:language>/preview/",
        lambda world: "/panel/letters/texts/ticket_started/en/preview/",
    ),
    _door("panel/letters/<int:pk>/", lambda world: f"/panel/letters/{world.letter.pk}/"),
    _door("panel/letters/<int:pk>/html/", lambda world: f"/panel/letters/{world.letter.pk}/html/"),
    _door("panel/letters/<int:pk>/send/", lambda world: f"/panel/letters/{world.letter.pk}/send/"),
    # Files
    _plain("folders/"),
    _door("folders/<int:number>/", lambda world: f"/folders/{world.served.number}/"),
    _door("folders/<int:number>/zip/", lambda world: f"/folders/{world.served.number}/zip/"),
    _door(
        "folders/<int:number>/files/<int:pk>/",
        lambda world: f"/folders/{world.served.number}/files/{world.copy.pk}/",
    ),
    _door(
        "folders/<int:number>/files/<int:pk>/remove/",
        lambda world: f"/folders/{world.served.number}/files/{world.copy.pk}/remove/",
    ),
    _door("attachments/<int:pk>/", lambda world: f"/attachments/{world.original.pk}/"),
    _door("attachments/<int:pk>/remove/", lambda world: f"/attachments/{world.original.pk}/remove/"),
    # The portal
    _plain(""),
    _plain("tickets/"),
    _plain("tickets/organization/"),
    Door("tickets/new/", lambda world: "/tickets/new/", _opening),
    _door("tickets/<int:number>/", lambda world: f"/tickets/{world.served.number}/"),
    _door("tickets/<int:number>/<slug:verb>/", lambda world: f"/tickets/{world.served.number}/write/", text="Hello?"),
    # The panel
    _plain("panel/"),
    _plain("panel/queue/"),
    _plain("panel/board/"),
    _plain("panel/decisions/"),
    _door("panel/decisions/<slug:verb>/", lambda world: "/panel/decisions/approve_line_change/", number="1"),
    _door("panel/decisions/priority/approve/", lambda world: "/panel/decisions/priority/approve/", request="1"),
    _plain("panel/dashboard/"),
    _plain("panel/dashboard/tickets/"),
    _plain("panel/satisfaction/"),
    _plain("panel/closed/"),
    _plain("panel/search/"),
    # The trash
    _plain("panel/trash/"),
    _door("panel/trash/<int:pk>/restore/", lambda world: f"/panel/trash/{world.trashed.pk}/restore/"),
    Door(
        "panel/trash/<int:pk>/delete/",
        lambda world: f"/panel/trash/{world.trashed.pk}/delete/",
        lambda world: {"typed": world.trashed.key},
    ),
    _door("panel/customers/<int:pk>/trash/", lambda world: f"/panel/customers/{world.cast.rita.pk}/trash/"),
    _door("panel/tickets/<int:number>/trash/", lambda world: f"/panel/tickets/{world.served.number}/trash/"),
    # Imports
    Door(
        "panel/imports/",
        lambda world: "/panel/imports/",
        lambda world: {"file": a_file("people.csv", "Name,E-mail\nZoe,zoe@demo.example\n")},
    ),
    _door("panel/imports/<int:pk>/", lambda world: f"/panel/imports/{world.imported.pk}/"),
    _door("panel/imports/<int:pk>/start/", lambda world: f"/panel/imports/{world.imported.pk}/start/"),
    _door("panel/imports/<int:pk>/discard/", lambda world: f"/panel/imports/{world.imported.pk}/discard/"),
    _door("panel/imports/<int:pk>/bad-rows/", lambda world: f"/panel/imports/{world.imported.pk}/bad-rows/"),
    _door("panel/departments/<int:pk>/", lambda world: f"/panel/departments/{world.cast.department.pk}/"),
    _plain("panel/roles/"),
    _plain("panel/customers/"),
    _plain("panel/customers/new/", name="Carl Cruz", email="carl@demo.example", language="en", time_zone="UTC"),
    _door("panel/customers/<int:pk>/", lambda world: f"/panel/customers/{world.cast.rita.pk}/"),
    _door(
        "panel/customers/<int:pk>/edit/",
        lambda world: f"/panel/customers/{world.cast.rita.pk}/edit/",
        name="Rita Renamed",
        language="en",
        time_zone="UTC",
        is_active="on",
    ),
    _door("panel/customers/<int:pk>/invite/", lambda world: f"/panel/customers/{world.cast.rita.pk}/invite/"),
    _plain("panel/organizations/"),
    _plain("panel/organizations/new/", name="Aurora", is_active="on"),
    _door("panel/organizations/<int:pk>/", lambda world: f"/panel/organizations/{world.cast.branch.pk}/"),
    _door(
        "panel/organizations/<int:pk>/edit/",
        lambda world: f"/panel/organizations/{world.cast.branch.pk}/edit/",
        name="Horizonte Norte",
        is_active="on",
    ),
    _door("panel/tickets/<int:number>/", lambda world: f"/panel/tickets/{world.served.number}/"),
    _door("panel/tickets/<int:number>/people/", lambda world: f"/panel/tickets/{world.served.number}/people/"),
    _door(
        "panel/tickets/<int:number>/<slug:verb>/",
        lambda world: f"/panel/tickets/{world.served.number}/note/",
        text="Hm.",
    ),
    # Beside a ticket
    _door(
        "panel/tickets/<int:number>/priority/request/",
        lambda world: f"/panel/tickets/{world.served.number}/priority/request/",
        priority="high",
        text="It grows still.",
    ),
    _door(
        "panel/tickets/<int:number>/priority/set/",
        lambda world: f"/panel/tickets/{world.served.number}/priority/set/",
        priority="high",
        text="Seen with my own eyes.",
    ),
    _door(
        "panel/tickets/<int:number>/priority/<int:pk>/approve/",
        lambda world: f"/panel/tickets/{world.served.number}/priority/{world.asked.pk}/approve/",
    ),
    _door(
        "panel/tickets/<int:number>/priority/<int:pk>/reject/",
        lambda world: f"/panel/tickets/{world.served.number}/priority/{world.asked.pk}/reject/",
        text="It can wait.",
    ),
    Door(
        "panel/tickets/<int:number>/actions/request/",
        lambda world: f"/panel/tickets/{world.served.number}/actions/request/",
        lambda world: {"action": world.consent.action_id, "text": "Please."},
    ),
    _door("panel/actions/<int:pk>/", lambda world: f"/panel/actions/{world.consent.pk}/"),
    # The managers of the customer
    _plain("approvals/"),
    _door("approvals/<int:pk>/", lambda world: f"/approvals/{world.consent.pk}/"),
    _door("approvals/<int:pk>/<slug:verb>/", lambda world: f"/approvals/{world.consent.pk}/approve/"),
    # Reports: Hugo's
    _plain("reports/"),
    _plain("reports/ask/", kind="tickets", form="csv", list="queue"),
    _door("reports/<int:pk>/", lambda world: f"/reports/{world.report.pk}/"),
    _door("reports/<int:pk>/file/", lambda world: f"/reports/{world.report.pk}/file/"),
    _door("reports/<int:pk>/again/", lambda world: f"/reports/{world.report.pk}/again/"),
    _door("reports/<int:pk>/delete/", lambda world: f"/reports/{world.report.pk}/delete/"),
    _plain("reports/schedules/"),
    _plain("reports/schedules/new/", what="queue", form="csv", rhythm="monthly", day="1", hour="7"),
    _door("reports/schedules/<int:pk>/pause/", lambda world: f"/reports/schedules/{world.schedule.pk}/pause/"),
    _door("reports/schedules/<int:pk>/resume/", lambda world: f"/reports/schedules/{world.schedule.pk}/resume/"),
    _door("reports/schedules/<int:pk>/delete/", lambda world: f"/reports/schedules/{world.schedule.pk}/delete/"),
    # The survey: its address is its key
    _door("surveys/<str:token>/", lambda world: f"/surveys/{world.token}/", solved="yes", rating="5"),
)


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Every route that the project answers, as the resolver spells it."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = before + str(entry.pattern).removeprefix("^")
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from routes(entry, route)


@contextmanager
def taken_back() -> Iterator[None]:
    """What happens inside has not happened."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


PERSONS = {
    "anonymous": "",
    "requester": "rita",
    "colleague": "cora",
    "manager": "max",
    "stranger": "eve",
    "executor": "ada",
    "agent": "bob",
    "elsewhere": "nora",
    "head": "hugo",
    "admin": "ana",
}


def client_of(cast: Cast, kind: str) -> Client:
    """A browser in which somebody of this kind is signed in."""
    client = Client(raise_request_exception=True)
    if PERSONS[kind]:
        client.force_login(cast.people[PERSONS[kind]], backend="django.contrib.auth.backends.ModelBackend")
    return client


def in_short(response: HttpResponseBase) -> str:
    """The status; ``login`` where the answer leads to the sign-in."""
    if response.status_code == 302 and response["Location"].startswith("/account/login/"):
        return "login"
    return str(response.status_code)
