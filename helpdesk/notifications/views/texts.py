"""Texts of letters, for administrators: what each kind says in each language, built in or in their own words."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_http_methods, require_safe

from helpdesk.core.refusals import Refused
from helpdesk.notifications import placeholders, texts
from helpdesk.notifications.forms import LetterTextForm
from helpdesk.notifications.kinds import ALL
from helpdesk.notifications.models import Letter, LetterText
from helpdesk.notifications.rendering import Rendered, starting_text
from helpdesk.notifications.rendering import render as render_letter
from helpdesk.people.models import Account
from helpdesk.people.requests import SignedInRequest

from .panel import LETTER_CSP

# Where what was typed waits for the frame that shows it.
_DRAFT = "letter_text"


def _only_administrators(request: SignedInRequest) -> None:
    if not request.user.is_administrator:
        raise Http404


def _known(request: SignedInRequest, kind: str, language: str) -> LetterText:
    """The stored text of this kind and language, or a new one.

    Raises:
        Http404: there is no such letter, or the person is no administrator.
    """
    _only_administrators(request)
    if kind not in placeholders.editable() or language not in dict(settings.LANGUAGES):
        raise Http404
    found = LetterText.objects.filter(kind=kind, language=language).first()
    return found or LetterText(kind=kind, language=language)


def _shown(request: SignedInRequest, text: LetterText) -> Rendered:
    """How a letter would read to somebody of this language: by ``text``, or by what is built in where it is empty."""
    reader = copy(request.user)
    reader.language = text.language
    with translation.override(text.language):
        facts = placeholders.samples(text.kind)
    letter = Letter(kind=text.kind, facts=facts, recipient=reader)
    own = text if text.body else None
    return render_letter(letter, Account.current(), own=own, is_built_in=own is None)


@require_safe
def overview(request: SignedInRequest) -> HttpResponse:
    """Every kind of letter in every language, and which of them are in the company's own words."""
    _only_administrators(request)
    changed = set(LetterText.objects.values_list("kind", "language"))
    rows = [
        (ALL[kind], [(code, name, (kind, code) in changed) for code, name in settings.LANGUAGES])
        for kind in placeholders.editable()
    ]
    return render(request, "notifications/texts.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
def text(request: SignedInRequest, kind: str, language: str) -> HttpResponse:
    """One text: change it, look at it, or go back to the built-in one, which stands beside."""
    stored = _known(request, kind, language)
    if "reset" in request.POST:
        texts.reset(kind=kind, language=language, by=request.user)
        messages.success(request, _("The built-in text holds again."))
        return redirect("notifications:text", kind, language)
    is_own, preview = stored.pk is not None, None
    built_in = _shown(request, LetterText(kind=kind, language=language))
    subject, body = (stored.subject, stored.body) if is_own else starting_text(kind, language)
    form = LetterTextForm(request.POST or None, instance=stored, initial={"subject": subject, "body": body})
    if request.method == "POST" and form.is_valid():
        typed = {name: form.cleaned_data[name] for name in ("subject", "body")}
        if "preview" in request.POST:
            request.session[_DRAFT] = [kind, language, typed["subject"], typed["body"]]
            preview = _shown(request, LetterText(kind=kind, language=language, **typed))
        else:
            try:
                texts.save(kind=kind, language=language, by=request.user, **typed)
            except Refused as refusal:
                form.add_error(refusal.field, refusal.message)
            else:
                messages.success(request, _("The text is saved. Letters that are written from now on say it."))
                return redirect("notifications:text", kind, language)
    context: dict[str, Any] = {
        "kind": ALL[kind],
        "language": language,
        "language_name": dict(settings.LANGUAGES)[language],
        "form": form,
        "is_own": is_own,
        "words": placeholders.placeholders_of(kind),
        "required": placeholders.required_of(kind),
        "built_in": built_in,
        "is_draft": preview is not None,
        "preview": preview or (_shown(request, stored) if is_own and not form.is_bound else None),
    }
    return render(request, "notifications/text.html", context, status=422 if form.errors else 200)


@require_safe
@xframe_options_sameorigin
@csp_override(LETTER_CSP)
def preview(request: SignedInRequest, kind: str, language: str) -> HttpResponse:
    """The formatted letter with facts that might be, for the frame: as stored, or with ``?draft`` as it was typed."""
    stored = _known(request, kind, language)
    draft = request.session.get(_DRAFT) if "draft" in request.GET else None
    if draft and draft[:2] == [kind, language]:
        stored = LetterText(kind=kind, language=language, subject=draft[2], body=draft[3])
    return HttpResponse(_shown(request, stored).html)
