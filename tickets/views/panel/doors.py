"""Who gets into the panel at all."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from helpdesk.people.models import User


def for_administrators(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let in only administrators; others of the service desk are told so (403)."""

    @wraps(view)
    @for_staff
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_administrator:  # type: ignore[union-attr]  # the middleware has signed everybody in
            raise PermissionDenied(_("This is the administrators' place."))
        return view(request, *args, **kwargs)

    return guarded


def for_heads(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let in only heads of departments and administrators, who decide (A41); agents are told so (403)."""

    @wraps(view)
    @for_staff
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        user: User = request.user  # type: ignore[assignment]  # nobody is anonymous here
        if not user.is_head and not user.is_administrator:
            raise PermissionDenied(_("Here heads of departments decide. What you have to do is in “My tasks”."))
        return view(request, *args, **kwargs)

    return guarded


def for_staff(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let in only agents, heads and administrators (R3.7); others are told that this is not their place (403)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.works_here:  # type: ignore[union-attr]  # the middleware has signed everybody in
            raise PermissionDenied(_("This is the service desk's own place. Your tickets are in “My tickets”."))
        return view(request, *args, **kwargs)

    return guarded
