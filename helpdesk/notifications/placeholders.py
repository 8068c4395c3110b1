"""What administrators may say in their own texts of letters: words in braces, for each kind of letter.

Substitution knows these names and nothing else: no attributes, no formats, no templates. One table says what there is;
the tests hold it against the facts that are really written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .kinds import DIGEST, KINDS
from .wording import absolute

_BRACES = re.compile(r"\{([^{}\n]*)\}")
_TICKET = "number subject requester executor department service priority opened due actor"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One word in braces.

    Attributes:
        about: what stands for it, for administrators.
        fact: the fact it is made of; empty = the letter itself knows it.
        shape: how the fact is said: ``plain``, ``word`` (a value that has a translation), ``instant``, ``day``,
            ``page`` (an address on this site), ``words`` (what somebody wrote, quoted).
        sample: the fact in previews.
    """

    about: Any
    fact: str = ""
    shape: str = "plain"
    sample: Any = ""


PLACEHOLDERS: dict[str, Placeholder] = {
    "number": Placeholder(_("number of the ticket"), "number", sample=1234),
    "subject": Placeholder(_("subject of the ticket"), "subject", sample=_("The printer on floor 3 is on fire")),
    "requester": Placeholder(_("who opened the ticket"), "requester", sample="Rita Ramos"),
    "executor": Placeholder(_("who serves the ticket; empty where nobody does"), "executor", sample="Ada Alves"),
    "department": Placeholder(_("department"), "department", sample=_("Support")),
    "service": Placeholder(_("service"), "service", sample=_("Workplace")),
    "priority": Placeholder(_("priority"), "priority", "word", "urgent"),
    "opened": Placeholder(_("when the ticket was opened"), "opened_at", "instant", "2026-03-10T09:00:00+00:00"),
    "due": Placeholder(
        _("until when something is to happen; empty where there is no end"),
        "due_at",
        "instant",
        "2026-03-12T09:30:00+00:00",
    ),
    "actor": Placeholder(_("who caused the letter"), "actor", sample="Hugo Hahn"),
    "text": Placeholder(_("what was written"), "text", "words", _("It burns since nine o'clock.")),
    "rating": Placeholder(_("rating, 1 to 5"), "rating", sample=4),
    "asker": Placeholder(_("who asks for the decision"), "asker", sample="Ada Alves"),
    "old_priority": Placeholder(_("priority so far"), "old_priority", "word", "normal"),
    "new_priority": Placeholder(_("priority that is asked for"), "new_priority", "word", "urgent"),
    "action": Placeholder(_("action that needs consent"), "action", sample=_("Buy a printer")),
    "description": Placeholder(_("what the action is"), "description", sample=_("A purchase above 500.")),
    "organization": Placeholder(_("organization whose consent is asked"), "organization", sample="Horizonte"),
    "until": Placeholder(
        _("until when an answer is possible; empty where there is no end"),
        "open_until",
        "instant",
        "2026-04-10T09:45:00+00:00",
    ),
    "last_day": Placeholder(_("last day of the plan"), "ends_on", "day", "2026-12-31"),
    "report": Placeholder(_("which report, and of which period"), "report", sample=_("Dashboard (June 2026)")),
    "why": Placeholder(_("why it failed"), "why", sample=_("Files cannot be stored at the moment.")),
    "news": Placeholder(_("the news, each with its time and address")),
    "count": Placeholder(_("how many pieces of news there are")),
    "new_link": Placeholder(_("address where a new ticket is opened"), "new_path", "page", "/tickets/new/"),
    "link": Placeholder(_("address of the page that the letter is about"), "path", "page", "/tickets/1234/"),
    "reader": Placeholder(_("name of the recipient")),
    "company": Placeholder(_("name of the company")),
}

# Besides what every letter about a ticket can say.
_MORE: dict[str, str] = {
    "survey_answered": "rating",
    "decision_overdue": "asker",
    "priority_requested": "old_priority new_priority",
    "priority_approved": "old_priority new_priority",
    "priority_rejected": "old_priority new_priority",
    "action_requested": "action description organization",
    "action_approved": "action",
    "action_rejected": "action",
    "survey_invited": "until",
    "closed_without_solution": "new_link",
}
# In which nobody says anything: a clock has run.
_WITHOUT_WORDS = {"sla_warning", "sla_breached"}
# Letters about something else than a ticket.
_OF_NO_TICKET: dict[str, str] = {
    "plan_ends": "last_day",
    "report_scheduled": "report",
    "report_failed": "report why",
    "digest": "news count",
}
# What a text must hold, in its subject or its body; the link always stands in the body.
_REQUIRED: dict[str, str] = {
    "ticket_opened": "number subject requester priority opened",  # R1.20
    "closed_without_solution": "number text",  # R4.21: the apology names the ticket and gives the reason
    "digest": "news",  # it takes the place of the letters that say it
}


def placeholders_of(kind: str) -> dict[str, Placeholder]:
    """What a text of this kind may say, in the order in which it is offered."""
    said = "" if kind in _WITHOUT_WORDS else "text"
    about = _OF_NO_TICKET.get(kind) or f"{_TICKET} {said} {_MORE.get(kind, '')}"
    names = f"{about} link reader company".split()
    return {name: PLACEHOLDERS[name] for name in names}


def required_of(kind: str) -> list[str]:
    """What a text of this kind must say."""
    return [*_REQUIRED.get(kind, "").split(), "link"]


def editable() -> list[str]:
    """The kinds whose letters can have texts of one's own."""
    return [*(kind.name for kind in KINDS.values() if kind.mails), DIGEST.name]


def faults(kind: str, subject: str, body: str) -> dict[str, list[str]]:
    """What is wrong with a text, by field; nothing where it can be sent."""
    known = placeholders_of(kind)
    found: dict[str, list[str]] = {"subject": [], "body": []}
    for field, text in (("subject", subject), ("body", body)):
        unknown = [name for name in dict.fromkeys(_BRACES.findall(text)) if name not in known]
        found[field] += [gettext("{%(name)s} means nothing in this letter.") % {"name": name} for name in unknown]
        if re.search(r"[{}]", _BRACES.sub("", text)):
            found[field].append(gettext("A brace stands alone. Placeholders have one on each side: {number}."))
    said = set(_BRACES.findall(subject)) | set(_BRACES.findall(body))
    missing = [name for name in required_of(kind) if name not in said]
    if "link" not in missing and "link" not in _BRACES.findall(body):
        missing.append("link")
    found["body"] += [gettext("{%(name)s} is missing; this letter needs it.") % {"name": name} for name in missing]
    return {field: words for field, words in found.items() if words}


def samples(kind: str) -> dict[str, Any]:
    """Facts of a letter that might have been, in the active language."""
    facts: dict[str, Any] = {
        one.fact: one.sample if isinstance(one.sample, int) else str(one.sample)
        for one in placeholders_of(kind).values()
        if one.fact
    }
    if kind == DIGEST.name:
        facts["items"] = _some_news(("ticket_started", "12", "09:30"), ("agent_wrote", "12", "10:15"))
    return facts | {"files": 0, "comment": "", "verb": "", "solved": True, "decision": "line_change_requested"}


def _some_news(*news: tuple[str, str, str]) -> list[dict[str, str]]:
    """What a daily letter might tell: kinds of notices, with the day and the time of each."""
    facts = samples("ticket_started")
    return [
        {"sentence": KINDS[kind].say(facts), "url": absolute(facts["path"]), "at": f"2026-03-{day}T{time}:00+00:00"}
        for kind, day, time in news
    ]


def values(kind: str, facts: Mapping[str, Any], shapes: Mapping[str, Callable[[Any], str]]) -> dict[str, str]:
    """What stands for each word of ``kind``: its fact as ``shapes`` says it."""
    return {
        name: shapes[one.shape](facts.get(one.fact, "")) if one.fact else str(facts.get(name, ""))
        for name, one in placeholders_of(kind).items()
    }


def fill(text: str, known: Mapping[str, str]) -> str:
    """``text`` with its words filled in, in one pass: braces inside a value stay what they are.

    Raises:
        KeyError: a word that is none.
    """
    return _BRACES.sub(lambda found: known[found[1]], text)


def formatted(body: str, known: Mapping[str, str], blocks: Mapping[str, SafeString]) -> SafeString:
    """The body as HTML: paragraphs and line breaks are kept, everything else is escaped.

    Args:
        blocks: what stands for a line that is nothing but this word.

    Raises:
        KeyError: a word that is none.
    """
    safe = {name: str(escape(value)).replace("\n", "<br>") for name, value in known.items()}
    for name in ("link", "new_link"):
        if name in safe:
            safe[name] = f'<a href="{safe[name]}">{safe[name]}</a>'
    parts, alone = [], {f"{{{name}}}": block for name, block in blocks.items()}
    for paragraph in re.split(r"\n\s*\n", body.replace("\r\n", "\n").strip()):
        lines = [line.strip() for line in paragraph.split("\n")]
        while lines:
            if lines[0] in alone:
                parts.append(str(alone[lines[0]]))
                lines = lines[1:]
                continue
            end = next((at for at, line in enumerate(lines) if line in alone), len(lines))
            parts.append("<p>" + "<br>".join(fill(str(escape(line)), safe) for line in lines[:end]) + "</p>")
            lines = lines[end:]
    return mark_safe("\n".join(parts))  # noqa: S308 - every piece of it is escaped above
