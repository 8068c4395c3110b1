"""Where sensitive operations are done as they are done, and the table of them: a verb of the audit log, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse

from tests.cast import Cast

ROOT = Path(__file__).resolve().parent.parent.parent
NO_ROWS = ("memberships", "absences", "services")


@dataclass
class Office:
    """Ana before the administration."""

    cast: Cast
    client: Client

    def sends(self, address: str, **data: Any) -> None:
        forms = {f"{name}-{key}": 0 for name in NO_ROWS for key in ("TOTAL_FORMS", "INITIAL_FORMS")}
        answer = self.client.post(f"/admin/{address}/", forms | data)
        assert answer.status_code in {200, 302}, address
        if answer.status_code == 200 and answer.context and "adminform" in answer.context:
            raise AssertionError(answer.context["errors"])

    def confirms(self, question: str, **data: Any) -> None:
        """A button on Rita's page, and the question behind it."""
        address = reverse(f"admin:people_user_{question}", args=[self.cast.rita.pk])
        assert "HX-Redirect" in self.client.post(address, {"_form_submitted": "True"} | data).headers


OPERATIONS: dict[str, Callable[[Office], Any]] = {}


def operation(does: Callable[[Office], Any]) -> Callable[[Office], Any]:
    """A row: called like its verb; returns name of the thing and facts that the record must have."""
    OPERATIONS[does.__name__] = does
    return does
