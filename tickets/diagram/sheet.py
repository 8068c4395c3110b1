"""Where everything stands on the drawing, and its strokes. Sizes are units of the drawing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tickets.lifecycle import ACTIVITIES, OPEN, Status, activity_of

from .steps import Step

_WIDTH = 856
_NODE_W, _NODE_H = 190, 46
_LEFT = 200  # where the column of statuses begins; the ways back are left of it
_SIDE = 600  # where the column of side trips begins
_LANE = 24  # how far ways back keep from the statuses
_RARE = 36  # how far the rare ones do
_PAST = 58  # how far ways past do
_EDGE = _WIDTH - 22  # the bracket
_BACK_UP = _EDGE - 22  # ways from a side trip to an earlier status
_LINE = 15
_PAD = 14
_CHAR = 6.35  # about the width of a letter of a label
_ROOM = 225  # how wide the words beside a way down may be,
_NARROW = 138  # and how wide where another way passes by, or at the left
_BETWEEN = 196  # and how wide between the statuses and their side trips


@dataclass(frozen=True)
class _Box:
    """Where a status stands."""

    x: float
    y: float

    @property
    def cx(self) -> float:
        return self.x + _NODE_W / 2

    @property
    def cy(self) -> float:
        return self.y + _NODE_H / 2

    @property
    def right(self) -> float:
        return self.x + _NODE_W

    @property
    def bottom(self) -> float:
        return self.y + _NODE_H


class Sheet:
    """Lays out and draws the steps."""

    def __init__(self, all_steps: list[Step], current: Status | None, name: str) -> None:
        self.steps = all_steps
        self.current = current
        self.name = name
        self.parts: list[str] = []
        self.everywhere = [step for step in all_steps if step.is_everywhere]
        self.ends_aside = {step.target for step in self.everywhere}
        reached = {step.target for step in all_steps}
        self.hosts = self._side_trips(reached)
        self.main = [s for s in Status if s in reached and s not in self.hosts and s not in self.ends_aside]
        self.boxes: dict[Status, _Box] = {}
        self.shortcuts = [
            (host, target, here)
            for host in dict.fromkeys(self.hosts.values())
            for target in self.main[self.main.index(host) + 2 :]
            if (here := self._between(host, target))
        ]
        self.height = 0.0

    def _side_trips(self, reached: set[Status]) -> dict[Status, Status]:
        """Statuses of one activity that a ticket goes to and comes back from, and can end without.

        Returns:
            Each with the status from which it is entered.
        """
        pairs = {
            (source, step.target)
            for step in self.steps
            if not step.is_rare and not step.is_everywhere
            for source in step.sources
        }
        hosts: dict[Status, Status] = {}
        for status in Status:
            near = [a for a, b in pairs if b == status and activity_of(a) == activity_of(status)]
            entered = [a for a in near if a != status and (status, a) in pairs]
            without = {(a, b) for a, b in pairs if status not in {a, b}}
            if status in reached and entered and self._end_is_reached(without):
                hosts[status] = min(entered, key=list(Status).index)
        return hosts

    def _end_is_reached(self, pairs: set[tuple[Status, Status]]) -> bool:
        there = {step.target for step in self.steps if not step.sources}
        while more := {b for a, b in pairs if a in there} - there:
            there |= more
        return bool(there - OPEN)

    # --- placing

    def draw(self) -> SafeString:
        self._place()
        self._bands()
        self._begin()
        for upper, lower in zip(self.main, self.main[1:], strict=False):
            self._down(upper, lower)
        self._past()
        self._back()
        self._aside()
        self._from_everywhere()
        for status in self.boxes:
            self._node(status)
        title = _("Process of a ticket")
        about = [f"{capfirst(str(s.move.label))}: {s.who}" for s in self.steps]
        if self.current:
            about.insert(0, _("Current status: %(status)s.") % {"status": self.current.label})
        ids = f"{self.name}-title {self.name}-desc"
        return mark_safe(  # noqa: S308 - every text went through escape()
            f'<svg class="diagram__svg" viewBox="0 0 {_WIDTH} {self.height:.0f}" role="img" aria-labelledby="{ids}">'
            f'<title id="{self.name}-title">{escape(title)}</title>'
            f'<desc id="{self.name}-desc">{escape("; ".join(about))}</desc>{"".join(self.parts)}</svg>'
        )

    def _place(self) -> None:
        y, words = 34.0, 0.0
        self.words_back: list[tuple[float, list[Step]]] = []
        for row, status in enumerate(self.main):
            above = self._between(self.main[row - 1], status) if row else [s for s in self.steps if not s.sources]
            room = max(44, _height(above, self._room(row)) + 18)
            if row and status not in OPEN:
                room = max(room, self._words_before_end() + 18)
            y = max(y + room + (20 if status in self.hosts.values() else 0), words)
            self.boxes[status] = _Box(_LEFT, y)
            words = max(words, y + _NODE_H / 2 + 8)
            for steps in self._leading_back_to(status):
                self.words_back.append((words, steps))
                words += _height(steps, _NARROW) + 12
            y = max(y + _NODE_H, self._place_aside(status))
        for status in self.ends_aside:
            self.boxes[status] = _Box(_SIDE + 18, self.boxes[self.main[-1]].y)
        self.height = max(box.bottom for box in self.boxes.values()) + _PAD + 2

    def _place_aside(self, host: Status) -> float:
        """Place the side trips of a status, one below the other; returns where they and their words end."""
        y = self.boxes[host].y
        for index, status in enumerate(s for s in self.hosts if self.hosts[s] == host):
            if index:
                y += _height(self._between(host, status), _BETWEEN) + 12
            self.boxes[status] = _Box(_SIDE, y)
            y += max(_NODE_H, _NODE_H / 2 + 20 + _height(self._between(status, host), _BETWEEN)) + 12
        for one, _target, here in self.shortcuts:
            y += _height(here, _BETWEEN) + 24 if one == host else 0
        return y

    def _leading_back_to(self, target: Status) -> list[list[Step]]:
        """The steps from later statuses to this one: usual ones, then rare ones."""
        later = set(self.main[self.main.index(target) + 1 :])
        here = [s for s in self.steps if s.target == target and later & set(s.sources) and not s.is_everywhere]
        groups = ([s for s in here if not s.is_rare], [s for s in here if s.is_rare][:1])
        return [group for group in groups if group]

    def _room(self, row: int) -> float:
        """How wide the words above the row may be."""
        pairs = [(a, b) for a in range(row) for b in range(row, len(self.main)) if b - a > 1]
        return _NARROW if any(self._between(self.main[a], self.main[b]) for a, b in pairs) else _ROOM

    def _words_before_end(self) -> float:
        """How much room the words of the bracket need above the end that it leads to."""
        return sum(len(self._everywhere_words(step)) for step in self.everywhere) * _LINE + 30

    def _between(self, source: Status, target: Status) -> list[Step]:
        return [
            s
            for s in self.steps
            if source in s.sources and s.target == target and not s.is_everywhere and not s.is_rare
        ]

    def _bands(self) -> None:
        """The activities, as bands behind the statuses that belong to them (R1.1)."""
        for _name, label, statuses in ACTIVITIES:
            boxes = [box for status, box in self.boxes.items() if status in statuses]
            if not boxes:
                continue
            top = min(box.y for box in boxes) - _PAD
            height = max(box.bottom for box in boxes) + _PAD - top
            self.parts.append(
                f'<rect class="diagram__band" x="1" y="{top:.0f}" width="{_WIDTH - 2}" height="{height:.0f}" rx="8"/>'
            )
            self._text(14, top + 22, _wrap(str(label), _NARROW), "diagram__activity")

    # --- ways

    def _begin(self) -> None:
        first = self.boxes[self.main[0]]
        label = next(str(label) for _name, label, statuses in ACTIVITIES if not statuses)
        self.parts.append(f'<circle class="diagram__start" cx="{first.cx}" cy="20" r="9"/>')
        self._text(14, 25, [label], "diagram__activity")
        self._way([(first.cx, 29), (first.cx, first.y)])
        self._label([s for s in self.steps if not s.sources], first.cx + 12, (29 + first.y - _PAD) / 2, _ROOM)

    def _down(self, upper: Status, lower: Status) -> None:
        here = self._between(upper, lower)
        if not here:
            return
        top, bottom = self.boxes[upper], self.boxes[lower]
        self._way([(top.cx, top.bottom), (top.cx, bottom.y)])
        room = self._room(self.main.index(lower))
        # Below a status with several side trips the words stand near the arrow's end.
        y = bottom.y - 14 - _height(here, room) / 2 if bottom.y - top.bottom > 200 else (top.bottom + bottom.y) / 2
        self._label(here, top.cx + 12, y, room)

    def _past(self) -> None:
        """Ways that leave statuses out, at the right of the column."""
        for index, source in enumerate(self.main):
            for target in self.main[index + 2 :]:
                here = self._between(source, target)
                if here and source not in self.hosts.values():
                    a, b = self.boxes[source], self.boxes[target]
                    lane = a.right + _PAST
                    self._way([(a.right, a.cy + 9), (lane, a.cy + 9), (lane, b.cy), (b.right, b.cy)])
                    self._label(here, lane + 8, (a.cy + b.cy) / 2, _NARROW)

    def _back(self) -> None:
        """Ways back, at the left of the column, with the words of all of them one below the other."""
        for row, target in enumerate(self.main):
            end = self.boxes[target]
            for steps in self._leading_back_to(target):
                lane = _LEFT - (_RARE if steps[0].is_rare else _LANE)
                for source in self.main[row + 1 :]:
                    if any(source in step.sources for step in steps):
                        start = self.boxes[source]
                        y = start.cy + (9 if steps[0].is_rare else 0)
                        into = end.cy + (9 if steps[0].is_rare else 0)
                        self._way([(start.x, y), (lane, y), (lane, into), (end.x, into)], rare=steps[0].is_rare)
        for y, steps in self.words_back:
            self._label(steps, _LEFT - _RARE - 8, y + 11, _NARROW, left=True, below=True)

    def _aside(self) -> None:
        """Side trips: there and back, and on from there to where their host does not lead."""
        for host in dict.fromkeys(self.hosts.values()):
            a, lane = self.boxes[host], self.boxes[host].right - 14
            trips = [status for status in self.hosts if self.hosts[status] == host]
            for status in trips:
                b = self.boxes[status]
                if b.y == a.y:
                    there, back = [(a.right, a.cy - 9)], [(a.right, a.cy + 9)]
                else:
                    there, back = [(lane, a.bottom), (lane, b.cy - 9)], [(lane - 14, b.cy + 9), (lane - 14, a.bottom)]
                    lane -= 28
                middle = (a.right + b.x) / 2
                self._way([*there, (b.x, b.cy - 9)])
                self._label(self._between(host, status), middle, b.cy - 17, _BETWEEN, middle=True, above=True)
                self._way([(b.x, b.cy + 9), *back])
                self._label(self._between(status, host), middle, b.cy + 24, _BETWEEN, middle=True, below=True)
                self._on_from(status, host)
            y = self._place_aside(host)
            for target, here in [(target, here) for one, target, here in self.shortcuts if one == host]:
                end = self.boxes[target]
                self._way(
                    [(lane, a.bottom), (lane, y), (_SIDE + 8, y), (_SIDE + 8, end.cy + 9), (end.right, end.cy + 9)]
                )
                self._label(here, (a.right + _SIDE) / 2, y - 8, _BETWEEN, middle=True, above=True)

    def _on_from(self, status: Status, host: Status) -> None:
        """Ways from a side trip to where its host does not lead: forward below it, back at its right."""
        b, row = self.boxes[status], self.main.index(host)
        for target in self.main:
            c = self.boxes[target]
            here = [step for step in self._between(status, target) if host not in step.sources]
            if not here or target == host:
                continue
            if self.main.index(target) > row:
                self._way([(b.x + 8, b.bottom), (b.x + 8, c.cy + 9), (c.right, c.cy + 9)])
                self._label(here, b.x + 18, b.bottom + 22, _BETWEEN - 20, below=True)
            else:
                self._way([(b.right, b.cy), (_BACK_UP, b.cy), (_BACK_UP, c.cy), (c.right, c.cy)])
                self._label(here, _BACK_UP - 8, c.cy + 20, _BETWEEN, left=True, below=True)

    def _from_everywhere(self) -> None:
        rows = [self.boxes[s] for s in self.boxes if s in OPEN]
        top, bottom = min(box.y for box in rows), max(box.bottom for box in rows)
        for step in self.everywhere:
            end = self.boxes[step.target]
            self.parts.append(
                f'<path class="diagram__way" d="M{_EDGE - 8} {top:.0f}H{_EDGE}V{bottom:.0f}H{_EDGE - 8}"/>'
            )
            self._way([(_EDGE, bottom), (_EDGE, end.cy), (end.right, end.cy)])
            words = self._everywhere_words(step)
            self._text(
                _EDGE - 12,
                end.y - _PAD - 8 - (len(words) - 1) * _LINE,
                words,
                "diagram__label diagram__label--left",
                strong=1,
            )

    @staticmethod
    def _everywhere_words(step: Step) -> list[str]:
        return [str(step.move.label), *_wrap(step.who, 200), *_wrap(_("from every open status"), 200)]

    # --- marks

    def _node(self, status: Status) -> None:
        box = self.boxes[status]
        now = status == self.current
        css = (
            "diagram__node" + (" diagram__node--now" if now else "") + ("" if status in OPEN else " diagram__node--end")
        )
        self.parts.append(
            f'<g class="{css}"><rect x="{box.x}" y="{box.y:.0f}" width="{_NODE_W}" height="{_NODE_H}" rx="8"/>'
        )
        lines = _wrap(capfirst(str(status.label)), _NODE_W - 20)
        top = box.cy + 5 - (len(lines) - 1) * 8
        for line in lines:
            self.parts.append(f'<text x="{box.cx}" y="{top:.0f}" text-anchor="middle">{escape(line)}</text>')
            top += 16
        if now:
            self._text(box.x + 2, box.y - 5, [_("now")], "diagram__now")
        self.parts.append("</g>")

    def _way(self, points: list[tuple[float, float]], *, rare: bool = False) -> None:
        path = "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in points)
        (ax, ay), (bx, by) = points[-2:]
        dx, dy = (bx > ax) - (bx < ax), (by > ay) - (by < ay)
        tip = f"M{bx:.0f} {by:.0f}l{-7 * dx - 4 * dy} {-7 * dy - 4 * dx}l{8 * dy} {8 * dx}z"
        css = "diagram__way diagram__way--rare" if rare else "diagram__way"
        self.parts.append(f'<path class="{css}" d="{path}"/><path class="diagram__tip" d="{tip}"/>')

    def _label(
        self,
        here: Iterable[Step],
        x: float,
        y: float,
        width: float,
        *,
        left: bool = False,
        middle: bool = False,
        above: bool = False,
        below: bool = False,
    ) -> None:
        """The words of steps around height ``y``: first what is done, then by whom."""
        blocks = [_wrapped(step, width) for step in here]
        count = sum(len(lines) for lines in blocks)
        height = (count - 1) * _LINE + (len(blocks) - 1) * 6
        top = y - height if above else y if below else y - height / 2 + 4
        side = " diagram__label--left" if left else " diagram__label--middle" if middle else ""
        for lines in blocks:
            strong = sum(1 for _words, is_strong in lines if is_strong)
            self._text(x, top, [words for words, _is_strong in lines], f"diagram__label{side}", strong=strong)
            top += len(lines) * _LINE + 6

    def _text(self, x: float, y: float, lines: list[str], css: str, strong: int = 0) -> None:
        """Write lines; behind the first ``strong`` ones the others are softer."""
        spans = []
        for index, line in enumerate(lines):
            soft = ' class="diagram__who"' if 0 < strong <= index else ""
            spans.append(f'<tspan x="{x:.0f}" y="{y + index * _LINE:.0f}"{soft}>{escape(line)}</tspan>')
        self.parts.append(f'<text class="{css}">{"".join(spans)}</text>')


def _wrapped(step: Step, width: float) -> list[tuple[str, bool]]:
    """The label of a step in lines, each with whether it names the move (else it says who)."""
    label, who = str(step.move.label), step.who
    if step.is_rare:
        return [(line, False) for line in _wrap(who, width)]
    return [*((line, True) for line in _wrap(label, width)), *((line, False) for line in _wrap(who, width))]


def _wrap(text: str, width: float) -> list[str]:
    """Break a text into lines of about ``width`` units."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and len(longer) * _CHAR > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _height(steps: Iterable[Step], width: float) -> float:
    """How high the words of steps are, one below the other."""
    blocks = [_wrapped(step, width) for step in steps]
    return sum(len(lines) for lines in blocks) * _LINE + 6 * max(len(blocks) - 1, 0)
