"""The tab "Approve actions (X)" comes with every new bell, so that X follows without a new sign-in (R2.28)."""

from __future__ import annotations

from django.test import Client

from approvals import actions
from approvals.models import ApprovalAction
from helpdesk.people.models import Plan
from tests import walks
from tests.cast import Cast


def test_new_bell_brings_the_tab_to_managers_only(cast: Cast, client: Client) -> None:
    cast.account.plan, cast.account.approve_actions_enabled = Plan.ENTERPRISE, True
    cast.account.save()
    client.force_login(cast.max)
    assert "Approve actions" not in client.get("/notifications/bell/").content.decode()
    ticket = walks.started(cast)
    action = ApprovalAction.objects.create(name="Buy licences")
    actions.request_action(ticket=ticket, by=cast.ada, action=action)
    bell = client.get("/notifications/bell/").content.decode()
    assert 'id="consents-tab"' in bell
    assert "Approve actions (1)" in bell
    client.force_login(cast.rita)
    assert "consents-tab" not in client.get("/notifications/bell/").content.decode()
