"""Filters of the panel's lists, whose state is the address (look.md, section 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from helpdesk.people.models import Department, User
from tickets.lifecycle import COLUMNS, OPEN, Outcome, Priority, Status

# The longest address that is worth remembering.
_MOST = 300
_PLACES = frozenset({"before", "after"})


@dataclass(frozen=True)
class Filter:
    """One choice above a list; ``value`` is what is chosen, empty: what ``nothing`` says."""

    name: str
    label: str
    choices: list[tuple[str, Any]]
    value: str
    nothing: str

    @property
    def options(self) -> SafeString:
        rows = [("", self.nothing), *self.choices]
        return format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((value, SafeString(" selected") if value == self.value else "", label) for value, label in rows),
        )


class Filters:
    """The filters of one list, out of an address: what is not offered is not set, and nothing is an error.

    Attributes:
        set: what is chosen, by name.
    """

    def __init__(
        self,
        given: QueryDict,
        offered: Iterable[tuple[str, str, list[tuple[str, Any]]]],
        nothing: Mapping[str, str] | None = None,
    ) -> None:
        self._given = given
        words = nothing or {}
        self.all = [
            Filter(name, label, choices, _chosen(given.get(name, ""), choices), words.get(name) or _all_of(name))
            for name, label, choices in offered
            if choices
        ]
        self.set = {one.name: one.value for one in self.all if one.value}

    def chips(self) -> list[dict[str, Any]]:
        """What is set, each with the address without it."""
        return [
            {
                "label": format_html("{}: {}", one.label, dict(one.choices)[one.value]),
                "url": "?" + _address(self._given, without={one.name}),
            }
            for one in self.all
            if one.value
        ]


def _all_of(name: str) -> str:
    """The word agrees with what it is said of where a language has genders."""
    return pgettext("lines or priorities", "All") if name in {"line", "priority"} else _("All")


def _chosen(value: str, choices: list[tuple[str, Any]]) -> str:
    return value if any(value == one for one, _label in choices) else ""


def of_queue(given: QueryDict, departments: list[tuple[int, str]]) -> Filters:
    return Filters(
        given,
        [
            _of_department(departments),
            _of_line(),
            ("status", _("Status"), [*((one.value, one.label) for one in Status if one in OPEN), *_of_columns()]),
            _of_priority(),
            ("executor", _("Executor"), [("me", _("me")), ("nobody", _("nobody"))]),
        ],
    )


def in_queue(chosen: Mapping[str, str], user: User) -> Q:
    """Which open tickets the queue's filters mean."""
    conditions = Q(**{name: chosen[name] for name in ("department", "line", "priority") if name in chosen})
    if "status" in chosen:
        conditions &= Q(status__in=statuses_of(chosen["status"]))
    if chosen.get("executor") == "me":
        conditions &= Q(executor=user)
    elif chosen.get("executor") == "nobody":
        conditions &= Q(executor__isnull=True)
    return conditions


def among_closed(chosen: Mapping[str, str], user: User) -> Q:
    """Which ended tickets the filters of the closed ones mean, but for the department."""
    conditions, outcome = Q(), chosen.get("outcome")
    if outcome == "to_finalize":
        conditions &= Q(executor=user, outcome=Outcome.SOLVED, finalized_at__isnull=True)
    elif outcome:
        conditions &= Q(outcome=outcome)
    if chosen.get("executor") == "me":
        conditions &= Q(executor=user)
    return conditions


def of_board(given: QueryDict, departments: list[tuple[int, str]], *, may_be_mine: bool) -> Filters:
    """The board's filters.

    Args:
        may_be_mine: the reader serves or heads a department, so that something can be his; at first he sees that only.
    """
    whose = [("all", _("all"))] if may_be_mine else []
    offered = [("whose", _("Whose"), whose), _of_department(departments), _of_line(), _of_priority()]
    return Filters(given, offered, nothing={"whose": _("mine")})


def statuses_of(value: str) -> list[str]:
    """The statuses that a choice of the filter "status" means: one, or all of a column of the board."""
    return next((list(statuses) for name, _label, statuses in COLUMNS if name == value), [value])


def _of_columns() -> list[tuple[str, Any]]:
    """The board's columns of several statuses, with all of them in words."""
    several = ((name, statuses) for name, _label, statuses in COLUMNS if len(statuses) > 1)
    return [(name, " / ".join(str(status.label) for status in statuses)) for name, statuses in several]


def _of_line() -> tuple[str, str, list[tuple[str, Any]]]:
    return "line", _("Line"), [("1", _("line 1")), ("2", _("line 2"))]


def _of_priority() -> tuple[str, str, list[tuple[str, Any]]]:
    return "priority", _("Priority"), [(one.value, one.label) for one in reversed(Priority)]


def of_closed(given: QueryDict, departments: list[tuple[int, str]]) -> Filters:
    return Filters(
        given,
        [
            _of_department(departments),
            ("outcome", _("Outcome"), [*Outcome.choices, ("to_finalize", _("to be finalized by me"))]),
            ("executor", _("Executor"), [("me", _("me"))]),
        ],
    )


def _of_department(departments: list[tuple[int, str]]) -> tuple[str, str, list[tuple[str, Any]]]:
    """Nothing to choose where there is one."""
    choices = [(str(pk), name) for pk, name in departments] if len(departments) > 1 else []
    return "department", _("Department"), choices


def departments_of(user: User) -> list[tuple[int, str]]:
    """Key and name of the departments of whose tickets ``user`` sees some as staff, by name (R2.46)."""
    if user.sight.reaches_every_department:
        return list(Department.objects.active().values_list("pk", "name"))
    found = ((one.department_id, one.department.name) for one in user.active_memberships)
    return sorted(found, key=lambda one: one[1])


def remembered(request: HttpRequest, name: str) -> HttpResponseRedirect | None:
    """Back to the filters of the last visit, if the address says nothing of any.

    The browser remembers them in a cookie, so that looking at a list writes nothing here. ``kept`` in an address says
    that it is complete.
    """
    last = QueryDict(request.COOKIES.get(name, "")[:_MOST])
    if request.GET or not last:
        return None
    return HttpResponseRedirect(f"{request.path}?{last.urlencode()}")


def remember(request: HttpRequest, response: HttpResponse, name: str, filters: Filters) -> HttpResponse:
    """Have the browser keep the filters of this page, but not the place in the list."""
    address = _address(request.GET, without=set())
    if not filters.set:
        if name in request.COOKIES:
            response.delete_cookie(name, path=request.path)
    elif address != request.COOKIES.get(name) and len(address) <= _MOST:
        response.set_cookie(name, address, path=request.path, httponly=True, samesite="Lax", secure=request.is_secure())
    return response


def _address(given: QueryDict, *, without: set[str]) -> str:
    """The address's filters without some of them, and without the place in the list; ``kept`` makes it complete."""
    wanted = QueryDict(mutable=True)
    wanted["kept"] = "1"
    for name, value in given.dict().items():
        if value and name not in _PLACES | without | {"kept"}:
            wanted[name] = str(value)
    return wanted.urlencode()
