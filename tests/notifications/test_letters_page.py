"""The administrators' page of letters: every letter and its fate, and nothing for anybody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.utils import timezone

from helpdesk.core.pages import SIZE
from helpdesk.core.tasks import beat
from helpdesk.notifications.models import Letter
from tests import walks

LETTERS = "/panel/letters/"


@pytest.fixture
def ana(cast, client):
    client.force_login(cast.ana)
    return client


def shown(response) -> list[Letter]:
    return response.context["page"].rows


def test_letters_are_seen_by_administrators_only(cast, client):
    walks.opened(cast)
    pk = Letter.objects.first().pk
    for name, person in cast.people.items():
        client.force_login(person)
        wanted = 200 if name == "ana" else 404
        for path in (LETTERS, f"{LETTERS}{pk}/", f"{LETTERS}{pk}/html/"):
            assert client.get(path).status_code == wanted, (name, path)
        assert client.post(f"{LETTERS}{pk}/send/").status_code == (302 if name == "ana" else 404)


def test_letters_newest_first_by_pages(cast, ana):
    Letter.objects.bulk_create(
        Letter(recipient=cast.rita, kind="ticket_started", message_id=f"<{number}@x>") for number in range(SIZE + 2)
    )
    first = ana.get(LETTERS).context["page"]
    second = ana.get(f"{LETTERS}?before={first.older}").context["page"]
    assert [row.pk for row in first.rows + second.rows] == list(
        Letter.objects.order_by("-pk").values_list("pk", flat=True)
    )


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ("state=sent", ["ada"]),
        ("state=failed", []),
        ("state=nonsense", ["ada", "bob", "hugo", "otto"]),
        ("kind=distribution_needed", ["hugo"]),
        ("kind=ticket_opened", ["ada", "bob", "otto"]),
        ("recipient=bob", ["bob"]),
        ("recipient=BRÁUN", ["bob"]),
        ("recipient=otto%40demo.example", ["otto"]),
        ("recipient=OTTO%40demo.example", ["otto"]),
        ("recipient=nobody", []),
        ("recipient=ada&state=queued", []),
    ],
)
def test_filters(cast, ana, query, who):
    walks.opened(cast)
    Letter.objects.filter(recipient=cast.ada).update(state="sent", sent_at=timezone.now())
    assert cast.names_of(row.recipient for row in shown(ana.get(f"{LETTERS}?{query}"))) == who


def test_the_number_of_queries_does_not_grow(cast, ana, django_assert_max_num_queries):
    walks.opened(cast)
    ana.get(LETTERS)
    with django_assert_max_num_queries(10) as few:
        ana.get(LETTERS)
    walks.opened(cast)
    walks.opened(cast)
    with django_assert_max_num_queries(10) as many:
        ana.get(LETTERS)
    assert len(few) == len(many)


def test_the_list_does_not_read_the_bodies(cast, ana, django_assert_max_num_queries):
    walks.opened(cast)
    with django_assert_max_num_queries(10) as queries:
        ana.get(LETTERS)
    assert not [query for query in queries if "body_html" in query["sql"]]


def test_one_letter_with_text_and_frame(cast, ana, post, deliver):
    walks.opened(cast, description="It <b>burns</b>.")
    deliver()
    letter = Letter.objects.get(recipient=cast.ada)
    page = ana.get(f"{LETTERS}{letter.pk}/").content.decode()
    assert "It &lt;b&gt;burns&lt;/b&gt;." in page
    assert f'<iframe class="letter-frame" src="{LETTERS}{letter.pk}/html/" sandbox ' in page


def test_the_formatted_letter_can_do_nothing(cast, ana, post, deliver):
    walks.opened(cast)
    deliver()
    letter = Letter.objects.get(recipient=cast.ada)
    response = ana.get(f"{LETTERS}{letter.pk}/html/")
    assert response.content.decode() == letter.body_html
    assert response["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'; sandbox"
    )
    assert response["X-Frame-Options"] == "SAMEORIGIN"


def test_a_link_that_lets_its_reader_in_is_not_shown(cast, ana, post, deliver):
    """Whoever has the survey's link can answer for the requester: administrators see the letter without it."""
    walks.closed(cast)
    deliver()
    letter = Letter.objects.get(kind="survey_invited")
    path = letter.facts["path"]
    assert path in letter.body_text
    assert path in letter.body_html
    for address in (f"{LETTERS}{letter.pk}/", f"{LETTERS}{letter.pk}/html/"):
        page = ana.get(address).content.decode()
        assert path not in page
        assert path.split("/")[2] not in page


@pytest.mark.parametrize("state", ["queued", "held", "failed"])
def test_a_letter_that_was_not_sent_is_shown_as_it_would_read_now(cast, ana, state):
    walks.opened(cast)
    Letter.objects.update(state=state)
    letter = Letter.objects.get(recipient=cast.ada)
    page = ana.get(f"{LETTERS}{letter.pk}/").content.decode()
    assert "It has not been written yet: this is how it would read now." in page
    assert "Pending ticket: Printer is on fire" in page
    assert ("Send again" in page) is (state == "failed")
    assert "<h1" in ana.get(f"{LETTERS}{letter.pk}/html/").content.decode()
    letter.refresh_from_db()
    assert (letter.subject, letter.body_html) == ("", "")


def test_a_letter_whose_kind_is_gone_still_has_a_page(cast, ana):
    letter = Letter.objects.create(recipient=cast.rita, kind="gone", message_id="<gone@x>")
    page = ana.get(f"{LETTERS}{letter.pk}/")
    assert page.status_code == 200
    assert "<iframe" not in page.content.decode()
    assert ana.get(f"{LETTERS}{letter.pk}/html/").content == b""


def test_send_again_by_its_button(cast, ana):
    walks.opened(cast)
    letter = Letter.objects.get(recipient=cast.ada)
    Letter.objects.filter(pk=letter.pk).update(state="failed", attempts=10, error="550 5.1.1 No such mailbox")
    address = f"{LETTERS}{letter.pk}/"
    assert "550 5.1.1 No such mailbox" in ana.get(address).content.decode()
    assert ana.get(f"{address}send/").status_code == 405
    page = ana.post(f"{address}send/", follow=True)
    assert page.redirect_chain == [(address, 302)]
    assert "The letter is on its way again." in page.content.decode()
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == ("queued", 0)
    page = ana.post(f"{address}send/", follow=True)
    assert "Only a letter that has failed can be sent again." in page.content.decode()


@pytest.fixture
def fresh_banner():
    caches["process"].clear()
    yield
    caches["process"].clear()


WORDS = "Letters could not be delivered."


def test_administrators_are_told_when_letters_fail(cast, client, fresh_banner, django_assert_max_num_queries):
    beat()
    walks.opened(cast)
    Letter.objects.update(state="failed", due_at=timezone.now() - timedelta(minutes=1))
    for name, told in (("ana", True), ("ada", False), ("hugo", False)):
        client.force_login(getattr(cast, name))
        assert (WORDS in client.get("/notifications/").content.decode()) is told, name
    client.force_login(cast.ana)
    client.get("/notifications/")
    with django_assert_max_num_queries(10) as queries:
        page = client.get("/notifications/").content.decode()
    assert f'<a href="{LETTERS}">' in page
    assert not [query for query in queries if "core_heartbeat" in query["sql"]]  # asked twice a minute at most


def test_nothing_is_told_while_all_is_well(cast, client, fresh_banner):
    beat()
    client.force_login(cast.ana)
    assert 'class="banner' not in client.get("/notifications/").content.decode()


def test_a_worker_that_stands_still_is_told(cast, client, fresh_banner):
    client.force_login(cast.ana)
    assert 'class="banner banner--error"' in client.get("/notifications/").content.decode()
