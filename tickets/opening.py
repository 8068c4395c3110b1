"""What stands between the form and the opening: a ticket is not opened twice, nor by the hundred, nor a second time
in other words without a hint."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.postgres.search import TrigramSimilarity
from django.db import transaction
from django.db.models import Value
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.core.refusals import Refused
from helpdesk.core.text import Fold
from helpdesk.people.models import User

from . import actions, allowance
from .models import Message, Ticket

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# The same words again within this time are the same wish: a second press, a page sent again, an answer that got lost.
SAME_WITHIN = timedelta(minutes=10)
# Where a likely duplicate is looked for, and how alike subjects must be (1 is equal).
_LOOKALIKES_WITHIN = timedelta(days=7)
_ALIKE = 0.45
_SHORTEST_SUBJECT = 4
# What a person's last tickets are looked at for.
_COMPARED = ("number", "opened_at", "closed_at", "subject", "service_id", "priority")


class Opened(NamedTuple):
    """What came of a wish.

    Attributes:
        is_new: the ticket was opened now, and not a moment ago.
        may_have_lookalikes: the person has other open tickets of the last days, or more tickets than were looked at.
    """

    ticket: Ticket
    is_new: bool
    may_have_lookalikes: bool = False


def is_begun() -> bool:
    """Whether a ticket has ever been opened here, as far as anybody can still tell."""
    return Ticket.with_trash.exists()


def open_once(*, by: User, subject: str, description: str, at: datetime | None = None, **wanted: Any) -> Opened:
    """Open a ticket, unless the person has just opened this very one.

    One person's openings wait for each other, so that two presses at once open one ticket.

    Args:
        wanted: the other arguments of ``actions.open``.

    Raises:
        Refused: as ``actions.open`` does, or too many tickets in too short a time.
    """
    at = at or timezone.now()
    with transaction.atomic():
        allowance.wait_for_turn(by)
        if not User.objects.select_for_update(no_key=True).filter(pk=by.pk).values_list("pk"):
            raise Refused(_("This account is not active."))  # moved to the trash while the form was open
        own = Ticket.objects.requested_by(by).order_by("-number").values_list(*_COMPARED, named=True)
        recent = list(own[: settings.OPENINGS_AN_HOUR])
        twin = _twin(recent, subject=subject, description=description, at=at, **wanted)
        if twin:
            return Opened(twin, is_new=False)
        _refuse_a_flood(recent, at)
        ticket = actions.open(by=by, subject=subject, description=description, at=at, **wanted)
        return Opened(ticket, is_new=True, may_have_lookalikes=_may_have_lookalikes(recent, at))


def lookalikes(*, by: User, subject: str, but: int | None = None, at: datetime | None = None) -> list[Ticket]:
    """The person's open tickets of the last days whose subject is nearly the same, the likeliest first.

    Args:
        but: the number of a ticket to leave out.
    """
    subject = " ".join(subject.replace("\x00", " ").split())
    if len(subject) < _SHORTEST_SUBJECT:
        return []
    since = (at or timezone.now()) - _LOOKALIKES_WITHIN
    others = Ticket.objects.requested_by(by).open().filter(opened_at__gte=since).exclude(pk=but).order_by()
    if not others.exists():  # mostly so, and quickly asked
        return []
    return list(
        others.annotate(likeness=TrigramSimilarity(Fold("subject"), Fold(Value(subject))))  # type: ignore[arg-type]  # takes expressions too
        .filter(likeness__gte=_ALIKE)
        .order_by("-likeness", "-number")[:3]
    )


def _may_have_lookalikes(recent: list[Any], at: datetime) -> bool:
    """Whether looking for lookalikes is worth it."""
    young = [ticket for ticket in recent if ticket.opened_at >= at - _LOOKALIKES_WITHIN]
    return len(young) == settings.OPENINGS_AN_HOUR or any(ticket.closed_at is None for ticket in young)


def _twin(recent: list[Any], *, subject: str, description: str, at: datetime, **wanted: Any) -> Ticket | None:
    """The open ticket that says exactly this; another priority or more files make another ticket."""
    for ticket in recent:
        if ticket.opened_at <= at - SAME_WITHIN or ticket.subject != subject.strip():
            continue
        if (ticket.service_id, ticket.priority) != (wanted["service"].pk, wanted.get("priority", ticket.priority)):
            continue
        said = Message.objects.filter(ticket=ticket.number, kind=Message.Kind.OPENING, text=description.strip()).first()
        if said and not ticket.closed_at and said.attachments.count() == len(wanted.get("files", ())):
            return said.ticket
    return None


def _refuse_a_flood(recent: list[Any], at: datetime) -> None:
    """Refuse one ticket too many; each of them writes to a whole group.

    Raises:
        Refused: with the sentence that says when to go on.
    """
    for span, most, until in (
        (MINUTE, settings.OPENINGS_A_MINUTE, _("Please wait a minute.")),
        (HOUR, settings.OPENINGS_AN_HOUR, _("Please go on in an hour, or add to a ticket that is open.")),
    ):
        if sum(ticket.opened_at > at - span for ticket in recent) >= most:
            raise Refused(
                _("You have opened %(count)d tickets in a short time. %(until)s Nothing you typed is lost.")
                % {"count": most, "until": until}
            )
