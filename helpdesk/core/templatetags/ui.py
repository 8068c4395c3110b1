"""Small marks of the interface: icons, instants, deadlines, faces, badges.

They stand hundreds of times on a page, so each is one formatted string and none renders a template. What
depends on the reader (language, time zone) is taken from the active ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zlib import crc32

from django import template
from django.template.base import FilterExpression, Parser, TextNode, Token
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.formats import number_format
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from helpdesk.core.icons import ICONS, svg

register = template.Library()

DAY = timedelta(days=1)
HUES = 8
PRIORITIES = ("low", "normal", "high", "urgent")
IMAGES = frozenset({"png", "jpg", "jpeg", "gif", "webp", "bmp", "heic", "tif", "tiff"})
ARCHIVES = frozenset({"zip", "gz", "tgz", "7z", "rar", "tar", "xz", "bz2"})


def _safe(markup: str) -> SafeString:
    """Markup of ours in which every foreign part has been escaped already."""
    return mark_safe(markup)  # noqa: S308 - the one place; the callers escape


NOTHING = _safe("")


# --- icons


class IconNode(template.Node):
    """An icon whose name is known only when the page is rendered."""

    def __init__(self, name: FilterExpression) -> None:
        self.name = name

    def render(self, context: template.Context) -> SafeString:
        name = self.name.resolve(context)
        return draw(name) if name else NOTHING


@lru_cache(maxsize=256)
def draw(name: str) -> SafeString:
    """The icon's markup. A name that is not in the set is a programmer's slip and raises KeyError."""
    return _safe(svg(name))


@register.tag
def icon(parser: Parser, token: Token) -> template.Node:
    """``{% icon "bell" %}``: the drawing, hidden from readers. A literal name is drawn at compile time."""
    bits = token.split_contents()
    if len(bits) != 2:
        raise template.TemplateSyntaxError("icon takes exactly one name")
    name = bits[1]
    if name[0] in "\"'" and name[-1] == name[0]:
        if name[1:-1] not in ICONS:
            raise template.TemplateSyntaxError(f"there is no icon {name}")
        return TextNode(draw(name[1:-1]))
    return IconNode(parser.compile_filter(name))


class OnceNode(template.Node):
    def __init__(self, nodes: template.NodeList) -> None:
        self._nodes = nodes

    def render(self, context: template.Context) -> SafeString:
        drawn: Any = context.render_context  # a dictionary of this one drawing of this template
        if self not in drawn:
            drawn[self] = self._nodes.render(context)
        return drawn[self]


@register.tag
def once(parser: Parser, _token: Token) -> template.Node:
    """``{% once %}…{% endonce %}`` in a loop: what is the same in every round is drawn in the first one."""
    nodes = parser.parse(("endonce",))
    parser.delete_first_token()
    return OnceNode(nodes)


@register.filter
def file_icon(name: object) -> SafeString:
    """The icon that fits a file's name: picture, archive or sheet."""
    ending = str(name).rpartition(".")[2].lower()
    return draw("image" if ending in IMAGES else "zip" if ending in ARCHIVES else "file")


# --- instants


def exact(at: datetime) -> str:
    """The whole instant with its zone, for titles and letters."""
    return _written(at, "exact", timezone.get_current_timezone_name(), get_language())


@lru_cache(maxsize=8192)
def _written(at: datetime, form: str, zone: str, language: str | None) -> str:
    """An instant in the active zone and language, which are named so that each has its own; lists show the same
    instants again and again, and writing one costs as much as all the rest of a row."""
    pattern = {
        "exact": pgettext("date format", "j F Y, H:i T"),
        "this year": pgettext("date format", "j M, H:i"),
        "other year": pgettext("date format", "j M Y, H:i"),
    }[form]
    return format_date(timezone.localtime(at), pattern)


def in_words(span: timedelta) -> str:
    """A duration in at most two units: "2 d 3 h", "3 h 12 min", "12 min", "under a minute"."""
    minutes = int(span.total_seconds()) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours} if hours else _("%d d") % days
    if hours:
        return _("%(h)d h %(m)d min") % {"h": hours, "m": minutes} if minutes else _("%d h") % hours
    return _("%d min") % minutes if minutes else _("under a minute")


def _relative(span: timedelta) -> str:
    """``span`` is the age: positive for the past, negative for the future; under a day."""
    minutes = int(abs(span).total_seconds()) // 60
    if not minutes:
        return _("just now") if span >= timedelta(0) else _("in a moment")
    if minutes < 60:
        return (_("%d min ago") if span >= timedelta(0) else _("in %d min")) % minutes
    return (_("%d h ago") if span >= timedelta(0) else _("in %d h")) % (minutes // 60)


def _absolute(at: datetime, now: datetime) -> str:
    form = "this year" if timezone.localtime(at).year == timezone.localtime(now).year else "other year"
    return _written(at, form, timezone.get_current_timezone_name(), get_language())


def _time(at: datetime, words: str, css: str = "", before: str = "", what: Any = "") -> SafeString:
    named = f' class="{css}"' if css else ""
    title = f"{what}: {exact(at)}" if what else exact(at)
    return _safe(
        f'<time{named} datetime="{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" title="{escape(title)}">'
        f"{before}{escape(words)}</time>"
    )


@register.filter
def moment(at: datetime | date | None) -> SafeString:
    """A ``<time>``: relative under a day, absolute after, always exact in the title. Nothing for None."""
    if at is None or at == "":
        return NOTHING
    if not isinstance(at, datetime):
        words = format_date(at, pgettext("date format", "j M Y"))
        return _safe(f'<time datetime="{at:%Y-%m-%d}">{escape(words)}</time>')
    now = timezone.now()
    return _time(at, _relative(now - at) if abs(now - at) < DAY else _absolute(at, now))


@register.filter
def moment_exact(at: datetime | None) -> SafeString:
    """A ``<time>`` that says the exact instant in full, for promises such as "approved by itself at …"."""
    return NOTHING if at is None else _time(at, exact(at))


@register.simple_tag
def deadline(at: datetime | None, since: datetime | None = None, chip: bool = False, what: Any = "") -> SafeString:
    """How long there is still, in words; the instant is in the title, after ``what`` is due then.

    It turns warn, then danger, then overdue. With ``since`` (when the clock was started) the turns come at a
    quarter and at a twentieth of the period, without it at four hours and at half an hour.
    """
    if at is None:
        return NOTHING
    left = at - timezone.now()
    period = at - since if since else timedelta(0)
    warn, danger = (period / 4, period / 20) if period else (timedelta(hours=4), timedelta(minutes=30))
    level = "deadline--danger" if left <= danger else "deadline--warn" if left <= warn else ""
    words = _("overdue by %s") % in_words(-left) if left <= timedelta(0) else _("%s left") % in_words(left)
    css = " ".join(part for part in ("deadline", "deadline--chip" if chip else "", level) if part)
    return _time(at, words, css, draw("clock"), what)


# --- people


def initials(name: str) -> str:
    """At most two letters: of the first and of the last word; of an address, its first letter."""
    words = [word for word in name.partition("@")[0].split() if word[:1].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


@lru_cache(maxsize=4096)
def _face(name: str, key: object, size: str) -> SafeString:
    hue = crc32(str(key).encode()) % HUES
    css = f"avatar avatar--{hue}{f' avatar--{size}' if size else ''}"
    return _safe(f'<span class="{css}" aria-hidden="true">{escape(initials(name))}</span>')


@register.simple_tag
def avatar(person: Any, size: str = "") -> SafeString:
    """The person's initials on a hue that stays theirs; ``size`` is "", "small" or "large".

    Hidden from screen readers: the name stands beside it. The clock has a clock; nobody has a dashed face.
    """
    nobody = person is None or person == ""
    if nobody or getattr(person, "is_clock", False):
        css = f"avatar avatar--{'nobody' if nobody else 'clock'}{f' avatar--{escape(size)}' if size else ''}"
        return _safe(f'<span class="{css}" aria-hidden="true">{draw("user" if nobody else "clock")}</span>')
    name = getattr(person, "name", "") or str(person)
    return _face(name, getattr(person, "pk", None) or name, size)


# --- states


@register.simple_tag
def badge(kind: str, label: Any, chip: bool = False) -> SafeString:
    """A status as a dot and its word. ``kind`` is the stored value, ``label`` the word for readers."""
    css = f"badge badge--{escape(kind)}{' badge--chip' if chip else ''}"
    return _safe(f'<span class="{css}">{conditional_escape(label)}</span>')


@register.simple_tag
def status(thing: Any, chip: bool = False) -> SafeString:
    """The badge of anything with a ``shown_status``, which has a value and a word."""
    return badge(thing.shown_status.value, thing.shown_status.label, chip)


@lru_cache(maxsize=16)
def _bars(level: int) -> str:
    bars = "".join(
        f'<rect{' class="on"' if index <= level else ""} x="{index * 4}" y="{9 - index * 3}"'
        f' width="2.6" height="{3 + index * 3}" rx="0.8"/>'
        for index in range(4)
    )
    return f'<svg class="priority__bars" viewBox="0 0 15 12" aria-hidden="true" focusable="false">{bars}</svg>'


@register.simple_tag
def priority(value: str, label: Any) -> SafeString:
    """A priority as bars that grow, and its word."""
    level = PRIORITIES.index(value) if value in PRIORITIES else 1
    return _safe(f'<span class="priority priority--{escape(value)}">{_bars(level)}{conditional_escape(label)}</span>')


# --- odds and ends


@register.filter
def filesize(size: int | None) -> str:
    """Bytes for people: "812 B", "24 KB", "1.4 MB"."""
    if size is None:
        return ""
    amount = float(size)
    for unit in (_("B"), _("KB"), _("MB"), _("GB")):
        if amount < 1024 or unit == _("GB"):
            digits = 1 if unit not in (_("B"), _("KB")) and amount < 100 else 0
            return f"{number_format(amount, digits)} {unit}"
        amount /= 1024
    raise AssertionError("the last unit takes every size")


@register.filter
def of(key: object, mapping: Mapping[Any, Any] | None) -> object:
    """``{{ value|of:hints }}``: what a mapping holds for a key, or nothing; the key may be text there."""
    if not mapping:
        return ""
    return mapping.get(key, mapping.get(str(key), ""))


@register.simple_tag(takes_context=True)
def current(context: template.Context, *names: str) -> SafeString:
    """``aria-current="page"`` when the page shown has one of these URL names, else nothing."""
    match = getattr(context.get("request"), "resolver_match", None)
    return _safe(' aria-current="page"' if match and match.view_name in names else "")
