"""What the worker runs for people. Every task may run twice, late, or after its person has left."""

from __future__ import annotations

import time
from datetime import datetime

from django.utils import timezone
from django_q.tasks import async_task

from . import actions, letters
from .models import User


def send_account_letter(kind: str, user_id: int, at: str) -> bool:
    """Write and send one letter about somebody's own account; False where the person is not active any more.

    A mail server that is away fails the task, and the worker tries it again.

    Args:
        at: when the cause happened, as ISO text: a task's arguments are plain.
    """
    user = User.objects.active().filter(pk=user_id).first()
    if user is None:
        return False
    letters.message(kind, user, datetime.fromisoformat(at) if at else timezone.now()).send()
    return True


def import_people(pk: int, *, seconds: float = 60) -> bool:
    """Import the rows of a checked file, and ask for another run before this one takes too long; True when it is done.

    A run that is started twice goes on where the first one is.
    """
    deadline = time.monotonic() + seconds
    while actions.import_some(pk):
        if time.monotonic() > deadline:
            async_task("helpdesk.people.tasks.import_people", pk)
            return False
    return True
