"""The time zones that people choose from: those named after places, by region."""

from __future__ import annotations

import zoneinfo
from functools import cache
from itertools import groupby

_REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")

type Choices = list[tuple[str, str | list[tuple[str, str]]]]


@cache
def _by_region() -> Choices:
    names = sorted(name for name in zoneinfo.available_timezones() if name.partition("/")[0] in _REGIONS)
    grouped = groupby(names, key=lambda name: name.partition("/")[0])
    return [("UTC", "UTC"), *((region, [(name, _place(name)) for name in members]) for region, members in grouped)]


def _place(name: str) -> str:
    return name.partition("/")[2].replace("_", " ").replace("/", ", ")


def choices(current: str = "") -> Choices:
    """For a select; ``current`` is among them even if it is none of the usual names."""
    known = _by_region()
    if current and not any(
        current == value or (isinstance(inner, list) and current in dict(inner)) for value, inner in known
    ):
        return [(current, current), *known]
    return known
