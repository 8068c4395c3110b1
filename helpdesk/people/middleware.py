"""Every page in its reader's language and time zone; and the way into a house where nobody lives yet."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
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
