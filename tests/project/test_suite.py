"""The suite's own rules."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import pytest_runtest_makereport


def _outcome(*, browser: bool) -> str:
    """What becomes of a skipped test's report."""
    item: Any = SimpleNamespace(nodeid="journey", get_closest_marker=lambda name: browser and name == "browser")
    call: Any = SimpleNamespace(excinfo="no Chromium")
    hook = pytest_runtest_makereport(item, call)
    next(hook)
    report: Any = SimpleNamespace(skipped=True, outcome="skipped", longrepr=None)
    with pytest.raises(StopIteration) as done:
        hook.send(report)
    return str(done.value.value.outcome)


@pytest.mark.parametrize(
    ("required", "browser", "outcome"),
    [("1", True, "failed"), ("1", False, "skipped"), ("", True, "skipped")],
)
def test_skipped_journey_fails_where_the_browser_is_required(monkeypatch, required, browser, outcome):
    monkeypatch.setenv("HELPDESK_REQUIRE_BROWSER", required)
    assert _outcome(browser=browser) == outcome
