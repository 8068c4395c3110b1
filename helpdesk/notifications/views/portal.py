"""The hub: everybody's own notices, in the frame of the place where the reader is at home."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from helpdesk.core.pages import page_of, read_key
from helpdesk.notifications import actions
from helpdesk.notifications.models import Notification
from helpdesk.people.requests import SignedInRequest

# Of what came while nobody looked, only the newest lines are pointed out; all of them stand in the hub.
_POINTED_OUT = 3


@require_safe
def hub(request: SignedInRequest) -> HttpResponse:
    """The reader's notices, newest first; opening the page changes nothing (R2.36)."""
    only_unread = request.GET.get("show") == "unread"
    mine = Notification.objects.visible_to(request.user)
    page = page_of(mine.unread() if only_unread else mine, request.GET)
    here = reverse("notifications:hub")
    tabs = [
        {"label": pgettext("notifications", "All"), "url": here, "current": not only_unread},
        {"label": _("Unread"), "url": f"{here}?show=unread", "current": only_unread},
    ]
    context = {
        "page": page,
        "tabs": tabs,
        "only_unread": only_unread,
        "until": page.rows[0].pk if page.rows else None,
        "any_unread": any(row.read_at is None for row in page.rows) or mine.unread().exists(),
        "frame": "panel/base.html" if request.user.works_here else "portal/base.html",
    }
    return render(request, "notifications/hub.html", context)


@login_not_required
@never_cache
@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """The bell alone, for pages that stay open; a page whose session has ended gets nothing to swap in.

    With ``?after=<key>`` it brings what has come since that line of the hub and is unread, to be pointed out (R2.24).
    """
    if not request.user.is_authenticated:
        return HttpResponse(status=204)
    after = request.GET.get("after", "")
    context: dict[str, Any] = {}
    if after.isdecimal() and len(after) <= 18:
        since = Notification.objects.visible_to(request.user).filter(pk__gt=int(after)).order_by("-pk")
        rows = list(since[:_POINTED_OUT])
        context = {"news": [row for row in rows if row.read_at is None], "newest": rows[0].pk if rows else int(after)}
    return render(request, "notifications/bell.html", context)


@require_POST
def open_notice(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark a notice as read and go where it leads."""
    notice = get_object_or_404(Notification.objects.visible_to(request.user), pk=pk)
    actions.mark_read(user=request.user, notification_id=notice.pk)
    leads_home = notice.path.startswith("/") and url_has_allowed_host_and_scheme(notice.path, allowed_hosts=None)
    return HttpResponseRedirect(notice.path if leads_home else reverse("notifications:hub"))


@require_POST
def read(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark one notice as read."""
    notice = get_object_or_404(Notification.objects.visible_to(request.user), pk=pk)
    actions.mark_read(user=request.user, notification_id=notice.pk)
    return _back(request)


@require_POST
def read_all(request: SignedInRequest) -> HttpResponse:
    """Mark everything as read that was there when the page was shown."""
    until = read_key(request.POST.get("until"))
    count = actions.mark_read(user=request.user, at=timezone.now(), until_id=until)
    words = ngettext(
        "%(count)d notification was marked as read.", "%(count)d notifications were marked as read.", count
    )
    messages.success(request, words % {"count": count})
    return _back(request)


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """To the page of the hub that the reader was on."""
    here = reverse("notifications:hub")
    return HttpResponseRedirect(f"{here}?show=unread" if request.POST.get("show") == "unread" else here)
