"""Requests to change a priority as administrators find them: records, which nobody edits (R4.34, R4.35)."""

from __future__ import annotations

import pytest
from django.test import Client

import approvals.actions
from approvals.models import PriorityRequest
from tests import walks
from tests.cast import Cast


@pytest.fixture
def request_of_ada(cast: Cast) -> PriorityRequest:
    return approvals.actions.request_priority(
        ticket=walks.started(cast), by=cast.ada, priority="urgent", text="The whole floor waits."
    )


def test_administrators_read_requests_and_change_none(
    cast: Cast, client: Client, request_of_ada: PriorityRequest
) -> None:
    client.force_login(cast.ana)
    number = request_of_ada.ticket_id
    for query in ("", f"?q={number}", f"?q=%23{number}"):
        assert f"#{number}" in client.get(f"/admin/approvals/priorityrequest/{query}").content.decode()
    assert "0 " in client.get("/admin/approvals/priorityrequest/?q=999999").content.decode()
    record = f"/admin/approvals/priorityrequest/{request_of_ada.pk}/change/"
    page = client.get(record).content.decode()
    assert "The whole floor waits." in page
    assert 'name="new_priority"' not in page
    assert client.post(record, {"new_priority": "low"}).status_code == 403
    assert client.get("/admin/approvals/priorityrequest/add/").status_code == 403


def test_no_page_of_the_administration_edits_a_priority(cast: Cast, client: Client) -> None:
    """R4.35: not through the administration either; the administrator's way is the verb, on record."""
    ticket = walks.started(cast)
    client.force_login(cast.ana)
    address = f"/admin/tickets/ticket/{ticket.number}/change/"
    assert 'name="priority"' not in client.get(address).content.decode()
    assert client.post(address, {"priority": "urgent"}).status_code == 403
    ticket.refresh_from_db()
    assert ticket.priority == "normal"


def test_heads_and_agents_have_no_administration(cast: Cast, client: Client, request_of_ada: PriorityRequest) -> None:
    for person in (cast.hugo, cast.ada, cast.rita):
        client.force_login(person)
        assert client.get("/admin/approvals/priorityrequest/").status_code in {302, 403, 404}
