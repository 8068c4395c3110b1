"""The customers' doors: what waits for me, my tickets, open one, follow one (R3.1 to R3.6)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

import attachments.permissions
from helpdesk.core.pages import page_of, read_key
from helpdesk.core.refusals import Refused
from helpdesk.core.text import without_number_sign
from helpdesk.people.actions import is_fresh
from helpdesk.people.models import Account, Organization, User
from helpdesk.people.requests import SignedInRequest
from tickets import allowance, opening, timeline
from tickets.forms import MoveForm, OpenForm
from tickets.lifecycle import MOVES, PRIORITY_HELP, TURNS, Status, Turn
from tickets.models import Ticket
from tickets.permissions import available_moves
from tickets.views.moves import make_move, move_named

PAGE_SIZE = 25
_ON_START = 10
_ENTRIES = 50
# The one move that the writing box of the page makes; at most one of them is possible at a time.
_WRITING = ("answer", "write", "return_solution")
# A rating is asked for by its survey, which stands on the page by itself.
_MY_TURN = [status for status, turn in TURNS.items() if turn is Turn.REQUESTER and status != Status.AWAITING_RATING]


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The door of the house: first run, sign-in, panel, or the portal's start, as fits who comes (R4.43)."""
    if is_fresh():
        return redirect("people:first_run")
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    if request.user.is_administrator and Account.current() is None:
        return redirect("admin:index")  # made by a command before the first run: the company is still to be named
    if request.user.works_here:
        return redirect("panel:decisions" if request.user.is_head else "panel:tasks")
    mine = Ticket.objects.requested_by(request.user).open().select_related("department")
    waiting = mine.filter(status__in=_MY_TURN).order_by(F("timer_due_at").asc(nulls_last=True), "number")
    others = mine.exclude(status__in=[*_MY_TURN, Status.AWAITING_RATING]).order_by("-number")
    context = {"waiting": waiting[:PAGE_SIZE], "others": others[:_ON_START], **_opening_rules(request.user)}
    return render(request, "portal/home.html", context)


@require_safe
def tickets(request: SignedInRequest) -> HttpResponse:
    """My tickets: the open ones, the ended ones, or all that hold some words."""
    words = request.GET.get("q", "").strip()
    show = "closed" if request.GET.get("show") == "closed" else "open"
    mine = Ticket.objects.requested_by(request.user)
    if words:
        # A number is looked up among the own tickets only: whoever guesses one learns nothing.
        found = mine.matching(words, notes=False, requester=request.user)
        number = without_number_sign(words)
        rows = found | mine.filter(pk=int(number)) if number.isdecimal() and len(number) < 19 else found
    else:
        rows = mine.ended() if show == "closed" else mine.open()
    page = page_of(rows.select_related("department"), request.GET, PAGE_SIZE)
    follows = Organization.objects.read_by(request.user).exists()
    along = [{"label": _("Organization"), "url": reverse("portal:organization_tickets"), "current": False}]
    context = {
        "words": words,
        "show": show,
        "tickets": page.rows,
        "newer": page.newer,
        "older": page.older,
        "follows": follows,
        "tabs": [
            {"label": _("Open"), "url": reverse("portal:tickets"), "current": show == "open"},
            {"label": _("Ended"), "url": f"{reverse('portal:tickets')}?show=closed", "current": show == "closed"},
            *(along if follows else []),
        ],
    }
    return render(request, "portal/tickets.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Open a ticket; a refusal keeps everything typed and stands beside its field (R1.3, R3.2)."""
    if request.method != "POST":
        subject = request.GET.get("subject", "")
        if request.htmx.target == "lookalikes":  # type: ignore[attr-defined]  # by its middleware
            alike = opening.lookalikes(by=request.user, subject=subject)
            return render(request, "portal/new.html#lookalikes", {"lookalikes": alike})
        return _opening_page(request, OpenForm(initial={"subject": subject}))
    form = OpenForm(request.POST, request.FILES)
    upload_failed = getattr(request, "upload_failed", None)
    if upload_failed:
        form.add_error("files", upload_failed.message)
    if form.is_valid():
        try:
            opened = opening.open_once(by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            _say_opened(request, opened)
            return redirect("portal:ticket", opened.ticket.number)
    return _opening_page(request, form, status=422)


@require_safe
def ticket(request: SignedInRequest, number: int) -> HttpResponse:
    """One of my tickets with all that was said in it (R3.4).

    Whoever had a ticket and has no place in the panel any more reads it here, as its requester does (R1.43); so does
    who follows the tickets of its organization (R2.43, R2.44).
    """
    return _ticket_page(request, _read(Ticket.objects.read_in_portal_by(request.user), number))


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: SignedInRequest, number: int, verb: str) -> HttpResponse:
    """Make a move; asked for without one, confirm a cancelling, else show the ticket."""
    move_named(verb, as_requester=True)
    ticket = _own(request, number)
    back = reverse("portal:ticket", args=[number])
    if request.method != "POST":
        if verb != "cancel" or ticket.is_final:
            return redirect(back)
        return _cancel_page(request, ticket, MoveForm(MOVES["cancel"]))

    def refused(form: MoveForm) -> HttpResponse:
        again = _own(request, number)
        if verb == "cancel" and not again.is_final:
            return _cancel_page(request, again, form)
        return _ticket_page(request, again, form)

    news = _news(request, ticket) if verb in _WRITING else ""
    if news:
        form = MoveForm(MOVES[verb], request.POST, request.FILES)
        form.add_error(None, news)
        response = refused(form)
        response.status_code = 422
        return response
    return make_move(request, ticket, verb, as_requester=True, back=back, refused=refused, done=_done(verb, ticket))


def _news(request: SignedInRequest, ticket: Ticket) -> str:
    """Whoever writes is told first what was said since the page came: perhaps it answers him already."""
    seen = read_key(request.POST.get("seen"))
    if seen is None:
        return ""
    said = ticket.events.filter(pk__gt=seen, is_private=False, message__isnull=False).exclude(actor=request.user)
    latest = said.select_related("actor").order_by("-pk").first()
    if latest is None:
        return ""
    return _("%(name)s wrote meanwhile. Please read it, then send yours if it is still right.") % {"name": latest.actor}


def _own(request: SignedInRequest, number: int) -> Ticket:
    return _read(Ticket.objects.requested_by(request.user), number)


def _read(tickets: QuerySet[Ticket], number: int) -> Ticket:
    return get_object_or_404(tickets.select_related("department", "service", "executor", "organization"), pk=number)


def _url(ticket: Ticket, verb: str) -> str:
    return reverse("portal:move", args=[ticket.number, verb])


def _reader(ticket: Ticket) -> Any:
    """Who reads what the requester writes: the executor, or the department where he is not there (any more)."""
    return ticket.executor if ticket.executor and ticket.executor.is_active else ticket.department


def _done(verb: str, ticket: Ticket) -> str:
    """What is said after a move of the requester."""
    who = _reader(ticket)
    return {
        "write": _("Your message was sent to %(who)s.") % {"who": who},
        "answer": _("Your answer was sent to %(who)s.") % {"who": who},
        "return_solution": _("The ticket went back to %(who)s with your text.") % {"who": who},
        "approve": _("You approved the solution. Thank you."),
        "cancel": _("The ticket is cancelled."),
    }[verb]


def _ticket_page(request: SignedInRequest, ticket: Ticket, form: MoveForm | None = None) -> HttpResponse:
    """Draw the ticket.

    Args:
        form: a refused move, whose words are kept: in the writing box, whatever can be written there by now, or
            beside it where nothing can.
    """
    typed = form.data.get("text", "") if form else ""
    moves = {one.move.verb: one.move for one in available_moves(ticket, request.user, as_requester=True)}
    writing = next((moves[verb] for verb in _WRITING if verb in moves), None)
    box = form if form and form.move is writing else None
    if writing and box is None:
        box = MoveForm(writing, initial={"text": typed})
    before = read_key(request.GET.get("before"))
    is_mine = ticket.requester_id == request.user.pk
    is_followed = not is_mine and Ticket.objects.followed_by_organization(request.user).filter(pk=ticket.pk).exists()
    # Reading along gives no folder: that is for those involved, and for managers who are asked (R1.12, R1.15).
    withheld = attachments.permissions.reason_not(request.user, "view", ticket.folder) if is_followed else None
    history = timeline.history(
        ticket,
        reader=request.user,
        for_requester=True,
        may_open=not withheld,
        withheld=_("for those involved"),
        at_most=_ENTRIES,
        before=before,
    )
    menu = [{"label": MOVES["cancel"].label, "icon": "x", "danger": True, "url": _url(ticket, "cancel")}]
    context = {
        "ticket": ticket,
        "is_mine": is_mine,
        "is_followed": is_followed,
        "withheld": withheld,
        "history": history,
        "is_newest": before is None,
        "solution": history.set_solution_apart() if "approve" in moves else None,
        "moves": moves,
        "menu": menu if "cancel" in moves else [],
        "writing": writing,
        "modes": [_mode(ticket, writing.verb)] if writing else [],
        "box": box,
        "refused": form,
        "typed": typed,
        "files_lost": _files_lost(request, form),
        "files": ticket.folder.files.kept().select_related("blob"),
        "max_size": settings.ATTACHMENT_MAX_BYTES,
        "max_count": settings.ATTACHMENT_MAX_FILES,
    }
    return render(request, "portal/ticket.html", context)


def _mode(ticket: Ticket, verb: str) -> dict[str, Any]:
    """The writing box: where it sends to, what its button says, who will read it and what follows (A42)."""
    who = _reader(ticket)
    submit, hint = {
        "write": (_("Send message"), _("%(who)s will read this.")),
        "answer": (_("Send answer"), _("%(who)s asked you and goes on as soon as you answer.")),
        "return_solution": (
            MOVES["return_solution"].label,
            _("Writing now returns the ticket to %(who)s: the solution does not count as approved then."),
        ),
    }[verb]
    return {
        "value": "reply",
        "label": submit,
        "url": _url(ticket, verb),
        "submit": submit,
        "hint": hint % {"who": who},
    }


def _cancel_page(request: SignedInRequest, ticket: Ticket, form: MoveForm) -> HttpResponse:
    return render(request, "portal/cancel.html", {"ticket": ticket, "form": form})


def _opening_page(request: SignedInRequest, form: OpenForm, status: int = 200) -> HttpResponse:
    form.fields["subject"].widget.attrs |= {
        "hx-get": reverse("portal:new"),
        "hx-trigger": "change",
        "hx-target": "#lookalikes",
        "hx-swap": "innerHTML",
        "hx-push-url": "false",
    }
    subject, rules = form.data.get("subject", ""), _opening_rules(request.user)
    context = {
        "form": form,
        "priority_help": PRIORITY_HELP,
        "files_lost": _files_lost(request, form),
        # Whoever has typed something keeps it, whatever the refusal.
        "shows_form": bool(form.services and (form.is_bound or not rules["not_to_open"])),
        **rules,
        "lookalikes": opening.lookalikes(by=request.user, subject=subject),
        "max_size": settings.ATTACHMENT_MAX_BYTES,
        "max_megabytes": settings.ATTACHMENT_MAX_BYTES // 2**20,
        "max_count": settings.ATTACHMENT_MAX_FILES,
    }
    return render(request, "portal/new.html", context, status=status)


def _opening_rules(user: User) -> dict[str, Any]:
    """What the reader's organization may still open, said before anybody types (R2.43)."""
    organization = user.organization
    of_month = allowance.allowance_of(organization, timezone.now()) if organization else None
    reason = allowance.reason_not_to_open(organization, of_month)
    return {"allowance": None if reason else of_month, "not_to_open": reason}


def _files_lost(request: SignedInRequest, form: Any) -> bool:
    """Whether files were chosen that the browser does not keep; with script they stay in the page."""
    return bool(form and form.files) and not request.htmx  # type: ignore[attr-defined]  # by its middleware


def _say_opened(request: SignedInRequest, opened: opening.Opened) -> None:
    ticket = opened.ticket
    if not opened.is_new:
        messages.warning(
            request,
            _("You opened this ticket a moment ago with the same words, so it was not opened twice."),
        )
        return
    messages.success(request, _("Your ticket is open. Its number is #%(number)s.") % {"number": ticket.number})
    if request.htmx or not opened.may_have_lookalikes:  # type: ignore[attr-defined]  # by its middleware
        return  # with script, the form has pointed them out already
    for other in opening.lookalikes(by=request.user, subject=ticket.subject, but=ticket.number)[:1]:
        messages.info(
            request,
            _("You also have an open ticket with a similar subject: #%(number)s “%(subject)s”.")
            % {"number": other.number, "subject": other.subject},
        )
