"""A head asks for a list, leaves, finds it again and has it sent every month; each page is examined."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reports.models import Report, ReportSchedule
from reports.tasks import make
from tests import walks
from tests.cast import Cast

from .conftest import Window

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_head_has_the_queue_as_excel_and_every_month(cast: Cast, window: Callable[..., Window]) -> None:
    """R3.33: asked for on the list, made by the worker meanwhile, found under "Reports", fetched, sent regularly."""
    walks.opened(cast)
    hugo = window(cast.hugo)
    hugo.visit("/panel/queue/")
    hugo.press("Excel")
    hugo.sees("The report waits for its turn")
    hugo.examine()
    hugo.visit("/panel/")
    make(Report.objects.get().pk)
    hugo.press("Reports", within="#rail")
    hugo.sees("What you have asked for")
    hugo.examine()
    hugo.page.locator(".list__link", has_text="Queue").click()
    hugo.sees("The report is ready")
    hugo.examine()
    with hugo.page.expect_download() as waiting:
        hugo.page.get_by_role("link", name="Download").click()
    assert waiting.value.suggested_filename.startswith("tickets-queue-")
    assert waiting.value.path().read_bytes()[:2] == b"PK"
    hugo.press("Send it regularly")
    hugo.sees("Send a report regularly")
    hugo.examine()
    hugo.page.get_by_role("button", name="Send it regularly").click()
    hugo.sees("every month on day 1 at 07:00")
    hugo.examine()
    assert ReportSchedule.objects.get().owner_id == cast.hugo.pk
    hugo.page.get_by_role("link", name="Delete").click()
    hugo.sees("Send it no more?")
    hugo.examine()
    hugo.page.get_by_role("button", name="Delete").click()
    hugo.sees("Nothing is sent yet")


def test_page_turns_to_the_file_by_itself(cast: Cast, window: Callable[..., Window]) -> None:
    """Who stays sees it come."""
    hugo = window(cast.hugo)
    walks.opened(cast)
    hugo.visit("/panel/queue/")
    hugo.press("CSV")
    hugo.sees("The report waits for its turn")
    make(Report.objects.get().pk)
    hugo.sees("The report is ready")
