"""What every request passes: its id, its log line, its content policy."""

import json
import logging

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.urls import path

from helpdesk.core.logs import JsonFormatter, request_id
from helpdesk.core.middleware import AdminPolicyMiddleware, RequestIdMiddleware

STRICT = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@pytest.fixture
def ana(db):
    """An administrator; a house without anybody shows its first-run page instead of any other."""
    return get_user_model().objects.create_superuser("ana@demo.example", "Ana", "pass")


def test_request_id_is_made_and_answered(client):
    first, second = client.get("/healthz"), client.get("/healthz")
    assert len(first.headers["X-Request-ID"]) == 32
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]


def test_request_id_given_is_kept(client):
    response = client.get("/healthz", headers={"x-request-id": "proxy-0123456789"})
    assert response.headers["X-Request-ID"] == "proxy-0123456789"


@pytest.mark.parametrize(
    "given", ["short", "x" * 65, "has space in it", "<script>alert(1)</script>", "a\tb\tc\td\te\tf"]
)
def test_request_id_nonsense_is_replaced(client, given):
    assert client.get("/healthz", headers={"x-request-id": given}).headers["X-Request-ID"] != given


def test_log_line_names_the_route_and_not_the_address(rf, caplog):
    seen = []

    def answer(request):
        seen.append(request_id.get())
        request.resolver_match = path("surveys/<token>/", HttpResponse, name="survey").resolve("surveys/s3cret/")
        return HttpResponse("x")

    with caplog.at_level(logging.INFO, "helpdesk.requests"):
        response = RequestIdMiddleware(answer)(rf.get("/surveys/s3cret/?q=rita@demo.example"))
    assert seen == [response.headers["X-Request-ID"]]
    assert request_id.get() == ""
    line = json.loads(JsonFormatter().format(caplog.records[-1]))
    assert line["route"] == "survey"
    assert (line["method"], line["status"]) == ("GET", 200)
    assert "s3cret" not in json.dumps(line)
    assert "rita" not in json.dumps(line)


def test_content_policy_is_strict_on_our_pages(client, ana):
    response = client.get("/account/login/")
    assert response.status_code == 200
    assert response.headers["Content-Security-Policy"] == STRICT
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_content_policy_is_strict_on_refused_addresses(client, ana):
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert response.headers["Content-Security-Policy"] == STRICT


@pytest.mark.parametrize(("address", "relaxed"), [("/admin/x/", True), ("/administration/", False), ("/", False)])
def test_content_policy_is_relaxed_under_admin_only(rf, settings, address, relaxed):
    response = AdminPolicyMiddleware(lambda _request: HttpResponse())(rf.get(address))
    assert getattr(response, "_csp_config", None) == (settings.ADMIN_CSP if relaxed else None)


def test_content_policy_of_the_admin_lets_its_interface_work(client, ana):
    client.force_login(ana)
    response = client.get("/admin/")
    assert response.status_code == 200
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-inline' 'unsafe-eval'" in policy
    assert "frame-ancestors 'none'" in policy


def test_admin_asks_to_sign_in_at_our_own_door(client, ana):
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith("/account/login/")


@pytest.mark.parametrize("address", ["/account/signup/", "/account/email/"])
def test_sign_up_and_own_addresses_are_closed(client, ana, address):
    assert client.get(address).status_code == 404
