"""The company's name on every page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from .models import Account


def account(request: HttpRequest) -> dict[str, Any]:
    """``account``: the company that runs this desk, read when a template asks; falsy before the first run."""
    return {"account": SimpleLazyObject(Account.current)}
