"""Sending what waits: one letter, one transaction, one connection for a whole run (R1.19).

When a letter can be sent twice, and when not. A letter is claimed with a row lock that others skip, and stays locked
until its fate is stored; so two workers, or a task that runs twice, never hold the same letter. A worker that dies
before the mail server has accepted a letter leaves it waiting. Only between the server's acceptance and the commit
that follows at once (one update by primary key) can a death lead to a second sending; no outbox can close that gap,
because mail knows no two-phase commit. The second copy carries the same Message-ID, by which it can be recognized.
What the letter says is written to the row before it is sent, so that nothing that could fail is left for afterwards.

Whose fault a failure is decides what happens:

- the server cannot be reached, or refuses everybody: the run ends, no attempt is counted, everything stays due;
- the connection breaks while a letter is under way: the letter is put off, the run ends;
- the letter itself is refused: it is put off alone, and the run goes on.
"""

from __future__ import annotations

import logging
import smtplib
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from django.core.mail import EmailMessage, mailers
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from helpdesk.core.models import Heartbeat
from helpdesk.core.text import one_line
from helpdesk.people.models import Account
from helpdesk.people.quiet import end_of_quiet, next_daily

from . import digests, rendering
from .kinds import ALL, DIGEST
from .models import Letter

logger = logging.getLogger(__name__)

# Ten attempts over about a day.
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60, 120, 240, 480, 480))
ATTEMPTS = len(RETRY_AFTER) + 1
# A run ends well before its task times out, even where the last letter waits for a silent server.
BATCH = 500
SECONDS = 50.0
# A heartbeat's name: since when the mail server has been away. No such row: it is there.
AWAY = "mail server away"

INACTIVE = gettext_noop("The recipient is no longer active.")
NOT_TAKEN = gettext_noop("The mail server took nothing and gave no reason.")
_CLOSING = 421
_TOO_LARGE = 552


class ServerAway(Exception):
    """The mail server cannot be reached or refuses everybody: no letter's fault."""


class Interrupted(Exception):
    """The connection broke while a letter was under way; whether the server took it is unknown."""


class Fate(Enum):
    """What became of the letter that was looked at."""

    NOTHING_DUE = auto()
    SENT = auto()
    PUT_OFF = auto()
    WAITS = auto()
    RUN_OVER = auto()


@dataclass(slots=True)
class Run:
    """What one run did; ``waits`` counts what readers want later, ``more`` says that it stopped at its own limits."""

    sent: int = 0
    put_off: int = 0
    waits: int = 0
    more: bool = False


class Line:
    """The connection to the mail server: opened for the first letter that needs it, used for all that follow."""

    def __init__(self) -> None:
        self._mailer: BaseEmailBackend | None = None
        self.has_answered = False

    def send(self, message: EmailMessage) -> None:
        """Hand one message over.

        Raises:
            ServerAway, Interrupted: see there.
            Exception: whatever the server has against this message.
        """
        was_used = self._mailer is not None
        mailer = self._open()
        try:
            taken = mailer.send_messages([message])
        except OSError as error:  # smtplib's exceptions are of this family
            if _is_the_messages_own(error):
                raise
            self.close()
            if was_used:
                # Servers hang up after so many messages or seconds; a new connection tells whether that is all.
                return self.send(message)
            raise (ServerAway if _refuses_everybody(error) else Interrupted)(describe(error)) from error
        if taken != 1:
            raise OSError(NOT_TAKEN)
        return None

    def close(self) -> None:
        if self._mailer is not None:
            with suppress(OSError):  # the letters are handed over; how the server says goodbye changes nothing
                self._mailer.close()
        self._mailer = None

    def _open(self) -> BaseEmailBackend:
        if self._mailer is None:
            try:
                mailer = mailers.default
                mailer.open()
            except Exception as error:  # refused, silent, no such host, TLS, password: all concern every letter
                raise ServerAway(describe(error)) from error
            self._mailer = mailer
            self.has_answered = True
        return self._mailer


def _code(error: Exception) -> int | None:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max((code for code, _words in error.recipients.values()), default=None)
    return getattr(error, "smtp_code", None)


def _is_the_messages_own(error: OSError) -> bool:
    if isinstance(error, smtplib.SMTPSenderRefused):
        return error.smtp_code == _TOO_LARGE
    refusals = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPNotSupportedError)
    return isinstance(error, refusals) and _code(error) != _CLOSING


def _refuses_everybody(error: OSError) -> bool:
    return isinstance(error, smtplib.SMTPSenderRefused) or _code(error) == _CLOSING


def describe(error: BaseException) -> str:
    """An error for administrators: the server's own words where it said something."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        said = [f"{code} {_words(words)}" for code, words in error.recipients.values()]
        return _fit("; ".join(said))
    if isinstance(error, smtplib.SMTPResponseException):
        return _fit(f"{error.smtp_code} {_words(error.smtp_error)}")
    return _fit(f"{type(error).__name__}: {error}" if type(error) is not OSError else str(error))


def _words(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _fit(text: str) -> str:
    return one_line(text)[:1000]


def deliver(*, at: datetime | None = None, at_most: int = BATCH, within: float = SECONDS) -> Run:
    """Send what is due, oldest first, until nothing is left, the server is away, or a limit is reached.

    Args:
        at: the instant that decides what is due, for tests and replays; by default the real one, letter by letter.
        at_most: how many letters are looked at.
        within: seconds after which no further letter is begun.
    """
    run, line, account = Run(), Line(), Account.current()
    ends = time.monotonic() + within
    fate = None
    digests.gather(at or timezone.now())
    try:
        while fate not in {Fate.NOTHING_DUE, Fate.RUN_OVER}:
            if run.sent + run.put_off + run.waits >= at_most or time.monotonic() >= ends:
                run.more = True
                break
            fate = _deliver_next(line, at, account)
            run.sent += fate is Fate.SENT
            run.put_off += fate is Fate.PUT_OFF
            run.waits += fate is Fate.WAITS
    finally:
        line.close()
    if line.has_answered and fate is not Fate.RUN_OVER:
        Heartbeat.objects.filter(name=AWAY).delete()
    if run.sent or run.put_off:
        logger.info("letters", extra={"facts": {"sent": run.sent, "put_off": run.put_off, "more": run.more}})
    return run


def server_is_away() -> bool:
    """Whether the last run could not reach the mail server."""
    return Heartbeat.objects.filter(name=AWAY).exists()


def _deliver_next(line: Line, at: datetime | None, account: Account | None) -> Fate:
    letter = None
    try:
        with transaction.atomic():
            now = at or timezone.now()
            waiting = Letter.objects.due(now).select_related("recipient")
            letter = waiting.select_for_update(of=("self",), skip_locked=True).first()
            if letter is None:
                return Fate.NOTHING_DUE
            if not letter.recipient.is_active:
                _give_up(letter, now, INACTIVE)
                return Fate.PUT_OFF
            if _waits_for_its_reader(letter, now):
                return Fate.WAITS
            return _send(letter, line, now, account)
    except Exception as error:
        if letter is None:
            raise
        # Neither the server nor the letter's address, but ourselves: a template, a fact that does not fit.
        logger.exception("a letter could not be written", extra={"facts": {"letter": letter.pk, "kind": letter.kind}})
        with transaction.atomic():
            locked = Letter.objects.filter(pk=letter.pk, state=Letter.State.QUEUED).select_for_update().first()
            if locked:
                _put_off(locked, at or timezone.now(), describe(error))
        return Fate.PUT_OFF


def _waits_for_its_reader(letter: Letter, now: datetime) -> bool:
    """Lay the letter aside where its reader wants it later: with the daily letter, or after his quiet hours.

    It is asked for when the letter's turn comes, so that a choice holds for what waits already. A daily letter whose
    content has gone to the trash meanwhile is looked at again a day later; it is forgotten with its content.
    """
    reader, kind = letter.recipient, ALL.get(letter.kind)
    if kind is None:
        return False
    if kind is DIGEST and not Letter.objects.filter(digest=letter).exists():
        letter.due_at = now + timedelta(days=1)
        letter.save(update_fields=["due_at"])
        return True
    if kind.daily and reader.digest_at is not None:
        letter.state, letter.due_at = Letter.State.DAILY, next_daily(now, reader.time_zone, reader.digest_at)
        letter.save(update_fields=["state", "due_at"])
        return True
    ends = end_of_quiet(now, reader.time_zone, reader.quiet_from, reader.quiet_until) if kind.waits else None
    if ends is None:
        return False
    letter.due_at = ends
    letter.save(update_fields=["due_at"])
    return True


def _send(letter: Letter, line: Line, now: datetime, account: Account | None) -> Fate:
    """Render, hand over, store the fate; inside the transaction that holds the letter's lock."""
    rendered = rendering.render(letter, account)
    message = rendering.message(letter, rendered, account)
    letter.address, letter.subject = rendered.address, rendered.subject
    letter.body_text, letter.body_html = rendered.text, rendered.html
    letter.save(update_fields=["address", "subject", "body_text", "body_html"])
    try:
        line.send(message)
    except ServerAway as trouble:
        Heartbeat.objects.get_or_create(name=AWAY, defaults={"seen_at": now})
        logger.warning("the mail server is away: %s", trouble)
        letter.error = str(trouble)
        letter.save(update_fields=["error"])
        return Fate.RUN_OVER
    except Interrupted as trouble:
        Heartbeat.objects.get_or_create(name=AWAY, defaults={"seen_at": now})
        logger.warning("the mail server broke off: %s", trouble)
        _put_off(letter, now, str(trouble))
        return Fate.RUN_OVER
    except Exception as refusal:  # what a server may have against one letter comes in many classes
        facts = {"letter": letter.pk, "kind": letter.kind, "attempt": letter.attempts + 1}
        logger.warning("a letter was refused: %s", describe(refusal), extra={"facts": facts})
        _put_off(letter, now, describe(refusal))
        return Fate.PUT_OFF
    letter.state, letter.sent_at, letter.error = Letter.State.SENT, now, ""
    letter.attempts += 1
    letter.save(update_fields=["state", "sent_at", "error", "attempts"])
    return Fate.SENT


def _put_off(letter: Letter, now: datetime, reason: str) -> None:
    """Count an attempt; the last one leaves the letter visibly failed."""
    letter.attempts += 1
    if letter.attempts >= ATTEMPTS:
        _give_up(letter, now, reason)
        return
    letter.error, letter.due_at = reason, now + RETRY_AFTER[letter.attempts - 1]
    letter.save(update_fields=["error", "due_at", "attempts"])


def _give_up(letter: Letter, now: datetime, reason: str) -> None:
    letter.state, letter.error, letter.due_at = Letter.State.FAILED, reason, now
    letter.save(update_fields=["state", "error", "due_at", "attempts"])
