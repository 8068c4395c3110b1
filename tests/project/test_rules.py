"""Every rule of the specification is named by a test that tries it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
# The specification's parts that are built, with the number of each one's last rule.
PARTS = {"R1": 43, "R2": 47, "R3": 59, "R4": 43, "R6": 26}
# Rules of these parts whose places are not built yet; a test that names one of them takes it off this list.
NOT_YET = {
    "R1.40": "the feedback request as part of a public interface for programs",
    "R4.42": "the product's checklist as a whole, of which the dashboard is a part",
}
_RULE = re.compile(r"\b(R\d+)\.(\d+)\b(?:\s+to\s+\1\.(\d+)\b)?")


def rules_in(text: str) -> Iterator[str]:
    """Rules that a text names; a span such as ``R2.1 to R2.3`` names those between as well."""
    for part, first, last in _RULE.findall(text):
        for number in range(int(first), int(last or first) + 1):
            yield f"{part}.{number}"


def _named() -> Counter[str]:
    """How many tests name each rule in their docstrings; what stands above a whole file proves nothing."""
    named: Counter[str] = Counter()
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                named.update(set(rules_in(ast.get_docstring(node) or "")))
    return named


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("R2.9, A12: refused (R6.26).", ["R2.9", "R6.26"]),
        ("R1.2 to R1.4, R2.1", ["R1.2", "R1.3", "R1.4", "R2.1"]),
        ("R1.2 to R2.4", ["R1.2", "R2.4"]),
        ("XR1.2, R1.x, R1", []),
    ],
)
def test_rules_are_read_from_docstrings(text: str, found: list[str]) -> None:
    assert list(rules_in(text)) == found


@pytest.mark.parametrize("part", list(PARTS))
def test_every_rule_is_named_by_a_test(part: str) -> None:
    named = _named()
    rules = [f"{part}.{number}" for number in range(1, PARTS[part] + 1)]
    assert [rule for rule in rules if not named[rule] and rule not in NOT_YET] == []


def test_what_is_not_built_is_named_by_no_test() -> None:
    named = _named()
    assert [rule for rule in NOT_YET if named[rule]] == []
    assert {rule.partition(".")[0] for rule in NOT_YET} <= set(PARTS)
