"""Small files that people would send with a ticket, made here so that none has to be carried along."""

from __future__ import annotations

import struct
import zlib

from django.core.files.base import ContentFile


def text(name: str, *lines: str) -> ContentFile:
    return ContentFile("\n".join(lines).encode() + b"\n", name=name)


def picture(name: str, *, hue: int = 0, width: int = 320, height: int = 200) -> ContentFile:
    """A screenshot of sorts as PNG: a window with a title bar and a message in the middle, coloured by ``hue``."""
    colours = [(37, 99, 235), (220, 38, 38), (22, 163, 74), (217, 119, 6), (124, 58, 237), (8, 145, 178)]
    accent = colours[hue % len(colours)]
    rows = bytearray()
    for y in range(height):
        rows.append(0)  # this line is not filtered
        for x in range(width):
            in_message = 60 <= x < width - 60 and 70 <= y < height - 50
            on_line = in_message and y % 14 < 3 and 76 <= x < width - 76 - (y * 7) % 60
            if y < 22:
                rows += bytes(accent)
            elif on_line:
                rows += b"\x47\x55\x69"
            elif in_message:
                rows += b"\xff\xff\xff"
            else:
                rows += b"\xe2\xe8\xf0"
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + _chunk(b"IEND", b"")
    return ContentFile(b"\x89PNG\r\n\x1a\n" + data, name=name)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def document(name: str, *lines: str) -> ContentFile:
    """One page of PDF with Latin text."""
    shown = [line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in lines]
    page = "BT /F1 12 Tf 60 780 Td 18 TL " + " ".join(f"({line}) Tj T*" for line in shown) + " ET"
    stream = page.encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    out, starts = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        starts.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % start for start in starts)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return ContentFile(bytes(out), name=name)
