"""What heads and administrators read about the tickets as a whole (R3.33, R3.44 to R3.57, R4.40)."""

from .cohorts import COHORTS, DIMENSIONS, Cohort, Scope, cohort_named
from .figures import (
    breakdowns,
    ended,
    judged,
    mean_total,
    old_open,
    opened,
    series,
    tickets_behind,
)
from .periods import Bucket, Period, custom, preset
from .rows import MOST, NOTHING, REST, Breakdown, Counted

__all__ = [
    "COHORTS",
    "DIMENSIONS",
    "MOST",
    "NOTHING",
    "REST",
    "Breakdown",
    "Bucket",
    "Cohort",
    "Counted",
    "Period",
    "Scope",
    "breakdowns",
    "cohort_named",
    "custom",
    "ended",
    "judged",
    "mean_total",
    "old_open",
    "opened",
    "preset",
    "series",
    "tickets_behind",
]
