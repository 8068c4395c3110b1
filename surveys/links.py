"""Signed links to a survey: opening one answers nothing, and a link ends after a while (R1.35)."""

from __future__ import annotations

from datetime import timedelta

from django.core import signing
from django.urls import reverse

from .models import Survey

_SALT = "surveys.link"
# Afterwards the survey itself may still be open: the requester finds it on the ticket after signing in.
VALID_FOR = timedelta(days=90)


def path_to(survey: Survey) -> str:
    """The signed address of a survey on this site."""
    return reverse("surveys:survey", args=[signing.dumps(survey.pk, salt=_SALT)])


def survey_id(token: str) -> int:
    """The key inside a link.

    Raises:
        signing.BadSignature: the link was not made here, or is older than ``VALID_FOR``.
    """
    return signing.loads(token, salt=_SALT, max_age=VALID_FOR)


def expired_survey_id(token: str) -> int:
    """The key inside a link that is too old to answer by: it only shows whoever signs in where to go.

    Raises:
        signing.BadSignature: the link was not made here.
    """
    return signing.loads(token, salt=_SALT)
