"""Lists of tickets as tables: the panel's lists with their filters, whole and not page by page (R3.57, R6.26).

A row says no more than its reader may know anyway: a rating is told to those who may read the answer (R1.43, R4.40).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from django.db.models import OuterRef, Q, QuerySet, Subquery, TextChoices
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from helpdesk.core.pages import read_key
from helpdesk.core.refusals import Refused
from helpdesk.people.models import User
from surveys.models import Survey
from tickets import indicators
from tickets.forms_dashboard import DashboardForm
from tickets.indicators import COHORTS, DIMENSIONS, Scope
from tickets.lifecycle import FINAL, Outcome, Priority, shown_status
from tickets.models import Ticket
from tickets.views.panel import charts, filters

from . import tables
from .documents.figures import filters_of
from .rights import Facts
from .tables import Progress, Sheet

# So many rows are fetched at a time.
_CHUNK = 2_000
_COLUMNS = (
    "number",
    "subject",
    "status",
    "outcome",
    "priority",
    "department__name",
    "service__name",
    "line",
    "requester__name",
    "organization__name",
    "executor__name",
    "opened_at",
    "started_at",
    "concluded_at",
    "closed_at",
    "start_due_at",
    "conclusion_due_at",
    "conclusion_target",
    "clock_spent",
    "conclusion_met",
    "sla_met",
)


def make(*, reader: User, facts: dict[str, str], form: str, target: BinaryIO, at: datetime, progress: Progress) -> None:
    """The tickets that a list of the panel shows ``reader`` under these filters, by number.

    Raises:
        Refused: the figure whose tickets are wanted is none, or not for these filters (any more).
    """
    if facts.get("list") == "figure":
        filters_of(reader, facts, at)  # says which filter it is
        if _figure(reader, facts) is None:
            raise Refused(_("There is no such report."))
    answers = Survey.objects.answered().visible_to(reader).filter(ticket=OuterRef("pk")).order_by()
    found = tickets_of(reader, facts).annotate(known_rating=Subquery(answers.values("rating"))).order_by("number")
    sheet = Sheet(_("Tickets"), _header(), _rows(found, at), total=found.count())
    tables.write(form, target, [sheet], progress=progress)


def tickets_of(reader: User, facts: Facts) -> QuerySet[Ticket]:
    """What is in a list; whatever its filters say, only what ``reader`` may see of it."""
    name = facts.get("list")
    given = QueryDict(urlencode(facts))
    if name == "queue":
        chosen = filters.of_queue(given, filters.departments_of(reader)).set
        return Ticket.objects.in_departments_of(reader).open().filter(filters.in_queue(chosen, reader))
    if name == "closed":
        chosen = filters.of_closed(given, filters.departments_of(reader)).set
        conditions = filters.among_closed(chosen, reader)
        if "department" in chosen:
            conditions &= Q(department=chosen["department"])
        return Ticket.objects.in_departments_of(reader).ended().filter(conditions)
    if name == "figure":
        return _of_figure(reader, facts)
    if name == "search":
        return _of_search(reader, facts)
    return Ticket.objects.none()


def _of_figure(reader: User, facts: Facts) -> QuerySet[Ticket]:
    found = _figure(reader, facts)
    if found is None:
        return Ticket.objects.none()
    scope, name = found
    return indicators.tickets_behind(scope, name, facts.get("by", ""), facts.get("key", ""))


def _figure(reader: User, facts: Facts) -> tuple[Scope, str] | None:
    """Which figure, and of what; None where there is none such, or the filters say what ``reader`` cannot choose."""
    scope, by = DashboardForm(QueryDict(urlencode(facts)), reader=reader).scope(), facts.get("by", "")
    cohort = indicators.cohort_named(facts.get("figure", ""))
    if scope is None or cohort is None or (by and by not in DIMENSIONS):
        return None
    return scope, cohort.name


def _of_search(reader: User, facts: Facts) -> QuerySet[Ticket]:
    served = Ticket.objects.served_by(reader)
    if person := read_key(facts.get("person")):
        if not reader.sees_customers:
            return served.none()
        return served.filter(Q(requester=person) | Q(executor=person, closed_at__isnull=True))
    words = facts.get("q", "").replace("\x00", " ").strip()
    return served.matching(words, notes=True) if words else served.none()


def _header() -> list[str]:
    return [
        _("Number"),
        _("Subject"),
        _("Status"),
        _("Criticality"),
        _("Department"),
        _("Service"),
        _("Line"),
        _("Requester"),
        _("Organization"),
        _("Executor"),
        pgettext("when", "Opened"),
        _("First start"),
        _("Concluded"),
        pgettext("when", "Closed"),
        _("Outcome"),
        _("Hours left of the service level"),
        _("Service level"),
        _("Rating"),
    ]


def _rows(found: QuerySet[Ticket], at: datetime) -> Iterator[list[Any]]:
    words = _Words()
    for values in found.values(*_COLUMNS, "known_rating").iterator(chunk_size=_CHUNK):
        yield [
            values["number"],
            values["subject"],
            words.of(shown_status(values["status"], values["outcome"])),
            words.of(Priority(values["priority"])),
            values["department__name"],
            values["service__name"],
            values["line"],
            values["requester__name"],
            values["organization__name"],
            values["executor__name"],
            values["opened_at"],
            values["started_at"],
            values["concluded_at"],
            values["closed_at"],
            words.of(Outcome(values["outcome"])) if values["outcome"] else None,
            _left(values, at),
            words.verdict(values["sla_met"]),
            values["known_rating"],
        ]


class _Words:
    """Words that repeat on every row, translated once each."""

    def __init__(self) -> None:
        self._known: dict[tuple[type, str], str] = {}
        self._verdicts = {None: None, True: _("met"), False: _("not met")}

    def of(self, choice: TextChoices) -> str:
        key = (type(choice), choice.value)
        if key not in self._known:
            self._known[key] = str(choice.label)
        return self._known[key]

    def verdict(self, met: bool | None) -> str | None:
        return self._verdicts[met]


def _left(values: dict[str, Any], at: datetime) -> Any:
    """Until the target that is due first, by the wall clock; of one whose clock stands, the working time that is left.

    Less than nothing where it is missed already, and nothing where all is decided.
    """
    if values["status"] in FINAL:
        return None
    is_open = values["conclusion_met"] is None
    dues = [due for due in (values["start_due_at"], values["conclusion_due_at"] if is_open else None) if due]
    if dues:
        return min(dues) - at
    if values["conclusion_target"] is not None and is_open:
        return values["conclusion_target"] - values["clock_spent"]
    return None


# --- What such a list is called


def title(reader: User, facts: Facts) -> str:
    """The name of the list, and its filters as the page says them."""
    name, given = facts.get("list"), QueryDict(urlencode(facts))
    if name == "queue":
        return _with(_("Queue"), _chips(filters.of_queue(given, filters.departments_of(reader))))
    if name == "closed":
        return _with(_("Closed tickets"), _chips(filters.of_closed(given, filters.departments_of(reader))))
    if name == "search":
        person = User.objects.filter(pk=read_key(facts.get("person"))).first() if facts.get("person") else None
        if facts.get("person"):
            known = person is not None and tickets_of(reader, facts).exists()
            return _("Tickets of %(person)s") % {"person": person} if known else _("Search")
        return _("Search: %(words)s") % {"words": facts.get("q", "")}
    return _title_of_figure(reader, facts, given)


def _title_of_figure(reader: User, facts: Facts, given: QueryDict) -> str:
    cohort, form = COHORTS.get(facts.get("figure", "")), DashboardForm(given, reader=reader)
    scope, by = form.scope(), facts.get("by", "")
    if scope is None or cohort is None:
        return _("Tickets")
    parts = [charts.in_words_of(scope.period)] if cohort.instant else []
    if by in DIMENSIONS:
        names, key = charts.Names(), facts.get("key", "")
        # Names only what is in the reader's sight, as the page does.
        if tickets_of(reader, facts).exists():
            names.learn({by: indicators.Breakdown([indicators.Counted(key, 0)], 0)})
        parts.append(f"{names.head(by)}: {names.of(by, key)}")
    return _with(str(cohort.label), [*parts, *form.chips()])


def _chips(chosen: filters.Filters) -> list[str]:
    return [f"{one.label}: {dict(one.choices)[one.value]}" for one in chosen.all if one.value]


def _with(name: str, chips: list[str]) -> str:
    return f"{name} ({'; '.join(chips)})" if chips else name
