"""Who gets into the panel at all."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

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


def decides_here(user: User) -> bool:
    """Whether ``user`` is one of those who decide, and who read the figures (A41, R4.36)."""
    return user.works_here and (user.is_head or user.is_administrator)


def for_heads(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let in only heads of departments and administrators, who decide (A41); agents are told so (403)."""

    @wraps(view)
    @for_staff
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        user: User = request.user  # type: ignore[assignment]  # nobody is anonymous here
        if not decides_here(user):
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


class Lost(Http404):
    """Somebody else has by now what the reader saw while it waited; says who (R1.23)."""


def or_who_has_it(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer whoever comes too late for a waiting ticket with its owner's name, above the queue."""

    @wraps(view)
    def guarded(request: HttpRequest, number: int, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, number, *args, **kwargs)
        except Lost as lost:
            messages.info(request, f"#{number}: {lost}")
            return redirect("panel:queue")

    return guarded


def for_customers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let in those whose profile shows them customers (R2.46); others are told so (403)."""
    return _if_profile_says(view, "sees_customers", _lazy("Your profile does not show you customers."))


def for_customers_editors(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let in those whose profile lets them change customers (R2.46); others are told so (403)."""
    return _if_profile_says(view, "edits_customers", _lazy("Your profile does not let you change customers."))


def _if_profile_says(
    view: Callable[..., HttpResponse], permission: str, refusal: object
) -> Callable[..., HttpResponse]:
    @wraps(view)
    @for_staff
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not getattr(request.user, permission):
            raise PermissionDenied(refusal)
        return view(request, *args, **kwargs)

    return guarded
