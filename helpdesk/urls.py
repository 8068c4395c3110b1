"""Every address of the house; each app keeps its own list, included by dotted name.

``/healthz`` and ``/readyz`` are answered before the addresses are looked at: ``core.middleware``.
"""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path

# One door for everybody: rate limits and the second factor hold for administrators too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as allauth asks


@login_not_required
def closed(request: HttpRequest) -> HttpResponse:
    """Pages of the sign-in library that this product does not offer."""
    raise Http404


urlpatterns = [
    # Administrators register people and their addresses.
    path("account/signup/", closed),
    path("account/email/", closed),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("helpdesk.people.urls")),
    path("", include("helpdesk.notifications.urls")),
    path("", include("attachments.urls")),
    path("", include("tickets.urls")),
    path("", include("approvals.urls")),
    path("", include("surveys.urls")),
    path("", include("reports.urls")),
]
