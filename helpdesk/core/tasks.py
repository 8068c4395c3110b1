"""The ground's own recurring jobs."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone

from helpdesk.core.audit import checking
from helpdesk.core.models import Heartbeat


def beat() -> None:
    """Say that the worker takes tasks and finishes them."""
    Heartbeat.objects.update_or_create(name="worker", defaults={"seen_at": timezone.now()})


def check_audit_log() -> None:
    """See whether the audit log is whole; ``/readyz`` and the administrators' pages tell what was found (R2.47)."""
    checking.check()


def tidy() -> None:
    """Drop what has expired by itself: sessions, and old results of finished tasks."""
    from django_q.models import Task

    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    Task.objects.filter(stopped__lt=now - timedelta(days=30)).delete()
