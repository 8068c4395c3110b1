"""From a row to a letter: in the recipient's language and time zone, by the three templates of its kind.

Facts come from people. In the formatted text the templates escape them; subject, names and addresses lose everything
that could end a header line.
"""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass
from email.headerregistry import Address
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme

from helpdesk.core.text import one_line
from helpdesk.people.letters import sender
from helpdesk.people.models import Account

from .kinds import for_reader
from .models import Letter


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a recipient gets to read."""

    address: str
    subject: str
    text: str
    html: str


def absolute(path: str) -> str:
    """The address of a page of this site, for letters; the start page for anything that is none of its paths."""
    if not path.startswith("/") or not url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        path = "/"
    return f"{settings.BASE_URL}{path}"


def render(letter: Letter, account: Account | None) -> Rendered:
    """What ``letter`` says to its recipient now.

    Raises:
        TemplateDoesNotExist: there is no such kind (any more).
    """
    reader = letter.recipient
    with translation.override(reader.language), timezone.override(zoneinfo.ZoneInfo(reader.time_zone)):
        facts = for_reader(letter.facts)
        facts |= {
            "company": one_line(account.name) if account else "",
            "url": absolute(letter.facts.get("path", "")),
            "reader": reader,
        }
        subject = one_line(_plain(f"{letter.kind}.subject.txt", facts))
        facts["title"] = subject
        limit = Letter._meta.get_field("subject").max_length or len(subject)
        return Rendered(
            address=reader.email,
            subject=subject if len(subject) <= limit else f"{subject[: limit - 1]}…",
            text=_tidy(_plain(f"{letter.kind}.txt", facts)),
            html=_fill(f"{letter.kind}.html", facts),
        )


def _plain(name: str, facts: dict[str, Any]) -> str:
    return _fill(name, facts, autoescape=False)


def _fill(name: str, facts: dict[str, Any], *, autoescape: bool = True) -> str:
    # The engine's own method: the one of the loader cannot be told that plain text is not to be escaped.
    found: Any = get_template(f"emails/{name}")
    return found.template.render(Context(dict(facts), autoescape=autoescape))


def _tidy(text: str) -> str:
    """Templates may leave gaps where something is not said: no blanks at line ends, one empty line at a time."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


def message(letter: Letter, rendered: Rendered, account: Account | None) -> EmailMultiAlternatives:
    """The message for the mail server.

    The Message-ID is the row's, so that a mail server or program that is handed the same letter twice can tell. All
    letters of a ticket point to one thread. Nobody's auto-responder shall answer them.
    """
    headers = {
        "Message-ID": letter.message_id,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": letter.recipient.language,
    }
    if letter.thread:
        headers["References"] = headers["In-Reply-To"] = f"<{letter.thread}@{settings.MAIL_DOMAIN}>"
    mail = EmailMultiAlternatives(
        subject=rendered.subject,
        body=rendered.text,
        from_email=sender(account),
        to=[str(Address(one_line(letter.recipient.name), addr_spec=rendered.address))],
        headers=headers,
    )
    mail.attach_alternative(rendered.html, "text/html")
    return mail
