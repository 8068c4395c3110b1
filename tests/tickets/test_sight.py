"""What an agent sees by his profile, the same on every list, page, search, count and channel (R2.46, R3.25, R6.26)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext

import tickets.actions
from approvals.models import ActionRequest
from helpdesk.core.refusals import Refused
from helpdesk.notifications.live.topics import following
from helpdesk.notifications.models import Notification
from helpdesk.people.actions import create_department, join_department
from helpdesk.people.models import Department, Profile, Sees, Service, User
from tests import walks
from tests.approvals import consents
from tests.cast import Cast, an_agent
from tests.pages import as_, queries_of, text_of
from tests.tickets.plenty import BEGAN, analyse, customers, many, scans_of
from tickets import search
from tickets.lifecycle import Who
from tickets.models import Ticket
from tickets.permissions import available_moves, who_is
from tickets.templatetags.panel_tags import rail_counts

# Ada serves in Support (linked) and heads Sales; Network is elsewhere. x: she sees it everywhere; p: she had it once,
# so its page is all she sees; w: she reads who has it, and no more; a dot: for her there is no such ticket.
TABLE = """
ticket                        all  linked  own_and_any  own_and_linked  own
own                            x     x          x             x          x
unassigned-linked              x     x          x             x          .
others-linked                  x     x          w             w          .
unassigned-elsewhere           x     .          x             .          .
others-elsewhere               x     .          .             .          .
unassigned-headed              x     x          x             x          x
others-headed                  x     x          x             x          x
had-once                       x     x          p             p          p
own-closed                     x     x          x             x          x
others-closed-linked           x     x          w             w          .
others-closed-elsewhere        x     .          .             .          .
others-closed-headed           x     x          x             x          x
cancelled-unassigned-linked    x     x          w             w          .
"""
HEADER, *ROWS = TABLE.strip().splitlines()
SIGHTS = HEADER.split()[1:]
EXPECTED = {row.split()[0]: dict(zip(SIGHTS, row.split()[1:], strict=True)) for row in ROWS}
CLOSED = {name for name in EXPECTED if "closed" in name or "cancelled" in name}
UNASSIGNED = {name for name in EXPECTED if name.startswith("unassigned")}


def _seen(sight: str, marks: str = "x") -> set[str]:
    return {name for name, cells in EXPECTED.items() if cells[sight] in marks}


def a_profile(sees: str, **fields: Any) -> Profile:
    return Profile.objects.create(name=f"Profile {sees}", sees=sees, **fields)


def with_sight(cast: Cast, person: User, sees: str, **fields: Any) -> User:
    """The person as a new request loads him, with a profile of this sight."""
    User.objects.filter(pk=person.pk).update(profile=a_profile(sees, **fields))
    return cast.again(person)


@pytest.fixture
def world(cast: Cast) -> dict[str, Ticket]:
    """One ticket for each row of the table; all hold the word “printer”."""
    sales = create_department(name="Sales")
    sven = an_agent("Sven Sand", sales)
    join_department(department=sales, user=cast.ada, line=None, is_head=True)
    in_sales = {"department": sales, "service": Service.objects.create(department=sales, name="Offers")}
    elsewhere = {"department": cast.other_department, "service": cast.other_service}

    def closed(by: User, **place: Any) -> Ticket:
        return walks.closed(
            cast, ticket=walks.solved(cast, ticket=walks.started(cast, by=by, ticket=walks.opened(cast, **place)))
        )

    had = tickets.actions.hand_over(ticket=walks.started(cast), by=cast.hugo, executor=cast.bob)
    return {
        "own": walks.started(cast),
        "unassigned-linked": walks.opened(cast),
        "others-linked": walks.started(cast, by=cast.bob),
        "unassigned-elsewhere": walks.opened(cast, **elsewhere),
        "others-elsewhere": walks.started(cast, by=cast.nora, ticket=walks.opened(cast, **elsewhere)),
        "unassigned-headed": walks.opened(cast, **in_sales),
        "others-headed": walks.started(cast, by=sven, ticket=walks.opened(cast, **in_sales)),
        "had-once": had,
        "own-closed": closed(cast.ada),
        "others-closed-linked": closed(cast.bob),
        "others-closed-elsewhere": closed(cast.nora, **elsewhere),
        "others-closed-headed": closed(sven, **in_sales),
        "cancelled-unassigned-linked": tickets.actions.cancel(ticket=walks.opened(cast), by=cast.rita, text=""),
    }


def _named(world: dict[str, Ticket], numbers: Any) -> set[str]:
    names = {ticket.number: name for name, ticket in world.items()}
    return {names[int(number)] for number in numbers}


def _on(world: dict[str, Ticket], page: Any) -> set[str]:
    assert page.status_code == 200
    main = page.content.decode().partition("<main")[2]
    return _named(world, set(re.findall(r'href="/panel/tickets/(\d+)/', main)))


@pytest.mark.parametrize("sight", SIGHTS)
def test_every_list_shows_exactly_what_the_profile_lets_see(cast: Cast, world: dict[str, Ticket], sight: str) -> None:
    """R2.46: queue, board, closed tickets, search, a person's tickets, and the sets behind them."""
    ada = with_sight(cast, cast.ada, sight)
    client, seen = as_(ada), _seen(sight)
    shown = {
        "served": _named(world, Ticket.objects.served_by(ada).values_list("pk", flat=True)),
        "search": _named(world, search.find("printer", reader=ada).numbers),
        "search page": _on(world, client.get("/panel/search/?q=printer")),
        "person": _on(world, client.get(f"/panel/search/?person={cast.rita.pk}")),
    }
    assert shown == dict.fromkeys(shown, seen)
    open_ = {
        "queue": _on(world, client.get("/panel/queue/?kept=1")),
        "board": _on(world, client.get("/panel/board/?kept=1&whose=all")),
        "lists": _named(world, Ticket.objects.in_departments_of(ada).open().values_list("pk", flat=True)),
    }
    assert open_ == dict.fromkeys(open_, seen - CLOSED)
    assert _on(world, client.get("/panel/closed/?kept=1")) == seen & CLOSED
    assert _on(world, client.get("/panel/queue/?kept=1&executor=nobody")) == seen & UNASSIGNED
    assert _on(world, client.get("/panel/queue/?kept=1&executor=me")) == {"own"}
    for department, name in ((cast.department, "linked"), (cast.other_department, "elsewhere")):
        expected = {one for one in seen if world[one].department == department}
        offered = department == cast.department or sight in {"all", "own_and_any"}
        if offered:
            place = f"kept=1&department={department.pk}"
            assert _on(world, client.get(f"/panel/queue/?{place}")) == expected - CLOSED, name
            assert _on(world, client.get(f"/panel/closed/?{place}")) == expected & CLOSED, name


@pytest.mark.parametrize("sight", SIGHTS)
def test_every_page_opens_or_is_not_there(cast: Cast, world: dict[str, Ticket], sight: str) -> None:
    """R1.23, R1.43, R2.46: in sight 200, out of sight 404; whoever comes too late for a ticket reads who has it."""
    ada = with_sight(cast, cast.ada, sight)
    client = as_(ada)
    answers = {"x": (200, True), "p": (200, True), "w": (302, False), ".": (404, False)}
    found, wanted = {}, {}
    for name, ticket in world.items():
        answer = client.get(f"/panel/tickets/{ticket.number}/")
        hears = bool(following(ada, f"desk-{ticket.number}", None).topics)
        found[name] = (answer.status_code, hears)
        wanted[name] = answers[EXPECTED[name][sight]]
        if answer.status_code == 302:
            assert (answer["Location"], "Printer is on fire" in text_of(answer)) == ("/panel/queue/", False)
    assert found == wanted
    visible = _named(world, Ticket.objects.visible_to(ada).values_list("pk", flat=True))
    handled = _named(world, Ticket.objects.handled_by(ada).values_list("pk", flat=True))
    assert visible == handled == _seen(sight, "xp")


@pytest.mark.parametrize("sight", SIGHTS)
def test_rail_counts_what_nobody_has_in_sight(cast: Cast, world: dict[str, Ticket], sight: str, rf: Any) -> None:
    """R2.46: a number beside a list is that list's."""
    request = rf.get("/panel/")
    request.user = with_sight(cast, cast.ada, sight)
    counts = rail_counts({"request": request})  # type: ignore[arg-type]  # as a template has it
    assert counts["queue"] == str(len(_seen(sight) & UNASSIGNED))


@pytest.mark.parametrize("sight", SIGHTS)
def test_lists_listen_to_what_they_show(cast: Cast, world: dict[str, Ticket], sight: str) -> None:
    """R2.46: nothing is called out to whoever sees nothing of a department."""
    ada = with_sight(cast, cast.ada, sight)
    sales = world["others-headed"].department
    departments = {
        "all": Department.objects.all(),
        "linked": [cast.department, sales],
        "own_and_any": Department.objects.all(),
        "own_and_linked": [cast.department, sales],
        "own": [sales],
    }[sight]
    wanted = {f"executor-{ada.pk}", *(f"department-{one.pk}" for one in departments)}
    assert following(ada, "queue", None).topics == wanted


def test_board_says_mine_of_what_could_be_taken(cast: Cast, world: dict[str, Ticket]) -> None:
    """R4.38: one's own, what one could take, what one decides on."""
    mine = {}
    for sight in SIGHTS:
        ada = with_sight(cast, cast.ada, sight)
        mine[sight] = _on(world, as_(ada).get("/panel/board/?kept=1"))
    everything = {"own", "unassigned-linked", "unassigned-headed"}
    assert mine == dict.fromkeys(SIGHTS, everything) | {"own": everything - {"unassigned-linked"}}


@pytest.mark.parametrize("sight", SIGHTS)
def test_members_act_on_what_they_see(cast: Cast, world: dict[str, Ticket], sight: str) -> None:
    """R1.23, R6.26: the service layer asks the same sight; reading elsewhere gives no right to act there."""
    ada = with_sight(cast, cast.ada, sight)
    linked = {
        "own",
        "unassigned-linked",
        "others-linked",
        "had-once",
        "cancelled-unassigned-linked",
        "own-closed",
        "others-closed-linked",
    }
    member = {name for name, ticket in world.items() if Who.MEMBER in who_is(ada, ticket)}
    assert member == _seen(sight) & linked
    for name in ("others-linked", "unassigned-linked"):
        if name not in _seen(sight):
            with pytest.raises(Refused):
                tickets.actions.note(ticket=world[name], by=ada, text="I was here.")
    elsewhere = available_moves(world["unassigned-elsewhere"], ada)
    refusal = "Only agents of this department and support line can do this."
    offered = [("assume", refusal)] if sight in {"all", "own_and_any"} else []
    assert [(one.move.verb, one.refusal) for one in elsewhere] == offered
    with pytest.raises(Refused, match=refusal):
        tickets.actions.assume(ticket=world["unassigned-elsewhere"], by=ada)


def test_ticket_that_cannot_be_taken_says_why(cast: Cast, world: dict[str, Ticket]) -> None:
    """R2.46: unassigned tickets of any department are seen; the button is drawn disabled with its reason."""
    client = as_(with_sight(cast, cast.ada, Sees.OWN_AND_ANY))
    page = client.get(f"/panel/tickets/{world['unassigned-elsewhere'].number}/").content.decode()
    assert re.search(
        r'aria-disabled="true" title="Only agents of this department and support line can do this\."', page
    )
    row = client.get(f"/panel/queue/?kept=1&department={cast.other_department.pk}").content.decode()
    assert "assume/" not in row
    assert client.post(f"/panel/tickets/{world['unassigned-elsewhere'].number}/assume/").status_code == 422
    assert client.get(f"/panel/departments/{cast.other_department.pk}/").status_code == 200


@pytest.mark.parametrize("sight", [Sees.OWN_AND_ANY, Sees.OWN_AND_LINKED])
def test_second_of_two_reads_who_has_it(cast: Cast, sight: str) -> None:
    """R1.23: also where the ticket is out of sight as soon as somebody else has it."""
    ticket = walks.opened(cast)
    ada = with_sight(cast, cast.ada, sight)
    client = as_(ada)
    assert client.get(f"/panel/tickets/{ticket.number}/").status_code == 200
    tickets.actions.assume(ticket=ticket, by=cast.bob)
    with pytest.raises(Refused, match="Bob Braun already has this ticket"):
        tickets.actions.assume(ticket=ticket, by=ada)
    answer = client.post(f"/panel/tickets/{ticket.number}/assume/")
    assert (answer.status_code, answer["Location"]) == (302, "/panel/queue/")
    assert [str(one) for one in get_messages(answer.wsgi_request)] == [
        f"#{ticket.number}: Bob Braun already has this ticket."
    ]


def test_notices_of_new_tickets_go_to_all_who_can_take_them(cast: Cast) -> None:
    """R1.18, R2.46: and none of them leads to a page that is not there."""
    told = {}
    for sight in SIGHTS:
        ada = with_sight(cast, cast.ada, sight)
        ticket = walks.opened(cast)
        tickets.actions.write(ticket=ticket, by=cast.rita, text="Hurry.")
        mine = Notification.objects.filter(recipient=ada, facts__number=ticket.number)
        told[sight] = sorted(mine.values_list("kind", flat=True))
        assert {as_(ada).get(one.facts["path"]).status_code for one in mine} <= {200}
        others = Notification.objects.filter(kind="ticket_opened", facts__number=ticket.number).exclude(recipient=ada)
        assert cast.names_of(one.recipient for one in others.select_related("recipient")) == ["bob", "otto"]
        tickets.actions.assume(ticket=ticket, by=cast.bob)
        assert {as_(ada).get(one.facts["path"]).status_code for one in mine} <= {200, 302}
    both = ["requester_wrote", "ticket_opened"]
    assert told == dict.fromkeys(SIGHTS, both) | {"own": []}


def test_agent_who_sees_only_his_own_is_given_tickets(cast: Cast) -> None:
    """R4.5, R4.8: by a head or by the clock; administrators hear of it where nobody could take one."""
    ada = with_sight(cast, cast.ada, Sees.OWN)
    with_sight(cast, cast.bob, Sees.LINKED)
    given = walks.given(cast, to=ada)
    page = as_(ada).get(f"/panel/tickets/{given.number}/")
    assert (page.status_code, given.executor) == (200, ada)
    User.objects.filter(pk=cast.bob.pk).update(profile=ada.profile)
    alarmed = {}
    for mode in ("both", "pull"):
        cast.rules(distribution_mode=mode)
        ticket = walks.opened(cast)
        notices = Notification.objects.filter(kind="department_unstaffed", facts__number=ticket.number)
        alarmed[mode] = cast.names_of(one.recipient for one in notices)
    assert alarmed == {"both": [], "pull": ["ana"]}


def test_former_executor_hears_that_his_ticket_went(cast: Cast, world: dict[str, Ticket], monkeypatch: Any) -> None:
    """R2.46: an agent who listens to nothing but his own lists hears when one of them gets shorter."""
    from tickets import live

    called: list[str] = []
    topics = live.topics_of
    monkeypatch.setattr(
        live, "topics_of", lambda *args, **more: called.extend(topics(*args, **more)) or topics(*args, **more)
    )
    tickets.actions.hand_over(ticket=world["own"], by=cast.hugo, executor=cast.bob)
    assert {f"executor-{cast.ada.pk}", f"executor-{cast.bob.pk}"} <= set(called)


def test_requests_beside_a_ticket_follow_the_same_sight(cast: Cast) -> None:
    """R2.46, R6.26: approval actions are followed where their ticket is seen, and by whoever asked for them."""
    asked = consents.asked(cast, ticket=walks.started(cast, by=cast.bob))
    followed = {
        sight: ActionRequest.objects.followed_by(with_sight(cast, cast.ada, sight)).filter(pk=asked.pk).exists()
        for sight in SIGHTS
    }
    assert followed == {"all": True, "linked": True, "own_and_any": False, "own_and_linked": False, "own": False}
    assert ActionRequest.objects.followed_by(with_sight_again(cast, cast.bob)).filter(pk=asked.pk).exists()


def with_sight_again(cast: Cast, person: User) -> User:
    """The person with the narrowest of the profiles that there are."""
    User.objects.filter(pk=person.pk).update(profile=Profile.objects.get(sees=Sees.OWN))
    return cast.again(person)


# --- what never widens it


def test_profile_shows_nothing_to_whoever_does_not_work_here(cast: Cast, world: dict[str, Ticket]) -> None:
    """R6.26: requesters, people of closed departments and deactivated people see no more for having a profile."""
    profile = a_profile(Sees.ALL)
    User.objects.filter(pk__in=[cast.eve.pk, cast.nora.pk, cast.bob.pk]).update(profile=profile)
    cast.deactivate(User.objects.get(pk=cast.bob.pk))
    Department.objects.filter(pk=cast.other_department.pk).update(is_active=False)
    for person in (cast.eve, cast.nora, cast.bob):
        again = cast.again(person)
        own = {"others-elsewhere", "others-closed-elsewhere"} if person == cast.nora else set()
        assert _named(world, Ticket.objects.visible_to(again).values_list("pk", flat=True)) == own
        assert (again.sees_customers, again.edits_customers) == (False, False)
        assert as_(again).get("/panel/queue/").status_code == (302 if person == cast.bob else 403)


def test_heads_and_administrators_see_theirs_whatever_their_profile(cast: Cast, world: dict[str, Ticket]) -> None:
    """R2.46: a profile is an ordinary agent's."""
    hugo = with_sight(cast, cast.hugo, Sees.OWN, sees_customers=False, edits_customers=False)
    support = {name for name, ticket in world.items() if ticket.department == cast.department}
    assert _named(world, Ticket.objects.served_by(hugo).values_list("pk", flat=True)) == support
    ana = cast.ana
    User.objects.filter(pk=ana.pk).update(profile=hugo.profile)
    assert _named(world, Ticket.objects.served_by(cast.again(ana)).values_list("pk", flat=True)) == set(world)
    assert (hugo.edits_customers, cast.again(ana).edits_customers) == (True, True)


# --- what it costs


@pytest.mark.parametrize(
    "path", ["/panel/", "/panel/queue/?kept=1", "/panel/board/?kept=1&whose=all", "/panel/closed/?kept=1"]
)
def test_sight_costs_no_query(cast: Cast, world: dict[str, Ticket], path: str) -> None:
    """R2.46: lists ask the same number of questions whatever the profile, one more where departments have to be named."""
    costs = {}
    usual = queries_of(as_(cast.again(cast.ada)), path)
    for sight in SIGHTS:
        costs[sight] = queries_of(as_(with_sight(cast, cast.ada, sight)), path) - usual
    names = 0 if path == "/panel/" else 1
    assert costs == {"all": names, "linked": 0, "own_and_any": names, "own_and_linked": 0, "own": 0}


def test_no_list_of_any_sight_reads_the_whole_table(cast: Cast) -> None:
    """design.md, section 6: with enough data, no plan scans the table of tickets."""
    people = customers(300)
    many(
        cast,
        2800,
        lambda index: {
            "closed_at": BEGAN.replace(year=2027, day=1 + index % 28),
            "requester": people[index % 300],
            "executor": cast.ada if index % 40 == 0 else cast.bob,
        },
        text=lambda index: f"word{index} all",
    )
    many(cast, 200, lambda index: {"executor": (None, cast.ada, cast.bob)[index % 3]}, text=lambda index: "open all")
    analyse()
    paths = [
        "/panel/",
        "/panel/queue/?kept=1",
        "/panel/queue/?kept=1&after=1_2900",
        "/panel/queue/?kept=1&executor=nobody",
    ]
    paths += ["/panel/board/?kept=1", "/panel/board/?kept=1&whose=all", "/panel/closed/?kept=1"]
    paths += [
        "/panel/closed/?kept=1&executor=me",
        "/panel/search/?q=word77",
        "/panel/search/?q=all",
        "/panel/search/?q=Rita",
    ]
    for sight in SIGHTS:
        client = as_(with_sight(cast, cast.ada, sight))
        for path in paths:
            with CaptureQueriesContext(connection) as seen:
                assert client.get(path).status_code == 200
            assert scans_of([one["sql"] for one in seen]) == [], (sight, path)
