"""R2.47: rules of the audit log that can be read off the code itself."""

from __future__ import annotations

import ast
from pathlib import Path

from helpdesk.core.audit.words import ABOUT, VERBS

ROOT = Path(__file__).resolve().parent.parent.parent
# Actions that somebody takes: each call in the product says who.
SAID = {
    "save_account", "save_person", "save_organization", "save_department", "create_department", "join_department",
}  # fmt: skip


def _calls() -> list[tuple[str, ast.Call, str]]:
    found = []
    for folder in ("helpdesk", "attachments", "tickets", "approvals", "surveys", "reports"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                    found.append((f"{path.relative_to(ROOT)}:{node.lineno}", node, name))
    return found


def test_every_call_of_an_action_says_who() -> None:
    """House rule 3: else the log would say that nobody did it."""
    calls = [(place, {one.arg for one in node.keywords}) for place, node, name in _calls() if name in SAID]
    assert [place for place, given in calls if "by" not in given] == []
    assert len(calls) > len(SAID)


def test_every_verb_in_the_code_has_words() -> None:
    """A record without words is refused when it is written; here it is found before."""
    unknown = []
    for place, node, _name in _calls():
        if ast.unparse(node.func) == "audit.record":
            about = next((one.value for one in node.keywords if one.arg == "about"), None)
            verb = node.args[0]
            known = (isinstance(verb, ast.Constant) and verb.value in VERBS) and (
                isinstance(about, ast.Constant) and about.value in ABOUT
            )
            unknown += [] if known else [place]
    assert unknown == []
