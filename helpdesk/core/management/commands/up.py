"""``manage.py up``: the whole product with one command, until Ctrl-C."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import sys
import time
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from helpdesk import env
from helpdesk.core import embedded, preparing
from helpdesk.core.mail_catcher import MailCatcher
from helpdesk.core.supervisor import Child, Hopeless, Supervisor, adopt_orphans

NEEDED_BYTES = 200 * 2**20
WEB_STARTS_WITHIN = 60.0
LOOK_AT_SERVER_EVERY = 3.0
# "Everywhere" is no address to call; this machine is reached at its own.
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not listened at
DEMO_DOMAIN = "@demo.example"


class Command(BaseCommand):
    help = (
        "Brings up the whole product: PostgreSQL (unless DATABASE_URL is set), tables, recurring jobs, the web "
        "process and the worker; Ctrl-C stops everything."
    )
    requires_system_checks: list[str] = []  # some of them ask the database, which is not up yet

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen at (default: %(default)s)")
        parser.add_argument("--demo", action="store_true", help="fill an empty database with the demonstration")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["demo"] and not settings.HELPDESK_DEMO:
            # Settings are read once, at the start; so this is a new start, in the same process.
            os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "HELPDESK_DEMO": "1"})
        self.supervisor: Supervisor | None = None
        self.stopping = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._interrupt)
        adopt_orphans()
        try:
            with ExitStack() as stack:
                self._run(stack, options["host"], options["port"], demo=options["demo"])
        except KeyboardInterrupt:
            self._say("Stopped.")
        except (embedded.EmbeddedError, preparing.NotReady, Hopeless) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"The helpdesk cannot start: {error.strerror or error}.") from error

    def _interrupt(self, number: int, frame: object) -> None:
        if self.stopping:
            if self.supervisor is not None:
                self.supervisor.hurried = True
            return
        self.stopping = True
        raise KeyboardInterrupt

    def _run(self, stack: ExitStack, host: str, port: int, *, demo: bool) -> None:
        _refuse_taken_port(host, port)
        _refuse_full_disk()
        if not os.environ.get("BASE_URL") and not settings.PRODUCTION:
            os.environ["BASE_URL"] = settings.BASE_URL = f"http://{_shown(host)}:{port}"
        server = stack.enter_context(embedded.server_if_needed())
        os.environ["HELPDESK_SERVER_HELD"] = "1"
        preparing.await_database(env.number("HELPDESK_DATABASE_WAIT", 30))
        stack.callback(connections.close_all)
        preparing.prepare()
        if demo and not get_user_model()._default_manager.exists():
            self._say("Filling the empty database with the demonstration …")
            call_command("seed_demo")
        if not (os.environ.get("EMAIL_URL") or os.environ.get("EMAIL_URL_FILE") or settings.PRODUCTION):
            catcher = MailCatcher(settings.DATA_DIR / "mail")
            catcher.start()
            stack.callback(catcher.stop)
            os.environ["EMAIL_URL"] = catcher.url
            self._say(f"Letters are kept as files in {settings.DATA_DIR / 'mail'}.")
        _beat_soon()

        self.supervisor = Supervisor([_web(host, port), _worker()], say=self._say)
        stack.callback(self._stop_children)
        self.supervisor.start()
        self._await_web(host, port)
        self._greet(demo=demo)
        connections.close_all()
        self._tend(server)

    def _tend(self, server: embedded.EmbeddedServer | None) -> None:
        """Look after everything until interrupted; a dead PostgreSQL is tried again as long as it takes."""
        assert self.supervisor is not None
        trouble, look_at = "", 0.0
        while True:
            if server is not None and time.monotonic() >= look_at:
                look_at = time.monotonic() + LOOK_AT_SERVER_EVERY
                try:
                    if server.revive():
                        self._say("PostgreSQL had ended and is started again.")
                    trouble = ""
                except embedded.EmbeddedError as error:
                    if trouble != str(error):
                        trouble = str(error)
                        self._say(trouble)
            self.supervisor.tend()
            time.sleep(0.25)

    def _stop_children(self) -> None:
        self.stopping = True
        assert self.supervisor is not None
        self.supervisor.stop()

    def _await_web(self, host: str, port: int) -> None:
        assert self.supervisor is not None
        deadline = time.monotonic() + WEB_STARTS_WITHIN
        while not _answers(host, port):
            self.supervisor.tend()
            if time.monotonic() > deadline:
                raise Hopeless(f"The web process does not answer at port {port}; see its lines above.")
            time.sleep(0.2)

    def _greet(self, *, demo: bool) -> None:
        self._say(f"The helpdesk is open at {settings.BASE_URL}/ (Ctrl-C stops it).")
        if not demo:
            call_command("setup_code", verbosity=0, stdout=self.stdout)
            return
        people = get_user_model()._default_manager.filter(email__endswith=DEMO_DOMAIN, is_active=True)
        lines = [f"  {person.email:<24} {person}" for person in people.order_by("email")[:20]]
        if lines:
            self._say("\n".join(["People to sign in as, password demo:", *lines]))

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _web(host: str, port: int) -> Child:
    manage = str(settings.BASE_DIR / "manage.py")
    return Child("web process", [sys.executable, manage, "web", "--host", host, "--port", str(port)])


def _worker() -> Child:
    return Child("worker", [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster"])


def _refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} is taken by another program; stop it or choose another one with --port."
                if error.errno == 98 or "in use" in str(error)
                else f"The helpdesk cannot listen at {host}:{port}: {error.strerror}."
            ) from error


def _refuse_full_disk() -> None:
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free < NEEDED_BYTES:
        raise CommandError(
            f"The disk that holds {settings.DATA_DIR} is full ({free // 2**20} MB left); make some room first."
        )


def _beat_soon() -> None:
    """Let the worker show itself at once; its schedule would take up to a minute."""
    from django_q.tasks import async_task

    async_task("helpdesk.core.tasks.beat")


def _answers(host: str, port: int) -> bool:
    link = http.client.HTTPConnection(EVERYWHERE.get(host, host), port, timeout=2)
    try:
        link.request("GET", "/healthz")
        return link.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def _shown(host: str) -> str:
    if host in {*EVERYWHERE, *EVERYWHERE.values()}:
        return "localhost"
    return f"[{host}]" if ":" in host else host
