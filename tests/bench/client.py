"""A browser without a screen: keeps its connection, its cookies, and the time that each answer took."""

from __future__ import annotations

import http.client
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from helpdesk.people.models import User


class Unexpected(Exception):
    """The server gave another answer than the one that is measured; the text says which."""


@dataclass(frozen=True)
class Answer:
    status: int
    seconds: float
    size: int
    location: str = ""
    content: bytes = b""


class Browser:
    """One person at one keep-alive connection. The server believes that a proxy with TLS stands before it."""

    def __init__(self, host: str, port: int, person: User | None = None) -> None:
        self._link = http.client.HTTPConnection(host, port, timeout=60)
        self._headers = {"X-Forwarded-Proto": "https", "Accept-Encoding": "identity", "Accept": "text/html"}
        if person is not None:
            token = secrets.token_hex(16)
            cookies = {settings.SESSION_COOKIE_NAME: session_of(person), settings.CSRF_COOKIE_NAME: token}
            self._headers |= {
                "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
                "X-CSRFToken": token,
                "Origin": f"https://{host}:{port}",
            }

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, b"", {})

    def post(
        self, path: str, fields: Mapping[str, str], files: Mapping[str, tuple[str, bytes]] | None = None
    ) -> Answer:
        boundary = secrets.token_hex(12)
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        for name, (filename, content) in (files or {}).items():
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
            parts.append(head.encode() + b"Content-Type: text/plain\r\n\r\n" + content + b"\r\n")
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        return self._ask("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})

    def _ask(self, method: str, path: str, body: bytes, more: dict[str, str]) -> Answer:
        began = time.perf_counter()
        self._link.request(method, path, body=body or None, headers=self._headers | more)
        response = self._link.getresponse()
        content = response.read()
        seconds = time.perf_counter() - began
        return Answer(response.status, seconds, len(content), response.headers.get("Location", ""), content)


def session_of(person: User) -> str:
    """A session as signing in would leave it."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.save()
    return store.session_key
