"""A ticket on paper: what was said and done, its files with their checksums, and how it ended (R2.39).

There are two versions. The customer's is drawn from what the portal's page reads, so that it can say no more than that
page: neither internal notes nor the history of approval actions. The service desk's is drawn from what the panel's page
reads, and only who may open that page is given it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, BinaryIO

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

import attachments.permissions
from approvals.models import PriorityRequest
from helpdesk.core.pages import read_key
from helpdesk.core.refusals import Refused
from helpdesk.core.templatetags.ui import exact
from helpdesk.people.models import User
from surveys.models import Survey
from tickets import timeline
from tickets.models import Ticket
from tickets.templatetags.ticket_tags import status_words, status_words_of_others
from tickets.views.panel.service_level import promises

from . import pdf

STAFF, CUSTOMER = "staff", "customer"
FORMS = ("pdf",)
_GONE = gettext_lazy("There is no such ticket that you can see.")
_JOINED = ("department", "service", "organization", "folder", "executor", "requester")


def make(
    *,
    reader: User,
    facts: dict[str, str],
    form: str,
    target: BinaryIO,
    at: datetime,
    progress: Callable[[int, int], None],
) -> None:
    """Write the record of the ticket ``facts["ticket"]``.

    Args:
        facts: ``ticket`` is its number; ``version`` is ``staff`` or, as usual, ``customer``.
    """
    if form not in FORMS:
        raise ValueError(f"no such form of a record: {form}")
    refused = reason_not(reader, facts)
    for_staff = facts.get("version", CUSTOMER) == STAFF
    ticket = _tickets(reader, facts, for_staff=for_staff).select_related(*_JOINED).first()
    if refused or ticket is None:
        raise Refused(refused or _GONE)
    pdf.write("pdf/record.html", _context(ticket, reader, for_staff=for_staff), target, at=at, progress=progress)


def reason_not(reader: User, facts: Mapping[str, str]) -> str | None:
    """None, or why ``reader`` cannot have the record that ``facts`` speak of; asked without laying it out."""
    version = facts.get("version", CUSTOMER)
    if version not in {STAFF, CUSTOMER}:
        return str(_GONE)
    if _tickets(reader, facts, for_staff=version == STAFF).exists():
        return None
    if version == STAFF and _tickets(reader, facts, for_staff=False).exists():
        return _("Only the service desk can have this version of the ticket's record.")
    return str(_GONE)


def _tickets(reader: User, facts: Mapping[str, str], *, for_staff: bool) -> QuerySet[Ticket]:
    """The ticket, if ``reader`` may open the page that this version is drawn from.

    Who serves it may have the customer's version as well: to send it to the customer.
    """
    number = read_key(facts.get("ticket"))
    wanted = Ticket.objects.filter(pk=number) if number is not None else Ticket.objects.none()
    served = wanted.handled_by(reader) if reader.works_here else wanted.none()
    if for_staff or served.exists():
        return served
    return wanted.read_in_portal_by(reader)


def _context(ticket: Ticket, reader: User, *, for_staff: bool) -> dict[str, Any]:
    withheld = attachments.permissions.reason_not(reader, "view", ticket.folder)
    answered = Survey.objects.answered().visible_to(reader).filter(ticket=ticket)
    return {
        "ticket": ticket,
        "for_staff": for_staff,
        "reader": reader,
        "zone": pdf.zone(),
        "details": _details(ticket, reader, for_staff=for_staff),
        "promises": promises(ticket) if for_staff else [],
        "history": timeline.history(
            ticket, reader=reader, for_requester=not for_staff, may_open=withheld is None, withheld=withheld
        ),
        "priorities": _priority_requests(ticket) if for_staff else [],
        "files": list(ticket.folder.files.kept().select_related("blob").order_by("pk")),
        "withheld": withheld,
        "survey": answered.first(),
    }


def _priority_requests(ticket: Ticket) -> list[PriorityRequest]:
    rows = PriorityRequest.objects.filter(ticket=ticket).select_related("requested_by", "evaluated_by")
    return list(rows.order_by("pk"))


def _details(ticket: Ticket, reader: User, *, for_staff: bool) -> list[tuple[Any, Any]]:
    """What stands beside the ticket on its page, as pairs of a word and a value."""

    def instant(at: datetime | None, by_clock: bool = False) -> str:
        words = exact(at) if at else ""
        return f"{words} ({_('automatically')})" if words and by_clock else words

    if for_staff:
        status: Any = ticket.shown_status.label
    else:
        status = status_words(ticket) if ticket.requester_id == reader.pk else status_words_of_others(ticket)
    ended = f"{instant(ticket.closed_at)} ({ticket.get_outcome_display()})" if ticket.closed_at else ""
    common = [
        (_("Status"), status),
        (_("Requester"), ticket.requester),
        (_("Organization"), ticket.organization),
        (_("Department"), ticket.department),
        (_("Service"), ticket.service),
        (_("Priority"), ticket.get_priority_display()),
        (_("Agent"), ticket.executor or _("nobody yet")),
        (pgettext("when", "Opened"), instant(ticket.opened_at)),
    ]
    inner = [
        (_("Line"), ticket.line if ticket.department.support_lines > 1 else ""),
        (pgettext("when", "Assigned"), instant(ticket.assigned_at, ticket.assigned_by_clock)),
        (_("Started"), instant(ticket.started_at)),
        (_("Solution sent"), instant(ticket.concluded_at)),
    ]
    last = [(_("Approved"), instant(ticket.approved_at, ticket.approved_by_clock)), (pgettext("when", "Ended"), ended)]
    inner_last = [(_("Finalized"), instant(ticket.finalized_at)), (_("Reference"), ticket.external_reference)]
    rows = [*common, *inner, *last, *inner_last] if for_staff else [*common, *last]
    return [(label, value) for label, value in rows if value]
