"""The table, and the same figures for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any

_MOST_QUERIES = 15
# Ten times the tickets may cost no page more than half as much again.
_MOST_GROWTH = 1.5


@dataclass(frozen=True)
class Finding:
    """What came out for one page; ratios are multiples of the bare view's own figure in the same run."""

    name: str
    p50: float
    p95: float
    ratio: float
    ratio_p95: float
    queries: int
    kilobytes: float
    aim: float | None


def table(found: Sequence[Finding], before: Sequence[Finding], size: int, against: int, among: str = "") -> str:
    """Pages line by line: times, ratios to the bare view, queries, and how much more than ``before`` they cost."""
    known = {finding.name: finding for finding in before}
    head, besides = f"{size:,} tickets{', ' if among else ''}{among}", f"{against:,} tickets" if known else ""
    lines = [
        f"{'':<34}{head:>40}{besides:>22}",
        f"{'':<34}{'p50 ms':>8}{'p95 ms':>8}{'× p50':>8}{'× p95':>8}{'queries':>8}"
        + (f"{'p50 ms':>10}{'× p50':>8}{'× p95':>8}{'growth':>8}" if known else " " * 34)
        + f"{'aim':>6}",
    ]
    for finding in found:
        other = known.get(finding.name)
        growth = finding.ratio / other.ratio if other else None
        missed = [
            what
            for what, is_missed in (
                ("ratio", finding.aim is not None and finding.ratio > finding.aim),
                ("queries", finding.queries > _MOST_QUERIES and finding.aim == 6),
                ("growth", growth is not None and growth > _MOST_GROWTH),
            )
            if is_missed
        ]
        lines.append(
            f"{finding.name:<34}{finding.p50 * 1000:>8.1f}{finding.p95 * 1000:>8.1f}{finding.ratio:>8.2f}"
            f"{finding.ratio_p95:>8.2f}{finding.queries:>8}"
            + (
                f"{other.p50 * 1000:>10.1f}{other.ratio:>8.2f}{other.ratio_p95:>8.2f}{growth:>8.2f}"
                if other
                else " " * 34
            )
            + (f"{finding.aim:>6.0f}" if finding.aim else " " * 6)
            + (f"  missed: {', '.join(missed)}" if missed else "")
        )
    return "\n".join(lines)


def read(path: Path) -> dict[str, Any]:
    """What :func:`write` has kept, its findings as such."""
    kept: dict[str, Any] = json.loads(path.read_text())
    return kept | {name: [Finding(**one) for one in kept[name]] for name in ("findings", "among_open")}


def write(path: Path, **what: Any) -> None:
    """Keep the figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)

    def plain(value: Any) -> Any:
        return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)

    path.write_text(json.dumps(what, default=plain, indent=2) + "\n")
