"""Telling people: rows in the transaction of the cause; the worker does the sending."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.fields.json import KT
from django.utils import timezone
from django_q.tasks import async_task

from helpdesk.core import audit
from helpdesk.core.refusals import Refused
from helpdesk.people.models import User

from . import posting
from .kinds import KINDS
from .live import topics
from .models import Letter, Notification
from .permissions import reason_not
from .posting import Notice

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


class Notices:
    """Collects what one unit of work has to tell, and writes it in one statement.

    Hub rows are always made (A23). A letter of a kind with a switch is left out where the account switched it off,
    where the person switched it off for himself (R1.20), and where he caused the event (R3.43); survey and closing
    notice have no switch and always go out. Inactive people are told nothing.
    """

    def __init__(self, *, by: Any, at: datetime) -> None:
        self._by = by
        self._at = at
        self._notices: dict[tuple[str, str, int], Notice] = {}
        self._announced: list[str] = []

    def announce(self, *topics: str) -> None:
        """Pages that follow one of these topics look at themselves again, once this is committed."""
        self._announced += topics

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
        state = Letter.State.HELD if _held_back.get() else Letter.State.QUEUED
        for person in recipients:
            if person is None or not person.is_active or (key, kind, person.pk) in self._notices:
                continue
            gets_letter = entry.mails and not (entry.switch and person.pk == self._by.pk)
            gets_letter = gets_letter and (not entry.personal or getattr(person, entry.personal))
            self._notices[key, kind, person.pk] = Notice(
                person=person.pk,
                kind=kind,
                facts=facts,
                at=self._at,
                message_id=f"<{key}.{kind}.{person.pk}@{settings.MAIL_DOMAIN}>" if gets_letter else "",
                thread=thread,
                state=state.value,
                switch=entry.switch or "",
            )

    def take(self) -> tuple[list[Notice], list[str]]:
        """What was collected and announced, for whoever stores it."""
        notices, self._notices = list(self._notices.values()), {}
        announced, self._announced = self._announced, []
        return notices, announced

    def write(self) -> int:
        """Store what was collected; returns how many letters wait to be sent."""
        return write_all([self])


def write_all(collected: Iterable[Notices]) -> int:
    """Store what several have collected, in one statement; returns how many letters wait to be sent."""
    taken = [one.take() for one in collected]
    notices = [notice for some, _announced in taken for notice in some]
    letters = posting.store(notices, [topic for _notices, announced in taken for topic in announced])
    return 0 if _held_back.get() else letters


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
    changed = rows.update(read_at=at or timezone.now())
    if changed:
        topics.announce(topics.of_person(user.pk))  # his other tabs have a bell, too
    return changed


def withhold(*, tickets: Iterable[int]) -> None:
    """These tickets went to the trash: their lines leave the hubs, their letters wait (R2.42)."""
    _withhold(tickets, is_withheld=True)


def give_back(*, tickets: Iterable[int]) -> None:
    """These tickets are back: lines and letters are as they were, and what waited is sent."""
    if _withhold(tickets, is_withheld=False):
        wake_worker()


def _withhold(tickets: Iterable[int], *, is_withheld: bool) -> int:
    lines, letters = _about(tickets)
    topics.announce(*(topics.of_person(pk) for pk in lines.order_by().values_list("recipient", flat=True).distinct()))
    lines.update(is_withheld=is_withheld)
    return letters.update(is_withheld=is_withheld)


def forget(*, tickets: Iterable[int]) -> None:
    """These tickets were deleted for good: so are the lines and letters about them (R2.41)."""
    lines, letters = _about(tickets)
    daily = [pk for pk in letters.order_by().values_list("digest", flat=True).distinct() if pk]
    for rows in (lines, letters):
        rows.delete()
    # So is what daily letters said about them; where something else is left, their pages say that.
    Letter.with_withheld.filter(pk__in=daily, merged=None).delete()
    Letter.with_withheld.filter(pk__in=daily).update(body_text="", body_html="")


def _about(tickets: Iterable[int]) -> tuple[QuerySet[Notification], QuerySet[Letter]]:
    numbers = [str(number) for number in tickets]
    lines = Notification.with_withheld.alias(ticket=KT("facts__number")).filter(ticket__in=numbers)
    return lines, Letter.with_withheld.filter(thread__in=[f"ticket-{number}" for number in numbers])


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
    facts = {"recipient": audit.reference(letter.recipient), "letter": letter.kind}
    audit.record(
        "letter_sent_again",
        by=by,
        about="letter",
        key=letter.pk,
        name=letter.subject or letter.kind,
        facts=facts,
        at=at,
    )
    return letter
