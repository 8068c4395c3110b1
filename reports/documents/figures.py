"""What documents of figures have in common: whose they are, the filters in words, and tables of what a page draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from helpdesk.core.refusals import Refused
from helpdesk.core.templatetags.ui import exact
from helpdesk.people.models import User
from reports.tables import Sheet
from tickets.forms_dashboard import DashboardForm
from tickets.indicators import Scope
from tickets.views.panel.charts import BarChart, Cell, LineChart, Tile
from tickets.views.panel.doors import decides_here


def filters_of(reader: User, facts: Mapping[str, str], at: datetime) -> tuple[DashboardForm, Scope]:
    """The page's own form, filled in with ``facts``, and what it means for ``reader``.

    Periods such as "7 days" end with the day of ``at``.
    """
    if not decides_here(reader):
        raise Refused(_("Only heads of departments and administrators have these figures."))
    query = QueryDict(mutable=True)
    query.update(dict(facts))
    form = DashboardForm(query, reader=reader, at=at)
    scope = form.scope()
    if scope is None:
        wrong = [f"{form.fields[name].label}: {' '.join(map(str, said))}" for name, said in form.errors.items()]
        raise Refused(_("There are no figures for these filters: %(wrong)s") % {"wrong": "; ".join(wrong)})
    return form, scope


def about(
    title: Any, figures: Mapping[str, Any], form: DashboardForm, reader: User, at: datetime
) -> list[tuple[Any, Any]]:
    """What a document says of itself: which figures, of when, for whom."""
    rows = [
        (_("Report"), title),
        (_("Period"), figures["period"]),
        (_("Compared with"), figures["before"] or ""),
        (_("Filters"), " · ".join(form.chips()) or _("none")),
        (_("Made for"), reader),
        (_("Made on"), exact(at)),
    ]
    return [(word, value) for word, value in rows if value]


# --- tables


def sheet_about(rows: Iterable[tuple[Any, Any]], definitions: Iterable[tuple[Any, Any]]) -> Sheet:
    found = [*((str(word), str(value)) for word, value in rows), ("", "")]
    header = [pgettext("document", "What"), _("Says")]
    return Sheet(_("About"), header, [*found, *((str(one), str(words)) for one, words in definitions)])


def sheet_of_tiles(tiles: Iterable[Tile]) -> Sheet:
    return Sheet(
        _("At a glance"),
        [_("Figure"), _("Value (times in hours)"), _("As shown"), _("Note"), _("Comparison")],
        [[str(one.word), one.value, one.figure, one.note, _compared(one)] for one in tiles],
    )


def _compared(tile: Tile) -> str:
    return f"{tile.change.arrow} {tile.change.words}" if tile.change else ""


def sheet_of_bars(chart: BarChart) -> Sheet:
    rows = [[bar.label, *_values(bar.cells)] for bar in chart.bars]
    return Sheet(
        str(chart.title),
        [str(chart.dimension), *map(str, chart.columns)],
        [*rows, [_("Total"), *_values(chart.total)]],
    )


def sheet_of_line(chart: LineChart) -> Sheet:
    header = [_("Period"), *(str(line.name) for line in chart.lines)]
    return Sheet(str(chart.title), header, [[words, *_values(cells)] for words, cells in chart.rows])


def _values(cells: Iterable[Cell]) -> list[Any]:
    return [one.text if one.value is None else one.value for one in cells]
