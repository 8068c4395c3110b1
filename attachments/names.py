"""File names made harmless: on every system, in every listing, in every archive."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

MAX_CHARACTERS = 120
# File systems count bytes, and most stop at 255; a suffix such as " (2)" needs some of them.
MAX_BYTES = 240
_LONGEST_EXTENSION = 12

# Control, format (among them the marks that turn the reading direction), surrogate, private, unassigned, line ends.
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Devices, whatever the extension: Windows can neither write nor delete a file that is called so.
_RESERVED = re.compile(r"(?i:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\.|$)")


def safe_name(name: str) -> str:
    """A name that is harmless on every system and in every listing.

    Path parts, control characters and the marks that turn the reading direction are dropped, characters that Windows
    forbids become ``_``, names of Windows devices get one in front, and the length is cut to ``MAX_CHARACTERS`` and
    ``MAX_BYTES`` with the extension kept. What nothing is left of becomes ``file``.
    """
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rstrip("/ ").rsplit("/", 1)[-1]
    name = re.sub(r"\s+", " ", name)
    name = "".join(character for character in name if unicodedata.category(character) not in _DROPPED)
    name = re.sub(r'[<>:"|?*]', "_", name).strip(" .")
    if _RESERVED.match(name):
        name = f"_{name}"
    return _cut(name) or "file"


def _cut(name: str) -> str:
    if len(name) <= MAX_CHARACTERS and len(name.encode()) <= MAX_BYTES:
        return name
    suffix = PurePosixPath(name).suffix
    if len(suffix) > _LONGEST_EXTENSION:
        suffix = ""
    stem = name[: MAX_CHARACTERS - len(suffix)]
    room = MAX_BYTES - len(suffix.encode())
    # A character that is cut in two by the limit goes altogether.
    return (stem.encode()[:room].decode(errors="ignore").rstrip(" .") + suffix).rstrip(" .")


def free_name(name: str, taken: set[str]) -> str:
    """``name``, or the name with the first free number before its extension (R1.10).

    Args:
        taken: folded names, see :func:`folded`; "A.txt" and "a.txt" would overwrite each other on most desktops.
    """
    path, count, free = PurePosixPath(name), 1, name
    while folded(free) in taken:
        count += 1
        free = f"{path.stem} ({count}){path.suffix}"
    return free


def folded(name: str) -> str:
    """What two names have in common when a file system takes them for one."""
    return unicodedata.normalize("NFC", name).casefold()


def extension_of(name: str) -> str:
    """The lower-case extension without its dot; empty where there is none."""
    return PurePosixPath(name).suffix.lstrip(".").lower()
