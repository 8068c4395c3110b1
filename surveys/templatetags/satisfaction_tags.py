"""Satisfaction on the dashboard of the floor below (R3.55, R3.56)."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from surveys.indicators import RATED, mean_rating
from surveys.indicators import satisfaction as satisfaction_of
from tickets.indicators import Breakdown, Scope
from tickets.views.panel import charts
from tickets.views.panel.charts import Bar, BarChart, Cell, Links, Names, Tile

register = template.Library()

_BEST = 5


@register.inclusion_tag("surveys/satisfaction.html")
def satisfaction(scope: Scope, links: Links, names: Names) -> dict[str, Any]:
    """The mean rating and the number of answers, as a whole, by department and by sector."""
    found = satisfaction_of(scope)
    names.learn(found)
    whole, before = found["department"], scope.period.before
    mean = whole.total / whole.count if whole.count else None
    note = _("of %(count)s answers") % {"count": charts.number(whole.count)}
    was = mean_rating(scope, before) if before else None
    return {
        "tile": Tile(
            _("Mean rating, 1 to 5"),
            charts.rating(mean),
            links.to(RATED.name),
            note,
            charts.change(mean, was, charts.rating),
        ),
        "charts": [
            _chart("department", _("Satisfaction by department"), found["department"], links, names),
            _chart("sector", _("Satisfaction by sector"), found["sector"], links, names),
        ],
    }


def _chart(by: str, title: str, breakdown: Breakdown, links: Links, names: Names) -> BarChart:
    """Those first that are satisfied least."""

    def cells(count: int, total: int, key: str) -> list[Cell]:
        at = {"by": by, "key": key} if key else {}
        return [
            Cell(charts.rating(total / count if count else None)),
            Cell(charts.number(count), links.to("rated", **at)),
        ]

    rows = sorted(breakdown.rows, key=lambda row: (row.mean or 0, row.key))
    return BarChart(
        name=f"rated-{by}",
        title=title,
        dimension=names.head(by),
        columns=[_("Mean rating"), _("Answers")],
        bars=[
            Bar(names.of(by, row.key), charts.width(row.mean or 0, _BEST), cells(row.count, row.total, row.key))
            for row in rows
        ],
        total=cells(breakdown.count, breakdown.total, ""),
    )
