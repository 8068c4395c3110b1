"""The first-run page, and everybody's profile."""

from __future__ import annotations

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from helpdesk.core.refusals import Refused
from helpdesk.people import actions
from helpdesk.people.forms import FirstRunForm, ProfileForm
from helpdesk.people.models import User
from helpdesk.people.requests import SignedInRequest

_BACKEND = "django.contrib.auth.backends.ModelBackend"


@sensitive_post_parameters("password", "code")
@never_cache
@login_not_required
@require_http_methods(["GET", "POST"])
def first_run(request: HttpRequest) -> HttpResponse:
    """Set a fresh deployment up: its company and its first administrator; afterwards there is no such page."""
    if not actions.is_fresh():
        raise Http404
    given = {"language": translation.get_language(), "time_zone": "UTC", "code": request.GET.get("code", "")}
    form = FirstRunForm(request.POST or None, initial=given)
    if request.method == "POST" and form.is_valid():
        try:
            person = actions.set_up(**form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            login(request, person, backend=_BACKEND)
            return redirect("admin:index")
    return render(request, "people/first_run.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def profile(request: SignedInRequest) -> HttpResponse:
    """One's own name, language and time zone, and the way to everything that keeps the account safe."""
    # A copy, so that a refused change is not shown in the frame as if it had been made.
    person = User.objects.select_related("organization", "sector", "profile").get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        actions.save_profile(person=person)
        with translation.override(person.language):
            messages.success(request, _("Your profile was saved."))
        return redirect("people:profile")
    context = {"form": form, "person": person, "two_factor": is_mfa_enabled(person)}
    return render(request, "people/profile.html", context, status=422 if form.errors else 200)
