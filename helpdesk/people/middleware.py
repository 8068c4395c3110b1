"""Every page in its reader's language and time zone; and the way into a house where nobody lives yet."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation

from . import actions


class PreferencesMiddleware:
    """Activates a signed-in person's language and time zone; strangers keep what their browser asks for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return self._get_response(request)
        translation.activate(user.language)
        request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(zoneinfo.ZoneInfo(user.time_zone)):
            return self._get_response(request)


# What can be sent after the end of the plan: everybody's own account, what was read, what only reads, what lets people
# in and out, and the renewal itself. A report is a way of reading: what is written for it is a copy of what stands
# there, and company and customers may need theirs just then. Nor does anybody have to go on getting letters.
_STILL_SENT = frozenset(
    {
        "people:profile", "notifications:read_all", "notifications:read", "notifications:open",
        "reports:ask", "reports:ask_again", "reports:throw_away", "reports:pause_schedule", "reports:stop_schedule",
        "admin:login", "admin:logout", "admin:core_auditrecord_export", "admin:people_account_renew_plan",
        "admin:people_user_send_link", "admin:people_user_set_password", "admin:people_user_remove_second_factor",
    }
)  # fmt: skip
# The funnel behind these refuses by itself: their own page comes back, with everything typed in its place.
_REFUSE_THEMSELVES = frozenset({"portal:new", "portal:move", "panel:move"})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class ReadOnlyMiddleware:
    """After the end of the plan nothing is changed: one door before all forms, so that none is forgotten (R3.18)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """None where the view may answer; else a page with the words that were sent, so that they can be kept."""
        match = request.resolver_match
        name = match.view_name if match else ""
        is_own_account = bool(match and match.route.startswith("account/"))
        if request.method in _READING or is_own_account or name in _STILL_SENT | _REFUSE_THEMSELVES:
            return None
        reason = actions.reason_read_only()
        if reason is None:
            return None
        if request.headers.get("HX-Request") and not request.headers.get("HX-Boosted"):
            messages.error(request, reason)
            answer = render(request, "components/messages.html", status=409)
            answer["HX-Retarget"], answer["HX-Reswap"] = "#messages", "outerHTML"
            return answer
        sent = [(key, value.strip()) for key, values in request.POST.lists() for value in values]
        words = [value for key, value in sent if "password" not in key and len(value.split()) > 1]
        return render(request, "people/read_only.html", {"reason": reason, "words": words}, status=409)


class FirstRunMiddleware:
    """Leads whoever opens a fresh deployment to its first-run page, since nobody can sign in there yet."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        doors = ("/", reverse("account_login"))
        at_a_door = request.method == "GET" and request.path in doors and not request.user.is_authenticated
        if at_a_door and actions.is_fresh():
            return redirect("people:first_run")
        return self._get_response(request)
