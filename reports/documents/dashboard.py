"""The dashboard as a document: the same figures for the same filters, out of the same objects as the page (R3.57)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO

from django.utils.translation import gettext as _

from helpdesk.people.models import User
from reports import tables
from surveys.templatetags.satisfaction_tags import satisfaction
from tickets.views.panel.charts import Links
from tickets.views.panel.dashboard import figures as figures_of

from . import pdf
from .figures import about, filters_of, sheet_about, sheet_of_bars, sheet_of_line, sheet_of_tiles


def make(
    *,
    reader: User,
    facts: dict[str, str],
    form: str,
    target: BinaryIO,
    at: datetime,
    progress: Callable[[int, int], None],
) -> None:
    """Write the dashboard of ``reader``.

    Args:
        facts: the page's own filters as they stand in its address: ``period``, ``since``, ``until``, ``department``,
            ``agent``, ``organization``.
    """
    filters, scope = filters_of(reader, facts, at)
    links = Links(filters.set)
    figures = figures_of(scope, links)
    heading = about(_("Dashboard"), figures, filters, reader, at)
    if form == "pdf":
        context = figures | {"about": heading, "reader": reader, "zone": pdf.zone()}
        pdf.write("pdf/dashboard.html", context, target, at=at, progress=progress)
        return
    satisfied = satisfaction(scope, links, figures["names"])
    bars = [figures["levels"], *satisfied["charts"], *figures["of_opened"], figures["outcomes"], *figures["of_open"]]
    sheets = [
        sheet_about(heading, figures["definitions"]),
        sheet_of_tiles([*figures["tiles"], satisfied["tile"]]),
        sheet_of_line(figures["line"]),
        *map(sheet_of_bars, bars),
    ]
    tables.write(form, target, sheets, progress=progress)
