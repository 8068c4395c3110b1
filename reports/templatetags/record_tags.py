"""A ticket's record in the menus of its pages; and what the templates of documents need."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tickets.models import Ticket

register = template.Library()

_PARAGRAPHS = re.compile(r"\n[ \t]*\n")


@register.simple_tag
def with_record(menu: list[dict[str, Any]], ticket: Ticket, versions: str) -> list[dict[str, Any]]:
    """The items of a ticket's menu with its record on paper before what ends the ticket (R2.39).

    Args:
        versions: those on offer: ``customer``, or ``staff customer``.
    """
    words = {"staff": _("Record (PDF)"), "customer": _("Record for the customer (PDF)")}
    offered = versions.split()
    if offered == ["customer"]:
        words["customer"] = _("Record (PDF)")
    items = [
        {
            "label": words[version],
            "action": reverse("reports:ask"),
            "fields": {"kind": "record", "form": "pdf", "ticket": ticket.number, "version": version},
            "icon": "file",
        }
        for version in offered
    ]
    end = next((index for index, item in enumerate(menu) if item.get("danger")), len(menu))
    return [*menu[:end], *items, *menu[end:]]


# --- for the documents' own templates


@dataclass(frozen=True)
class Paragraph:
    text: str
    is_rtl: bool


@register.filter
def paragraphs(text: str) -> list[Paragraph]:
    """Somebody's words cut at empty lines, each part with the direction of its first letter."""
    parts = (part.strip("\n") for part in _PARAGRAPHS.split(text.replace("\r\n", "\n")))
    return [Paragraph(part, _is_rtl(part)) for part in parts if part.strip()]


def _is_rtl(text: str) -> bool:
    for letter in text:
        direction = unicodedata.bidirectional(letter)
        if direction in {"L", "R", "AL"}:
            return direction != "L"
    return False


@register.filter
def bytes_exact(size: int) -> str:
    """A file's size to the byte, which its checksum belongs to."""
    return ngettext("%(count)s byte", "%(count)s bytes", size) % {"count": number_format(size, force_grouping=True)}
