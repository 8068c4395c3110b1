"""Letters, for administrators: every one with its fate, what it said, and a button where it failed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template import TemplateDoesNotExist
from django.urls import reverse
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_POST, require_safe

from helpdesk.core.pages import page_of
from helpdesk.core.refusals import Refused
from helpdesk.notifications import actions, permissions
from helpdesk.notifications.forms import LetterFilter
from helpdesk.notifications.models import Letter
from helpdesk.notifications.querysets import LetterQuerySet
from helpdesk.notifications.rendering import Rendered
from helpdesk.notifications.rendering import render as render_letter
from helpdesk.people.models import Account
from helpdesk.people.requests import SignedInRequest

# A letter is shown in a frame that can do nothing: no script, no request, no form, no origin of its own.
LETTER_CSP: dict[str, Any] = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.NONE],
    "frame-ancestors": [CSP.SELF],
    "sandbox": True,
}
# Of a row of the list, what is not shown there: the bodies are most of the table.
_BODIES = ("facts", "body_text", "body_html")


def _letters(request: SignedInRequest) -> LetterQuerySet:
    """The letters that the person may see.

    Raises:
        Http404: none at all; the page does not exist for anybody but administrators.
    """
    if not request.user.is_administrator:
        raise Http404
    return Letter.objects.visible_to(request.user).select_related("recipient")


def _words(row: Letter) -> Rendered | None:
    """What a letter said; of one that was never sent, what it would say now. None where its templates are gone."""
    if row.body_html:
        return Rendered(row.address, row.subject, row.body_text, row.body_html)
    try:
        return render_letter(row, Account.current())
    except TemplateDoesNotExist:
        return None


@require_safe
def letters(request: SignedInRequest) -> HttpResponse:
    """All letters, newest first, filtered by state, kind and recipient; the filter stands in the address."""
    rows = _letters(request)
    form = LetterFilter(request.GET)
    page = page_of(form.narrow(rows.defer(*_BODIES)), request.GET)
    return render(request, "notifications/letters.html", {"form": form, "page": page, "filtered": form.has_changed()})


@require_safe
def letter(request: SignedInRequest, pk: int) -> HttpResponse:
    """One letter: its fate, and what it says."""
    row = get_object_or_404(_letters(request), pk=pk)
    words = _words(row)
    context = {
        "letter": row,
        "subject": words.subject if words else row.title,
        "text": row.shown(words.text) if words else "",
        "refusal": permissions.reason_not(request.user, "send_again", row),
    }
    return render(request, "notifications/letter.html", context)


@require_safe
@xframe_options_sameorigin
@csp_override(LETTER_CSP)
def letter_html(request: SignedInRequest, pk: int) -> HttpResponse:
    """The formatted letter as its recipient sees it, for the frame on its page."""
    row = get_object_or_404(_letters(request), pk=pk)
    words = _words(row)
    return HttpResponse(row.shown(words.html) if words else "")


@require_POST
def send_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put a failed letter back into the queue."""
    row = get_object_or_404(_letters(request), pk=pk)
    try:
        actions.send_again(letter_id=row.pk, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The letter is on its way again."))
    return HttpResponseRedirect(reverse("notifications:letter", args=[row.pk]))
