"""A real mail server on a free port, and letters as it got them."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from helpdesk.notifications import delivery
from helpdesk.notifications.models import Letter
from tests.cast import Cast


class Post:
    """An SMTP server: keeps what it accepts, refuses whom it is told to, can go away and come back on its port."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.envelopes: list[Any] = []
        self.sessions = 0
        self.refused: dict[str, str] = {}
        self.breaks_at: set[str] = set()
        self.refuses_sender = ""
        self.letters_per_session = 0
        self.says_goodbye = True
        self.before_letter: Callable[[list[str]], None] = lambda recipients: None
        self.on_letter: Callable[[EmailMessage], None] = lambda letter: None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._controller: Controller | None = None

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]):
        self.sessions += 1
        session.taken = 0
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self.refuses_sender:
            return self.refuses_sender
        session.taken += 1
        if self.letters_per_session and session.taken > self.letters_per_session:
            if not self.says_goodbye:
                server.transport.abort()
            return "421 4.7.0 Enough letters for one connection"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.breaks_at & set(envelope.rcpt_tos):
            server.transport.abort()
            return "421 gone"
        self.before_letter(envelope.rcpt_tos)
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.letters.append(letter)
        self.envelopes.append(envelope)
        self.on_letter(letter)
        return "250 OK"

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller:
            self._controller.stop(no_assert=True)
        self._controller = None

    @property
    def recipients(self) -> list[str]:
        """Who got something, in order."""
        return [envelope.rcpt_tos[0] for envelope in self.envelopes]

    @property
    def ids(self) -> list[str]:
        return [letter["Message-ID"] for letter in self.letters]


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    """The server, running; letters of the test go through it by real SMTP."""
    server = Post()
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": server.port, "timeout": 5},
        }
    }
    server.start()
    yield server
    server.stop()


@pytest.fixture
def deliver() -> Callable[..., delivery.Run]:
    """One run of the worker."""
    return delivery.deliver


def states() -> list[str]:
    return sorted(Letter.objects.values_list("state", flat=True))


def write_letters(cast: Cast, count: int) -> None:
    """``count`` letters to Rita, without a ticket for each."""
    Letter.objects.bulk_create(
        Letter(
            recipient=cast.rita,
            kind="ticket_started",
            facts={"number": number, "subject": "Fire", "path": f"/tickets/{number}/"},
            message_id=f"<many-{number}@localhost>",
        )
        for number in range(count)
    )
