"""The trash: what lies there, how it gets there, and its two ways out (R2.40 to R2.42)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from helpdesk.core.pages import page_of, read_key
from helpdesk.core.refusals import Refused
from helpdesk.people.models import Account, User
from helpdesk.people.requests import SignedInRequest
from tickets.actions import trash as actions
from tickets.forms import DeleteForGoodForm
from tickets.models import Ticket, TrashEntry
from tickets.permissions import reason_not_restored, reason_not_trashed, reason_not_trashed_customer
from tickets.views.moves import with_refusal

from .doors import for_administrators, for_staff


@require_safe
@for_administrators
def trash(request: SignedInRequest) -> HttpResponse:
    """Everything in the trash, newest first; of a customer also the tickets that went with him, on a page of theirs."""
    kept_for = _kept_for()
    entries = TrashEntry.objects.visible_to(request.user).select_related("deleted_by", "customer")
    customer = None
    kind = request.GET.get("type", "")
    if with_key := read_key(request.GET.get("with")):
        customer = get_object_or_404(entries, pk=with_key, kind=TrashEntry.Kind.CUSTOMER)
        entries = entries.filter(with_customer=customer)
    else:
        entries = entries.on_their_own().annotate(followers=Count("tickets_with_it"))
        if kind in TrashEntry.Kind.values:
            entries = entries.filter(kind=kind)
    page = page_of(entries, request.GET)
    for entry in page.rows:
        entry.goes = (customer or entry).goes_at(kept_for)  # for the template only
    here = reverse("panel:trash")
    words = {"": _("All"), TrashEntry.Kind.TICKET: _("Tickets"), TrashEntry.Kind.CUSTOMER: _("Customers")}
    context = {
        "page": page,
        "customer": customer,
        "days": kept_for.days if kept_for else 0,
        "filtered": kind in TrashEntry.Kind.values,
        "tabs": [
            {"label": label, "url": f"{here}?type={value}" if value else here, "current": kind == value}
            for value, label in words.items()
        ],
    }
    return render(request, "panel/trash.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def put_ticket(request: SignedInRequest, number: int) -> HttpResponse:
    """Say what will happen to the ticket; on POST move it to the trash (heads and administrators)."""
    tickets = Ticket.objects.handled_by(request.user).select_related("department", "requester")
    ticket = get_object_or_404(tickets, pk=number)
    reason = reason_not_trashed(request.user, ticket)
    if reason:
        raise PermissionDenied(reason)
    back = reverse("panel:ticket", args=[number])
    if request.method == "POST":
        try:
            entry = actions.put_ticket(ticket=ticket, by=request.user)
        except Refused as refusal:
            messages.error(request, f"#{number}: {refusal.message}")
        else:
            _say_gone(request, entry, _("Ticket #%(number)d is in the trash.") % {"number": number})
        return redirect("panel:closed" if ticket.is_final else "panel:queue")
    context = {"ticket": ticket, "days": _days(), "back": back}
    return render(request, "panel/trash_put.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def put_customer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say what will happen to the customer and his tickets; on POST move them to the trash (administrators)."""
    customer = get_object_or_404(User.objects.select_related("organization"), pk=pk)
    back = reverse("admin:people_user_change", args=[pk])
    reason = reason_not_trashed_customer(request.user, customer)
    if request.method == "POST" and not reason:
        try:
            entry = actions.put_customer(customer=customer, by=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal.message))
        else:
            _say_gone(request, entry, _("%(name)s is in the trash.") % {"name": customer})
        return redirect("panel:trash")
    context = {
        "customer": customer,
        "reason": reason,
        "tickets": 0 if reason else Ticket.objects.filter(requester=customer).count(),
        "days": _days(),
        "back": back,
    }
    response = render(request, "panel/trash_put.html", context)
    return with_refusal(response) if request.method == "POST" else response


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def restore(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask, and on POST bring it back."""
    entry = _entry(request, pk)
    reason = reason_not_restored(entry)
    if request.method == "POST" and not reason:
        try:
            actions.restore(entry=entry, by=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal.message))
            return redirect("panel:trash")
        if entry.ticket:
            messages.success(request, _("Ticket #%(number)d is back.") % {"number": entry.ticket_id})
            return redirect("panel:ticket", entry.ticket_id)
        messages.success(request, _("%(name)s is back.") % {"name": entry.name})
        return redirect("panel:trash")
    context = {"entry": entry, "reason": reason, "tickets": entry.tickets_with_it.count()}
    response = render(request, "panel/trash_restore.html", context)
    return with_refusal(response) if request.method == "POST" else response


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def delete(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have its number or address typed, and on POST delete it for good."""
    entry = _entry(request, pk)
    if entry.with_customer:
        return redirect("panel:restore", pk)  # which says where it belongs
    form = DeleteForGoodForm(request.POST if request.method == "POST" else None, is_ticket=bool(entry.ticket))
    if request.method == "POST" and form.is_valid():
        try:
            actions.delete_for_good(entry=entry, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            if refusal.field not in form.fields:
                messages.error(request, str(refusal.message))
                return redirect("panel:trash")
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, _("“%(name)s” was deleted for good.") % {"name": entry})
            return redirect("panel:trash")
    context = {"entry": entry, "form": form, "tickets": _all_tickets(entry)}
    response = render(request, "panel/trash_delete.html", context)
    return with_refusal(response) if request.method == "POST" else response


def _entry(request: SignedInRequest, pk: int) -> TrashEntry:
    entries = TrashEntry.objects.visible_to(request.user)
    return get_object_or_404(
        entries.select_related("ticket__requester", "ticket__department", "customer", "deleted_by", "with_customer"),
        pk=pk,
    )


def _all_tickets(entry: TrashEntry) -> int:
    """How many tickets go with a customer: those that followed him, and those that lay there before."""
    return Ticket.with_trash.filter(requester=entry.customer_id).count() if entry.customer_id else 0


def _kept_for() -> Any:
    account = Account.current()
    return account.trash_kept_for if account else None


def _days() -> int:
    kept_for = _kept_for()
    return kept_for.days if kept_for else 0


def _say_gone(request: SignedInRequest, entry: TrashEntry, words: str) -> None:
    """Where it went; administrators get the way back with it."""
    if request.user.is_administrator:
        undo = reverse("panel:restore", args=[entry.pk])
        messages.success(request, format_html('{} <a href="{}">{}</a>', words, undo, _("Undo")))
    else:
        messages.success(request, f"{words} {_('An administrator can restore it.')}")
