"""What a file is, told by its first bytes; and what may be told to a browser about it."""

from __future__ import annotations

import re

import puremagic
from django.utils.translation import gettext as _

from .names import extension_of

# How many bytes are looked at.
HEAD = 4096

# Refused whatever the department allows: what a system runs when somebody opens it.
_PROGRAMS = """
    apk app appref-ms appx application bat bin chm cmd com command cpl deb diagcab dll dmg drv exe gadget hta img inf
    ins iso jar jnlp js jse lnk mde msc msi msix msp mst osx pif pkg ps1 ps1xml ps2 psc1 psm1 py pyc pyw pyz pyzw reg
    rpm run scf scr settingcontent-ms sh sys vb vbe vbs vhd vhdx vxd ws wsc wsf wsh xll
"""
PROGRAM_EXTENSIONS = frozenset(_PROGRAMS.split())
_PROGRAM_SIGNATURES = (
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",  # Mach-O in its four shapes
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",  # Java class, Mach-O for several processors
    b"\x4c\x00\x00\x00\x01\x14\x02\x00",  # Windows shortcut
    b"\xed\xab\xee\xdb",  # RPM package
    b"!<arch>\ndebian",
    b"dex\n03",
)
_SCRIPT = re.compile(rb"(?:\xef\xbb\xbf)?#!\s*/")

# Office documents are archives of one kind or another; which one is told by the name.
_CONTAINERS = frozenset({"application/zip", "application/x-ole-storage"})
_DOCUMENTS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
}
# What a browser may be told; HTML, SVG, XML and scripts are bytes to it like everything else.
_HARMLESS = frozenset(
    {
        "application/pdf",
        "application/zip",
        "audio/mpeg",
        "image/bmp",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/tiff",
        "image/webp",
        "text/plain",
        "video/mp4",
        "video/webm",
    }
)
BYTES = "application/octet-stream"


def is_program(name: str, head: bytes) -> bool:
    """Whether a system would run it: by the extension of its harmless ``name``, or by its first bytes."""
    if extension_of(name) in PROGRAM_EXTENSIONS or head.startswith(_PROGRAM_SIGNATURES) or _SCRIPT.match(head):
        return True
    # Windows programs start with the letters MZ, and so may a letter; a program's header holds zero bytes.
    return head.startswith(b"MZ") and b"\x00" in head[:64]


def type_of(head: bytes) -> str:
    """The media type by content alone; what cannot be recognised is text if it reads as text, else plain bytes."""
    if head.startswith(b"PK\x03\x04"):
        return "application/zip"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "application/x-ole-storage"
    try:
        found = puremagic.from_string(head, mime=True)
    except (puremagic.PureError, ValueError):
        found = ""
    return found[:120] or ("text/plain" if _reads_as_text(head) else BYTES)


def _reads_as_text(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character that is cut in two by the end of the sample is still text.
        if error.start < len(head) - 4:
            return False
    return b"\x00" not in head


def served_type(stored_type: str, name: str) -> str:
    """What the browser is told: harmless types as they are, documents by their name, everything else as bytes."""
    if stored_type in _CONTAINERS and (document := _DOCUMENTS.get(extension_of(name))):
        return document
    return stored_type if stored_type in _HARMLESS else BYTES


def kind_of(stored_type: str, name: str) -> str:
    """What a person calls such a file: a word for the list."""
    extension = extension_of(name)
    if stored_type.startswith("image/"):
        return _("Picture")
    if stored_type.startswith("video/"):
        return _("Video")
    if stored_type.startswith("audio/"):
        return _("Sound")
    if stored_type == "application/pdf":
        return "PDF"
    if stored_type in _CONTAINERS and extension in _DOCUMENTS:
        return _("Document")
    if stored_type == "application/zip":
        return _("Archive")
    if stored_type.startswith("text/"):
        return _("Text")
    return extension.upper()[:8] or _("File")
