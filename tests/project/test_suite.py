"""The suite's own rules."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import pytest_collection_modifyitems, pytest_runtest_makereport


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


def test_files_with_long_tests_are_begun_first_and_stay_together() -> None:
    def test(path: str, mark: str = "") -> Any:
        return SimpleNamespace(path=path, mark=mark, get_closest_marker=lambda name: name == mark)

    items = [test("a"), test("b", "slow"), test("c"), test("d", "timeout"), test("b"), test("e", "browser"), test("a")]
    pytest_collection_modifyitems(items)
    assert [item.path for item in items] == ["e", "b", "b", "d", "a", "c", "a"]


@pytest.mark.parametrize(
    ("required", "browser", "outcome"),
    [("1", True, "failed"), ("1", False, "skipped"), ("", True, "skipped")],
)
def test_skipped_journey_fails_where_the_browser_is_required(monkeypatch, required, browser, outcome):
    monkeypatch.setenv("HELPDESK_REQUIRE_BROWSER", required)
    assert _outcome(browser=browser) == outcome
