"""Figures made ready for the templates: tiles, bars, a line; words and drawings, no markup of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from helpdesk.core.templatetags.ui import in_words
from helpdesk.people.models import Department, Sector, Service, User
from tickets.indicators import REST, Breakdown, Bucket, Period
from tickets.lifecycle import Outcome, Priority, Status

# The drawing of a line, in its own units: room for the words at its left and below it.
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP, _RIGHT = 720, 220, 44, 26, 12, 12
_MOST_LABELS = 8


@dataclass(frozen=True)
class Links:
    """Addresses of the lists behind figures, with the page's filters (R3.57)."""

    filters: Mapping[str, str]

    def to(self, figure: str, by: str = "", key: str = "", **instead: str) -> str:
        more = {"by": by, "key": key} if by else {}
        return f"{reverse('panel:figure')}?{urlencode({'figure': figure, **more, **self.filters, **instead})}"


# --- words


def number(value: float, digits: int = 0) -> str:
    """Rounded: formatting alone would cut off."""
    return number_format(round(value, digits), digits, force_grouping=True)


def share(part: int, whole: int) -> str:
    return _("%s %%") % number(100 * part / whole, 1) if whole else "–"


def span(value: timedelta | None) -> str:
    return "–" if value is None else in_words(value)


def rating(value: float | None) -> str:
    return "–" if value is None else number(value, 2)


def days(first: date, last: date) -> str:
    """One day, or the first and the last."""
    pattern = pgettext("date format", "j M Y")
    begin, end = format_date(first, pattern), format_date(last, pattern)
    return begin if first == last else f"{begin} – {end}"


@dataclass(frozen=True)
class Change:
    """The comparison with the period before: an arrow, and words that say the same."""

    arrow: str
    words: str


def change[T: (int, float, timedelta)](now: T | None, before: T | None, write: Callable[[Any], str]) -> Change | None:
    """None where there is nothing to compare."""
    if now is None or before is None:
        return None
    was = {"was": write(before)}
    if write(now) == was["was"]:
        return Change("→", _("as before (%(was)s)") % was)
    if now > before:
        return Change("↑", _("more than before (%(was)s)") % was)
    return Change("↓", _("less than before (%(was)s)") % was)


# --- tiles, bars, lines


@dataclass(frozen=True)
class Tile:
    word: Any
    figure: str
    href: str
    note: str = ""
    change: Change | None = None
    level: str = ""
    value: Any = None


@dataclass(frozen=True)
class Cell:
    """A figure in words; ``value`` is what it says, for a table that is calculated with."""

    text: str
    href: str = ""
    value: Any = None


@dataclass(frozen=True)
class Bar:
    """A row: its name, how long its bar is (of 100), and its figures."""

    label: str
    width: int
    cells: list[Cell]


@dataclass(frozen=True)
class BarChart:
    """A table whose rows have bars.

    Attributes:
        columns: heads of the figures; ``total``: their sums.
    """

    name: str
    title: Any
    dimension: Any
    columns: list[Any]
    bars: list[Bar]
    total: list[Cell]
    level: str = ""


def counted(count: int, href: str = "") -> Cell:
    """How many."""
    return Cell(number(count), href, count)


def width(part: float, most: float) -> int:
    """Of 100; what is not nothing can be seen."""
    return max(1, round(100 * part / most)) if part and most else 0


def counts(name: str, title: Any, figure: str, by: str, breakdown: Breakdown, names: Names, links: Links) -> BarChart:
    """A breakdown that counts tickets."""
    most = max((row.count for row in breakdown.rows if row.key != REST), default=0)
    return BarChart(
        name=name,
        title=title,
        dimension=names.head(by),
        columns=[_("Tickets"), _("Share")],
        bars=[
            Bar(
                names.of(by, row.key),
                min(width(row.count, most), 100),
                [counted(row.count, links.to(figure, by, row.key)), Cell(share(row.count, breakdown.count))],
            )
            for row in breakdown.rows
        ],
        total=[counted(breakdown.count, links.to(figure)), Cell(share(breakdown.count, breakdown.count))],
    )


@dataclass(frozen=True)
class Line:
    name: Any
    points: str
    dots: list[tuple[int, int]]
    css: str


@dataclass(frozen=True)
class LineChart:
    """Lines over time as a drawing, and the same figures as rows of a table."""

    title: Any
    lines: list[Line]
    levels: list[tuple[int, str]]
    labels: list[tuple[int, str]]
    rows: list[tuple[str, list[Cell]]]
    width: int = _WIDTH
    height: int = _HEIGHT
    left: int = _LEFT
    right: int = _WIDTH - _RIGHT
    label_y: int = _HEIGHT - 6


def line_chart(
    title: Any, named: Mapping[str, Any], points: list[tuple[Bucket, list[int]]], unit: str, links: Links
) -> LineChart:
    """A line for each of ``named`` (figure and word); ``points`` have their counts in the same order."""
    top = _round_up(max((max(values) for _bucket, values in points), default=0))
    step = (_WIDTH - _LEFT - _RIGHT) / max(1, len(points) - 1)
    high = _HEIGHT - _BOTTOM - _TOP

    def x(index: int) -> int:
        return round(_LEFT + index * step)

    def y(value: float) -> int:
        return round(_TOP + high * (1 - value / top))

    pattern = pgettext("date format", "M Y") if unit == "month" else pgettext("date format", "j M")
    every = -(-len(points) // _MOST_LABELS)
    return LineChart(
        title=title,
        lines=[
            Line(
                word,
                " ".join(f"{x(at)},{y(values[which])}" for at, (_bucket, values) in enumerate(points)),
                [(x(at), y(values[which])) for at, (_bucket, values) in enumerate(points)],
                figure,
            )
            for which, (figure, word) in enumerate(named.items())
        ],
        levels=[(y(value), number(value)) for value in (0, top // 2, top)],
        labels=[
            (x(at), format_date(bucket.first, pattern))
            for at, (bucket, _values) in enumerate(points)
            if at % every == 0 and x(at) < _WIDTH - 40
        ],
        rows=[
            (
                days(bucket.first, bucket.last),
                [
                    counted(value, links.to(figure, **_within(bucket)))
                    for figure, value in zip(named, values, strict=True)
                ],
            )
            for bucket, values in points
        ],
    )


def _within(bucket: Bucket) -> dict[str, str]:
    return {"period": "custom", "since": bucket.first.isoformat(), "until": bucket.last.isoformat()}


def _round_up(most: int) -> int:
    """The even number that a scale ends with: 2, 4, 10, 20, 40, 100 …"""
    scale = 1
    while True:
        for step in (2, 4, 10):
            if step * scale >= most:
                return step * scale
        scale *= 10


# --- names


@dataclass
class Names:
    """What the keys of breakdowns are called; ``learn`` reads the names, one statement for each kind of thing."""

    known: dict[str, dict[str, str]] = field(default_factory=dict)

    def learn(self, *breakdowns: Mapping[str, Breakdown]) -> None:
        keys: dict[str, set[int]] = {}
        for one in breakdowns:
            for dimension, breakdown in one.items():
                kind = "person" if dimension in {"agent", "requester"} else dimension
                keys.setdefault(kind, set()).update(int(row.key) for row in breakdown.rows if row.key.isdecimal())
        for kind, rows in {
            "person": User.with_trash.all(),
            "department": Department.objects.all(),
            "sector": Sector.objects.all(),
        }.items():
            if keys.get(kind):
                found = rows.filter(pk__in=keys[kind]).values_list("pk", "name")
                self.known.setdefault(kind, {}).update({str(pk): name for pk, name in found})
        if keys.get("service"):
            services = Service.objects.filter(pk__in=keys["service"]).values_list("pk", "name", "department__name")
            self.known["service"] = {str(pk): f"{name} · {department}" for pk, name, department in services}

    def of(self, dimension: str, key: str) -> str:
        if key == REST:
            return _("all others")
        listed: dict[str, Mapping[Any, Any]] = {
            "priority": dict(Priority.choices),
            "status": dict(Status.choices),
            "outcome": dict(Outcome.choices),
            "line": {"1": _("line 1"), "2": _("line 2")},
            "agent": self.known.get("person", {}),
            "requester": self.known.get("person", {}),
        }
        words = listed.get(dimension) or self.known.get(dimension, {})
        return str(words.get(key) or {"agent": _("nobody yet"), "sector": _("no sector")}.get(dimension, "–"))

    @staticmethod
    def head(dimension: str) -> str:
        return {
            "service": _("Service"),
            "priority": _("Priority"),
            "department": _("Department"),
            "agent": _("Agent"),
            "sector": _("Sector of the requester"),
            "requester": _("Requester"),
            "status": _("Status"),
            "line": _("Line"),
            "outcome": _("Outcome"),
        }[dimension]


def in_words_of(period: Period) -> str:
    return days(period.first, period.last) if period.first and period.last else _("All time")
