"""The bell of the frames."""

from __future__ import annotations

from typing import Any

from django import template

from helpdesk.notifications.models import Notification

register = template.Library()

# One more than is shown, so that the bell can say "99+".
COUNTED = 100


@register.inclusion_tag("components/bell.html", takes_context=True)
def bell(context: template.Context) -> dict[str, Any]:
    """``{% bell %}``: the bell with the reader's number of unread notifications, counted no further than shown."""
    user = context.get("user")
    if user is None or not user.is_authenticated:
        return {"unread": 0}
    return {"unread": Notification.objects.visible_to(user).unread().count_up_to(COUNTED)}
