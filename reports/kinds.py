"""Every kind of report in one table: what it is called, as what it can be had, who makes it, who may have it.

A maker writes one report to an open file:
``make(*, reader, facts, form, target, at, progress)``; it asks for nothing that the reader may not see, and says now
and then how far it is: ``progress(done, total)``. It is called with the reader's language and time zone active.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Protocol

from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from helpdesk.people.models import User

from . import rights
from .models import Form
from .rights import Facts
from .tables import Progress

_TABLES = (Form.CSV, Form.XLSX)
_FIGURES = frozenset({"period", "since", "until", "department", "agent", "organization"})


class Maker(Protocol):
    def __call__(
        self, *, reader: User, facts: dict[str, str], form: str, target: BinaryIO, at: datetime, progress: Progress
    ) -> None: ...


@dataclass(frozen=True)
class Kind:
    """One kind of report.

    Attributes:
        forms: as what it can be had.
        maker, title: dotted names, so that they are fetched when they are needed; ``title(reader, facts)`` says what
            one is about.
        reason_not: of somebody and facts: None, or why he cannot have it.
        file_name: without its ending.
        facts: what can be said about one; anything else is left out.
        is_regular: can be sent every week or month.
    """

    name: str
    label: Any
    forms: tuple[Form, ...]
    maker: str
    title: str
    reason_not: Callable[[User, Facts], str | None]
    file_name: str
    facts: frozenset[str]
    is_regular: bool = True

    def chosen(self, given: Any) -> dict[str, str]:
        """What ``given``, a form's data, says about a report of this kind; no NULs, which PostgreSQL cannot keep."""
        said = {name: str(given[name]).replace("\x00", " ")[:300] for name in sorted(self.facts) if given.get(name)}
        return {name: value for name, value in said.items() if value.strip()}

    def has_period(self, facts: Facts) -> bool:
        return "period" in self.facts and (self.name != "tickets" or facts.get("list") == "figure")

    def make(self, **what: Any) -> None:
        maker: Maker = import_string(self.maker)
        maker(**what)

    def title_of(self, reader: User, facts: Facts) -> str:
        title: str = import_string(self.title)(reader, facts)
        return title[:300]


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "tickets",
            _("List of tickets"),
            _TABLES,
            "reports.lists.make",
            "reports.lists.title",
            rights.at_the_desk,
            "tickets",
            _FIGURES
            | {"list", "line", "status", "priority", "executor", "outcome", "q", "person", "figure", "by", "key"},
        ),
        Kind(
            "dashboard",
            _("Dashboard"),
            (Form.PDF, *_TABLES),
            "reports.documents.dashboard.make",
            "reports.titles.of_figures",
            rights.of_figures,
            "dashboard",
            _FIGURES,
        ),
        Kind(
            "satisfaction",
            _("Satisfaction"),
            (Form.PDF, *_TABLES),
            "reports.documents.satisfaction.make",
            "reports.titles.of_satisfaction",
            rights.of_figures,
            "satisfaction",
            _FIGURES,
        ),
        Kind(
            "record",
            _("Record of a ticket"),
            (Form.PDF,),
            "reports.documents.record.make",
            "reports.titles.of_record",
            rights.of_record,
            "ticket",
            frozenset({"ticket", "version"}),
            is_regular=False,
        ),
    )
}
