"""Satisfaction on the dashboard of the floor below (R3.55, R3.56)."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from surveys.indicators import satisfaction as satisfaction_of
from surveys.satisfaction import chart, mean_tile
from tickets.indicators import Scope
from tickets.views.panel.charts import Links, Names

register = template.Library()


@register.inclusion_tag("surveys/satisfaction.html")
def satisfaction(scope: Scope, links: Links, names: Names) -> dict[str, Any]:
    """The mean rating and the number of answers, as a whole, by department and by sector."""
    found = satisfaction_of(scope)
    names.learn(found)
    return {
        "filters": links.filters,
        "tile": mean_tile(scope, links, found["department"]),
        "charts": [
            chart("department", _("Satisfaction by department"), found["department"], links, names),
            chart("sector", _("Satisfaction by sector"), found["sector"], links, names),
        ],
    }
