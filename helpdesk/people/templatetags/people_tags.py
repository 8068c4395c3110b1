"""What pages of all floors ask about the reader's place in his organization."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from helpdesk.people import actions
from helpdesk.people.models import Organization

register = template.Library()


@register.simple_tag(takes_context=True)
def leads_branches(context: template.Context) -> bool:
    """``{% leads_branches as leads %}``: whether the reader looks after members; only managers are asked (R2.44)."""
    user = context.get("user")
    if user is None or not user.is_authenticated or not user.manages_organization:
        return False
    return Organization.objects.led_by(user).exists()


@register.inclusion_tag("components/plan_banner.html", takes_context=True)
def plan_banner(context: template.Context) -> dict[str, Any]:
    """``{% plan_banner %}``: why nothing can be changed after the end of the plan; before it, a word to administrators.

    Customers read nothing about plans (R3.18).
    """
    user, account = context.get("user"), context.get("account")
    if user is None or not user.is_authenticated or not account or not account.plan_ends_on:
        return {"text": ""}
    href = reverse("admin:people_account_change", args=[account.pk]) if user.is_administrator else ""
    day = {"day": date_format(account.plan_ends_on)}
    if account.is_plan_over():
        ended = _("The plan ended on %(day)s: everything can be read, and nothing changed until it is renewed.") % day
        return {"text": ended if user.works_here else actions.reason_read_only(), "href": href, "is_over": True}
    if user.is_administrator and account.plan_days_left() is not None:
        return {"text": _("The plan of this helpdesk ends on %(day)s.") % day, "href": href, "is_over": False}
    return {"text": ""}
