"""One box for everything: a number, words, a name."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from helpdesk.core.pages import read_key
from helpdesk.core.text import without_number_sign
from helpdesk.people.models import User
from tickets import search as finding
from tickets.models import Ticket

from .doors import for_staff
from .rows import rows_of

_LONGEST = 200


@require_safe
@for_staff
def search(request: HttpRequest) -> HttpResponse:
    """A number leads to its ticket; words are looked for in subjects and conversations; names bring people.

    Only tickets that the reader serves are found (R6.26).
    """
    user: User = request.user  # type: ignore[assignment]  # nobody is anonymous here
    words = " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:_LONGEST]
    before = read_key(request.GET.get("before"))
    person = request.GET.get("person")
    if person:
        return _of_person(request, user, person, before)
    number = read_key(without_number_sign(words))
    if number and Ticket.objects.handled_by(user).filter(pk=number).exists():
        return redirect("panel:ticket", number)
    context: dict[str, Any] = {"words": words, "before": before}
    if words:
        found = finding.find(words, reader=user, before=before)
        context |= {
            "found": found,
            "rows": rows_of(found.numbers, user, words),
            "people": finding.people_named(words, reader=user) if before is None else [],
            "missing_number": number,
        }
    return render(request, "panel/search.html", context)


def _of_person(request: HttpRequest, user: User, person: str, before: int | None) -> HttpResponse:
    """The tickets of somebody whom the search has named."""
    if not user.sees_customers:
        raise Http404
    whom = get_object_or_404(User, pk=read_key(person))
    found = finding.tickets_of(whom, reader=user, before=before)
    if not found.numbers and before is None:
        # As if there were nobody: who is a customer here is nobody's business (R6.26).
        return render(request, "panel/search.html", {"words": "", "found": found, "rows": []}, status=404)
    context = {"person": whom, "found": found, "rows": rows_of(found.numbers, user), "before": before}
    return render(request, "panel/search.html", context)
