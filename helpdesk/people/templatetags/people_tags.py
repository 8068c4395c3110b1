"""What pages of all floors ask about the reader's place in his organization."""

from __future__ import annotations

from django import template

from helpdesk.people.models import Organization

register = template.Library()


@register.simple_tag(takes_context=True)
def leads_branches(context: template.Context) -> bool:
    """``{% leads_branches as leads %}``: whether the reader looks after members; only managers are asked (R2.44)."""
    user = context.get("user")
    if user is None or not user.is_authenticated or not user.manages_organization:
        return False
    return Organization.objects.led_by(user).exists()
