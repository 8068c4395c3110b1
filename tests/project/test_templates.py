"""A page that fails says so: no frame may swallow what goes wrong inside its content."""

from __future__ import annotations

import pytest
from django.template import engines
from django.test import RequestFactory
from django.urls import NoReverseMatch

from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("frame", ["base.html", "portal/base.html", "panel/base.html", "door.html"])
def test_frame_with_a_broken_link_inside_fails_instead_of_coming_out_empty(frame: str, cast: Cast) -> None:
    """An address that does not exist is an error in the log, not an empty page."""
    template = engines["django"].from_string(
        f'{{% extends "{frame}" %}}{{% block content %}}{{% url "no-such-page" %}}{{% endblock %}}'
    )
    request = RequestFactory().get("/")
    request.user = cast.ana
    with pytest.raises(NoReverseMatch, match="no-such-page"):
        template.render({"user": cast.ana}, request)
