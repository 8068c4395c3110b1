"""Rules of the house that can be read off the code itself."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.dispatch import Signal
from django.test import RequestFactory

from tests.cast import Cast
from tickets import actions
from tickets.lifecycle import MOVES
from tickets.models import ServiceLevel, Ticket

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCT = ("helpdesk", "attachments", "tickets", "surveys", "approvals", "reports")
LONGEST = 400
# Files that may be longer, each with its reason.
LONG_FILES: dict[str, str] = {
    "helpdesk/settings.py": "one file on purpose, read from top to bottom",
    "tests/project/test_access.py": "one table, told from address to address",
    "tests/tickets/test_lifecycle_grid.py": "one table, told from status to status",
    "tests/tickets/test_portal.py": "one door, told from opening to rating",
    "tests/tickets/test_panel.py": "one door, told from list to list",
}


def _files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _trees(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for path in _files(*folders):
        yield _name(path), ast.parse(path.read_text(encoding="utf-8"))


def _sets_a_status(node: ast.AST) -> bool:
    """Whether a statement may write a ticket's status: by attribute, by name in an update, or on creation."""
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any(isinstance(target, ast.Attribute) and target.attr == "status" for target in targets)
    if not isinstance(node, ast.Call):
        return False
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if called == "setattr":
        return any(isinstance(argument, ast.Constant) and argument.value == "status" for argument in node.args)
    writers = {"update", "create", "get_or_create", "update_or_create", "set", "Ticket", "bulk_update"}
    by_name = any(keyword.arg == "status" for keyword in node.keywords)
    in_list = called == "bulk_update" and "'status'" in ast.dump(node)
    return called in writers and (by_name or in_list)


# A row that is made to ask whether it could be taken, and never saved.
NEVER_SAVED = "tickets/views/panel/rows.py"


def test_only_the_funnel_sets_a_status() -> None:
    """House rule 1: a status changes in one place, the admin included."""
    found = [name for name, tree in _trees(*PRODUCT) for node in ast.walk(tree) if _sets_a_status(node)]
    assert found == ["tickets/funnel.py", NEVER_SAVED]


def test_status_cannot_be_edited_in_any_form() -> None:
    """House rule 1: neither status nor anything that follows from it is a field that a form may have."""
    follows = {"status", "outcome", "executor", "line", "timer_due_at", "closed_at", "closed_by", "finalized_at"}
    assert {name for name in follows if Ticket._meta.get_field(name).editable} == set()


def test_tickets_are_shown_and_not_changed_by_the_administration(rf: RequestFactory, cast: Cast) -> None:
    """House rule 1: tickets, events and messages are records there; service levels are set up."""
    request = rf.get("/admin/")
    request.user = cast.ana
    for label in ("tickets", "surveys", "notifications", "attachments", "reports"):
        for model, page in admin.site._registry.items():
            if model._meta.app_label == label and model is not ServiceLevel:
                rights = (
                    page.has_add_permission(request),
                    page.has_change_permission(request),
                    page.has_delete_permission(request),
                )
                assert rights == (False, False, False), model


def test_every_write_of_a_ticket_names_its_fields() -> None:
    """House rule 2: ``save()`` without ``update_fields`` would write what another has changed meanwhile."""
    careless = []
    for name, tree in _trees("tickets", "surveys", "attachments"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "save":
                given = {keyword.arg for keyword in node.keywords}
                is_model = not {"update_fields", "force_insert"} & given and not node.args
                if is_model and ast.unparse(node.func.value) not in {"form"}:
                    careless.append(f"{name}:{node.lineno}")
    assert careless == []


def test_every_verb_says_who_and_when() -> None:
    """House rule 3: every write has a ``by``; time is an argument."""
    for verb in MOVES:
        parameters = inspect.signature(getattr(actions, verb)).parameters
        assert {"by", "at"} <= set(parameters), verb
        assert {one.kind for one in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}, verb


def _own_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.split(".")[0] in PRODUCT]


@pytest.mark.parametrize("method", ["save", "delete", "save_base"])
def test_models_save_and_delete_as_django_does(method: str) -> None:
    """House rule 7: no ``save()`` overrides; what matters is called by name."""
    overriding = [
        f"{model.__name__} through {base.__name__}"
        for model in _own_models()
        for base in model.__mro__
        if method in vars(base) and base.__module__.split(".")[0] in PRODUCT
    ]
    assert overriding == []


def test_no_signals_of_our_own() -> None:
    """House rule 7: neither made nor listened to."""
    found = []
    for name, tree in _trees(*PRODUCT):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                imported = {f"{node.module}.{alias.name}" for alias in node.names}
                found += [(name, one) for one in imported if "signals" in one or one.startswith("django.dispatch")]
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"receiver", Signal.__name__}
            ):
                found.append((name, node.func.id))
    assert found == []


def test_refusals_of_forms_stand_in_actions() -> None:
    """House rule 7: no rules in templates; a status is named there only to choose how something looks."""
    asking = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        if "is_superuser" in text or "user.pk ==" in text or ".executor_id ==" in text:
            asking.append(_name(path))
    assert asking == []


def test_views_ask_for_what_is_visible() -> None:
    """House rule 4: a view never fetches a ticket, folder, file, notice or letter out of all of them."""
    guarded = ("Ticket", "Folder", "FolderFile", "Attachment", "Notification", "Letter", "Message")
    careless = tuple(start for model in guarded for start in (f"{model}.objects.get(", f"get_object_or_404({model},"))
    naked = [
        f"{name}:{node.lineno}"
        for name, tree in _trees(*PRODUCT)
        if "/views" in name
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node).startswith(careless)
    ]
    assert naked == []


def test_files_are_short_enough_to_be_read() -> None:
    """House rule 12: a file that passes some 400 lines is asking to be two."""
    long = {
        _name(path): lines
        for path in _files(*PRODUCT, "tests")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert {name: lines for name, lines in long.items() if name not in LONG_FILES or lines > LONGEST + 100} == {}


def test_tests_are_found_and_say_what_they_show() -> None:
    """Section 9: functions called ``test_…``, in files called ``test_….py``; no class, no name twice in a file."""
    wrong = []
    for name, tree in _trees("tests"):
        is_module_of_tests = Path(name).name.startswith("test_")
        seen = set()
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
                wrong.append(f"{name}: class {node.name}")
            if isinstance(node, ast.FunctionDef):
                if node.name.startswith("test") and (not is_module_of_tests or not node.name.startswith("test_")):
                    wrong.append(f"{name}: {node.name} is never run")
                if node.name in seen:
                    wrong.append(f"{name}: {node.name} stands there twice, so the first is never run")
                seen.add(node.name)
                asserts = {ast.Assert, ast.With, ast.Call}
                if node.name.startswith("test_") and not any(type(one) in asserts for one in ast.walk(node)):
                    wrong.append(f"{name}: {node.name} checks nothing")
    assert wrong == []


def test_no_patching_of_our_own_code() -> None:
    """Section 9: a test that replaces our own functions tests something else."""
    found = [
        f"{name}:{node.lineno}"
        for name, tree in _trees("tests")
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom)) and "unittest.mock" in ast.unparse(node)
    ]
    assert found == []


def test_nothing_is_silenced_without_a_reason() -> None:
    """Section 10: a mark for the linter or the type checker says which rule it lifts, and why."""
    given = re.compile(r"# (noqa: [A-Z0-9, ]+ - \w|type: ignore\[[\w, -]+\]  # \w)")
    marked = re.compile(r"(?<![`\"])# (noqa|type: ignore)")
    bare = [
        f"{_name(path)}:{number}"
        for path in _files(*PRODUCT, "tests")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if marked.search(line) and not given.search(line) and path != Path(__file__)
    ]
    assert bare == []


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ("ticket.status = 'closed'", True),
        ("Ticket.objects.filter(pk=1).update(status='closed')", True),
        ("Ticket(number=1, status='closed')", True),
        ("setattr(ticket, 'status', 'closed')", True),
        ("Ticket.objects.bulk_update(rows, ['status'])", True),
        ("step.set(status='closed')", True),
        ("Ticket.objects.filter(status='closed')", False),
        ("response.status_code = 404", False),
        ("render(request, 'a.html', status=404)", False),
    ],
)
def test_rule_about_statuses_finds_what_it_forbids(line: str, is_found: bool) -> None:
    """The first rule's eyes."""
    assert any(map(_sets_a_status, ast.walk(ast.parse(line)))) is is_found
