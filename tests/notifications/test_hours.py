"""When letters come is a person's own choice: quiet hours, and one letter a day in place of many."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection

import tickets.actions
from helpdesk.notifications import actions, digests, rendering
from helpdesk.notifications.kinds import KINDS
from helpdesk.notifications.models import Letter, Notification
from helpdesk.people.models import User
from tests import walks
from tests.cast import Cast
from tests.pages import as_, text_of

from .conftest import Post

EVENING = datetime(2026, 3, 10, 23, 0, tzinfo=UTC)
MORNING = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
# What informs, and asks its reader for nothing.
DAILY = {
    "ticket_opened", "ticket_assumed", "ticket_started", "requester_wrote", "agent_wrote", "solution_approved",
    "survey_answered", "ticket_cancelled", "ticket_taken_away", "line_change_approved", "closing_approved",
    "priority_approved", "priority_rejected",
}  # fmt: skip


def _choose(person: User, **choice: Any) -> None:
    User.objects.filter(pk=person.pk).update(**choice)


def _started(cast: Cast, at: datetime = EVENING) -> None:
    walks.started(cast, at=at)
    Letter.objects.update(due_at=at)
    Letter.objects.exclude(recipient=cast.rita).delete()


def test_only_what_informs_goes_with_the_daily_letter_and_approval_actions_never_wait() -> None:
    """A23: no switch holds a letter about an approval action back; nor do solutions, surveys and decisions wait."""
    assert {kind.name for kind in KINDS.values() if kind.daily} == DAILY
    assert {kind.name for kind in KINDS.values() if not kind.waits} == {
        "action_requested", "action_approved", "action_rejected",
    }  # fmt: skip


def test_letters_wait_for_the_end_of_quiet_hours_and_notifications_do_not(
    cast: Cast, post: Post, deliver: Callable[..., Any]
) -> None:
    _choose(cast.rita, quiet_from=time(22), quiet_until=time(7))
    _started(cast)
    assert Notification.objects.filter(recipient=cast.rita).count() == 2
    run = deliver(at=EVENING)
    assert (run.sent, run.waits, post.letters) == (0, 2, [])
    assert set(Letter.objects.values_list("state", "due_at", "attempts")) == {("queued", MORNING, 0)}
    assert deliver(at=MORNING - timedelta(seconds=1)).sent == 0
    assert deliver(at=MORNING).sent == 2


@pytest.mark.parametrize("kind", ["action_requested", "action_approved", "action_rejected"])
def test_letters_about_approval_actions_come_at_once(
    cast: Cast, post: Post, deliver: Callable[..., Any], kind: str
) -> None:
    """A23."""
    _choose(cast.rita, quiet_from=time(22), quiet_until=time(7), digest_at=time(8))
    _started(cast)
    Letter.objects.update(kind=kind, facts={"number": 1, "subject": "x", "action": "y", "path": "/", "priority": "low"})
    assert deliver(at=EVENING).sent == 2


def test_daily_letter_takes_the_place_of_many_with_all_of_their_links(
    cast: Cast, post: Post, deliver: Callable[..., Any]
) -> None:
    _choose(cast.rita, digest_at=time(7))
    ticket = walks.solved(cast, at=EVENING)
    Letter.objects.exclude(recipient=cast.rita).delete()
    Letter.objects.update(due_at=EVENING)
    assert deliver(at=EVENING).sent == 1  # what waits for her to act comes at once
    assert post.letters[0]["Subject"].startswith(f"[#{ticket.number}] A solution for your approval")
    laid_aside = Letter.objects.filter(state="daily")
    assert set(laid_aside.values_list("kind", "due_at")) == {("ticket_assumed", MORNING), ("ticket_started", MORNING)}
    assert deliver(at=MORNING - timedelta(minutes=1)).sent == 0
    assert deliver(at=MORNING).sent == 1
    assert (deliver(at=MORNING).sent, deliver(at=MORNING + timedelta(days=1)).sent) == (0, 0)
    digest = Letter.objects.get(kind="digest")
    assert (digest.state, digest.subject) == ("sent", "2 pieces of news")
    for body in (digest.body_text, digest.body_html):
        assert body.count(f"http://localhost:8000/tickets/{ticket.number}/") == 2
        assert f"Ada Alves started working on your ticket #{ticket.number}" in body
    merged = digest.merged.order_by("pk")
    assert [(one.kind, one.state) for one in merged] == [("ticket_assumed", "merged"), ("ticket_started", "merged")]
    page = as_(cast.ana).get(f"/panel/letters/{merged[0].pk}/")
    assert "went with the daily letter" in text_of(page)
    assert f'href="/panel/letters/{digest.pk}/"' in page.content.decode()


def test_daily_letter_is_written_in_its_readers_language(cast: Cast, post: Post, deliver: Callable[..., Any]) -> None:
    _choose(cast.rita, digest_at=time(7), language="ru")
    _started(cast)
    deliver(at=EVENING)
    deliver(at=MORNING)
    assert '<html lang="ru">' in Letter.objects.get(kind="digest").body_html


def test_choice_that_is_given_up_sends_what_waits_as_it_comes(
    cast: Cast, post: Post, deliver: Callable[..., Any]
) -> None:
    """What was laid aside goes at its hour; what comes later goes by itself."""
    _choose(cast.rita, digest_at=time(7))
    _started(cast)
    deliver(at=EVENING)
    _choose(cast.rita, digest_at=None)
    tickets.actions.write(ticket=walks.started(cast, at=EVENING), by=cast.rita, text="And?", at=EVENING)
    Letter.objects.filter(state="queued").update(due_at=EVENING)
    Letter.objects.exclude(recipient=cast.rita).delete()
    assert deliver(at=EVENING).sent == 2
    assert deliver(at=MORNING).sent == 1


def test_what_goes_to_the_trash_is_not_in_the_daily_letter(cast: Cast, post: Post, deliver: Callable[..., Any]) -> None:
    """R2.41, R2.42: it goes when it is back, and is forgotten with its ticket; what else was said stays."""
    _choose(cast.rita, digest_at=time(7))
    other = walks.started(cast, at=EVENING)
    _started(cast)
    deliver(at=EVENING)
    Letter.objects.filter(facts__number=other.number).update(state="held")
    number = Letter.objects.filter(state="daily").latest("pk").facts["number"]
    actions.withhold(tickets=[number])
    assert (digests.gather(MORNING), deliver(at=MORNING).sent) == (0, 0)
    actions.give_back(tickets=[number])
    assert digests.gather(MORNING) == 1
    actions.withhold(tickets=[number])
    assert deliver(at=MORNING).sent == 0
    assert Letter.objects.get(kind="digest").state == "queued"
    actions.give_back(tickets=[number])
    assert deliver(at=MORNING + timedelta(days=1)).sent == 1
    digest = Letter.objects.get(kind="digest")
    assert f"#{number}" in digest.body_text
    Letter.objects.filter(facts__number=other.number).update(digest=digest)
    actions.forget(tickets=[number])
    digest = Letter.objects.get(kind="digest")
    assert digest.body_text == ""
    said = rendering.render(digest, cast.account).text
    assert (f"#{number}" in said, f"#{other.number}" in said) == (False, True)
    actions.forget(tickets=[other.number])
    assert Letter.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_write_one_daily_letter(cast: Cast, post: Post, deliver: Callable[..., Any]) -> None:
    _choose(cast.rita, digest_at=time(7))
    _started(cast)
    deliver(at=EVENING)
    start = threading.Barrier(3)

    def work() -> None:
        try:
            start.wait()
            deliver(at=MORNING)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [letter["Subject"] for letter in post.letters] == ["2 pieces of news"]
    assert Letter.objects.filter(state="merged").count() == 2


# --- the choice


def test_profile_keeps_the_choice(cast: Cast) -> None:
    window = as_(cast.rita)
    wish = {"name": "Rita Ramos", "language": "en", "time_zone": "UTC"}
    chosen = {"quiet_from": "22:00", "quiet_until": "07:00", "digest_at": "08:30"}
    assert window.post("/profile/", wish | chosen).status_code == 302
    rita = cast.again(cast.rita)
    assert (rita.quiet_from, rita.quiet_until, rita.digest_at) == (time(22), time(7), time(8, 30))
    assert 'value="22:00"' in window.get("/profile/").content.decode()
    assert window.post("/profile/", wish).status_code == 302
    rita = cast.again(cast.rita)
    assert (rita.quiet_from, rita.quiet_until, rita.digest_at) == (None, None, None)


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        ({"quiet_from": "22:00"}, "quiet_until"),
        ({"quiet_until": "22:00"}, "quiet_from"),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "quiet_until"),
        ({"quiet_from": "22:00", "quiet_until": "07:00", "digest_at": "06:00"}, "digest_at"),
        ({"digest_at": "25:00"}, "digest_at"),
    ],
)
def test_choice_that_makes_no_sense_is_refused_beside_its_field(cast: Cast, choice: dict[str, str], field: str) -> None:
    wish = {"name": "Rita Ramos", "language": "en", "time_zone": "UTC"}
    answer = as_(cast.rita).post("/profile/", wish | choice)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
