"""Sending: every letter once, to the right people, whatever the mail server does meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

import tickets.actions
from helpdesk.core.models import Heartbeat
from helpdesk.core.refusals import Refused
from helpdesk.notifications import actions, delivery, health, tasks
from helpdesk.notifications.models import Letter, Notification
from tests import walks

from .conftest import states, write_letters

AT = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def the_letter(person, kind="ticket_opened") -> Letter:
    return Letter.objects.get(recipient=person, kind=kind)


def due_now() -> None:
    """Time passes until every waiting letter is due."""
    Letter.objects.filter(state="queued").update(due_at=timezone.now())


# --- who gets what


def test_opening_is_told_to_all_agents_and_the_head(cast, post, deliver):
    walks.opened(cast)
    assert deliver().sent == 4
    assert sorted(post.recipients) == [
        "ada@demo.example",
        "bob@demo.example",
        "hugo@demo.example",
        "otto@demo.example",
    ]
    assert states() == ["sent"] * 4


def test_sent_letters_keep_what_was_sent(cast, post, deliver):
    walks.opened(cast)
    deliver()
    letter = the_letter(cast.ada)
    arrived = next(one for one in post.letters if one["Message-ID"] == letter.message_id)
    assert letter.address == "ada@demo.example"
    assert letter.subject == arrived["Subject"]
    assert letter.body_text.split() == arrived.get_body(("plain",)).get_content().split()
    assert letter.body_html.split() == arrived.get_body(("html",)).get_content().split()
    assert arrived["To"] == "Ada Alves <ada@demo.example>"
    assert arrived["From"] == "Demo Desk <desk@demo.example>"
    assert (letter.attempts, letter.error, letter.sent_at is not None) == (1, "", True)


def test_letters_are_written_in_the_recipients_language_and_zone(cast, post, deliver):
    cast.ada.language, cast.ada.time_zone = "ru", "Europe/Moscow"
    cast.ada.save(update_fields=["language", "time_zone"])
    walks.opened(cast, at=AT)
    deliver()
    letter = the_letter(cast.ada)
    assert "10 марта 2026 г., 12:00 (Europe/Moscow, UTC+03:00)" in letter.body_text
    assert "12:00" not in the_letter(cast.bob).body_text


def test_one_connection_serves_a_whole_run(cast, post, deliver):
    write_letters(cast, 12)
    assert deliver().sent == 12
    assert post.sessions == 1


def test_nothing_due_opens_no_connection(cast, post, deliver):
    walks.opened(cast)
    Letter.objects.update(due_at=timezone.now() + timedelta(hours=1))
    assert deliver() == delivery.Run()
    assert post.sessions == 0


def test_held_letters_stay(cast, post, deliver):
    with actions.holding_letters_back():
        walks.opened(cast)
    assert deliver().sent == 0
    assert states() == ["held"] * 4


@pytest.mark.parametrize("says_goodbye", [True, False])
def test_a_connection_that_the_server_ends_is_opened_anew(cast, post, deliver, says_goodbye):
    """Servers take so many letters on one connection; no letter suffers for it."""
    write_letters(cast, 5)
    post.letters_per_session, post.says_goodbye = 2, says_goodbye
    assert deliver() == delivery.Run(sent=5)
    assert post.sessions == 3
    assert sorted(post.ids) == [f"<many-{number}@localhost>" for number in range(5)]
    assert set(Letter.objects.values_list("attempts", flat=True)) == {1}


# --- limits


def test_a_run_ends_at_its_limits_and_asks_for_the_next(cast, post, deliver):
    write_letters(cast, 5)
    assert deliver(at_most=3) == delivery.Run(sent=3, more=True)
    assert deliver(within=0) == delivery.Run(more=True)
    assert OrmQ.objects.count() == 0
    assert tasks.deliver_letters(at_most=1) == 1
    (task,) = OrmQ.objects.all()
    assert task.func() == "helpdesk.notifications.tasks.deliver_letters"
    assert task.task["kwargs"] == {"woken": True}
    OrmQ.objects.all().delete()
    assert tasks.deliver_letters() == 1
    assert OrmQ.objects.count() == 0


def test_a_run_is_over_before_its_task_is(settings):
    timeout = settings.Q_CLUSTER["timeout"]
    wait = 20  # seconds that the mailer waits for a silent server, at most twice for one letter
    assert delivery.SECONDS + 2 * wait < timeout < settings.Q_CLUSTER["retry"]


# --- the server is away


def test_server_away_then_back_each_letter_arrives_once(cast, post, deliver):
    """Nothing blocks, no attempt is counted, and when the server is back each letter arrives once."""
    post.stop()
    ticket = walks.opened(cast)
    assert deliver() == delivery.Run()
    walks.solved(cast, ticket=ticket)
    for _ in range(20):
        assert deliver().sent == 0
    letters = list(Letter.objects.all())
    assert {letter.state for letter in letters} == {"queued"}
    assert {letter.attempts for letter in letters} == {0}
    assert [letter.error for letter in letters if letter.error] == [
        "ConnectionRefusedError: [Errno 111] Connection refused"
    ]
    assert all(letter.due_at <= timezone.now() for letter in letters)
    post.start()
    assert deliver().sent == len(letters)
    assert sorted(post.ids) == sorted(letter.message_id for letter in letters)
    assert deliver().sent == 0
    assert set(Letter.objects.values_list("error", flat=True)) == {""}


def test_while_the_server_is_away_only_the_minutes_run_tries(cast, post):
    """Wake-ups of a busy desk must not keep the workers waiting for a silent server."""
    walks.opened(cast)
    post.stop()
    assert tasks.deliver_letters(woken=True) == 0
    assert delivery.server_is_away()
    since = Heartbeat.objects.get(name=delivery.AWAY).seen_at
    tasks.deliver_letters()
    assert Heartbeat.objects.get(name=delivery.AWAY).seen_at == since
    post.start()
    assert tasks.deliver_letters(woken=True) == 0
    assert tasks.deliver_letters() == 4
    assert not delivery.server_is_away()
    walks.opened(cast)
    assert tasks.deliver_letters(woken=True) == 4


def test_a_server_that_refuses_the_sender_refuses_everybody(cast, post, deliver):
    """A wrong sender address is the desk's fault and no letter's: all wait until it is mended."""
    walks.opened(cast)
    post.refuses_sender = "550 5.7.1 You may not send from here"
    assert deliver() == delivery.Run()
    assert sorted(Letter.objects.values_list("state", "attempts")) == [("queued", 0)] * 4
    assert Letter.objects.exclude(error="").get().error == "550 5.7.1 You may not send from here"
    post.refuses_sender = ""
    assert deliver().sent == 4


def test_a_connection_that_breaks_under_a_letter_puts_it_off_and_ends_the_run(cast, post, deliver):
    walks.opened(cast)
    post.breaks_at = {"ada@demo.example"}
    assert deliver().sent == 0
    letter = the_letter(cast.ada)
    assert (letter.state, letter.attempts) == ("queued", 1)
    assert letter.due_at > timezone.now()
    assert letter.error.startswith("SMTPServerDisconnected")
    assert deliver().sent == 3
    assert delivery.server_is_away() is False
    post.breaks_at = set()
    due_now()
    deliver()
    assert sorted(post.recipients) == sorted(f"{name}@demo.example" for name in ("ada", "bob", "hugo", "otto"))


def test_a_mailer_that_cannot_be_made_is_a_server_away(cast, settings, deliver):
    settings.MAILERS = {"default": {"BACKEND": "no.such.Backend"}}
    walks.opened(cast)
    assert deliver() == delivery.Run()
    assert states() == ["queued"] * 4
    assert "no.such.Backend" in Letter.objects.exclude(error="").get().error


# --- one letter's own trouble


def test_a_refused_address_fails_alone_with_back_off(cast, post, deliver):
    post.refused = {"ada@demo.example": "550 5.1.1 No such mailbox"}
    walks.opened(cast)
    assert deliver().sent == 3
    assert sorted(post.recipients) == ["bob@demo.example", "hugo@demo.example", "otto@demo.example"]
    waits = []
    now = timezone.now()
    while (letter := the_letter(cast.ada)).state == "queued":
        assert letter.error == "550 5.1.1 No such mailbox"
        if letter.attempts > 1:
            waits.append(round((letter.due_at - now).total_seconds() / 60))
        now = letter.due_at
        assert deliver(at=now) == delivery.Run(put_off=1)
    assert waits == [2, 5, 15, 60, 120, 240, 480, 480]
    assert (letter.state, letter.attempts, letter.due_at) == ("failed", 10, now)
    assert deliver(at=now + timedelta(days=30)) == delivery.Run()


def test_an_address_that_is_none_fails_alone(cast, post, deliver):
    type(cast.ada).objects.filter(pk=cast.ada.pk).update(email="ada@demo.example, eve@demo.example")
    walks.opened(cast)
    assert deliver() == delivery.Run(sent=3, put_off=1)
    assert the_letter(cast.ada).attempts == 1
    assert "eve@demo.example" not in post.recipients


def test_a_letter_that_cannot_be_written_fails_alone(cast, post, deliver):
    """A slip in a template, or a kind that is gone, costs no other letter its turn."""
    walks.opened(cast)
    Letter.objects.filter(recipient=cast.ada).update(kind="gone")
    assert deliver() == delivery.Run(sent=3, put_off=1)
    letter = the_letter(cast.ada, kind="gone")
    assert (letter.state, letter.attempts) == ("queued", 1)
    assert letter.error == "TemplateDoesNotExist: emails/gone.subject.txt"


def test_somebody_deactivated_meanwhile_gets_nothing(cast, post, deliver):
    walks.opened(cast)
    cast.deactivate(cast.ada)
    assert deliver() == delivery.Run(sent=3, put_off=1)
    letter = the_letter(cast.ada)
    assert (letter.state, letter.error, letter.body_text) == ("failed", "The recipient is no longer active.", "")
    assert "ada@demo.example" not in post.recipients


def test_send_again_gives_fresh_attempts(cast, post, deliver):
    walks.opened(cast)
    Letter.objects.filter(recipient=cast.ada).update(state="failed", attempts=10, error="550 full")
    deliver()
    OrmQ.objects.all().delete()
    letter = the_letter(cast.ada)
    actions.send_again(letter_id=letter.pk, by=cast.ana)
    assert OrmQ.objects.count() == 1
    assert deliver().sent == 1
    letter.refresh_from_db()
    assert (letter.state, letter.attempts, letter.error) == ("sent", 1, "")


@pytest.mark.parametrize("state", ["queued", "held", "sent"])
def test_send_again_of_what_has_not_failed_is_refused(cast, state):
    walks.opened(cast)
    Letter.objects.update(state=state, sent_at=timezone.now() if state == "sent" else None)
    with pytest.raises(Refused, match="Only a letter that has failed can be sent again"):
        actions.send_again(letter_id=the_letter(cast.ada).pk, by=cast.ana)


@pytest.mark.parametrize("name", ["rita", "ada", "hugo", "petra"])
def test_send_again_is_the_administrators(cast, name):
    walks.opened(cast)
    Letter.objects.update(state="failed")
    with pytest.raises(Refused, match="Only administrators"):
        actions.send_again(letter_id=the_letter(cast.ada).pk, by=getattr(cast, name))


# --- health


def test_health_is_ok_without_letters_and_with_fresh_trouble(cast, post, deliver):
    assert health.mail().state == "ok"
    post.stop()
    walks.opened(cast)
    deliver()
    assert health.mail().state == "ok"


def test_health_is_degraded_when_letters_are_held_up(cast, post, deliver):
    post.stop()
    walks.opened(cast)
    Letter.objects.update(due_at=timezone.now() - timedelta(minutes=6))
    deliver()
    found = health.mail()
    assert (found.state, str(found.notice)) == ("degraded", "Letters wait because the mail server does not take them.")
    post.start()
    deliver()
    assert health.mail().state == "ok"


def test_health_is_ok_while_one_mailbox_is_full(cast, post, deliver):
    """One person's trouble is shown on the letter; it is no trouble of the desk's."""
    walks.opened(cast)
    Letter.objects.update(due_at=timezone.now() - timedelta(hours=1))
    post.refused = {"ada@demo.example": "452 4.2.2 Mailbox full"}
    deliver()
    assert health.mail().state == "ok"


@pytest.mark.parametrize(("hours", "state"), [(1, "degraded"), (23, "degraded"), (25, "ok")])
def test_health_remembers_failures_for_a_day(cast, hours, state):
    walks.opened(cast)
    Letter.objects.update(state="failed", due_at=timezone.now() - timedelta(hours=hours), error="550")
    assert health.mail().state == state


def test_actions_do_not_wait_for_the_mail(cast, post):
    """Every move succeeds while there is no mail server at all; the hub has it at once."""
    post.stop()
    ticket = walks.closed(cast)
    assert ticket.status == "closed"
    assert Notification.objects.filter(recipient=cast.rita).count() == 5
    assert set(states()) == {"queued"}
    assert tickets.actions.finalize(ticket=ticket, by=cast.ada).finalized_at is not None
