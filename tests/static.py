"""Static files for tests: found once for each process, and not anew for each client that a test makes."""

from __future__ import annotations

from typing import Any

from whitenoise.middleware import WhiteNoiseMiddleware

_FOUND: dict[str, Any] = {}


class FoundOnce(WhiteNoiseMiddleware):
    """Looking through all folders of static files takes longer than most pages."""

    def add_files_from_finders(self) -> None:
        if not _FOUND:
            super().add_files_from_finders()
            _FOUND.update(self.files)
        self.files = _FOUND
