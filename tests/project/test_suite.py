"""The suite's own rules."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from helpdesk.people.models import Profile
from tests import database, walks
from tests.cast import Cast, a_person, make_cast
from tests.conftest import pytest_collection_modifyitems, pytest_runtest_makereport


def _test(path: str, *marks: str) -> Any:
    """A test in a file, as far as the order of tests looks at it."""
    added: list[Any] = []
    return SimpleNamespace(
        path=path, added=added, add_marker=added.append, get_closest_marker=lambda name: name in marks
    )


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
    items = [_test("a"), _test("b", "slow"), _test("c"), _test("d", "timeout"), _test("b"), _test("e", "browser")]
    items.append(_test("a"))
    pytest_collection_modifyitems(items)
    assert [item.path for item in items] == ["e", "b", "b", "d", "a", "c", "a"]


def test_journeys_are_given_time_unless_they_say_how_much_they_need() -> None:
    journey, patient, other = _test("a", "browser"), _test("b", "browser", "timeout"), _test("c")
    pytest_collection_modifyitems([journey, patient, other])
    assert [mark.args for mark in journey.added] == [(600,)]
    assert patient.added == other.added == []


def _rows() -> dict[str, Any]:
    """Everything that the tables hold."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        tables = [name for (name,) in cursor.fetchall()]
        found = {}
        for table in tables:
            cursor.execute(f'SELECT one::text FROM "{table}" AS one ORDER BY 1')
            found[table] = cursor.fetchall()
    return found


@pytest.mark.django_db(transaction=True)
def test_what_a_test_committed_is_taken_back_and_what_it_deleted_comes_again() -> None:
    before = _rows()
    assert before["people_profile"] != []
    assert before["django_migrations"] != []
    Profile.objects.all().delete()
    ContentType.objects.filter(app_label="people").update(app_label="nobody")
    walks.closed(make_cast())
    assert _rows() != before
    database.restore()
    assert _rows() == before


def test_the_cast_that_is_brought_back_agrees_with_its_rows(cast: Cast) -> None:
    """Its objects were made once and its rows are copies: neither may know what the other one does not."""
    for one in (*cast.people.values(), cast.branch, cast.department, cast.service, cast.account):
        again = type(one)._base_manager.get(pk=one.pk)
        assert [getattr(again, field.attname) for field in one._meta.concrete_fields] == [
            getattr(one, field.attname) for field in one._meta.concrete_fields
        ], one
    assert set(cast.department.group.user_set.all()) == {cast.ada, cast.bob, cast.otto, cast.hugo}
    assert a_person("Zoe Zander").pk not in {person.pk for person in cast.people.values()}


@pytest.mark.parametrize(
    ("required", "browser", "outcome"),
    [("1", True, "failed"), ("1", False, "skipped"), ("", True, "skipped")],
)
def test_skipped_journey_fails_where_the_browser_is_required(monkeypatch, required, browser, outcome):
    monkeypatch.setenv("HELPDESK_REQUIRE_BROWSER", required)
    assert _outcome(browser=browser) == outcome
