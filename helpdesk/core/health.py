"""Is the house alive, and is it ready for people?

``settings.HEALTH_CHECKS`` names the checks, so that upper floors can add theirs. A check returns a
``Finding``; one that raises is down. ``down`` answers 503; ``degraded`` means that pages work although
something waits (letters, say), and stays 200.
"""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from helpdesk.core.models import Heartbeat

logger = logging.getLogger(__name__)

State = Literal["ok", "degraded", "down"]
WORKER_SILENT_AFTER = timedelta(minutes=3)
WORKER_STANDS_STILL = _("The worker is not running: letters wait, and deadlines pass without anything happening.")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found.

    Attributes:
        detail: when the state is not "ok", a few words for the operator; no names, no addresses.
        notice: what administrators read on their pages, a lazy sentence; empty = nothing.
        link: the URL name of the page where they see more.
    """

    state: State
    detail: str = ""
    notice: Any = ""
    link: str = ""


OK = Finding("ok")


def database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return OK


def worker() -> Finding:
    beat = Heartbeat.objects.filter(name="worker").first()
    if beat is None:
        return Finding("down", "the worker has not been seen yet", notice=WORKER_STANDS_STILL)
    silent = timezone.now() - beat.seen_at
    if silent > WORKER_SILENT_AFTER:
        words = f"the worker was last seen {int(silent.total_seconds())} seconds ago"
        return Finding("down", words, notice=WORKER_STANDS_STILL)
    return OK


def storage() -> Finding:
    """Can a file be stored? A folder is written to each time; a remote store is only asked whether it answers."""
    if isinstance(default_storage, FileSystemStorage):
        os.makedirs(default_storage.location, exist_ok=True)
        name = default_storage.save(f".probe-{uuid.uuid4().hex}", ContentFile(b"ok"))
        default_storage.delete(name)
    else:
        default_storage.exists(".probe")
    return OK


def findings(only: Iterable[str] = ()) -> dict[str, Finding]:
    """Every check's finding by the check's short name; of those named in ``only``, when any is."""
    wanted = set(only)
    found: dict[str, Finding] = {}
    for dotted in settings.HEALTH_CHECKS:
        name = dotted.rpartition(".")[2]
        if wanted and name not in wanted:
            continue
        try:
            found[name] = import_string(dotted)()
        except Exception as error:
            logger.exception("health check %s failed", name)
            found[name] = Finding("down", type(error).__name__)
    return found


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    found = findings()
    states = {finding.state for finding in found.values()}
    status = "down" if "down" in states else "degraded" if "degraded" in states else "ok"
    checks = {
        name: {"status": finding.state} | ({"detail": finding.detail} if finding.detail else {})
        for name, finding in found.items()
    }
    return JsonResponse({"status": status, "checks": checks}, status=503 if status == "down" else 200)
