"""A head reads the figures in a real browser: the worst service is three clicks away (R3.33)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from helpdesk.people.models import Service
from tests.cast import Cast
from tests.tickets.plenty import many

from .conftest import Window

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_head_finds_the_worst_service_in_three_clicks(cast: Cast, window: Callable[..., Window]) -> None:
    """R3.33, R3.47, R4.36: start page, dashboard, the first row of the service levels, a ticket."""
    worst = Service.objects.create(department=cast.department, name="Printing")

    def concluded(service: Service, *, met: bool) -> Callable[[int], dict[str, object]]:
        at = timezone.now() - timedelta(days=3)
        return lambda index: {
            "service": service,
            "opened_at": at,
            "closed_at": at + timedelta(hours=5),
            "concluded_at": at + timedelta(hours=4),
            "conclusion_met": met,
            "sla_met": met,
        }

    many(cast, 4, concluded(cast.service, met=True))
    many(cast, 1, concluded(cast.service, met=False))
    many(cast, 3, concluded(worst, met=False))
    hugo = window(cast.hugo)
    hugo.visit("/")
    hugo.press("Dashboard")
    hugo.sees("Service level not met")
    first = hugo.page.locator("[aria-labelledby='chart-levels'] tbody tr").first
    expect(first.locator("th")).to_have_text("Printing · Support")
    first.get_by_role("link").first.click()
    hugo.sees("Service level not met · Service: Printing · Support")
    hugo.examine()
    expect(hugo.page.locator(".list tbody tr")).to_have_count(3)
    hugo.page.locator(".list__link").first.click()
    hugo.sees("One of many")
