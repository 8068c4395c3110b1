"""Log lines: one JSON object each in production, readable ones elsewhere, the request's id on both.

No line holds personal data or secrets: addresses of people and the values that PostgreSQL quotes in its
"DETAIL" are cut out here, whoever wrote them, and requests are logged by the name of their route.
"""

from __future__ import annotations

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="")

ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
DETAIL = re.compile(r"^(\s*DETAIL:).*$", re.M)
CREDENTIALS = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/@]+@")


def redact(text: str) -> str:
    """``text`` without e-mail addresses, credentials in addresses, and quoted column values."""
    text = CREDENTIALS.sub(r"\1***@", text)
    return DETAIL.sub(r"\1 ***", ADDRESS.sub("***@***", text))


def _message(record: logging.LogRecord) -> str:
    """What the line says; where Django says an address, the name of its route stands instead."""
    message = record.getMessage()
    request = getattr(record, "request", None)
    if path := getattr(request, "path", ""):
        match = getattr(request, "resolver_match", None)
        message = message.replace(path, (match.view_name or match.route) if match else "(unknown address)")
    return redact(message)


class _Formatter(logging.Formatter):
    def formatException(self, ei: object) -> str:  # noqa: N802 - the standard library's name
        return redact(super().formatException(ei))  # type: ignore[arg-type]  # passed through untouched


class JsonFormatter(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        if identifier := request_id.get():
            line["request"] = identifier
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class PlainFormatter(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        identifier = request_id.get()
        facts = " ".join(f"{name}={value}" for name, value in getattr(record, "facts", {}).items())
        parts = [at, record.levelname[0], identifier[:8], record.name, _message(record), facts]
        line = " ".join(part for part in parts if part)
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line
