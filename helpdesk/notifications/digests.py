"""The daily letter: one a day in place of many, for people who want it so.

A letter that may wait is laid aside when its turn to be sent comes; at the hour that the person has chosen, what was
laid aside goes with one letter, which is sent like every other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from helpdesk.people.models import User

from .kinds import ALL, DIGEST
from .models import Letter
from .wording import absolute


def gather(now: datetime) -> int:
    """Write the daily letters whose hour has come.

    Two workers never write two of them: the person is locked first, and a worker that does not get him leaves him to
    the other. What was laid aside is no longer so when this is done, so that a second run finds nothing.

    Returns:
        How many were written.
    """
    written = 0
    for person in Letter.objects.laid_aside(now).order_by().values_list("recipient", flat=True).distinct():
        with transaction.atomic():
            if not User.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=person).exists():
                continue
            waiting = list(
                Letter.objects.laid_aside(now)
                .filter(recipient=person)
                .order_by("pk")
                .select_for_update(of=("self",))
                .values_list("pk", flat=True)
            )
            if not waiting:
                continue
            digest = Letter.objects.create(
                recipient_id=person,
                kind=DIGEST.name,
                facts={"path": reverse("notifications:hub")},
                message_id=f"<digest-{waiting[0]}.{DIGEST.name}.{person}@{settings.MAIL_DOMAIN}>",
                created_at=now,
                due_at=now,
            )
            Letter.objects.filter(pk__in=waiting).update(state=Letter.State.MERGED, digest=digest)
            written += 1
    return written


def items_of(digest: Letter) -> list[dict[str, Any]]:
    """What a daily letter tells, oldest first, in the active language; what lies in the trash is left out."""
    if digest.pk is None:
        return []
    return [
        {"sentence": ALL[one.kind].say(one.facts), "url": absolute(one.path), "at": one.created_at}
        for one in Letter.objects.filter(digest=digest).order_by("created_at", "pk")
        if one.kind in ALL
    ]
