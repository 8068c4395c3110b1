"""What a view behind the sign-in may rely on."""

from __future__ import annotations

from django.http import HttpRequest

from .models import User


class SignedInRequest(HttpRequest):
    """A request as it arrives at every view without ``@login_not_required``: somebody is signed in. For types only."""

    user: User
