"""Satisfaction made ready for pages and documents: the dashboard's part, and the page of its own (R3.55, R3.56)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from helpdesk.people.models import User
from surveys import indicators
from surveys.indicators import ANSWERED, BY_RATING, RATED, RATINGS, SENT, SOLVED
from surveys.models import Survey
from tickets.indicators import Breakdown, Scope
from tickets.views.panel import charts
from tickets.views.panel.charts import Bar, BarChart, Cell, Links, Names, Tile

_BEST = RATINGS[-1]


def mean_tile(scope: Scope, links: Links, whole: Breakdown) -> Tile:
    """The mean rating of the period, and that of the period before."""
    before = scope.period.before
    mean = whole.total / whole.count if whole.count else None
    was = indicators.mean_rating(scope, before) if before else None
    return Tile(
        _("Mean rating, 1 to 5"),
        charts.rating(mean),
        links.to(RATED.name),
        _("of %(count)s answers") % {"count": charts.number(whole.count)},
        charts.change(mean, was, charts.rating),
        value=mean,
    )


def chart(by: str, title: str, breakdown: Breakdown, links: Links, names: Names) -> BarChart:
    """Those first that are satisfied least."""
    rows = sorted(breakdown.rows, key=lambda row: (row.mean or 0, row.key))
    return BarChart(
        name=f"rated-{by}",
        title=title,
        dimension=names.head(by),
        columns=[_("Mean rating"), _("Answers")],
        bars=[
            Bar(
                names.of(by, row.key),
                charts.width(row.mean or 0, _BEST),
                _cells(row.count, row.total, links.to(RATED.name, by, row.key)),
            )
            for row in rows
        ],
        total=_cells(breakdown.count, breakdown.total, links.to(RATED.name)),
    )


def _cells(count: int, total: int, href: str) -> list[Cell]:
    mean = total / count if count else None
    return [Cell(charts.rating(mean), value=mean), charts.counted(count, href)]


def figures(scope: Scope, links: Links) -> dict[str, Any]:
    """Everything that the page of satisfaction says of ``scope``; documents say the same (R3.57)."""
    names, before = Names(), scope.period.before
    found = indicators.satisfaction(scope, ("department", "sector", "agent"))
    names.learn(found)
    answers, whole = indicators.answers(scope), found["department"]
    return {
        "scope": scope,
        "links": links,
        "period": charts.in_words_of(scope.period),
        "before": before and charts.in_words_of(before),
        "tiles": [mean_tile(scope, links, whole), *_tiles(scope, links, answers)],
        "charts": [
            _distribution(answers, links),
            _solved(answers, links),
            chart("department", _("Satisfaction by department"), found["department"], links, names),
            chart("sector", _("Satisfaction by sector"), found["sector"], links, names),
            chart("agent", _("Satisfaction by agent"), found["agent"], links, names),
            _months(scope, links, whole),
        ],
        "definitions": [(one.label, one.definition) for one in indicators.COHORTS],
    }


def _tiles(scope: Scope, links: Links, answers: dict[str, int]) -> list[Tile]:
    sent, before = indicators.sent(scope), scope.period.before
    sent_before = indicators.sent(scope, before) if before else {}
    answers_before = indicators.answers(scope, before) if before else {}
    yes, no = SOLVED[True], SOLVED[False]

    def count(word: Any, figure: str, now: int, was: int | None, whole: int) -> Tile:
        note = _("%(share)s of %(whole)s") % {"share": charts.share(now, whole), "whole": charts.number(whole)}
        return Tile(word, charts.number(now), links.to(figure), note, charts.change(now, was, charts.number), value=now)

    return [
        Tile(
            _("Surveys sent"),
            charts.number(sent["count"]),
            links.to(SENT.name),
            "",
            charts.change(sent["count"], sent_before.get("count"), charts.number),
            value=sent["count"],
        ),
        count(_("Of these answered"), ANSWERED.name, sent["answered"], sent_before.get("answered"), sent["count"]),
        count(yes.label, yes.name, answers[yes.name], answers_before.get(yes.name), answers["count"]),
        count(no.label, no.name, answers[no.name], answers_before.get(no.name), answers["count"]),
    ]


def _parts(name: str, title: str, dimension: str, rows: list[tuple[Any, str, int]], count: int, href: str) -> BarChart:
    """Parts of all answers; ``rows`` have a word, the figure behind it, and how many there are."""
    most = max((found for _word, _href, found in rows), default=0)
    return BarChart(
        name=name,
        title=title,
        dimension=dimension,
        columns=[_("Answers"), _("Share")],
        bars=[
            Bar(str(word), charts.width(found, most), [charts.counted(found, to), Cell(charts.share(found, count))])
            for word, to, found in rows
            if count
        ],
        total=[charts.counted(count, href), Cell(charts.share(count, count))],
    )


def _distribution(answers: dict[str, int], links: Links) -> BarChart:
    rows: list[tuple[Any, str, int]] = [
        (rating, links.to(BY_RATING[rating].name), answers[BY_RATING[rating].name]) for rating in reversed(RATINGS)
    ]
    return _parts("ratings", _("Ratings"), _("Rating"), rows, answers["count"], links.to(RATED.name))


def _solved(answers: dict[str, int], links: Links) -> BarChart:
    words = {True: _("yes"), False: _("no")}
    rows: list[tuple[Any, str, int]] = [
        (words[said], links.to(one.name), answers[one.name]) for said, one in SOLVED.items()
    ]
    title, dimension = _("Is the problem solved?"), pgettext("noun", "Answer")
    return _parts("solved", title, dimension, rows, answers["count"], links.to(RATED.name))


def _months(scope: Scope, links: Links, whole: Breakdown) -> BarChart:
    bars = []
    for month in indicators.by_month(scope):
        within = {"period": "custom", "since": month.first.isoformat(), "until": month.last.isoformat()}
        cells = _cells(month.count, month.total, links.to(RATED.name, **within))
        words = format_date(month.first, pgettext("date format", "F Y"))
        bars.append(Bar(words, charts.width(month.total / month.count, _BEST), cells))
    return BarChart(
        name="months",
        title=_("Satisfaction by month"),
        dimension=_("Month"),
        columns=[_("Mean rating"), _("Answers")],
        bars=bars,
        total=_cells(whole.count, whole.total, links.to(RATED.name)),
    )


def comments(scope: Scope, reader: User) -> QuerySet[Survey]:
    """What was written beside the ratings of ``scope``, as far as ``reader`` may read it; the newest first."""
    rated = scope.tickets(RATED.name).exclude(survey__comment="").order_by()
    found = Survey.objects.answered().visible_to(reader).filter(ticket__in=rated.values("pk"))
    return found.select_related("department", "ticket").order_by("-answered_at", "-pk")
