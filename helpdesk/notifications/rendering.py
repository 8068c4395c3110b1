"""From a row to a letter: in the recipient's language and time zone, by the three templates of its kind.

Facts come from people. In the formatted text the templates escape them; subject, names and addresses lose everything
that could end a header line.
"""

from __future__ import annotations

import logging
import re
import zoneinfo
from dataclasses import dataclass, replace
from datetime import UTC, date
from email.headerregistry import Address
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.safestring import mark_safe
from django.utils.translation import gettext

from helpdesk.core.text import one_line
from helpdesk.people.letters import sender
from helpdesk.people.models import Account

from . import digests, enclosures, placeholders
from .enclosures import Enclosure
from .kinds import DIGEST, for_reader
from .models import Letter, LetterText
from .wording import absolute, instant, quoted

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a recipient gets to read, and the file that goes with it."""

    address: str
    subject: str
    text: str
    html: str
    enclosure: Enclosure | None = None


def render(
    letter: Letter, account: Account | None, *, own: LetterText | None = None, is_built_in: bool = False
) -> Rendered:
    """What ``letter`` says to its recipient now.

    A text that an administrator has written takes the place of the built-in one. One that cannot be filled in does not
    hold the letter up: the built-in one is sent, and the log says why.

    Args:
        own: a text to be tried; by default the one that is stored, if any.
        is_built_in: leave other texts alone.

    Raises:
        TemplateDoesNotExist: there is no such kind (any more).
    """
    reader = letter.recipient
    if own is None and not is_built_in:
        own = LetterText.objects.filter(kind=letter.kind, language=reader.language).first()
    with translation.override(reader.language), timezone.override(zoneinfo.ZoneInfo(reader.time_zone)):
        facts = for_reader(letter.facts)
        facts |= {
            "company": one_line(account.name) if account else "",
            "url": absolute(letter.facts.get("path", "")),
            "reader": reader,
        }
        enclosure = enclosures.of(letter.kind, letter.facts)
        facts["enclosed"] = enclosure.name if enclosure else ""
        if letter.kind == DIGEST.name:
            facts["items"] = items = letter.facts.get("items") or digests.items_of(letter)
            facts |= {"count": len(items), "news": _news(facts)}
        if own is not None:
            try:
                return replace(_render_own(own, reader.email, facts), enclosure=enclosure)
            except Exception:  # whatever it is, the reader gets his letter
                logger.exception("a text could not be filled in", extra={"facts": {"kind": own.kind, "text": own.pk}})
        subject = one_line(_plain(f"{letter.kind}.subject.txt", facts))
        return Rendered(
            address=reader.email,
            subject=_fit(subject),
            text=_tidy(_plain(f"{letter.kind}.txt", facts)),
            html=_fill(f"{letter.kind}.html", facts | {"title": subject}),
            enclosure=enclosure,
        )


def _render_own(own: LetterText, address: str, facts: dict[str, Any]) -> Rendered:
    company = facts["company"] or gettext("Helpdesk")
    known = placeholders.values(
        own.kind,
        facts | {"reader": str(facts["reader"]), "company": company},
        {
            "plain": str,
            "word": lambda value: gettext(value) if value else "",
            "instant": instant,
            "day": str,
            "page": absolute,
            "words": str,
        },
    )
    subject = one_line(placeholders.fill(own.subject, known))
    button = mark_safe(_fill("button.html", facts).strip())  # noqa: S308 - a template has escaped what it holds
    blocks = {"link": button}
    if "items" in facts:
        blocks["news"] = mark_safe(_fill("news.html", facts).strip())  # noqa: S308 - a template has escaped every line of it
    body = placeholders.formatted(own.body, known, blocks)
    in_plain = known | {"text": quoted(known.get("text", ""))}
    return Rendered(
        address=address,
        subject=_fit(subject),
        text=_tidy(f"{placeholders.fill(own.body, in_plain)}\n\n{company}"),
        html=_fill("own.html", {"company": facts["company"], "title": subject, "body": body}),
    )


def starting_text(kind: str, language: str) -> tuple[str, str]:
    """The built-in subject and body with words in braces, to begin with; what has no word is said as it usually is."""
    with translation.override(language), timezone.override(UTC):
        facts: dict[str, Any] = placeholders.samples(kind)
        back = {}
        for name, one in placeholders.placeholders_of(kind).items():
            if one.shape == "instant":
                back[instant(facts[one.fact])] = f"{{{name}}}"
            elif one.shape == "day":
                back[date_format(date.fromisoformat(facts[one.fact]))] = f"{{{name}}}"
            elif one.shape == "page":
                facts[one.fact] = f"/{name}/"
                back[absolute(facts[one.fact])] = f"{{{name}}}"
            elif one.fact:
                facts[one.fact] = f"{{{name}}}"
        if kind == DIGEST.name:
            back[_news(facts)] = "{news}"
        facts = for_reader(facts) | {"company": "{company}", "url": absolute("/link/")}
        subject, body = one_line(_plain(f"{kind}.subject.txt", facts)), _tidy(_plain(f"{kind}.txt", facts))
        if kind == DIGEST.name:
            subject = subject.replace(str(len(facts["items"])), "{count}")
        for words, name in (back | {"> {text}": "{text}"}).items():
            subject, body = subject.replace(words, name), body.replace(words, name)
        # The name of the company ends every letter by itself.
        return subject, body.strip().removesuffix("{company}").strip()


def _news(facts: dict[str, Any]) -> str:
    """What a daily letter tells, as plain text."""
    return _tidy(_plain("news.txt", facts)).strip()


def _fit(subject: str) -> str:
    limit = Letter._meta.get_field("subject").max_length or len(subject)
    return subject if len(subject) <= limit else f"{subject[: limit - 1]}…"


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
    if rendered.enclosure:
        mail.attach(rendered.enclosure.name, rendered.enclosure.content, rendered.enclosure.content_type.split(";")[0])
    return mail
