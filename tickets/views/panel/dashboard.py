"""The dashboard of heads and administrators, and the list behind each of its figures (R3.33, R3.44 to R3.57, R4.36)."""

from __future__ import annotations

from typing import Any

from django.db.models import IntegerField
from django.db.models.functions import Cast
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_safe

from helpdesk.core.pages import Page, page_of
from helpdesk.people.requests import SignedInRequest
from tickets import indicators
from tickets.forms_dashboard import DashboardForm
from tickets.indicators import COHORTS, DIMENSIONS, Scope
from tickets.lifecycle import Outcome

from . import charts
from .charts import Bar, BarChart, Cell, Links, Names, Tile
from .doors import for_heads
from .rows import rows_of

_OF_OPENED = ("service", "priority", "department", "agent", "sector", "requester")
_OF_OPEN = ("status", "priority", "line")
# What people call the breakdowns of opened tickets (R3.49 to R3.54).
_TITLES = {
    "service": gettext_lazy("Opened tickets by service"),
    "priority": gettext_lazy("Opened tickets by priority"),
    "department": gettext_lazy("Opened tickets by department"),
    "agent": gettext_lazy("Opened tickets by agent"),
    "sector": gettext_lazy("Opened tickets by sector"),
    "requester": gettext_lazy("Opened tickets by requester"),
}
_TITLES_OPEN = {
    "status": gettext_lazy("Open tickets by status"),
    "priority": gettext_lazy("Open tickets by priority"),
    "line": gettext_lazy("Open tickets by line"),
}


@require_safe
@for_heads
def dashboard(request: SignedInRequest) -> HttpResponse:
    """Every figure of the period, its comparison with the period before, and the ways to the tickets."""
    form = DashboardForm(request.GET or None, reader=request.user)
    context: dict[str, Any] = {"form": form, "organizations": form.offered_organizations()}
    if scope := form.scope():
        context |= figures(scope, Links(form.set))
    return render(request, "panel/dashboard.html", context)


def figures(scope: Scope, links: Links) -> dict[str, Any]:
    """Everything that the page says of ``scope``; documents say the same (R3.57)."""
    names = Names()
    opened = indicators.breakdowns(scope, "opened", _OF_OPENED)
    still_open = indicators.breakdowns(scope, "open", _OF_OPEN)
    current = indicators.breakdowns(scope, "current", ["agent"])
    judged = indicators.breakdowns(scope, "judged", ["service"], value=Cast("sla_met", IntegerField()))
    names.learn(opened, still_open, current, judged)
    ended = indicators.ended(scope)
    before = scope.period.before
    return {
        "scope": scope,
        "links": links,
        "names": names,
        "tiles": _tiles(scope, links, still_open["status"].count, ended),
        "period": charts.in_words_of(scope.period),
        "before": before and charts.in_words_of(before),
        "line": charts.line_chart(
            _("Opened and ended tickets"),
            {"opened": pgettext("figure", "Opened"), "ended": _("Ended")},
            indicators.series(scope, ["opened", "ended"]),
            scope.period.unit,
            links,
        ),
        "levels": _levels(judged["service"], names, links),
        "of_opened": [
            charts.counts(f"opened-{by}", _TITLES[by], "opened", by, opened[by], names, links) for by in _OF_OPENED
        ],
        "of_open": [
            *(
                charts.counts(f"open-{by}", _TITLES_OPEN[by], "open", by, still_open[by], names, links)
                for by in _OF_OPEN
            ),
            charts.counts(
                "current", _("Current tasks by executor"), "current", "agent", current["agent"], names, links
            ),
        ],
        "outcomes": _outcomes(ended, links),
        "definitions": [(one.label, one.definition) for one in COHORTS.values() if one.page == "dashboard"],
    }


def _tiles(scope: Scope, links: Links, open_now: int, ended: dict[str, Any]) -> list[Tile]:
    opened, judged = indicators.opened(scope), indicators.judged(scope)
    before = scope.period.before
    opened_before = indicators.opened(scope, before) if before else {}
    ended_before = indicators.ended(scope, before) if before else {}
    judged_before = indicators.judged(scope, before) if before else {}

    def of(count: int) -> str:
        return _("of %(count)s tickets") % {"count": charts.number(count)}

    def count(word: Any, figure: str, now: int, was: int | None, level: str = "", note: str = "") -> Tile:
        changed = charts.change(now, was, charts.number)
        return Tile(word, charts.number(now), links.to(figure), note, changed, level, now)

    def mean(word: Any, figure: str, name: str, now: dict[str, Any], was: dict[str, Any]) -> Tile:
        changed = charts.change(now[name], was.get(name), charts.span)
        note = of(now[_COUNTED[name]])
        return Tile(word, charts.span(now[name]), links.to(figure), note, changed, value=now[name])

    def part(word: Any, figure: str) -> Tile:
        share = charts.share(opened[figure], opened["count"])
        changed = charts.change(opened[figure], opened_before.get(figure), charts.number)
        note = _("%(part)s of %(whole)s") % {
            "part": charts.number(opened[figure]),
            "whole": charts.number(opened["count"]),
        }
        return Tile(word, share, links.to(figure), note, changed, value=opened[figure])

    def verdict(word: Any, figure: str, level: str) -> Tile:
        note = _("%(share)s of %(whole)s with a service level") % {
            "share": charts.share(judged[figure], judged["count"]),
            "whole": charts.number(judged["count"]),
        }
        return count(word, figure, judged[figure], judged_before.get(figure), level if judged[figure] else "", note)

    return [
        count(_("Open tickets"), "open", open_now, indicators.old_open(scope), note=_("at this moment")),
        count(pgettext("figure", "Opened"), "opened", opened["count"], opened_before.get("count")),
        count(_("Ended"), "ended", ended["count"], ended_before.get("count")),
        mean(_("Mean time until the first service"), "started", "first_service", opened, opened_before),
        mean(_("Mean service time"), "served", "service", ended, ended_before),
        verdict(_("Service level met"), "met", ""),
        verdict(_("Service level not met"), "missed", "danger"),
        mean(_("Mean time to assignment"), "assigned", "to_assignment", opened, opened_before),
        mean(_("Mean time to solution"), "solved", "to_solution", ended, ended_before),
        part(_("Assigned automatically"), "by_clock"),
        part(_("Escalated to line 2"), "line_2"),
    ]


# Of how many tickets each mean is.
_COUNTED = {"first_service": "started", "service": "served", "to_assignment": "assigned", "to_solution": "solved"}


def _levels(judged: indicators.Breakdown, names: Names, links: Links) -> BarChart:
    """Met and not met by service, those first that miss most (R3.47, R3.48)."""
    rows = sorted(judged.rows, key=lambda row: (row.total - row.count, row.key))
    most = max((row.count - row.total for row in rows), default=0)

    def cells(met: int, all_of_them: int, key: str) -> list[Cell]:
        at = {"by": "service", "key": key} if key else {}
        missed = all_of_them - met
        return [
            charts.counted(missed, links.to("missed", **at)),
            charts.counted(met, links.to("met", **at)),
            Cell(charts.share(met, all_of_them)),
        ]

    return BarChart(
        name="levels",
        title=_("Service levels by service"),
        dimension=names.head("service"),
        columns=[_("Not met"), _("Met"), _("Share met")],
        bars=[
            Bar(
                names.of("service", row.key),
                charts.width(row.count - row.total, most),
                cells(row.total, row.count, row.key),
            )
            for row in rows
        ],
        total=cells(judged.total, judged.count, ""),
        level="danger",
    )


def _outcomes(ended: dict[str, Any], links: Links) -> BarChart:
    rows = [
        indicators.Counted(outcome.value, ended[f"outcome_{outcome.value}"])
        for outcome in Outcome
        if ended[f"outcome_{outcome.value}"]
    ]
    breakdown = indicators.Breakdown(rows, ended["count"])
    return charts.counts("outcomes", _("Ended tickets by outcome"), "ended", "outcome", breakdown, Names(), links)


@require_safe
@for_heads
def figure(request: SignedInRequest) -> HttpResponse:
    """The tickets of one figure, the newest first: exactly those that it counts (R3.57)."""
    form = DashboardForm(request.GET, reader=request.user)
    cohort = indicators.cohort_named(request.GET.get("figure", ""))
    by, key = request.GET.get("by", ""), request.GET.get("key", "")
    scope = form.scope()
    page, part, names = Page([], None, None), "", Names()
    if scope and cohort and (not by or by in DIMENSIONS):
        found = indicators.tickets_behind(scope, cohort.name, by, key)
        page = page_of(found.only("pk"), request.GET)
        if by:
            rows = indicators.Breakdown([indicators.Counted(key, 0)], 0)
            # Names only what is in the reader's sight: what has no tickets here is not named.
            if page.rows:
                names.learn({by: rows})
            part = f"{names.head(by)}: {names.of(by, key)}"
    context = {
        "cohort": cohort,
        "part": part,
        "page": page,
        "rows": rows_of([ticket.pk for ticket in page.rows], request.user),
        "filters": form.set,
        "chips": form.chips(),
        "period": charts.in_words_of(scope.period) if scope and cohort and cohort.instant else "",
        "now": timezone.now(),
    }
    return render(request, "panel/figure.html", context)
