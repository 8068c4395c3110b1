"""What the worker runs for people. Every task may run twice, late, or after its person has left."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from . import letters
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
