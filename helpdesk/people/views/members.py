"""The page of a parent organization's managers: its branches, their members, and who manages them (R2.44)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import BooleanField, ExpressionWrapper, Q, Value
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from helpdesk.core.pages import read_key
from helpdesk.core.refusals import Refused
from helpdesk.core.text import Fold
from helpdesk.people import actions, permissions
from helpdesk.people.forms import MemberForm
from helpdesk.people.models import Organization, User
from helpdesk.people.querysets import OrganizationQuerySet
from helpdesk.people.requests import SignedInRequest

PAGE_SIZE = 50

# The verb, what it makes of the mark, and its words.
_MARKS: dict[str, dict[str, Any]] = {
    "appoint": {
        "manages": True,
        "heading": gettext_lazy("Make %(name)s a manager of %(organization)s?"),
        "note": gettext_lazy(
            "%(name)s is asked whenever the service desk needs the consent of %(organization)s, also for what waits "
            "already."
        ),
        "submit": gettext_lazy("Yes, make a manager"),
        "done": gettext_lazy("%(name)s manages %(organization)s now."),
    },
    "dismiss": {
        "manages": False,
        "heading": gettext_lazy("Remove %(name)s as manager of %(organization)s?"),
        "note": gettext_lazy(
            "%(name)s stays a member and keeps the own tickets, but is not asked for consent any more; what waits for "
            "it stays with the other managers."
        ),
        "submit": gettext_lazy("Yes, remove"),
        "done": gettext_lazy("%(name)s does not manage %(organization)s any more."),
    },
}


def _led(request: SignedInRequest) -> OrganizationQuerySet:
    return Organization.objects.led_by(request.user)


@require_safe
def organizations(request: SignedInRequest) -> HttpResponse:
    """The own organization and its branches, each with its managers; for everybody else there is no such page."""
    rows = list(_led(request).in_order_for(request.user))
    if not rows:
        raise Http404
    managers: dict[int, list[User]] = {}
    found = User.objects.active().filter(organization__in=rows, manages_organization=True)
    for person in found.order_by("name", "pk").only("name", "email", "organization_id"):
        managers.setdefault(person.organization_id, []).append(person)
    context = {"rows": [{"organization": row, "managers": managers.get(row.pk, [])} for row in rows]}
    return render(request, "portal/organizations.html", context)


@require_safe
def organization(request: SignedInRequest, pk: int) -> HttpResponse:
    """The members of one organization by name, and the way to add one."""
    this = get_object_or_404(_led(request).select_related("parent"), pk=pk)
    words = request.GET.get("q", "").replace("\x00", "").strip()[:150]
    people = User.objects.filter(organization=this)
    if words:
        named = Q(folded_name__contains=Fold(Value(words)))
        people = people.alias(folded_name=Fold("name")).filter(named | Q(email__startswith=words.lower()))
    after = read_key(request.GET.get("after"))
    last = User.objects.filter(organization=this, pk=after).only("name").first() if after else None
    if last:
        people = people.filter(Q(name__gt=last.name) | Q(name=last.name, pk__gt=last.pk))
    is_ours = ExpressionWrapper(User.objects.works_for_us(), output_field=BooleanField())
    found: list[Any] = list(people.annotate(is_ours=is_ours).order_by("name", "pk")[: PAGE_SIZE + 1])
    context = {
        "organization": this,
        "words": words,
        "people": found[:PAGE_SIZE],
        "more": found[PAGE_SIZE - 1].pk if len(found) > PAGE_SIZE else None,
        "is_first": last is None,
    }
    return render(request, "portal/organization.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest, pk: int) -> HttpResponse:
    """Add a member; a refusal keeps what was typed."""
    this = get_object_or_404(_led(request), pk=pk)
    form = MemberForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            person = actions.add_member(organization=this, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            words = gettext_lazy("%(name)s belongs to %(organization)s now. An invitation goes to %(email)s.")
            messages.success(request, words % {"name": person, "organization": this, "email": person.email})
            return redirect("people:organization", this.pk)
    context = {"organization": this, "form": form}
    return render(request, "portal/new_member.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def mark(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    """Ask whether somebody is to manage his organization, or no longer; on POST do it."""
    page = _MARKS.get(verb)
    if page is None:
        raise Http404
    person = get_object_or_404(User.objects.select_related("organization"), organization__in=_led(request), pk=pk)
    this = person.organization
    assert this is not None
    refusal = permissions.reason_not_to_mark(request.user, person, manages=page["manages"])
    if request.method == "POST" and not refusal:
        try:
            getattr(actions, f"{verb}_manager")(person=person, by=request.user)
        except Refused as late:
            refusal = late.message
        else:
            messages.success(request, page["done"] % {"name": person, "organization": this})
            if person.pk == request.user.pk and verb == "dismiss":
                return redirect("portal:tickets")  # the page is not his any more
            return redirect("people:organization", this.pk)
    names = {"name": person, "organization": this}
    context = {
        "organization": this,
        "person": person,
        "verb": verb,
        "heading": page["heading"] % names,
        "note": page["note"] % names,
        "submit": page["submit"],
        "refusal": refusal,
        "is_self": person.pk == request.user.pk,
        "will_lack_manager": verb == "dismiss" and not refusal and _is_last(person),
    }
    return render(request, "portal/mark_member.html", context, status=403 if refusal else 200)


def _is_last(person: User) -> bool:
    managers = User.objects.active().filter(organization=person.organization_id, manages_organization=True)
    return not managers.exclude(pk=person.pk).exists()
