"""What tests of documents have in common: making one, and reading what it says."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from pypdf import PdfReader

from helpdesk.people.models import User

AT = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)


def made(
    maker: Callable[..., None],
    reader: User,
    facts: dict[str, str],
    form: str = "pdf",
    *,
    at: datetime = AT,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> bytes:
    """What ``maker`` writes for ``reader``, in his language and time zone."""
    target = io.BytesIO()
    with translation.override(reader.language), timezone.override(ZoneInfo(reader.time_zone)):
        maker(reader=reader, facts=facts, form=form, target=target, at=at, progress=progress)
    return target.getvalue()


def pages_of(paper: bytes) -> list[str]:
    """What each page says, in one line."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(paper)).pages]


def text_on(paper: bytes) -> str:
    return " ".join(pages_of(paper))


def dense(text: Any) -> str:
    """Without any space, so that it does not matter where a line was broken; without round brackets, too, which the
    reader of PDFs turns round where it takes a line for one that runs from right to left."""
    return "".join(letter for letter in str(text) if not letter.isspace() and letter not in "()")
