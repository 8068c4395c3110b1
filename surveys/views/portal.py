"""The survey's door, opened by a signed link: looking answers nothing, one POST answers once (R1.35 to R1.39)."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from helpdesk.core.refusals import Refused
from surveys import actions, links
from surveys.forms import SurveyForm
from surveys.models import Survey


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, token: str) -> HttpResponse:
    """Ask and take the answer; a link that is used up, too late, too old or wrong says so."""
    response = _survey(request, token)
    # The address is the key: it goes into no search engine, and to no other site.
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _survey(request: HttpRequest, token: str) -> HttpResponse:
    try:
        found = _find(links.survey_id(token))
    except signing.SignatureExpired:
        old = _find(links.expired_survey_id(token))
        if old and old.ticket.trashed_at is not None:
            return _note(request, "away", HTTPStatus.NOT_FOUND)
        return _note(request, "expired", HTTPStatus.GONE, old)
    except signing.BadSignature:
        found = None
    if found is None:
        return _note(request, "unknown", HTTPStatus.NOT_FOUND)
    if found.ticket.trashed_at is not None:
        return _note(request, "away", HTTPStatus.NOT_FOUND)
    if found.state != Survey.State.WAITING:
        return _used_up(request, found)
    if request.method != "POST":
        return _form(request, found, SurveyForm())
    form = SurveyForm(request.POST)
    if form.is_valid():
        try:
            actions.answer(survey=found, by=found.ticket.requester, **form.cleaned_data)
        except Refused as refusal:
            again = _find(found.pk)
            if again is None or again.ticket.trashed_at is not None:
                return _note(request, "away", HTTPStatus.NOT_FOUND)
            found = again
            if found.state != Survey.State.WAITING:  # a second press, or the clock, was quicker
                return _used_up(request, found)
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            return redirect(request.path)  # which thanks, and a reload sends nothing again
    return _form(request, found, form, HTTPStatus.UNPROCESSABLE_ENTITY)


def _find(pk: int) -> Survey | None:
    """The survey, even of a ticket in the trash: whoever holds its link may read that the ticket is not there."""
    return Survey.with_trash.select_related("ticket__requester").filter(pk=pk).first()


def _form(request: HttpRequest, survey: Survey, form: SurveyForm, status: int = HTTPStatus.OK) -> HttpResponse:
    return render(request, "surveys/survey.html", {"survey": survey, "form": form}, status=status)


def _used_up(request: HttpRequest, survey: Survey) -> HttpResponse:
    """Answered: looking again shows the thanks, answering again is a conflict. Over: it is gone."""
    if survey.state == Survey.State.ANSWERED:
        status = HTTPStatus.CONFLICT if request.method == "POST" else HTTPStatus.OK
    else:
        status = HTTPStatus.GONE
    return _note(request, survey.state, status, survey)


def _note(request: HttpRequest, what: str, status: int, survey: Survey | None = None) -> HttpResponse:
    return render(request, "surveys/note.html", {"what": what, "survey": survey}, status=status)
