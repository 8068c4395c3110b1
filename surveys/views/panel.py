"""Satisfaction in full, for those who read the dashboard (R3.55, R3.56)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from helpdesk.people.requests import SignedInRequest
from surveys.satisfaction import comments, figures
from tickets.forms_dashboard import DashboardForm
from tickets.views.panel.charts import Links
from tickets.views.panel.doors import for_heads

_COMMENTS = 20


@require_safe
@for_heads
def satisfaction(request: SignedInRequest) -> HttpResponse:
    """Every figure of the answers in the period, and the newest comments."""
    form = DashboardForm(request.GET or None, reader=request.user)
    context: dict[str, Any] = {"form": form, "organizations": form.offered_organizations()}
    if scope := form.scope():
        newest = list(comments(scope, request.user)[: _COMMENTS + 1])
        context |= figures(scope, Links(form.set))
        context |= {"comments": newest[:_COMMENTS], "has_more": len(newest) > _COMMENTS}
    return render(request, "surveys/panel.html", context)
