"""The ticket as the people who serve it see it, and the moves that they make (R1.22 to R1.34, R3.8 to R3.13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

import attachments.permissions
from helpdesk.core.pages import read_key
from helpdesk.people.models import Department, Membership, User
from tickets import timeline
from tickets.checks import reason_not_now, too_late
from tickets.forms import MoveForm
from tickets.lifecycle import DECISIONS, MOVES, Text, Timer
from tickets.models import Ticket
from tickets.permissions import AvailableMove, available_moves, reason_not_trashed
from tickets.views.moves import make_move, move_named, with_refusal

from . import move_pages
from .doors import Lost, for_staff, or_who_has_it
from .rows import clock_started
from .service_level import nearest, promises
from .ways import way_back

# How much of a conversation is shown at once, and how much of a folder beside it.
_ENTRIES = 50
_FILES = 8
_PEOPLE = 12
_GIVING = frozenset({"assume", "assign", "give", "hand_over"})


# What is read of a ticket: all of it and of its department, the names of everything else.
_JOINED = ("department", "service", "organization", "folder", "executor", "requester__organization")
_READ = (
    *(one.name for one in Ticket._meta.concrete_fields if one.name != "search"),
    *(f"department__{one.name}" for one in Department._meta.concrete_fields),
    *("service__name", "organization__name", "folder__name", "folder__trashed_at", "executor__name", "executor__email"),
    *("requester__name", "requester__email", "requester__organization__name"),
)


@dataclass(frozen=True)
class _Mode:
    """How the writing box of ``components/composer.html`` makes one of the moves."""

    value: str
    label: Any
    hint: Any
    done: Any


# In the order of the tabs: what goes to the requester first, what stays among ourselves last.
_MODES: dict[str, _Mode] = {
    "reply": _Mode(
        "reply",
        gettext_lazy("Reply"),
        gettext_lazy("%(requester)s reads this. The status stays."),
        gettext_lazy("Your reply was sent to %(requester)s."),
    ),
    "ask": _Mode(
        "ask",
        gettext_lazy("Question"),
        gettext_lazy("%(requester)s reads this, and the ticket waits for the answer."),
        gettext_lazy("Your question was sent to %(requester)s; the ticket waits for the answer."),
    ),
    "send_solution": _Mode(
        "solution",
        gettext_lazy("Solution"),
        gettext_lazy("%(requester)s reads this and approves it or returns the ticket."),
        gettext_lazy("Your solution was sent to %(requester)s."),
    ),
    "note": _Mode(
        "note",
        gettext_lazy("Internal note"),
        gettext_lazy("Only the service desk reads this, never %(requester)s."),
        gettext_lazy("Your note was added. %(requester)s does not see it."),
    ),
}
_DONE: dict[str, Any] = {
    "assume": gettext_lazy("The ticket is yours."),
    "start": gettext_lazy("You have started. %(requester)s was told."),
    "finalize": gettext_lazy("The service engagement is finalized."),
}
_ICONS = {"assume": "check", "start": "play", "finalize": "check"}
# Asks for an agent and stands among the buttons all the same: it is what a head is here for.
_BESIDE = "give"
_CLOCK_WORDS: dict[Timer, Any] = {
    Timer.DISTRIBUTION: gettext_lazy("Given to an agent automatically"),
    Timer.APPROVAL: gettext_lazy("Approved automatically"),
    Timer.RATING: gettext_lazy("Closed without a rating"),
}


@require_safe
@for_staff
@or_who_has_it
def ticket(request: HttpRequest, number: int) -> HttpResponse:
    """One ticket with all that was said and done, internal notes included."""
    return _ticket_page(request, _served(request, number))


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
@or_who_has_it
def move(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """Make a move; asked for without one, show the page of the move if it has one, else the ticket."""
    wanted = move_named(verb, as_requester=False)
    ticket = _served(request, number)
    back = way_back(request, ticket)
    page = move_pages.page_of(verb, ticket)
    if request.method != "POST":
        reason = reason_not_now(wanted, ticket, request.user)
        if page and not reason:
            return move_pages.draw(request, ticket, MoveForm(wanted, ticket=ticket), page)
        if page:
            messages.warning(request, reason)
        return redirect("panel:ticket", number)

    def refused(form: MoveForm) -> HttpResponse:
        again = _served(request, number)
        overtaken = reason_not_now(wanted, again, request.user)
        if page and not overtaken:
            return move_pages.draw(request, again, form, page)
        if back.next and overtaken and not form.data.get("text", "").strip():
            # Nothing was typed that could be lost, and the list has more to do.
            messages.error(request, f"#{number}: {overtaken}")
            return redirect(back.next)
        return _ticket_page(request, again, form)

    reason = _files_astray(request, verb) or _came_in_between(request, ticket, verb)
    if reason:
        form = MoveForm(wanted, request.POST, request.FILES, ticket=ticket)
        form.add_error(None, reason)
        return with_refusal(refused(form))

    def done(changed: Ticket) -> str:
        words = page.done if page else _MODES[verb].done if verb in _MODES else _DONE[verb]
        said = words % move_pages.names_in(changed)
        return f"#{number}: {said}" if back.next else said

    response = make_move(request, ticket, verb, as_requester=False, back=back.url, refused=refused, done=done)
    is_made = response.status_code == 302
    if page and is_made and not back.next and not Ticket.objects.served_by(request.user).filter(pk=number).exists():  # type: ignore[arg-type]  # nobody is anonymous
        return redirect("panel:tasks")  # forwarded, it is out of his sight
    return response


def writing_address(ticket_url: str, verb: str) -> str | None:
    """Where a move is written, if it is made in the writing box: the ticket's page with the box in that mode."""
    return f"{ticket_url}?mode={_MODES[verb].value}#composer" if verb in _MODES else None


def _wished(request: HttpRequest, moves: list[AvailableMove]) -> str | None:
    """The mode that the address asks for, where it is possible."""
    possible = {_MODES[one.move.verb].value for one in moves if one.move.verb in _MODES and not one.refusal}
    return request.GET.get("mode") if request.GET.get("mode") in possible else None


def _served(request: HttpRequest, number: int) -> Ticket:
    """The ticket, if its department or the person himself serves it or had it; out of sight is 404 (R1.43, R6.26)."""
    user: User = request.user  # type: ignore[assignment]  # nobody is anonymous here
    ticket = Ticket.objects.handled_by(user).select_related(*_JOINED).only(*_READ).filter(pk=number).first()
    if ticket:
        return ticket
    lost = Ticket.objects.lost_from_pool_of(user).select_related("executor").filter(pk=number).first()
    raise Lost(too_late(MOVES["assume"], lost)) if lost else Http404


def _files_astray(request: HttpRequest, verb: str) -> str | None:
    """Files that were sent with a move that takes none would vanish without a word."""
    if request.FILES and not MOVES[verb].files:
        return _("Files cannot go with this. Send them with a reply, or take them away.")
    return None


def _came_in_between(request: HttpRequest, ticket: Ticket, verb: str) -> str | None:
    """Who answers second is told what was said since he began to write (look.md, section 4)."""
    seen = read_key(request.POST.get("seen"))
    if seen is None or verb not in _MODES or verb == "note":
        return None
    said = ticket.events.filter(pk__gt=seen, message__isnull=False).exclude(actor=request.user.pk)
    latest = said.select_related("actor").order_by("-pk").first()
    if latest is None:
        return None
    return _("%(name)s wrote meanwhile. Please read it, then send yours if it is still right.") % {"name": latest.actor}


def _ticket_page(request: HttpRequest, ticket: Ticket, form: MoveForm | None = None) -> HttpResponse:
    """Draw the ticket.

    Args:
        form: a refused move, whose words are kept in the writing box, whatever can be written there by now.
    """
    user: User = request.user  # type: ignore[assignment]  # nobody is anonymous here
    moves = available_moves(ticket, user)
    withheld = attachments.permissions.reason_not(user, "view", ticket.folder)
    before = read_key(request.GET.get("before"))
    history = timeline.history(
        ticket, reader=user, for_requester=False, may_open=withheld is None, at_most=_ENTRIES, before=before
    )
    files = list(ticket.folder.files.kept().select_related("blob").order_by("-pk")[: _FILES + 1])
    box = _box(moves, form)
    context = {
        "ticket": ticket,
        "history": history,
        "is_newest": before is None,
        "buttons": [_button(ticket, one) for one in moves if _is_button(one)],
        "menu": [*(_menu_item(ticket, one) for one in moves if _is_in_menu(one)), *_to_trash(ticket, user)],
        "asked": move_pages.asked(ticket),
        "decisions": [_button(ticket, one) for one in moves if one.move.sources <= DECISIONS],
        "modes": _modes(ticket, moves),
        "mode": _MODES[form.move.verb].value if form and form.move.verb in _MODES else _wished(request, moves),
        "box": box,
        "refused": form,
        "files_lost": bool(form and form.files) and not request.htmx,  # type: ignore[attr-defined]  # by its middleware
        "files": files[:_FILES],
        "more_files": len(files) > _FILES,
        "withheld": withheld,
        "people": _people(ticket, history),
        "clock_words": _CLOCK_WORDS.get(ticket.timer) if ticket.timer else None,
        "clock_started": clock_started(ticket),
        "promises": promises(ticket),
        "promised": nearest(ticket),
        "max_size": settings.ATTACHMENT_MAX_BYTES,
        "max_count": settings.ATTACHMENT_MAX_FILES,
    }
    return render(request, "panel/ticket.html", context)


def _is_button(one: AvailableMove) -> bool:
    return one.move.verb == _BESIDE or (one.move.text is Text.NONE and one.move.asks is None)


def _is_in_menu(one: AvailableMove) -> bool:
    return one.move.verb in move_pages.PAGES and not _is_button(one) and not one.move.sources <= DECISIONS


def _button(ticket: Ticket, one: AvailableMove) -> dict[str, Any]:
    verb = one.move.verb
    return {
        "label": one.move.label,
        "url": reverse("panel:move", args=[ticket.number, verb]),
        "icon": move_pages.PAGES[verb].icon if verb in move_pages.PAGES else _ICONS.get(verb, ""),
        "has_page": verb in move_pages.PAGES,
        "reason": one.refusal,
    }


def _menu_item(ticket: Ticket, one: AvailableMove) -> dict[str, Any]:
    page = move_pages.PAGES[one.move.verb]
    return {
        "label": one.move.label,
        "url": reverse("panel:move", args=[ticket.number, one.move.verb]),
        "icon": page.icon,
        "danger": page.danger,
        "reason": one.refusal,
    }


def _to_trash(ticket: Ticket, user: User) -> list[dict[str, Any]]:
    """The last item of the menu, for those who may delete: no move, since the ticket's life stands still there."""
    if reason_not_trashed(user, ticket):
        return []
    url = reverse("panel:trash_ticket", args=[ticket.number])
    return [
        {"label": _("Move to the trash"), "url": url, "icon": "trash", "danger": True, "reason": None, "line": True}
    ]


def _modes(ticket: Ticket, moves: list[AvailableMove]) -> list[dict[str, Any]]:
    """What can be written now, as the writing box takes it."""
    possible = {one.move.verb: one for one in moves}
    return [
        {
            "value": mode.value,
            "label": mode.label,
            "url": reverse("panel:move", args=[ticket.number, verb]),
            "submit": possible[verb].move.label,
            "hint": mode.hint % {"requester": ticket.requester},
            "reason": possible[verb].refusal,
        }
        for verb, mode in _MODES.items()
        if verb in possible
    ]


def _box(moves: list[AvailableMove], form: MoveForm | None) -> MoveForm | None:
    """The form behind the writing box: the refused one if it still fits there, else one that keeps its words."""
    possible = [one.move for one in moves if one.move.verb in _MODES]
    if not possible:
        return None
    if form and form.move in possible and form.move.files:
        return form
    # All modes share one box, so it has a place for files if any of them takes some.
    widest = max(possible, key=lambda move: move.files)
    return MoveForm(widest, initial={"text": form.data.get("text", "")} if form else None)


@dataclass(frozen=True)
class _Person:
    """As much of a person as a face and a name need."""

    pk: int
    name: str


def _people(ticket: Ticket, history: timeline.History) -> list[dict[str, Any]]:
    """Who has to do with the ticket: requester, executor, former executors, heads of the department (R1.14)."""
    organization = ticket.organization or ticket.requester.organization
    role = _("requester")
    found = {ticket.executor_id}
    people: list[dict[str, Any]] = [
        {"user": ticket.requester, "note": f"{role} · {organization}" if organization else role},
        {"user": ticket.executor, "note": _("executor") if ticket.executor else ""},
    ]
    for pk, name, note in [*_former_executors(ticket, history), *_heads(ticket)]:
        if pk not in found and len(people) < _PEOPLE:
            found.add(pk)
            people.append({"user": _Person(pk, name), "note": note})
    return people


def _former_executors(ticket: Ticket, history: timeline.History) -> list[tuple[int, str, str]]:
    note = _("had it before")
    if history.is_whole:
        given = [entry.event.subject for entry in history.entries if entry.event.verb in _GIVING]
        return [(person.pk, person.name, note) for person in given if person]
    rows = ticket.events.filter(verb__in=_GIVING, subject__isnull=False).order_by("pk")
    return [(pk, name, note) for pk, name in rows.values_list("subject", "subject__name")]


def _heads(ticket: Ticket) -> list[tuple[int, str, str]]:
    heads = Membership.objects.filter(department=ticket.department_id, is_head=True, user__is_active=True)
    note = _("head of the department")
    return [(pk, name, note) for pk, name in heads.order_by("user__name").values_list("user", "user__name")]
