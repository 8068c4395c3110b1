"""The colours that carry text or meaning, told apart in light and in dark."""

from __future__ import annotations

import math
import re

import pytest
from django.conf import settings

CSS = settings.BASE_DIR / "static" / "css"


def channels(colour: str) -> list[float]:
    """Linear sRGB of an OKLCH colour, by Ottosson's matrices."""
    lightness, chroma, hue = (float(part) for part in colour.split())
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return [min(max(value, 0.0), 1.0) for value in linear]


def luminance(colour: str) -> float:
    red, green, blue = channels(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def tokens() -> dict[str, tuple[str, str]]:
    text = (CSS / "tokens.css").read_text()
    found = re.findall(r"--([\w-]+): light-dark\(oklch\(([^)/]+)\), oklch\(([^)/]+)\)\);", text)
    return {name: (light, dark) for name, light, dark in found} | {"on-fill": ("1 0 0", "1 0 0")}


GROUNDS = ("page", "surface", "sunken", "float", "hover")
MEANINGS = ("ok", "warn", "danger", "info")
TEXT_PAIRS = (
    [(ink, ground) for ink in ("text", "text-soft", "accent-text") for ground in (*GROUNDS, "accent-soft")]
    + [(f"{meaning}-text", ground) for meaning in MEANINGS for ground in (*GROUNDS, f"{meaning}-soft")]
    + [(ink, f"{meaning}-soft") for meaning in MEANINGS for ink in ("text", "text-soft")]
    + [("on-fill", fill) for fill in ("accent-fill", "accent-fill-hover", "danger-fill", "danger-fill-hover")]
    + [("surface", "warn-text"), ("surface", "ok-text")]
)
MARK_PAIRS = (
    [("line-control", ground) for ground in ("page", "surface", "sunken", "float")]
    + [("focus", ground) for ground in ("page", "surface", "accent-soft")]
    + [("accent-fill", ground) for ground in ("page", "surface")]
    + [(f"{meaning}-dot", ground) for meaning in MEANINGS for ground in ("page", "surface", "hover")]
)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_colours_are_told_apart(mode: int) -> None:
    palette = tokens()

    def contrast(one: str, other: str) -> float:
        brighter, darker = sorted((luminance(palette[one][mode]), luminance(palette[other][mode])), reverse=True)
        return (brighter + 0.05) / (darker + 0.05)

    weak = [(ink, ground) for ink, ground in TEXT_PAIRS if contrast(ink, ground) < 4.5]
    weak += [(ink, ground) for ink, ground in MARK_PAIRS if contrast(ink, ground) < 3]
    assert weak == []


def test_every_token_that_is_used_is_defined() -> None:
    # The administration's sheet colours another library's pages with that library's own names.
    text = "".join(path.read_text() for path in CSS.glob("*.css") if path.name != "admin.css")
    used = set(re.findall(r"var\(--([\w-]+)", text))
    assert used - set(re.findall(r"--([\w-]+):", text)) == set()
