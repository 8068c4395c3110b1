"""Readers of the environment that refuse nonsense.

Every reader looks at ``NAME`` and, for secrets handed over as files, at ``NAME_FILE``. A value that cannot
be meant stops the start with one sentence that names the variable and never repeats a secret.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off"})


def text(name: str, default: str | None = None) -> str:
    """The variable's text without surrounding space; ``default`` when it is unset or empty."""
    value = os.environ.get(name, "").strip()
    path = os.environ.get(f"{name}_FILE", "").strip()
    if value and path:
        raise ImproperlyConfigured(f"Both {name} and {name}_FILE are set; keep one of them.")
    if path:
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror}.") from error
        if not value:
            raise ImproperlyConfigured(f"The file that {name}_FILE names is empty.")
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} is required and not set.")
    return default


def flag(name: str, default: bool) -> bool:
    value = text(name, "").lower()
    if not value:
        return default
    if value in YES:
        return True
    if value in NO:
        return False
    raise ImproperlyConfigured(f"{name} must be one of 1, 0, true, false, yes, no, on, off.")


def number(name: str, default: int, *, at_least: int = 0, at_most: int | None = None) -> int:
    value = text(name, "")
    if not value:
        return default
    if not re.fullmatch(r"[0-9]{1,18}", value):
        raise ImproperlyConfigured(f"{name} must be a whole number.")
    result = int(value)
    if result < at_least or (at_most is not None and result > at_most):
        limits = f"at least {at_least}" if at_most is None else f"between {at_least} and {at_most}"
        raise ImproperlyConfigured(f"{name} must be {limits}.")
    return result


def choice(name: str, default: str, among: Iterable[str]) -> str:
    value = text(name, default)
    allowed = tuple(among)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}.")
    return value


def listing(name: str, default: Iterable[str] = ()) -> list[str]:
    """Comma-separated values; empty ones are dropped."""
    parts = [part.strip() for part in text(name, "").split(",")]
    return [part for part in parts if part] or list(default)


def folder(name: str, default: Path) -> Path:
    return Path(text(name, str(default))).expanduser().resolve()


def address(name: str, default: str | None = None, *, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """A web address with a host, without query, fragment or trailing slash."""
    value = text(name, default)
    parts = _split(name, value)
    if parts.scheme not in schemes or not parts.hostname or parts.query or parts.fragment or parts.username:
        kinds = " or ".join(f"{scheme}://" for scheme in schemes)
        raise ImproperlyConfigured(f"{name} must be a {kinds} address without query or credentials.")
    return value.rstrip("/")


def secret(name: str, *, at_least: int = 40) -> str:
    """A secret that somebody made up for this deployment: present, long, and no placeholder."""
    value = text(name)
    placeholder = re.search(r"change[-_ ]?me|insecure|default|example|secret[-_ ]?key|your[-_ ]", value, re.I)
    if placeholder or len(value) < at_least or len(set(value)) < 8:
        raise ImproperlyConfigured(
            f"{name} is missing its secret: it must be random, at least {at_least} characters, and no placeholder."
        )
    return value


def database(name: str) -> dict[str, Any] | None:
    """``postgresql://user:password@host:port/name?sslmode=…`` as Django wants it; None when unset."""
    value = text(name, "")
    if not value:
        return None
    parts = _split(name, value)
    path = unquote(parts.path.lstrip("/"))
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    host = unquote(parts.hostname or "") or options.pop("host", "")
    if parts.scheme not in {"postgresql", "postgres"} or not path or "/" in path:
        raise ImproperlyConfigured(f"{name} must look like postgresql://user:password@host:5432/name.")
    known = {"sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "application_name"}
    if unknown := sorted(set(options) - known):
        raise ImproperlyConfigured(f"{name} has unknown options: {', '.join(unknown)}.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": path,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def mailer(name: str) -> dict[str, Any] | None:
    """A mailer of Django's from one address; None when unset.

    ``smtp://user:password@host:25`` speaks plainly, ``smtp+tls://`` starts TLS (587), ``smtps://`` is TLS
    from the first byte (465).
    """
    value = text(name, "")
    if not value:
        return None
    parts = _split(name, value)
    ports = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
    if parts.scheme not in ports or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ImproperlyConfigured(f"{name} must look like smtp+tls://user:password@host:587.")
    if bool(parts.username) != bool(parts.password):
        raise ImproperlyConfigured(f"{name} must hold both user and password, or neither.")
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": parts.hostname,
            "port": parts.port or ports[parts.scheme],
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_tls": parts.scheme == "smtp+tls",
            "use_ssl": parts.scheme == "smtps",
            "timeout": 20,
        },
    }


def _split(name: str, value: str) -> Any:
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises when it is no number
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not an address.") from error
    return parts
