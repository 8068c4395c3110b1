"""What every request passes: an id for its log lines, and the admin's own content policy."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from helpdesk.core import health
from helpdesk.core.logs import request_id

logger = logging.getLogger("helpdesk.requests")

GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
PROBES = {"/healthz": health.healthz, "/readyz": health.readyz}

type Next = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Gives every request an id, puts it on the answer (``X-Request-ID``), and writes one line about it.

    The line names the route and not the address, because addresses may hold tokens and searched words.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        identifier = given if GIVEN.fullmatch(given) else uuid.uuid4().hex
        request.upload_failed = None  # type: ignore[attr-defined]  # see ``uploads``; None where nothing is sent
        token = request_id.set(identifier)
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            response.headers["X-Request-ID"] = identifier
            match = request.resolver_match
            route = (match.view_name or match.route) if match else "-"
            if request.path_info not in PROBES:  # asked every few seconds by machines
                facts = {
                    "method": request.method,
                    "route": route,
                    "status": response.status_code,
                    "ms": round((time.perf_counter() - started) * 1000, 1),
                }
                logger.info("request", extra={"facts": facts})
            return response
        finally:
            request_id.reset(token)


class ProbeMiddleware:
    """Answers ``/healthz`` and ``/readyz`` before anything looks at host, scheme or session.

    Probes come from inside, over plain HTTP, with whatever host name the machine makes up.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if view := PROBES.get(request.path_info):
            return view(request)
        return self.get_response(request)


class AdminPolicyMiddleware:
    """The relaxed content policy of the admin's pages; stands right inside Django's own CSP middleware."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path.startswith("/admin/") and not hasattr(response, "_csp_config"):
            response._csp_config = settings.ADMIN_CSP  # type: ignore[attr-defined]  # where csp_override puts it
        return response
