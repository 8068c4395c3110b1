"""Administrators' own texts of letters: written, and given up again. Letters that are written already stay."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.core import audit
from helpdesk.core.refusals import Refused
from helpdesk.people.models import User

from . import placeholders
from .models import LetterText

_FIELDS = ("subject", "body")


@transaction.atomic
def save(*, kind: str, language: str, subject: str, body: str, by: User, at: datetime | None = None) -> LetterText:
    """Letters of ``kind`` to readers of ``language`` say this from now on (R1.20).

    Raises:
        Refused: ``by`` is no administrator, or the text says words that this kind does not have, or lacks one that it
            needs.
    """
    _only_administrators(by)
    for field, words in placeholders.faults(kind, subject, body).items():
        raise Refused(" ".join(words), field=field)
    at = at or timezone.now()
    was = _stored(kind, language)
    if was and (was.subject, was.body) == (subject, body):
        return was
    text, _is_new = LetterText.objects.update_or_create(
        kind=kind, language=language, defaults={"subject": subject, "body": body, "changed_at": at}
    )
    facts = audit.changes(was, text, _FIELDS)
    audit.record("mail_template_changed", by=by, about="mail_template", key=_key(text), name=text, facts=facts, at=at)
    return text


@transaction.atomic
def reset(*, kind: str, language: str, by: User, at: datetime | None = None) -> None:
    """Letters of ``kind`` to readers of ``language`` say again what is built in.

    Raises:
        Refused: ``by`` is no administrator.
    """
    _only_administrators(by)
    was = _stored(kind, language)
    if was is None:
        return
    LetterText.objects.filter(pk=was.pk).delete()
    facts = audit.changes(was, None, _FIELDS)
    audit.record("mail_template_reset", by=by, about="mail_template", key=_key(was), name=was, facts=facts, at=at)


def _stored(kind: str, language: str) -> LetterText | None:
    return LetterText.objects.select_for_update().filter(kind=kind, language=language).first()


def _key(text: LetterText) -> str:
    return f"{text.kind}/{text.language}"


def _only_administrators(by: Any) -> None:
    if not (by.is_active and by.is_administrator):
        raise Refused(_("Only an administrator can change the texts of letters."))
