"""Production refuses to start on what would be unsafe."""

from __future__ import annotations

import secrets

import pytest

from .processes import environment, manage

GOOD = {
    "HELPDESK_ENV": "production",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "ALLOWED_HOSTS": "desk.example",
    "BASE_URL": "https://desk.example",
}
SHOW = ("diffsettings", "--all")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "", "SECRET_KEY is required and not set."),
        ("SECRET_KEY", "change-me-please-" + "ab12cd34" * 6, "SECRET_KEY is missing its secret"),
        ("SECRET_KEY", "tooshort", "SECRET_KEY is missing its secret"),
        ("ALLOWED_HOSTS", "", "ALLOWED_HOSTS is required and must name hosts"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS is required and must name hosts"),
        ("BASE_URL", "", "BASE_URL is required and not set."),
        ("BASE_URL", "http://desk.example", "BASE_URL must be an https:// address."),
        ("HELPDESK_DEBUG", "1", "must be off in production"),
        ("HELPDESK_DEMO", "1", "must be off in production"),
        ("PROXY_SSL_HEADER", "X-Forwarded-Proto", "TRUSTED_PROXIES must say how many"),
    ],
)
def test_production_with_a_gap_does_not_start(tmp_path, name, value, sentence):
    done = manage(*SHOW, env=environment(tmp_path, **GOOD | {name: value}))
    assert done.returncode != 0
    assert sentence in done.stderr
    assert value == "" or name != "SECRET_KEY" or value not in done.stderr


def test_production_whole_is_safe(tmp_path):
    key = tmp_path / "key"
    key.write_text(GOOD["SECRET_KEY"])
    given = {name: value for name, value in GOOD.items() if name != "SECRET_KEY"}
    proxy = {"PROXY_SSL_HEADER": "X-Forwarded-Proto", "TRUSTED_PROXIES": "1"}
    done = manage(*SHOW, env=environment(tmp_path, **given, **proxy, SECRET_KEY_FILE=str(key)))
    assert done.returncode == 0, done.stderr
    lines = dict(line.split(" = ", 1) for line in done.stdout.splitlines() if " = " in line)
    lines = {name.removeprefix("### "): value.removesuffix("  ###") for name, value in lines.items()}
    assert lines["DEBUG"] == "False"
    assert lines["SESSION_COOKIE_SECURE"] == "True"
    assert lines["CSRF_COOKIE_SECURE"] == "True"
    assert lines["SECURE_SSL_REDIRECT"] == "True"
    assert lines["SECURE_HSTS_SECONDS"] == "31536000"
    assert lines["SECURE_PROXY_SSL_HEADER"] == "('HTTP_X_FORWARDED_PROTO', 'https')"
    assert lines["ALLOWED_HOSTS"] == "['desk.example']"
    assert not (tmp_path / "secret-key").exists()
