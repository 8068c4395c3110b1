"""The readers of the environment refuse nonsense with a sentence that names the variable."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from helpdesk import env


def test_text_is_stripped_and_falls_back(monkeypatch):
    monkeypatch.setenv("NAME", "  value ")
    assert env.text("NAME") == "value"
    monkeypatch.setenv("NAME", "   ")
    assert env.text("NAME", "default") == "default"


def test_text_required_and_missing_is_refused(monkeypatch):
    monkeypatch.delenv("NAME", raising=False)
    with pytest.raises(ImproperlyConfigured, match=r"^NAME is required and not set\.$"):
        env.text("NAME")


def test_text_is_read_from_a_file(monkeypatch, tmp_path):
    path = tmp_path / "secret"
    path.write_text("from the file\n")
    monkeypatch.setenv("NAME_FILE", str(path))
    assert env.text("NAME") == "from the file"


def test_text_given_twice_is_refused(monkeypatch):
    monkeypatch.setenv("NAME", "x")
    monkeypatch.setenv("NAME_FILE", "/nowhere")
    with pytest.raises(ImproperlyConfigured, match="Both NAME and NAME_FILE are set"):
        env.text("NAME")


def test_text_file_missing_or_empty_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("NAME_FILE", str(tmp_path / "none"))
    with pytest.raises(ImproperlyConfigured, match="NAME_FILE cannot be read"):
        env.text("NAME")
    empty = tmp_path / "empty"
    empty.touch()
    monkeypatch.setenv("NAME_FILE", str(empty))
    with pytest.raises(ImproperlyConfigured, match="is empty"):
        env.text("NAME")


@pytest.mark.parametrize(
    ("given", "expected"), [("1", True), ("TRUE", True), ("off", False), ("no", False), ("", None)]
)
def test_flag(monkeypatch, given, expected):
    monkeypatch.setenv("NAME", given)
    assert env.flag("NAME", default=True) is (True if expected is None else expected)


@pytest.mark.parametrize("given", ["maybe", "2", "ja"])
def test_flag_nonsense_is_refused(monkeypatch, given):
    monkeypatch.setenv("NAME", given)
    with pytest.raises(ImproperlyConfigured, match="NAME must be one of"):
        env.flag("NAME", default=False)


@pytest.mark.parametrize("given", ["-1", "1.5", "ten", "0x10", "101", "9" * 40])
def test_number_nonsense_is_refused(monkeypatch, given):
    monkeypatch.setenv("NAME", given)
    with pytest.raises(ImproperlyConfigured, match="NAME must be"):
        env.number("NAME", 5, at_most=100)


def test_listing_drops_empty_parts(monkeypatch):
    monkeypatch.setenv("NAME", "a, b,,  ,c")
    assert env.listing("NAME") == ["a", "b", "c"]


@pytest.mark.parametrize("given", ["desk.example", "ftp://desk.example", "https://", "https://a@b", "https://a?x=1"])
def test_address_nonsense_is_refused(monkeypatch, given):
    monkeypatch.setenv("NAME", given)
    with pytest.raises(ImproperlyConfigured, match="NAME must be"):
        env.address("NAME")


@pytest.mark.parametrize(
    "given", ["short", "change-me-" + "x1y2z3" * 10, "a" * 80, "django-insecure-" + "q1w2e3r4t5" * 5]
)
def test_secret_placeholder_is_refused_and_not_repeated(monkeypatch, given):
    monkeypatch.setenv("NAME", given)
    with pytest.raises(ImproperlyConfigured) as refused:
        env.secret("NAME")
    assert given not in str(refused.value)


def test_database_is_split(monkeypatch):
    monkeypatch.setenv("NAME", "postgresql://desk:p%40ss@db:5433/helpdesk?sslmode=require")
    assert env.database("NAME") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "helpdesk",
        "USER": "desk",
        "PASSWORD": "p@ss",
        "HOST": "db",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


@pytest.mark.parametrize(
    "given", ["mysql://a/b", "postgresql://host", "postgresql://h:port/x", "postgresql://h/x?oops=1"]
)
def test_database_nonsense_is_refused(monkeypatch, given):
    monkeypatch.setenv("NAME", given)
    with pytest.raises(ImproperlyConfigured, match="NAME"):
        env.database("NAME")


@pytest.mark.parametrize(
    ("given", "port", "tls", "ssl"),
    [
        ("smtp://mail", 25, False, False),
        ("smtp+tls://u:p@mail", 587, True, False),
        ("smtps://u:p@mail:2465", 2465, False, True),
    ],
)
def test_mailer_is_split(monkeypatch, given, port, tls, ssl):
    monkeypatch.setenv("NAME", given)
    mailer = env.mailer("NAME")
    assert mailer is not None
    options = mailer["OPTIONS"]
    assert (options["host"], options["port"], options["use_tls"], options["use_ssl"]) == ("mail", port, tls, ssl)


@pytest.mark.parametrize("given", ["mail:25", "http://mail", "smtp://u@mail", "smtp://mail/x"])
def test_mailer_nonsense_is_refused(monkeypatch, given):
    monkeypatch.setenv("NAME", given)
    with pytest.raises(ImproperlyConfigured, match="NAME"):
        env.mailer("NAME")
