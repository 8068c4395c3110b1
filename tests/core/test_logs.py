"""Log lines hold no personal data and no secret."""

import json
import logging

import pytest

from helpdesk.core.logs import JsonFormatter, PlainFormatter, redact, request_id


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("letter to rita@demo.example failed", "letter to ***@*** failed"),
        ("postgresql://desk:pass@db/x", "postgresql://***@db/x"),
        ("DETAIL:  Key (phone)=(123) already exists.", "DETAIL: ***"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_redact(said, written):
    assert redact(said) == written


def test_json_line_holds_the_request_and_a_redacted_exception():
    token = request_id.set("abc12345")
    try:
        raise ValueError("rita@demo.example is unknown")
    except ValueError:
        record = logging.getLogger("x").makeRecord(
            "x", logging.ERROR, __file__, 1, "it %s", ("broke",), __import__("sys").exc_info()
        )
        line = json.loads(JsonFormatter().format(record))
        plain = PlainFormatter().format(record)
    finally:
        request_id.reset(token)
    assert (line["level"], line["message"], line["request"]) == ("ERROR", "it broke", "abc12345")
    assert "ValueError: ***@*** is unknown" in line["exception"]
    assert "rita" not in plain


def test_line_about_a_request_names_no_address(rf):
    request = rf.get("/surveys/s3cret/")
    record = logging.getLogger("django.request").makeRecord(
        "django.request", logging.ERROR, __file__, 1, "Internal Server Error: %s", ("/surveys/s3cret/",), None
    )
    record.request = request
    assert json.loads(JsonFormatter().format(record))["message"] == "Internal Server Error: (unknown address)"
