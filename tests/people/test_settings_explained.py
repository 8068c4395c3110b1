"""Every setting of the specification's section 7 explains itself where it is set."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import RequestFactory

from helpdesk.people.models import Account, Department
from tests.cast import Cast

# The settings of section 7 that the product has, by where they are set.
SETTINGS = {
    Account: [
        "approve_actions_enabled", "trash_retention", "report_retention",
        *(f"mail_p{number}" for number in range(1, 9)),
    ],
    Department: [
        "attachment_required_on_open", "attachment_access_moment", "distribution_mode", "distribution_minutes",
        "support_lines", "approval_period", "survey_mode", "rating_period", "criticality_change_needs_approval",
        "closing_without_solution_needs_head", "calendar",
    ],
}  # fmt: skip


@pytest.mark.parametrize("model", SETTINGS)
def test_every_field_of_a_form_of_settings_says_what_it_does(cast: Cast, model: type) -> None:
    """R3.17, R3.22, R1.42: also those that are no rule; nobody needs a manual."""
    cast.account.plan = "enterprise"
    cast.account.save()
    request = RequestFactory().get("/")
    request.user = cast.ana
    place = admin.site._registry[model]
    thing = model._default_manager.first()
    fields = place.get_form(request, thing, change=True)(instance=thing).fields
    lines = [line for _title, group in place.get_fieldsets(request, thing) for line in group["fields"]]
    shown = {name for line in lines for name in ([line] if isinstance(line, str) else line)}
    assert shown - set(place.get_readonly_fields(request, thing)) == set(fields)
    assert set(SETTINGS[model]) <= shown
    assert [name for name, field in fields.items() if not str(field.help_text).strip()] == []
