"""Satisfaction as a document: the figures of its page, and every comment that the reader may read (R3.55, R3.56)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from helpdesk.people.models import User
from reports import tables
from reports.tables import Sheet
from surveys.models import Survey
from surveys.satisfaction import comments, figures
from tickets.views.panel.charts import Links

from . import pdf
from .figures import about, filters_of, sheet_about, sheet_of_bars, sheet_of_tiles

# A PDF is laid out in memory; whoever wants more takes a table.
MOST_ON_PAPER = 500


def make(
    *,
    reader: User,
    facts: dict[str, str],
    form: str,
    target: BinaryIO,
    at: datetime,
    progress: Callable[[int, int], None],
) -> None:
    """Write the satisfaction report of ``reader``.

    Args:
        facts: the page's own filters as they stand in its address, as of the dashboard.
    """
    filters, scope = filters_of(reader, facts, at)
    found = figures(scope, Links(filters.set))
    heading = about(_("Satisfaction"), found, filters, reader, at)
    written = comments(scope, reader)
    if form == "pdf":
        newest = list(written[: MOST_ON_PAPER + 1])
        context = found | {
            "about": heading,
            "reader": reader,
            "zone": pdf.zone(),
            "comments": newest[:MOST_ON_PAPER],
            "has_more": len(newest) > MOST_ON_PAPER,
        }
        pdf.write("pdf/satisfaction.html", context, target, at=at, progress=progress)
        return
    header = [
        *(_("Ticket"), _("Answered"), _("Rating"), _("Problem solved")),
        *(_("Comment"), _("Requester"), _("Department"), _("Agent")),
    ]
    sheets = [
        sheet_about(heading, found["definitions"]),
        sheet_of_tiles(found["tiles"]),
        *map(sheet_of_bars, found["charts"]),
        Sheet(_("Comments"), header, _rows(written.iterator(chunk_size=500)), total=written.count()),
    ]
    tables.write(form, target, sheets, progress=progress)


def _rows(surveys: Iterable[Survey]) -> Iterable[list[Any]]:
    for one in surveys:
        answer = [one.ticket_number, one.answered_at, one.rating, one.solved]
        yield [*answer, one.comment, one.requester_name, str(one.department), one.agent_name]
