"""An administrator imports people in the browser: each step is examined; the worker does its part in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from helpdesk.people import tasks
from helpdesk.people.models import PeopleImport, User
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FILE = "Nome;E-mail;Empresa\nZoë Zander;zoe@demo.example;Zoo\nCarl Cruz;;Zoo\n"


def test_administrator_imports_people_from_a_file(cast: Cast, window: Callable[..., Any]) -> None:
    """R3.24: what is bad is seen before anything is written, progress is seen, and the result is found again."""
    ana = window(cast.ana)
    ana.visit("/panel/imports/")
    ana.press("Check the file")
    ana.sees("This field is required.")
    ana.page.set_input_files("#id_file", {"name": "all.csv", "mimeType": "text/csv", "buffer": FILE.encode("cp1252")})
    ana.press("Check the file")
    ana.sees("1 row can be imported")
    ana.sees("The e-mail address is missing.")
    assert not User.objects.filter(email="zoe@demo.example").exists()
    ana.press("Import these rows")
    ana.sees("0 of 1 rows")
    tasks.import_people(PeopleImport.objects.get().pk)
    ana.sees("Result")  # by itself
    ana.examine()
    ana.visit("/panel/imports/")
    ana.page.get_by_role("link", name="all.csv").click()
    ana.sees("People created")
    assert str(User.objects.get(email="zoe@demo.example").organization) == "Zoo"
