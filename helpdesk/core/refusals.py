"""A refusal is an answer, not an accident: it says to a person why not, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Refused(Exception):
    """An action was refused for a reason that its user may read.

    ``message`` is a (lazily translated) sentence for users; ``field`` names the form field it belongs
    to, None when it concerns the whole action.
    """

    def __init__(self, message: str | _StrPromise, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class StorageUnavailable(Refused):
    """Files can be neither received nor written at the moment: disk full, store away."""
