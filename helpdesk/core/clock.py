"""The clock is an actor too: what the worker does by itself is done by "System"."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _


class Clock:
    """Stands where a user stands (``by=CLOCK``) and has no row: store ``by.pk``, which is None."""

    pk: Final = None
    id: Final = None
    is_clock: Final = True
    is_active: Final = True
    is_authenticated: Final = False
    is_superuser: Final = False

    @property
    def name(self) -> str:
        return _("System")

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return "CLOCK"


CLOCK: Final = Clock()
