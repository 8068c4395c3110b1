"""What every template may ask about the house it is in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def house(request: HttpRequest) -> dict[str, Any]:
    """``demo``: is this the demonstration; ``base_url``: the address the world knows us by; ``live``: can pages be
    told when something happens.
    """
    return {"demo": settings.HELPDESK_DEMO, "base_url": settings.BASE_URL, "live": settings.LIVE}
