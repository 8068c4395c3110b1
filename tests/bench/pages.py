"""What is measured: each page as the person who needs it most often, in turns with the bare view."""

from __future__ import annotations

import itertools
import random
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC

from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext

from helpdesk.people.models import Department, Service, User
from tickets.lifecycle import Status
from tickets.models import Ticket
from tickets.views.panel.paging import PAGE_SIZE

from .client import Answer, Browser, Unexpected
from .loading import RARE_WORD, People, common_words
from .report import Finding

DEEP = 100
FILE = b"0123456789abcdef" * 6400  # 100 KB
_WARM_UP = 3

# What a page is asked for with: a path, and for a posting the fields and files.
_Ask = Callable[[int], tuple[str, dict[str, str] | None, dict[str, tuple[str, bytes]] | None]]


@dataclass
class Page:
    """One thing that is measured."""

    name: str
    person: Callable[[int], User]
    ask: _Ask
    expected: int
    aim: float | None
    seconds: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    queries: int = 0


def pages(people: People, rounds: int) -> list[Page]:
    """All pages, ready to be asked ``rounds`` times."""
    source = random.Random(4)
    department = Department.objects.get(memberships__user=people.agent)
    agent = _busiest_agent(department)
    served = list(Ticket.objects.filter(department=department).values_list("number", flat=True))
    mine = Ticket.objects.open().filter(executor=agent, status__in=[Status.IN_SERVICE, Status.AWAITING_REQUESTER])
    replied = itertools.cycle(mine.order_by("-number").values_list("number", flat=True)[:20])
    service = Service.objects.filter(department=department).first()
    assert service is not None
    # Rate limits hold here too, so every opening has another customer; requesters of the portal's ticket likewise.
    customers = itertools.cycle(random.sample(people.customers, min(len(people.customers), 4 * rounds)))
    opening = {"department": str(department.pk), "service": str(service.pk), "priority": "normal"}
    words = {"subject": "Everything stands still", "description": "Since this morning nothing moves any more here."}

    def reads(path: Callable[[int], str]) -> _Ask:
        return lambda turn: (path(turn), None, None)

    def as_agent(_turn: int) -> User:
        return agent

    own = {one.pk: one for one in people.customers}
    tickets_of_customers = list(
        Ticket.objects.filter(requester__in=random.Random(6).sample(people.customers, min(len(own), 30))).values_list(
            "number", "requester"
        )[:200]
    )
    customer = own[tickets_of_customers[0][1]]
    everywhere, seldom = common_words()

    def theirs(name: str, person: User, path: str, aim: float | None = None) -> Page:
        return Page(name, lambda _turn: person, reads(lambda _turn: path), 200, aim)

    boss = people.administrator
    return [
        theirs("queue", agent, "/panel/queue/", 6),
        Page("ticket", as_agent, reads(lambda _t: f"/panel/tickets/{source.choice(served)}/"), 200, 6),
        theirs("search for a rare word", agent, f"/panel/search/?q={RARE_WORD}", 6),
        theirs("search for a frequent word", agent, f"/panel/search/?q={everywhere}"),
        theirs("search for an occasional word", agent, f"/panel/search/?q={seldom}"),
        theirs("search for two words", agent, f"/panel/search/?q={everywhere}+{RARE_WORD}"),
        theirs("search for a name", agent, f"/panel/search/?q={customer.name.split()[0]}"),
        Page("closed, page 100", as_agent, reads(_deep(department)), 200, 6),
        theirs("closed, without solution", boss, "/panel/closed/?kept=1&outcome=unsolved"),
        Page(
            "reply",
            as_agent,
            lambda turn: (f"/panel/tickets/{next(replied)}/reply/", {"text": f"We look after it, {turn}."}, None),
            302,
            5,
        ),
        Page(
            "opening with 100 KB",
            lambda _t: next(customers),
            lambda turn: (
                "/tickets/new/",
                opening | words | {"subject": f"{words['subject']} {random.random()}"},
                {"files": ("screen.txt", f"{turn} {random.random()}".encode() + FILE)},
            ),
            302,
            5,
        ),
        theirs("my tasks", agent, "/panel/"),
        Page(
            "ticket in the portal",
            lambda turn: own[tickets_of_customers[turn % len(tickets_of_customers)][1]],
            reads(lambda turn: f"/tickets/{tickets_of_customers[turn % len(tickets_of_customers)][0]}/"),
            200,
            None,
        ),
        theirs("start of a customer", customer, "/"),
        theirs("tickets of a customer", customer, "/tickets/?show=closed"),
        theirs("search of a customer", customer, f"/tickets/?q={everywhere}"),
        theirs("tickets of an organization", people.manager, "/tickets/organization/?show=closed"),
        theirs("search in an organization", people.manager, f"/tickets/organization/?q={everywhere}"),
        theirs("hub", agent, "/notifications/"),
        theirs("hub of a customer", customer, "/notifications/"),
        theirs("customers", agent, "/panel/customers/"),
        theirs("a customer", agent, f"/panel/customers/{customer.pk}/"),
        theirs("an organization", agent, f"/panel/organizations/{customer.organization_id}/"),
        theirs("letters", boss, "/panel/letters/"),
        theirs("trash", boss, "/panel/trash/"),
        theirs("administration, tickets", boss, "/admin/tickets/ticket/"),
        theirs("administration, a word", boss, f"/admin/tickets/ticket/?q={everywhere}"),
        theirs("dashboard, 30 days", boss, "/panel/dashboard/", 22),
        theirs("dashboard of a head, 30 days", people.head, "/panel/dashboard/"),
        theirs("dashboard, all time", boss, "/panel/dashboard/?period=all"),
        theirs("its list, missed", boss, "/panel/dashboard/tickets/?figure=missed"),
        theirs("its list, all missed", boss, "/panel/dashboard/tickets/?figure=missed&period=all"),
        theirs("its list, open", boss, "/panel/dashboard/tickets/?figure=open"),
        theirs(
            "its list, of a requester",
            boss,
            f"/panel/dashboard/tickets/?figure=opened&period=all&by=requester&key={customer.pk}",
        ),
    ]


def pages_of_open_tickets(people: People) -> list[Page]:
    """What is about open tickets only, as whoever sees few of them and as whoever sees all.

    They have no aim of their own: a board draws four times what a page of the queue does.
    """

    def page(name: str, person: User, path: str) -> Page:
        return Page(name, lambda _turn: person, lambda _turn: (path, None, None), 200, None)

    department = Department.objects.get(memberships__user=people.agent)
    agent = _busiest_agent(department)
    waiting = Ticket.objects.open().filter(department=department, status=Status.AWAITING_DISTRIBUTION)
    pool = iter(waiting.order_by("number").values_list("number", flat=True))
    return [
        page("board, mine", agent, "/panel/board/?kept=1"),
        page("board, department", agent, "/panel/board/?kept=1&whose=all"),
        page("board, everything", people.administrator, "/panel/board/?kept=1"),
        page("decisions", people.head, "/panel/decisions/?kept=1"),
        page("decisions, everything", people.administrator, "/panel/decisions/?kept=1"),
        page("my tasks, of a head", people.head, "/panel/"),
        Page("take", lambda _turn: agent, lambda _turn: (f"/panel/tickets/{next(pool)}/assume/", {}, None), 302, None),
    ]


def _busiest_agent(department: Department) -> User:
    """Whoever has most to do there; in a small database not everybody has anything."""
    busy = Ticket.objects.open().filter(department=department, status=Status.IN_SERVICE).order_by()
    row = busy.values_list("executor").annotate(count=Count("pk")).order_by("-count", "executor").first()
    if row is None:
        raise SystemExit("There are too few tickets to measure with: take at least 2,000.")
    return User.objects.get(pk=row[0])


def _deep(department: Department) -> Callable[[int], str]:
    """The address of page 100, or of the last full one where there are fewer."""
    ended = Ticket.objects.ended().filter(department=department).order_by("-closed_at", "-number")
    pages = min(DEEP, ended.count() // PAGE_SIZE)
    at, number = ended.values_list("closed_at", "number")[(pages - 1) * PAGE_SIZE - 1]
    return lambda _turn: f"/panel/closed/?after={at.astimezone(UTC).isoformat().replace('+', '%2B')}_{number}"


def measure(found: list[Page], *, port: int, upto: int, rounds: int, say: Callable[[str], None]) -> Iterator[Finding]:
    """Ask every page ``rounds`` times in turns with the bare view, then count its queries in this process.

    A page that answers something else than expected is named and left out.
    """
    browsers: dict[int, Browser] = {}
    stranger = Browser("127.0.0.1", port)
    bare: list[float] = []

    def asked(page: Page, turn: int) -> Answer:
        person = page.person(turn)
        browser = browsers.setdefault(person.pk, Browser("127.0.0.1", port, person))
        path, fields, files = page.ask(turn)
        answer = browser.get(path) if fields is None else browser.post(path, fields, files)
        if answer.status != page.expected:
            raise Unexpected(f"{page.name}: {path} answered {answer.status} {answer.location}")
        return answer

    for turn in range(-_WARM_UP, rounds):
        for page in list(found):
            bare_answer = stranger.get(f"/bare/?upto={upto}")
            try:
                answer = asked(page, turn)
            except Unexpected as failure:
                say(str(failure))
                found.remove(page)
                continue
            if turn >= 0:
                bare.append(bare_answer.seconds)
                page.seconds.append(answer.seconds)
                page.sizes.append(answer.size)
    for page in found:
        page.queries = _queries(page, rounds + 1)
    yield Finding("bare view", *_middle_and_edge(bare), 1.0, 1.0, 4, 4.0, None)
    base = statistics.median(bare)
    for page in found:
        middle, edge = _middle_and_edge(page.seconds)
        yield Finding(
            page.name,
            middle,
            edge,
            middle / base,
            edge / _middle_and_edge(bare)[1],
            page.queries,
            statistics.mean(page.sizes) / 1024,
            page.aim,
        )


def of_one_ticket(name: str, seconds: float, bare: Finding) -> Finding:
    """What is no page and has one time for each ticket, beside the bare view."""
    return Finding(name, seconds, seconds, seconds / bare.p50, seconds / bare.p95, 0, 0, None)


def _middle_and_edge(seconds: list[float]) -> tuple[float, float]:
    return statistics.median(seconds), statistics.quantiles(seconds, n=20, method="inclusive")[-1]


def _queries(page: Page, turn: int) -> int:
    """How many queries one request makes, counted in this process with the same settings."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(page.person(turn))
    path, fields, files = page.ask(turn)
    data = dict(fields or {}) | {name: SimpleUploadedFile(*file) for name, file in (files or {}).items()}
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path, secure=True) if fields is None else client.post(path, data, secure=True)
    if response.status_code != page.expected:
        raise Unexpected(f"{page.name}: {path} answered {response.status_code} to the query counter")
    return len([one for one in captured.captured_queries if not _is_bracket(one["sql"])])


def _is_bracket(sql: str) -> bool:
    return sql.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK"))
