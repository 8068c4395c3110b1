"""The table, and the same figures for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from .pages import Finding

_MOST_QUERIES = 15
_MOST_GROWTH = 1.2


def table(smaller: Sequence[Finding], larger: Sequence[Finding], sizes: tuple[int, int]) -> str:
    """Pages line by line: times, ratios to the bare view, queries, and how much the larger database costs."""
    small = {finding.name: finding for finding in smaller}
    lines = [
        f"{'':<24}{f'{sizes[1]:,} tickets':>34}{f'{sizes[0]:,} tickets':>26}",
        f"{'':<24}{'p50 ms':>8}{'p95 ms':>8}{'ratio':>8}{'queries':>10}{'p50 ms':>10}{'ratio':>8}{'growth':>8}{'aim':>8}  ",
    ]
    for finding in larger:
        before = small.get(finding.name)
        growth = finding.ratio / before.ratio if before else None
        missed = [
            what
            for what, is_missed in (
                ("ratio", finding.aim is not None and finding.ratio > finding.aim),
                ("queries", finding.queries > _MOST_QUERIES and finding.aim == 6),
                ("growth", growth is not None and growth > _MOST_GROWTH and finding.aim is not None),
            )
            if is_missed
        ]
        lines.append(
            f"{finding.name:<24}{finding.p50 * 1000:>8.1f}{finding.p95 * 1000:>8.1f}{finding.ratio:>8.2f}"
            f"{finding.queries:>10}"
            + (f"{before.p50 * 1000:>10.1f}{before.ratio:>8.2f}{growth:>8.2f}" if before else " " * 26)
            + (f"{finding.aim:>8.0f}" if finding.aim else " " * 8)
            + (f"  missed: {', '.join(missed)}" if missed else "")
        )
    return "\n".join(lines)


def write(path: Path, **what: Any) -> None:
    """Keep the figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)

    def plain(value: Any) -> Any:
        return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)

    path.write_text(json.dumps(what, default=plain, indent=2) + "\n")
