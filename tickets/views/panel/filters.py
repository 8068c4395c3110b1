"""Filters of the panel's lists: small forms whose state is the address (look.md, section 4)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext_lazy as _

from helpdesk.people.models import Department, User
from tickets.lifecycle import OPEN, Outcome, Priority, Status

_ALL = _("All")
# The longest address that is worth remembering.
_MOST = 300
_PLACES = frozenset({"before", "after"})


class ListFilters(forms.Form):
    """Filters out of an address: what is not offered is not set, and nothing is an error.

    ``kept`` says that the address is complete: without it, the filters of the last visit are put back.
    """

    kept = forms.CharField(required=False, widget=forms.HiddenInput)
    department = forms.TypedChoiceField(label=_("Department"), required=False, coerce=int, empty_value=None)

    def __init__(self, request: HttpRequest) -> None:
        data = request.GET.copy()
        data["kept"] = "1"
        super().__init__(data, auto_id="filter-%s")
        self.departments = {one.pk: one.name for one in departments_of(request.user)}  # type: ignore[arg-type]  # nobody is anonymous here
        if len(self.departments) > 1:
            self._choices("department", list(self.departments.items()))
        else:
            del self.fields["department"]
        self.offer()
        self.full_clean()
        self.set = {name: value for name, value in self.cleaned_data.items() if value and name != "kept"}
        self._errors = forms.utils.ErrorDict()  # what is not offered is left out, not complained of

    def offer(self) -> None:
        """Fill in the choices."""

    def _choices(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        self.fields[name].choices = [("", _ALL), *choices]  # type: ignore[attr-defined]  # all of them are choices

    def chips(self, request: HttpRequest) -> list[dict[str, Any]]:
        """What is set, each with the address without it."""
        return [
            {
                "label": f"{self.fields[name].label}: {dict(self.fields[name].choices)[value]}",  # type: ignore[attr-defined]
                "url": "?" + _address(request, without={name}),
            }
            for name, value in self.set.items()
        ]


class QueueFilters(ListFilters):
    line = forms.TypedChoiceField(label=_("Line"), required=False, coerce=int, empty_value=None)
    status = forms.ChoiceField(label=_("Status"), required=False)
    priority = forms.ChoiceField(label=_("Priority"), required=False)
    executor = forms.ChoiceField(label=_("Executor"), required=False)

    def offer(self) -> None:
        self._choices("line", [(1, _("line 1")), (2, _("line 2"))])
        self._choices("status", [(one.value, one.label) for one in Status if one in OPEN])
        self._choices("priority", [*reversed(Priority.choices)])
        self._choices("executor", [("me", _("me")), ("nobody", _("nobody"))])


class ClosedFilters(ListFilters):
    outcome = forms.ChoiceField(label=_("Outcome"), required=False)
    executor = forms.ChoiceField(label=_("Executor"), required=False)

    def offer(self) -> None:
        self._choices("outcome", [*Outcome.choices, ("to_finalize", _("solved, not finalized"))])
        self._choices("executor", [("me", _("me"))])


def departments_of(user: User) -> list[Department]:
    """The departments whose tickets ``user`` sees as staff, by name."""
    if user.is_administrator:
        return list(Department.objects.active().only("name"))
    return sorted((one.department for one in user.active_memberships), key=lambda one: (one.name, one.pk))


def remembered(request: HttpRequest, name: str) -> HttpResponseRedirect | None:
    """Back to the filters of the last visit, if the address says nothing of any.

    The browser remembers them in a cookie, so that looking at a list writes nothing here.
    """
    last = QueryDict(request.COOKIES.get(name, "")[:_MOST])
    if request.GET or not last:
        return None
    return HttpResponseRedirect(f"{request.path}?{last.urlencode()}")


def remember(request: HttpRequest, response: HttpResponse, name: str, filters: ListFilters) -> HttpResponse:
    """Have the browser keep the filters of this page, but not the place in the list."""
    address = _address(request, without=set())
    if not filters.set:
        if name in request.COOKIES:
            response.delete_cookie(name, path=request.path)
    elif address != request.COOKIES.get(name) and len(address) <= _MOST:
        response.set_cookie(name, address, path=request.path, httponly=True, samesite="Lax", secure=request.is_secure())
    return response


def _address(request: HttpRequest, *, without: set[str]) -> str:
    """The address's filters without some of them, and without the place in the list; ``kept`` makes it complete."""
    wanted = QueryDict(mutable=True)
    wanted["kept"] = "1"
    for name, value in request.GET.items():
        if value and name not in _PLACES | without | {"kept"}:
            wanted[name] = value
    return wanted.urlencode()
