"""The process diagram: drawn from the moves table, as a department is configured, readable without seeing it."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from helpdesk.people.models import Department
from tests.cast import Cast
from tickets import diagram
from tickets.lifecycle import MOVES, Status

CONFIGURATIONS: list[dict[str, Any]] = [
    {"distribution_mode": mode, "survey_mode": survey, "approval_period": period}
    for mode in ("pull", "push", "both")
    for survey in ("after_closing", "before_closing")
    for period in (timedelta(0), timedelta(days=2))
] + [
    {"support_lines": 1},
    {"closing_without_solution_needs_head": False},
    {"support_lines": 1, "closing_without_solution_needs_head": False, "survey_mode": "before_closing"},
]


def drawn(**rules: Any) -> ElementTree.Element:
    return ElementTree.fromstring(diagram.svg(Department(**rules)))


def words(element: ElementTree.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def boxes(svg: ElementTree.Element) -> dict[str, tuple[float, float, float, float]]:
    """The drawn statuses by their words, each with left, top, right and bottom."""
    found = {}
    for group in svg.iter("g"):
        rect = group.find("rect")
        assert rect is not None
        x, y, width, height = (float(rect.get(name, "")) for name in ("x", "y", "width", "height"))
        found[" ".join(text.text or "" for text in group.findall("text") if text.find("tspan") is None)] = (
            x,
            y,
            x + width,
            y + height,
        )
    return found


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({"distribution_mode": "pull"}, {"assume": "assigned"}),
        ({"distribution_mode": "push"}, {"give": "assigned", "assign": "assigned"}),
        ({"distribution_mode": "both"}, {"assume": "assigned", "give": "assigned", "assign": "assigned"}),
    ],
)
def test_steps_of_distribution_follow_the_departments_mode(rules: dict[str, Any], expected: dict[str, str]) -> None:
    """A2: where agents only take, neither head nor clock gives; where tickets are only given, nobody takes."""
    steps = diagram.steps(Department(**rules))
    assert {s.move.verb: s.target for s in steps if s.move.verb in {"assume", "give", "assign"}} == expected


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (
            {},
            [
                ("request_line_change", "line_change_requested"),
                ("approve_line_change", "awaiting_distribution"),
                ("return_line_change", "in_service"),
                ("request_closing", "closing_requested"),
                ("approve_closing", "closed"),
                ("refuse_closing", "in_service"),
            ],
        ),
        (
            {"support_lines": 1},
            [("request_closing", "closing_requested"), ("approve_closing", "closed"), ("refuse_closing", "in_service")],
        ),
        ({"support_lines": 1, "closing_without_solution_needs_head": False}, [("request_closing", "closed")]),
    ],
    ids=["two lines", "one line", "one line, no head"],
)
def test_steps_of_decisions_follow_lines_and_settings(rules: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """A28, A29: one line has no line to change to, and where no head is needed the request closes."""
    found = [(s.move.verb, s.target) for s in diagram.steps(Department(**rules)) if not s.is_rare]
    assert [one for one in found if one[0].endswith(("line_change", "closing"))] == expected


def test_steps_of_closing_follow_survey_mode_and_approval_period() -> None:
    """A5, A9: what leads to the end, and after how long by itself."""

    def ends(**rules: Any) -> list[tuple[str, str, str, str]]:
        return [
            (s.move.verb, ", ".join(s.sources), s.target, s.who)
            for s in diagram.steps(Department(**rules))
            if {Status.AWAITING_APPROVAL, Status.AWAITING_RATING} & set(s.sources)
            and s.target in {"closed", "awaiting_rating"}
        ]

    assert ends() == [
        ("approve", "awaiting_approval", "closed", "requester"),
        ("approve_automatically", "awaiting_approval", "closed", "by itself after 2 d"),
    ]
    assert ends(approval_period=timedelta(0)) == [("approve", "awaiting_approval", "closed", "requester")]
    assert ends(survey_mode="before_closing", approval_period=timedelta(hours=5)) == [
        ("approve", "awaiting_approval", "awaiting_rating", "requester"),
        ("approve_automatically", "awaiting_approval", "closed", "by itself after 5 h"),
        ("rate", "awaiting_rating", "closed", "requester"),
        ("close_unrated", "awaiting_rating", "closed", "by itself after 1 d"),
    ]


def test_steps_are_the_moves_that_change_the_status() -> None:
    """No hand-drawn copy: every move of the table with a target is a step somewhere, and no other."""
    seen = {s.move.verb for rules in CONFIGURATIONS for s in diagram.steps(Department(**rules))}
    assert seen == {verb for verb, move in MOVES.items() if move.target is not None}


@pytest.mark.parametrize("rules", CONFIGURATIONS, ids=lambda one: "-".join(str(value) for value in one.values()))
def test_drawing_shows_every_status_and_every_step_of_the_configuration(rules: dict[str, Any]) -> None:
    svg = drawn(**rules)
    steps = diagram.steps(Department(**rules))
    reached = {step.target for step in steps}
    shown = boxes(svg)
    assert set(shown) == {str(status.label).capitalize() for status in reached}
    text = words(svg)
    for step in steps:
        if not step.is_rare:
            assert str(step.move.label) in text, step.move.verb
        assert step.who in text, step.move.verb


@pytest.mark.parametrize("language", ["en", "pt-br", "ru"])
@pytest.mark.parametrize("rules", CONFIGURATIONS, ids=lambda one: "-".join(str(value) for value in one.values()))
def test_drawing_keeps_its_boxes_apart_and_inside(rules: dict[str, Any], language: str) -> None:
    """Legible in every configuration and language: nothing overlaps, nothing leaves the sheet."""
    with translation.override(language):
        svg = drawn(**rules)
    _left, _top, width, height = (float(part) for part in svg.get("viewBox", "").split())
    found = sorted(boxes(svg).values(), key=lambda box: (box[1], box[0]))
    for left, top, right, bottom in found:
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
    for one, other in combinations(found, 2):
        assert one[3] <= other[1] or one[2] <= other[0] or other[2] <= one[0], "two statuses overlap"
    for span in svg.iter("tspan"):
        assert 0 <= float(span.get("x", "")) <= width
        assert 0 <= float(span.get("y", "")) <= height


def test_drawing_marks_the_current_status_by_colour_and_by_word() -> None:
    """R1.41: with the current one marked, not by colour alone."""
    svg = ElementTree.fromstring(diagram.svg(Department(), Status.IN_SERVICE))
    marked = [group for group in svg.iter("g") if "diagram__node--now" in group.get("class", "")]
    assert [words(group) for group in marked] == ["In servicenow"]
    assert "Current status: in service." in words(svg)
    assert "diagram__node--now" not in diagram.svg(Department())


def test_drawing_has_a_name_and_a_description_for_those_who_do_not_see_it() -> None:
    svg = drawn()
    names = svg.get("aria-labelledby", "").split()
    described = {one.get("id"): words(one) for one in svg if one.tag in {"title", "desc"}}
    assert (svg.get("role"), list(described)) == ("img", names)
    assert described["process-title"] == "Process of a ticket"
    assert "Send solution: executor" in described["process-desc"]


def test_drawing_has_no_colours_of_its_own() -> None:
    """Light, dark and a strict content policy: classes only, no style."""
    svg = diagram.svg(Department(), Status.ASSIGNED)
    assert not re.search(r'style=|fill="|stroke="|<style|<script', svg)
    sheet = Path("static/css/panel.css").read_text()
    used = {name for one in re.findall(r'class="([^"]*)"', svg) for name in one.split()}
    assert {name for name in used if f".{name}" not in sheet} == set()


def test_drawing_is_made_anew_for_each_language() -> None:
    english = diagram.svg(Department())
    with translation.override("ru"):
        diagram.svg(Department())
    assert diagram.svg(Department()) == english


def test_table_stands_behind_the_drawing(cast: Cast, client: Any) -> None:
    client.force_login(cast.ada)
    html = client.get(f"/panel/departments/{cast.department.pk}/").content.decode()
    rows = re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td><td>(.*?)</td><td>(.*?)</td></tr>", html)
    assert ("Take", "awaiting distribution", "assigned", "agent of the group") in rows
    assert ("Cancel ticket", "every open status", "cancelled", "requester, executor, head, administrator") in rows
    assert len(rows) == len(diagram.steps(cast.department))


# --- manage.py lifecycle


def test_lifecycle_prints_every_status_and_every_move() -> None:
    out = StringIO()
    call_command("lifecycle", stdout=out)
    first = [line.split()[0] for line in out.getvalue().splitlines() if line]
    assert first == ["status", *Status.values, "verb", *MOVES]
    assert re.search(r"^cancel +R6\.20 +any open +cancelled", out.getvalue(), re.MULTILINE)


def test_lifecycle_draws_into_a_file_that_stands_alone(cast: Cast, tmp_path: Path) -> None:
    cast.rules(survey_mode="before_closing")
    file = tmp_path / "process.svg"
    call_command("lifecycle", svg=file, department="support", status="assigned", stdout=StringIO())
    root = ElementTree.parse(file).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    text = file.read_text()
    assert "Awaiting rating" in text
    assert "diagram__node--now" in text
    assert "--accent-fill:" in text


def test_lifecycle_says_what_is_wrong(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no department “Nowhere”"):
        call_command("lifecycle", svg=tmp_path / "x.svg", department="Nowhere")
    with pytest.raises(CommandError, match="add --svg FILE"):
        call_command("lifecycle", department="Support")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("lifecycle", svg=tmp_path / "no" / "x.svg")
