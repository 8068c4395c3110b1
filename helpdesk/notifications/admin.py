"""Letters as administrators find them: records. Their own page, with the button to send again, is in the panel."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from helpdesk.core.admin import RecordAdmin

from .models import Letter


@admin.register(Letter)
class LetterAdmin(RecordAdmin):
    """Every letter, newest first. What it says is left out: some letters hold links for their reader alone."""

    list_display = ("created_at", "recipient", "kind", "state_badge", "attempts", "sent_at")
    list_display_links = ("created_at",)
    list_select_related = ("recipient",)
    list_filter = ("state", ("recipient", AutocompleteSelectFilter))
    ordering = ("-pk",)
    fields = (
        "page", "recipient", "address", "kind", "subject", "state", "created_at", "due_at", "attempts", "sent_at",
        "error", "message_id",
    )  # fmt: skip
    readonly_fields = ("page",)

    @display(
        description=_("state"),
        label={
            "queued": "warning",
            "sent": "success",
            "failed": "danger",
            "held": "info",
            "daily": "info",
            "merged": "success",
        },
    )
    def state_badge(self, letter: Letter) -> tuple[str, Any]:
        return letter.state, letter.get_state_display()

    @display(description=_("page"))
    def page(self, letter: Letter) -> Any:
        url = reverse("notifications:letter", args=[letter.pk])
        return format_html('<a class="text-link" href="{}">{}</a>', url, _("Open its page"))
