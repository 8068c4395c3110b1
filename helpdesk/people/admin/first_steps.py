"""Whoever came from the list of first steps is led back to it, where the next one is marked."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect

from helpdesk.people.checklist import FROM_LIST


class FirstSteps(admin.ModelAdmin):
    """Comes first among the bases of the admin pages that the list of first steps leads to."""

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return _back(request) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return _back(request) or super().response_post_save_change(request, obj)

    def response_add(self, request: HttpRequest, obj: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = super().response_add(request, obj, *args, **kwargs)
        return _remembering(request, answer)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return _remembering(request, super().response_change(request, obj))


def _back(request: HttpRequest) -> HttpResponseRedirect | None:
    return redirect("admin:index") if FROM_LIST in request.GET else None


def _remembering(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Who saves and stays, or adds one more, finds back after that."""
    stays = FROM_LIST in request.GET and {"_continue", "_addanother"} & set(request.POST)
    if stays and "Location" in answer and FROM_LIST not in answer["Location"]:
        joint = "&" if "?" in answer["Location"] else "?"
        answer["Location"] += f"{joint}{FROM_LIST}=1"
    return answer
