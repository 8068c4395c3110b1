"""The icon set: drawn by hand on a grid of 20, strokes of 1.5 with round ends, ready as markup.

Keys are the names that `{% icon "name" %}` takes; values are what stands inside the <svg>. The stroke's
width and colour come from the class `icon` of base.css.
"""

from __future__ import annotations

DOTS = (
    '<g fill="currentColor" stroke="none"><circle cx="4.5" cy="10" r="1.4"/>'
    '<circle cx="10" cy="10" r="1.4"/><circle cx="15.5" cy="10" r="1.4"/></g>'
)
FILE = "M11.5 2.5H6A1.5 1.5 0 0 0 4.5 4v12A1.5 1.5 0 0 0 6 17.5h8a1.5 1.5 0 0 0 1.5-1.5V6.5zm0 0v4h4"
TICKET = (
    "M3 7.6V5.5A1.5 1.5 0 0 1 4.5 4h11A1.5 1.5 0 0 1 17 5.5v2.1a2.5 2.5 0 0 0 0 4.8v2.1a1.5 1.5 0 0 1-1.5 1.5"
    "h-11A1.5 1.5 0 0 1 3 14.5v-2.1a2.5 2.5 0 0 0 0-4.8zM12 4v1.5m0 3v3m0 3V16"
)


def _path(d: str) -> str:
    return f'<path d="{d}"/>'


ICONS: dict[str, str] = {
    "ticket": _path(TICKET),
    "inbox": _path(
        "m3 11.5 2.2-6.9a1.5 1.5 0 0 1 1.4-1.1h6.8a1.5 1.5 0 0 1 1.4 1.1l2.2 6.9V15a1.5 1.5 0 0 1-1.5 1.5h-11"
        "A1.5 1.5 0 0 1 3 15zm0 0h4l1 2h4l1-2h4"
    ),
    "queue": _path("M4.5 4h11a1 1 0 0 1 1 1v3a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM5 12.5h10M7 16h6"),
    "list": _path("M7.5 5h9m-9 5h9m-9 5h9M3.6 5h.01M3.6 10h.01M3.6 15h.01"),
    "board": _path("M3 4h4v12H3zm5 0h4v8H8zm5 0h4v10h-4z"),
    "chart": _path("M3.5 16.5h13M5 13.5V10m5 3.5v-9m5 9V7"),
    "search": '<circle cx="9" cy="9" r="5.25"/>' + _path("m13 13 3.5 3.5"),
    "bell": _path("M5.5 8.6a4.5 4.5 0 0 1 9 0c0 3.4 1.5 4.9 1.5 4.9H4s1.5-1.5 1.5-4.9zM8.3 16.2a1.9 1.9 0 0 0 3.4 0"),
    "user": '<circle cx="10" cy="6.8" r="3.1"/>' + _path("M4 16.5a6 6 0 0 1 12 0"),
    "users": '<circle cx="7.5" cy="7" r="2.75"/>'
    + _path("M2.5 16a5 5 0 0 1 10 0M13 4.5a2.75 2.75 0 0 1 0 5m1.6 1.9a5 5 0 0 1 2.9 4.6"),
    "building": _path(
        "M4 16.5V4.5a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1v12m0-8.5h3a1 1 0 0 1 1 1v7.5m-13.5 0h15M7 7h2m-2 3h2m-2 3h2"
    ),
    "folder": _path(
        "M2.5 6A1.5 1.5 0 0 1 4 4.5h3.4l2 2.2H16a1.5 1.5 0 0 1 1.5 1.5v6.3A1.5 1.5 0 0 1 16 16H4a1.5 1.5 0 0 1-1.5-1.5z"
    ),
    "file": _path(FILE),
    "zip": _path(FILE + "M8.5 2.5V4m0 2.2v1.5m0 2.2v1.3m-.9 0h1.8v2.6H7.6z"),
    "image": _path(
        "M4.5 3.5h11A1.5 1.5 0 0 1 17 5v10a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 15V5a1.5 1.5 0 0 1 1.5-1.5z"
    )
    + _path("m3.2 14 4.1-4.2 3.2 3.2 2.3-2.2 4 3.9")
    + '<circle cx="12.6" cy="7.2" r="1.2"/>',
    "paperclip": _path(
        "m15.8 9.2-5.9 5.9a3.6 3.6 0 0 1-5.1-5.1L11 3.8a2.4 2.4 0 0 1 3.4 3.4l-6.1 6.1a1.2 1.2 0 0 1-1.7-1.7l5.3-5.3"
    ),
    "download": _path("M10 3.5v9.2M6.5 9.2l3.5 3.5 3.5-3.5M3.5 16.5h13"),
    "upload": _path("M10 12.7V3.5M6.5 7 10 3.5 13.5 7m-10 9.5h13"),
    "trash": _path("M3.5 5.5h13M8 5.5v-2h4v2m-7 0 .8 10a1 1 0 0 0 1 1h6.4a1 1 0 0 0 1-1l.8-10m-6.5 3v5m3-5v5"),
    "plus": _path("M10 4v12m-6-6h12"),
    "check": _path("m4 10.5 4 4 8-9"),
    "x": _path("m5 5 10 10m0-10L5 15"),
    "arrow-left": _path("M16 10H4m5-5-5 5 5 5"),
    "arrow-right": _path("M4 10h12m-5-5 5 5-5 5"),
    "chevron-down": _path("m5 7.5 5 5 5-5"),
    "chevron-right": _path("m7.5 5 5 5-5 5"),
    "clock": '<circle cx="10" cy="10" r="7"/>' + _path("M10 6v4.2l2.7 1.6"),
    "calendar": _path(
        "M4.5 5h11A1.5 1.5 0 0 1 17 6.5v8a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 14.5v-8"
        "A1.5 1.5 0 0 1 4.5 5zM3 8.8h14M6.8 3v3.4M13.2 3v3.4"
    ),
    "send": _path("M17 3 2.8 8.2l5.6 3.4L11.8 17zM8.4 11.6l3.4-3.4"),
    "reply": _path("M7.5 4.5 3 9l4.5 4.5M3 9h7.5a6 6 0 0 1 6 6v1"),
    "note": _path(
        "M4.5 3.5h11a1 1 0 0 1 1 1v7.6l-4.4 4.4H4.5a1 1 0 0 1-1-1v-11a1 1 0 0 1 1-1zm12 8.6h-3.4"
        "a1 1 0 0 0-1 1v3.4M6.8 7.4h6.4m-6.4 3h3.6"
    ),
    "solution": _path("M7.6 14.2v-.9c0-.8-.5-1.4-1.1-2a5 5 0 1 1 7 0c-.6.6-1.1 1.2-1.1 2v.9zM8.2 17.2h3.6"),
    "star": _path("m10 2.8 2.2 4.6 5 .7-3.6 3.5.9 5-4.5-2.4-4.5 2.4.9-5L2.8 8.1l5-.7z"),
    "settings": _path("M3.5 6h6.7m4.6 0h1.7m-13 8h1.7m4.6 0h6.7")
    + '<circle cx="12.5" cy="6" r="2.2"/><circle cx="7.5" cy="14" r="2.2"/>',
    "mail": _path(
        "M4 4.5h12A1.5 1.5 0 0 1 17.5 6v8a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0 1 2.5 14V6"
        "A1.5 1.5 0 0 1 4 4.5zM3 6l7 5.2L17 6"
    ),
    "logout": _path("M8 3.5H5A1.5 1.5 0 0 0 3.5 5v10A1.5 1.5 0 0 0 5 16.5h3m4.5-10L16 10l-3.5 3.5M16 10H8"),
    "menu": _path("M3.5 5.5h13m-13 4.5h13m-13 4.5h13"),
    "more": DOTS,
    "warning": _path("M10 3.2 17.7 16.4H2.3zm0 4.8v4m0 2.2v.01"),
    "info": '<circle cx="10" cy="10" r="7"/>' + _path("M10 9.3v4.2m0-6.9v.01"),
    "error": '<circle cx="10" cy="10" r="7"/>' + _path("M10 6.2v4.6m0 2.7v.01"),
    "help": '<circle cx="10" cy="10" r="7"/>' + _path("M7.9 8.1a2.1 2.1 0 1 1 3.2 1.8c-.7.4-1.1.8-1.1 1.6m0 2.2v.01"),
    "sun": '<circle cx="10" cy="10" r="3.2"/>'
    + _path("M10 2.5V4m0 12v1.5M2.5 10H4m12 0h1.5M4.7 4.7l1.1 1.1m8.4 8.4 1.1 1.1m0-10.6-1.1 1.1M5.8 14.2l-1.1 1.1"),
    "moon": _path("M16.6 11.9A6.9 6.9 0 0 1 8.1 3.4a6.9 6.9 0 1 0 8.5 8.5z"),
    "monitor": _path(
        "M4 3.5h12A1.5 1.5 0 0 1 17.5 5v7a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0 1 2.5 12V5"
        "A1.5 1.5 0 0 1 4 3.5zm6 10V17m-3 0h6"
    ),
    "home": _path("m3 9.2 7-5.7 7 5.7v6.5a.8.8 0 0 1-.8.8H12v-5H8v5H3.8a.8.8 0 0 1-.8-.8z"),
    "flag": _path("M5 17V3.5h10l-2.2 3.4L15 10.3H5"),
    "eye": _path("M2 10s3-5.5 8-5.5 8 5.5 8 5.5-3 5.5-8 5.5S2 10 2 10z") + '<circle cx="10" cy="10" r="2.3"/>',
    "lock": _path(
        "M6 9h8a1.5 1.5 0 0 1 1.5 1.5v5A1.5 1.5 0 0 1 14 17H6a1.5 1.5 0 0 1-1.5-1.5v-5"
        "A1.5 1.5 0 0 1 6 9zm1 0V6.2a3 3 0 0 1 6 0V9"
    ),
    "key": '<circle cx="6.5" cy="13.5" r="3.2"/>' + _path("m8.8 11.2 7.4-7.4m-2.9 2.9 2.4 2.4M11 9l1.6 1.6"),
    "edit": _path("m4 13.2-.6 3.4 3.4-.6L16 6.8a1.4 1.4 0 0 0 0-2l-.8-.8a1.4 1.4 0 0 0-2 0zm7.6-7.6 2.8 2.8"),
    "globe": '<circle cx="10" cy="10" r="7"/>'
    + _path("M3 10h14M10 3c2.2 2 3.2 4.4 3.2 7s-1 5-3.2 7c-2.2-2-3.2-4.4-3.2-7S7.8 5 10 3z"),
    "filter": _path("M3.5 5h13M6 10h8m-5.5 5h3"),
    "refresh": _path("M16.5 10a6.5 6.5 0 1 1-2-4.7L16.5 7m0-3.8V7h-3.8"),
    "link": _path(
        "M8.4 11.6a3 3 0 0 0 4.3 0l3-3a3 3 0 0 0-4.3-4.3l-1 1m1.2 3.1a3 3 0 0 0-4.3 0l-3 3a3 3 0 0 0 4.3 4.3l1-1"
    ),
    "approve": '<circle cx="10" cy="10" r="7"/>' + _path("m6.8 10.3 2.2 2.2 4.2-4.8"),
    "return": _path("M7.5 3.5 4 7l3.5 3.5M4 7h7.2a4.8 4.8 0 0 1 0 9.5H7"),
    "play": _path("M6.5 4.2v11.6l9-5.8z"),
    "keyboard": _path(
        "M4 5.5h12A1.5 1.5 0 0 1 17.5 7v6a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0 1 2.5 13V7"
        "A1.5 1.5 0 0 1 4 5.5zm1.5 3v.01m3 0v-.01m3 0v.01m3-.01v.01M6.5 12h7"
    ),
}


def svg(name: str) -> str:
    """The whole drawing, hidden from readers (its word stands beside it). KeyError on an unknown name."""
    return (
        '<svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">'
        f"{ICONS[name]}</svg>"
    )
