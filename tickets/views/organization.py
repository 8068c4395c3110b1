"""The portal's list of an organization's tickets, for those who read along (R2.43, R2.44)."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from helpdesk.core.pages import Page, page_of, read_key
from helpdesk.core.text import without_number_sign
from helpdesk.people.models import Organization
from helpdesk.people.requests import SignedInRequest
from tickets import search
from tickets.models import Ticket

PAGE_SIZE = 25
_SHOWN = ("department", "requester", "organization")


@require_safe
def tickets(request: SignedInRequest) -> HttpResponse:
    """Tickets of the organizations that the reader follows: open, ended, or all that hold some words; newest first.

    Where he follows none, there is no such page.
    """
    followed = list(Organization.objects.read_by(request.user).in_order_for(request.user))
    if not followed:
        raise Http404
    words = request.GET.get("q", "").replace("\x00", "").strip()
    show = "closed" if request.GET.get("show") == "closed" else "open"
    wanted = read_key(request.GET.get("organization"))
    chosen = next((one for one in followed if one.pk == wanted), None)
    among = [chosen] if chosen else followed
    rows = Ticket.objects.ended() if show == "closed" else Ticket.objects.open()
    page = _found(among, words, request.GET) if words else _page(rows, among, request.GET)
    context = {
        "words": words,
        "show": show,
        "followed": followed,
        "chosen": chosen,
        "names_organization": len(followed) > 1,
        "tickets": page.rows,
        "newer": page.newer,
        "older": page.older,
        "tabs": _tabs(show, chosen),
    }
    return render(request, "portal/organization_tickets.html", context)


def _tabs(show: str, chosen: Organization | None) -> list[dict[str, Any]]:
    here = reverse("portal:organization_tickets")
    kept = f"organization={chosen.pk}" if chosen else ""
    ended = "&".join(filter(None, ("show=closed", kept)))
    return [
        {"label": _("Open"), "url": f"{here}?{kept}" if kept else here, "current": show == "open"},
        {"label": _("Ended"), "url": f"{here}?{ended}", "current": show == "closed"},
    ]


def _page(rows: QuerySet[Ticket], among: list[Organization], asked: QueryDict) -> Page:
    """One page of ``rows`` of these organizations.

    Each organization gives its own beginning, read off the index that holds its tickets in this order; the beginning
    of them all is among these. So it does not matter how many tickets they have, nor how old these are.
    """
    before, after = read_key(asked.get("before")), read_key(asked.get("after"))
    own = rows.filter(organization=OuterRef("pk"))
    if after is not None:
        numbers = _merged(own.filter(pk__gt=after).order_by("pk"), among)
        if len(numbers) > PAGE_SIZE:
            shown = numbers[:PAGE_SIZE][::-1]
            return Page(_read(shown), newer=shown[0], older=shown[-1])
        before = None  # too few for a page of their own: the first page holds them all
    if before is not None:
        own = own.filter(pk__lt=before)
    numbers = _merged(own.order_by("-pk"), among, newest_first=True)
    shown = numbers[:PAGE_SIZE]
    return Page(
        _read(shown),
        newer=shown[0] if shown and before is not None else None,
        older=shown[-1] if len(numbers) > PAGE_SIZE else None,
    )


def _merged(own: QuerySet[Ticket], among: list[Organization], *, newest_first: bool = False) -> list[int]:
    """The first numbers of all organizations together, one more than a page holds."""
    first = ArraySubquery(own.values("pk")[: PAGE_SIZE + 1])
    found = (
        Organization.objects.filter(pk__in=[one.pk for one in among])
        .order_by()
        .annotate(first=first)
        .values_list("first", flat=True)
    )
    return sorted((number for numbers in found for number in numbers), reverse=newest_first)[: PAGE_SIZE + 1]


def _read(numbers: list[int]) -> list[Ticket]:
    """The tickets of a page, in order."""
    found = Ticket.objects.select_related(*_SHOWN).in_bulk(numbers)
    return [found[number] for number in numbers if number in found]


def _found(among: list[Organization], words: str, asked: QueryDict) -> Page:
    """Tickets that hold these words, whatever became of them; a number is looked up among the followed ones only."""
    number = read_key(without_number_sign(words))
    before = read_key(asked.get("before"))
    if read_key(asked.get("after")) is not None:
        theirs = Ticket.objects.filter(organization__in=among)
        rows = theirs.matching(words, notes=False, organizations=among)
        if number is not None:
            rows |= theirs.filter(pk=number)
        return page_of(rows.select_related(*_SHOWN), asked, PAGE_SIZE)
    numbers = search.find_among(among, words, also=number, before=before, size=PAGE_SIZE)
    shown = numbers[:PAGE_SIZE]
    return Page(
        _read(shown),
        newer=shown[0] if shown and before is not None else None,
        older=shown[-1] if len(numbers) > PAGE_SIZE else None,
    )
