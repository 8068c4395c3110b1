"""The switches P1 to P8 in the browser: an administrator turns each off and on again, and one letter less is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.cast import Cast
from tests.notifications.test_parameters import PARAMETERS, story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_each_switch_changes_exactly_its_letter(cast: Cast, window: Callable[..., Any]) -> None:
    """R3.35 to R3.43, A23: as soon as it is saved; nothing else is missing, and every notification is made."""
    ana = window(cast.ana)
    letters, lines = story(cast)
    before = None
    for switch, (_rule, kind, people) in PARAMETERS.items():
        ana.visit("/admin/people/account/1/change/")
        if before:
            ana.page.check(f"#id_{before}")
        ana.page.uncheck(f"#id_{switch}")
        ana.page.locator("button[name=_save]").click()
        expect(ana.page.get_by_text("was changed successfully")).to_be_visible()
        without, still = story(cast)
        assert letters - without == Counter((kind, name) for name in people), switch
        assert without - letters == Counter(), switch
        assert still == lines, switch
        before = switch
