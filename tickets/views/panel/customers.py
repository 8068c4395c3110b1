"""Customers and their organizations, for agents whose profile shows them or lets them change them (R2.46).

Customers are the people who do not work here; those who do are an administrator's business, so for these pages there
are none of them.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.core.pages import page_of, read_key
from helpdesk.core.refusals import Refused
from helpdesk.people import actions
from helpdesk.people.forms import CustomerForm, NewCustomerForm, OrganizationForm, SearchForm
from helpdesk.people.models import Organization, User
from tickets import search

from .doors import for_customers, for_customers_editors
from .rows import rows_of

_FORM = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@for_customers
def customers(request: HttpRequest) -> HttpResponse:
    """All customers, the newest first, or those with a name or an address."""
    form = SearchForm(request.GET)
    people = User.objects.customers().select_related("organization")
    page = page_of(people.found_by(form.words) if form.words else people, request.GET)
    return render(request, "panel/customers.html", {"form": form, "page": page, "words": form.words})


@require_safe
@for_customers
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """Who it is, and those of his tickets that the reader sees."""
    reader: User = request.user  # type: ignore[assignment]  # nobody is anonymous here
    person = _customer(pk)
    before = read_key(request.GET.get("before"))
    found = search.tickets_of(person, reader=reader, before=before)
    context = {
        "person": person,
        "found": found,
        "rows": rows_of(found.numbers, reader),
        "before": before,
        "is_new": actions.may_readdress(person),
    }
    return render(request, "panel/customer.html", context)


@_FORM
@for_customers_editors
def new_customer(request: HttpRequest) -> HttpResponse:
    """Add a customer, and invite him to choose a password (R3.24)."""
    organization = Organization.objects.active().filter(pk=read_key(request.GET.get("organization"))).first()
    form = NewCustomerForm(request.POST or None, initial={"organization_name": organization or ""})
    return _customer_page(request, form, _("New customer"))


@_FORM
@for_customers_editors
def edit_customer(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a customer."""
    person = _customer(pk)
    return _customer_page(request, CustomerForm(request.POST or None, instance=person), str(person))


@require_POST
@for_customers_editors
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a customer a link with which to choose a password (R3.24)."""
    person = _customer(pk)
    try:
        actions.invite(person=person, by=request.user)  # type: ignore[arg-type]  # nobody is anonymous here
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("A letter with a link goes to %(email)s.") % {"email": person.email})
    return redirect("panel:customer", pk)


@require_safe
@for_customers
def organizations(request: HttpRequest) -> HttpResponse:
    """All organizations, the newest first, or those with a name."""
    form = SearchForm(request.GET)
    found = Organization.objects.select_related("parent")
    page = page_of(found.named(form.words) if form.words else found, request.GET)
    return render(request, "panel/organizations.html", {"form": form, "page": page, "words": form.words})


@require_safe
@for_customers
def organization(request: HttpRequest, pk: int) -> HttpResponse:
    """An organization and its people."""
    this = get_object_or_404(Organization.objects.select_related("parent"), pk=pk)
    page = page_of(User.objects.customers().filter(organization=this), request.GET)
    return render(request, "panel/organization.html", {"organization": this, "page": page})


@_FORM
@for_customers_editors
def new_organization(request: HttpRequest) -> HttpResponse:
    """Add an organization."""
    return _organization_page(request, OrganizationForm(request.POST or None), _("New organization"))


@_FORM
@for_customers_editors
def edit_organization(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an organization's name, or whether it is active."""
    this = get_object_or_404(Organization, pk=pk)
    return _organization_page(request, OrganizationForm(request.POST or None, instance=this), str(this))


def _customer(pk: int) -> User:
    return get_object_or_404(User.objects.customers().select_related("organization", "sector"), pk=pk)


def _customer_page(request: HttpRequest, form: CustomerForm, heading: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        is_invited = form.cleaned_data.get("send_invitation", False)
        try:
            person = actions.save_customer(
                person=form.instance,
                by=request.user,  # type: ignore[arg-type]  # nobody is anonymous here
                fields=form.changed_fields,
                is_invited=is_invited,
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            said = (
                _("%(name)s was saved, and an invitation goes to %(email)s.")
                if is_invited
                else _("%(name)s was saved.")
            )
            messages.success(request, said % {"name": person.name, "email": person.email})
            return redirect("panel:customer", person.pk)
    return _form_page(request, form, heading, person=form.instance if form.instance.pk else None)


def _organization_page(request: HttpRequest, form: OrganizationForm, heading: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        saved = actions.save_customers_organization(organization=form.instance, by=request.user)  # type: ignore[arg-type]  # nobody is anonymous here
        messages.success(request, _("%(name)s was saved.") % {"name": saved.name})
        return redirect("panel:organization", saved.pk)
    return _form_page(request, form, heading, organization=form.instance if form.instance.pk else None)


def _form_page(request: HttpRequest, form: Any, heading: str, **whom: Any) -> HttpResponse:
    context = {"form": form, "heading": heading} | whom
    return render(request, "panel/customer_edit.html", context, status=422 if form.errors else 200)
