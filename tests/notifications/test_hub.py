"""The hub and the bell: a person's own rows, and no writing by looking (R2.36)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from helpdesk.core.pages import SIZE
from helpdesk.notifications import actions
from helpdesk.notifications.models import Notification
from helpdesk.notifications.templatetags.notifications_tags import COUNTED
from tests import walks

HUB = "/notifications/"


def notices(person, count: int, **fields) -> list[Notification]:
    """``count`` notices to ``person``, numbered from 1."""
    return Notification.objects.bulk_create(
        Notification(
            recipient=person,
            kind="ticket_assumed",
            facts={"number": number, "executor": "Ada Alves", "path": f"/tickets/{number}/"},
            **fields,
        )
        for number in range(1, count + 1)
    )


def sentences(response) -> list[str]:
    return [row.sentence for row in response.context["page"].rows]


@pytest.fixture
def rita(cast, client):
    client.force_login(cast.rita)
    return client


def test_hub_shows_ones_own_rows_and_nobody_elses(cast, client):
    ticket = walks.assumed(cast)
    shown = {}
    for name, person in cast.people.items():
        client.force_login(person)
        shown[name] = sentences(client.get(HUB))
    number = ticket.number
    nothing: list[str] = []
    waits = [f"#{number} waits for an agent: Printer is on fire"]
    assert shown == {
        "rita": [f"Ada Alves took your ticket #{number}"],
        "cora": nothing,
        "max": nothing,
        "petra": nothing,
        "eve": nothing,
        "ada": waits,
        "bob": waits,
        "otto": waits,
        "hugo": [f"#{number} waits to be given to an agent: Printer is on fire"],
        "nora": nothing,
        "ana": nothing,
    }


def test_hub_stands_in_the_frame_of_the_readers_place(cast, client):
    for name, frame in (("rita", "portal/base.html"), ("ada", "panel/base.html"), ("ana", "panel/base.html")):
        client.force_login(getattr(cast, name))
        assert client.get(HUB).context["frame"] == frame


def test_opening_pages_writes_nothing(cast, rita):
    """Mail scanners and prefetching browsers open links: a GET never writes (house rule 6)."""
    (notice,) = notices(cast.rita, 1)
    for path in (HUB, f"{HUB}?show=unread", f"{HUB}bell/", "/tickets/"):
        assert rita.get(path).status_code == 200
    for path in (f"{HUB}{notice.pk}/open/", f"{HUB}{notice.pk}/read/", f"{HUB}read/"):
        assert rita.get(path).status_code == 405
    notice.refresh_from_db()
    assert notice.read_at is None


def test_open_marks_read_and_leads_to_the_ticket(cast, rita):
    (notice,) = notices(cast.rita, 1)
    response = rita.post(f"{HUB}{notice.pk}/open/")
    assert (response.status_code, response["Location"]) == (302, "/tickets/1/")
    notice.refresh_from_db()
    first = notice.read_at
    assert first is not None
    rita.post(f"{HUB}{notice.pk}/open/")
    notice.refresh_from_db()
    assert notice.read_at == first


@pytest.mark.parametrize(
    "path", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)", ""]
)
def test_open_never_leads_to_another_site(cast, rita, path):
    notice = Notification.objects.create(recipient=cast.rita, kind="ticket_assumed", facts={"number": 1, "path": path})
    assert rita.post(f"{HUB}{notice.pk}/open/")["Location"] == HUB


@pytest.mark.parametrize("verb", ["open", "read"])
@pytest.mark.parametrize("name", ["eve", "cora", "ana", "ada"])
def test_somebody_elses_notice_does_not_exist(cast, client, verb, name):
    (notice,) = notices(cast.rita, 1)
    client.force_login(getattr(cast, name))
    assert client.post(f"{HUB}{notice.pk}/{verb}/").status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_read_marks_one(cast, rita):
    first, second = notices(cast.rita, 2)
    response = rita.post(f"{HUB}{first.pk}/read/", {"show": "unread"})
    assert response["Location"] == f"{HUB}?show=unread"
    assert sentences(rita.get(f"{HUB}?show=unread")) == [second.sentence]


def test_read_all_leaves_out_what_came_after_the_page(cast, rita):
    _first, second = notices(cast.rita, 2)
    (of_eve,) = notices(cast.eve, 1)
    until = rita.get(HUB).context["until"]
    assert until == second.pk
    (later,) = notices(cast.rita, 1)
    rita.post(f"{HUB}read/", {"until": until})
    unread = Notification.objects.filter(read_at__isnull=True).values_list("pk", flat=True)
    assert set(unread) == {later.pk, of_eve.pk}
    rita.post(f"{HUB}read/", {"until": "nonsense"})
    assert set(unread.all()) == {of_eve.pk}


def test_strangers_are_sent_to_sign_in(client, db):
    assert client.get(HUB).status_code == 302
    assert client.post(f"{HUB}read/").status_code == 302
    assert client.get(f"{HUB}bell/").status_code == 204


def test_pages_by_key_meet_each_row_once(cast, rita):
    numbers = list(range(2 * SIZE + 3, 0, -1))
    notices(cast.rita, len(numbers))
    seen, address = [], HUB
    pages = []
    while address:
        page = rita.get(address).context["page"]
        pages.append(page)
        seen += [row.facts["number"] for row in page.rows]
        address = f"{HUB}?before={page.older}" if page.older else ""
    assert seen == numbers
    assert len(pages) == 3
    back = rita.get(f"{HUB}?after={pages[2].newer}").context["page"]
    assert back.rows == pages[1].rows
    first = rita.get(f"{HUB}?after={back.newer}").context["page"]
    assert first.rows == pages[0].rows
    assert first.newer is None


@pytest.mark.parametrize("query", ["before=x", "before=-1", "after=99999999999999999999", "before=%00", "show=all"])
def test_nonsense_in_the_address_shows_the_first_page(cast, rita, query):
    notices(cast.rita, 2)
    assert len(sentences(rita.get(f"{HUB}?{query}"))) == 2


def test_the_number_of_queries_does_not_grow(cast, rita, django_assert_max_num_queries):
    notices(cast.rita, 1)
    rita.get(HUB)
    with django_assert_max_num_queries(10) as one:
        rita.get(HUB)
    notices(cast.rita, 30)
    with django_assert_max_num_queries(10) as many:
        rita.get(HUB)
    assert len(one) == len(many)


def test_bell_counts_unread_and_stops_at_99(cast, rita):
    def bell() -> str:
        return rita.get(f"{HUB}bell/").content.decode()

    assert "count" not in bell()
    notices(cast.rita, 3)
    notices(cast.eve, 5)
    assert ">3</span>" in bell()
    notices(cast.rita, COUNTED)
    assert ">99+</span>" in bell()
    actions.mark_read(user=cast.rita)
    assert "count" not in bell()


def test_bell_costs_one_bounded_query(cast, rita, django_assert_num_queries):
    notices(cast.rita, 3)
    rita.get(f"{HUB}bell/")
    with django_assert_num_queries(3) as queries:  # session, person, the count
        rita.get(f"{HUB}bell/")
    assert "LIMIT 100" in queries[-1]["sql"]


def test_sentences_are_escaped(cast, rita):
    Notification.objects.create(
        recipient=cast.rita,
        kind="ticket_opened",
        facts={"number": 1, "subject": "<script>alert(1)</script>", "path": "/tickets/1/"},
    )
    page = rita.get(HUB).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_kind_that_is_gone_is_still_shown(cast, rita):
    Notification.objects.create(recipient=cast.rita, kind="gone", facts={}, read_at=timezone.now())
    assert sentences(rita.get(HUB)) == ["gone"]
