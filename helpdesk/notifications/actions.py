"""Telling people: rows in the transaction of the cause; the worker does the sending."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from helpdesk.core.refusals import Refused
from helpdesk.people.models import Account, User

from .kinds import KINDS
from .models import Letter, Notification
from .permissions import reason_not

# What only letters say: the hub has one sentence, and a row for each reader.
_FOR_LETTERS = frozenset({"text", "comment", "files"})

_held_back: ContextVar[bool] = ContextVar("letters are held back", default=False)


@contextmanager
def holding_letters_back() -> Iterator[None]:
    """Letters written inside the block are kept to be read, and never sent.

    For imports and replays: nobody wants a letter today about something that happened years ago. Hub rows are made
    as always.
    """
    token = _held_back.set(True)
    try:
        yield
    finally:
        _held_back.reset(token)


@dataclass
class _Post:
    """What a batch has told so far."""

    rows: list[Notification] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    account: Account | None = None


_together: ContextVar[_Post | None] = ContextVar("what is posted together", default=None)


@contextmanager
def posting_together() -> Iterator[None]:
    """Everything told inside the block is written at its end in two statements, or not at all if it fails.

    For the worker, which makes many moves in one transaction.
    """
    post = _Post()
    token = _together.set(post)
    try:
        yield
    finally:
        _together.reset(token)
    Notification.objects.bulk_create(post.rows)
    Letter.objects.bulk_create(post.letters)


class Notices:
    """Collects what one unit of work has to tell, and writes it in two statements.

    Hub rows are always made (A23). A letter of a kind with a switch is left out where the account switched it off,
    and where the person caused the event himself (R3.43); survey and closing notice have no switch and always go
    out. Inactive people are told nothing.
    """

    def __init__(self, *, by: Any, at: datetime, account: Account | None = None) -> None:
        self._by = by
        self._at = at
        self._account = account
        self._rows: list[Notification] = []
        self._letters: list[Letter] = []
        self._told: set[tuple[str, str, int]] = set()

    def tell(
        self,
        kind: str,
        recipients: Iterable[User | None],
        *,
        facts: dict[str, Any],
        key: str,
        thread: str = "",
    ) -> None:
        """Add one notice for each active recipient.

        Args:
            kind: a name of ``kinds.KINDS``.
            recipients: people; None is skipped, and so is whoever was told this already (somebody who is both
                the requester and the head is told once, with the facts that came first).
            facts: what the sentence and the letter's templates need; JSON-able, no secrets.
            key: identifies the cause; with kind and recipient it makes the Message-ID, so a repeated cause
                cannot write a second letter.
            thread: letters with the same thread are one conversation in a mail program.
        """
        entry = KINDS[kind]
        in_short = {name: value for name, value in facts.items() if name not in _FOR_LETTERS}
        for person in recipients:
            if person is None or not person.is_active or (key, kind, person.pk) in self._told:
                continue
            self._told.add((key, kind, person.pk))
            self._rows.append(Notification(recipient=person, kind=kind, facts=in_short, created_at=self._at))
            if not entry.mails or (entry.switch and (person.pk == self._by.pk or not self._switched_on(entry.switch))):
                continue
            self._letters.append(
                Letter(
                    recipient=person,
                    kind=kind,
                    facts=facts,
                    message_id=f"<{key}.{kind}.{person.pk}@{settings.MAIL_DOMAIN}>",
                    thread=thread,
                    state=Letter.State.HELD if _held_back.get() else Letter.State.QUEUED,
                    created_at=self._at,
                    due_at=timezone.now(),
                )
            )

    def write(self) -> int:
        """Store what was collected; returns how many letters wait to be sent."""
        together = _together.get()
        if together is None:
            Notification.objects.bulk_create(self._rows)
            Letter.objects.bulk_create(self._letters)
        else:
            together.rows += self._rows
            together.letters += self._letters
        written = sum(letter.state == Letter.State.QUEUED for letter in self._letters)
        self._rows, self._letters = [], []
        return written

    def _switched_on(self, switch: str) -> bool:
        # Before the first-run page was filled in, everything is as a new account has it.
        together = _together.get()
        self._account = self._account or (together and together.account) or Account.current() or Account()
        if together is not None:
            together.account = self._account
        return getattr(self._account, switch)


def wake_worker() -> None:
    """Ask the worker to send what waits, now rather than at its next minute; part of the caller's transaction."""
    async_task("helpdesk.notifications.tasks.deliver_letters", woken=True, save=False)


def mark_read(
    *, user: User, at: datetime | None = None, notification_id: int | None = None, until_id: int | None = None
) -> int:
    """Mark one of a person's notifications, or all of them, as read (R2.36).

    Args:
        until_id: leaves out what came after this one, which the person has not seen.

    Returns:
        How many changed.
    """
    rows = Notification.objects.visible_to(user).unread()
    if notification_id is not None:
        rows = rows.filter(pk=notification_id)
    if until_id is not None:
        rows = rows.filter(pk__lte=until_id)
    return rows.update(read_at=at or timezone.now())


@transaction.atomic
def send_again(*, letter_id: int, by: User, at: datetime | None = None) -> Letter:
    """Put a failed letter back into the queue with fresh attempts.

    Raises:
        Refused: the person is no administrator, or the letter has not failed.
    """
    letter = Letter.objects.select_for_update().get(pk=letter_id)
    reason = reason_not(by, "send_again", letter)
    if reason:
        raise Refused(reason)
    letter.state = Letter.State.QUEUED
    letter.attempts = 0
    letter.due_at = at or timezone.now()
    letter.save(update_fields=["state", "attempts", "due_at"])
    wake_worker()
    return letter
