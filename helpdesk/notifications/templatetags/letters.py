"""What the templates of letters need: instants that leave no doubt, addresses, and quoted words."""

from __future__ import annotations

from django import template

from helpdesk.notifications import wording

register = template.Library()

instant = register.filter(wording.instant)
absolute = register.filter(wording.absolute)
quoted = register.filter(wording.quoted)
