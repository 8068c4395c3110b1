"""What the worker runs for files. Every task may run twice, late, or beside another worker."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from . import actions

# An upload that takes longer than this has been given up by everything between here and there.
_GRACE = timedelta(days=1)


def sweep_storage(at: datetime | None = None) -> int:
    """Remove bytes that no row speaks of; scheduled every hour, each place in the storage once a day (R1.11).

    One run looks at a twenty-fourth of the storage, so that it ends in time however much there is.

    Returns:
        How many were removed.
    """
    at = at or timezone.now()
    share = [f"{number:02x}" for number in range(256) if number % 24 == at.hour]
    return actions.sweep_storage(prefixes=share, before=at - _GRACE)
