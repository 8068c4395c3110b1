"""The plan, the switch and the register of actions, as administrators find them (R2.1 to R2.8)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.urls import reverse

import approvals.actions
from approvals.lifecycle import State
from approvals.models import ApprovalAction
from helpdesk.core.refusals import Refused
from helpdesk.people.actions import save_account
from helpdesk.people.models import Account, Plan
from tests import walks
from tests.approvals.consents import again, an_action, asked, switched_on
from tests.cast import Cast
from tests.pages import as_, text_of
from tests.people.sent import errors_of

REGISTER = "/admin/approvals/approvalaction/"
SETTINGS = "/admin/people/account/1/change/"


def _sent(account: Account, **changes: str) -> dict[str, str]:
    """The company's form as it would be sent."""
    names = ("name", "support_email", "language", "time_zone", "plan", "trash_retention", "plan_reminder_days")
    names += ("report_retention",)
    return {name: getattr(account, name) for name in names} | changes


def test_account_offers_nothing_by_default(cast: Cast) -> None:
    """R2.2: off, and on the basic plan; the walk of the cast made it by its defaults."""
    assert (cast.account.plan, cast.account.approve_actions_enabled) == (Plan.BASIC, False)
    assert not cast.account.offers_approval_actions


@pytest.mark.parametrize(
    ("plan", "switch", "offers"),
    [("enterprise", True, True), ("enterprise", False, False), ("basic", True, False), ("basic", False, False)],
)
def test_actions_are_offered_on_enterprise_with_the_switch_only(
    cast: Cast, plan: str, switch: bool, offers: bool
) -> None:
    """R2.1, R2.2, A38: both are needed; the action itself refuses, whatever the page shows."""
    switched_on(cast, plan=plan, approve_actions_enabled=switch)
    ticket = walks.started(cast)
    page = text_of(as_(cast.ada).get(f"/panel/tickets/{ticket.number}/"))
    assert ("Request action" in page) == offers
    if offers:
        assert approvals.actions.request_action(ticket=ticket, by=cast.ada, action=an_action()).state == State.WAITING
    else:
        with pytest.raises(Refused, match="not switched on"):
            approvals.actions.request_action(ticket=ticket, by=cast.ada, action=an_action())


def test_other_plans_see_neither_switch_nor_register(cast: Cast) -> None:
    """R2.1, R2.3: neither menu entry nor switch nor page; the plan itself can be chosen."""
    ana = as_(cast.ana)
    page = ana.get(SETTINGS).content.decode()
    assert 'name="plan"' in page
    assert 'name="approve_actions_enabled"' not in page
    assert REGISTER not in page
    assert "Ticket flow by organization" not in text_of(ana.get("/admin/"))
    assert {ana.get(address).status_code for address in (REGISTER, f"{REGISTER}add/")} == {403}


def test_administrator_finds_switch_and_register_on_enterprise(cast: Cast) -> None:
    """R2.3, R2.4: below the account's settings; the register says whether agents can ask at all."""
    switched_on(cast, approve_actions_enabled=False)
    ana = as_(cast.ana)
    assert "Ticket flow by organization" in text_of(ana.get("/admin/"))
    page = ana.get(SETTINGS)
    assert "Ticket flow by organization" in text_of(page)
    assert "switched off" in text_of(ana.get(REGISTER))
    data = _sent(cast.account, approve_actions_enabled="on")
    assert ana.post(SETTINGS, data).status_code == 302
    assert Account.objects.get().offers_approval_actions
    assert "switched on" in text_of(ana.get(REGISTER))


def test_switch_posted_on_another_plan_changes_nothing(cast: Cast) -> None:
    """R2.1: what is not shown cannot be sent either."""
    ana = as_(cast.ana)
    data = _sent(cast.account, approve_actions_enabled="on")
    assert ana.post(SETTINGS, data).status_code == 302
    assert not Account.objects.get().approve_actions_enabled


def test_leaving_the_plan_switches_off(cast: Cast) -> None:
    """R2.1, R2.2: coming back later, an administrator switches it on again."""
    account = switched_on(cast)
    account.plan = Plan.BASIC
    save_account(account=account)
    assert not Account.objects.get().approve_actions_enabled


def test_administrator_creates_and_edits_an_action(cast: Cast) -> None:
    """R2.5, R2.6: name, description, active; active by default, the description may have several lines."""
    switched_on(cast)
    ana = as_(cast.ana)
    assert 'name="is_active"' in ana.get(f"{REGISTER}add/").content.decode()
    assert ApprovalAction().is_active
    sent = {"name": "Extra hours", "description": "On weekends.\nPaid double.", "is_active": "on"}
    assert ana.post(f"{REGISTER}add/", sent).status_code == 302
    action = ApprovalAction.objects.get()
    assert (action.name, action.description, action.is_active) == ("Extra hours", "On weekends.\nPaid double.", True)
    changed = {"name": "Extra hours at night", "description": ""}
    assert ana.post(f"{REGISTER}{action.pk}/change/", changed).status_code == 302
    action.refresh_from_db()
    assert (action.name, action.description, action.is_active) == ("Extra hours at night", "", False)


@pytest.mark.parametrize(
    ("name", "error"),
    [("", "This field is required."), ("EXTRA hours ", "There is an action with this name already.")],
)
def test_action_needs_a_name_of_its_own(cast: Cast, name: str, error: str) -> None:
    """R2.6: said beside the field, and kept by the database."""
    switched_on(cast)
    an_action("Extra hours")
    answer = as_(cast.ana).post(f"{REGISTER}add/", {"name": name, "description": "", "is_active": "on"})
    assert errors_of(answer) == {"name": [error]}
    with pytest.raises(IntegrityError), transaction.atomic():
        ApprovalAction.objects.create(name=name.strip())


def test_action_in_use_is_deactivated_not_deleted(cast: Cast) -> None:
    """R2.6: only one that was never asked for can go."""
    request, unused = asked(cast), an_action("Never asked for")
    ana = as_(cast.ana)
    delete = "admin:approvals_approvalaction_delete"
    assert ana.post(reverse(delete, args=[request.action.pk]), {"post": "yes"}).status_code == 403
    with pytest.raises(ProtectedError):
        request.action.delete()
    assert ana.post(reverse(delete, args=[unused.pk]), {"post": "yes"}).status_code == 302
    assert list(ApprovalAction.objects.all()) == [request.action]


def test_inactive_action_is_not_offered_and_pending_ones_stay(cast: Cast) -> None:
    """R2.7: neither on the page nor by the action; what waits goes on waiting and can be approved."""
    request = asked(cast)
    ApprovalAction.objects.update(is_active=False)
    other = walks.started(cast)
    an_action("Another one")
    form = as_(cast.ada).get(f"/panel/tickets/{other.number}/actions/request/")
    assert "Another one" in text_of(form)
    assert request.action.name not in text_of(form)
    with pytest.raises(Refused, match="not offered any more"):
        approvals.actions.request_action(ticket=other, by=cast.ada, action=request.action)
    assert again(request).state == State.WAITING
    assert approvals.actions.approve_action(request=request, by=cast.max).state == State.APPROVED


def test_agents_choose_among_registered_actions_only(cast: Cast) -> None:
    """R2.7: a key that is none is refused beside the field."""
    switched_on(cast)
    an_action()
    ticket = walks.started(cast)
    answer = as_(cast.ada).post(f"/panel/tickets/{ticket.number}/actions/request/", {"action": "99999"})
    assert answer.status_code == 422
    assert "This action is not offered any more." in text_of(answer)


@pytest.mark.parametrize("change", [{"approve_actions_enabled": False}, {"plan": "basic"}])
@pytest.mark.parametrize(("verb", "by"), [("approve", "max"), ("reject", "petra"), ("cancel", "ada")])
def test_switching_off_leaves_what_waits_evaluable(cast: Cast, change: dict[str, object], verb: str, by: str) -> None:
    """R2.8: no new one can be asked for; what waits is decided or cancelled as before, and its pages are there."""
    request = asked(cast)
    switched_on(cast, **change)
    assert "Request action" not in text_of(as_(cast.ada).get(f"/panel/tickets/{request.ticket_id}/"))
    assert "Approve actions (1)" in text_of(as_(cast.max).get("/approvals/"))
    getattr(approvals.actions, f"{verb}_action")(request=request, by=cast.people[by])
    assert again(request).state == {"approve": "approved", "reject": "rejected", "cancel": "cancelled"}[verb]
    with pytest.raises(Refused, match="not switched on"):
        approvals.actions.request_action(ticket=request.ticket, by=cast.ada, action=request.action)
