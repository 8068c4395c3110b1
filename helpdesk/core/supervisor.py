"""Keeps the product's processes alive, and ends them all together.

Each child leads a process group of its own: Ctrl-C in the terminal reaches only the supervisor, which then
asks the children to finish; and what a killed child leaves behind (the worker forks) is swept up with its
group before the next one starts.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence

BACK_OFF = (0.5, 1, 2, 5, 10, 30)
SETTLED_AFTER = 30.0
PATIENCE = 12.0
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


class Hopeless(Exception):
    """A child dies again and again right after its start; the text is one sentence."""


class Child:
    """One process that should always be there."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.command = list(command)
        self.environment = dict(environment or {})
        self.process: subprocess.Popen[bytes] | None = None
        self.failures = 0
        self.started_at = 0.0
        self.start_at = 0.0

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            env={**os.environ, **self.environment},
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - we hold no lock
        )

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def sweep(self) -> None:
        """End whatever is left of the group; a group that is gone already is fine."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            with contextlib.suppress(ChildProcessError):
                while True:  # the adopted ones among them; all have been killed, so none keeps us waiting
                    os.waitpid(-self.process.pid, 0)

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """``run`` until interrupted or hopeless; ``stop`` afterwards, whatever happened."""

    def __init__(self, children: Sequence[Child], *, say: Callable[[str], None]) -> None:
        self.children = list(children)
        self.say = say
        self.hurried = False

    def start(self) -> None:
        for child in self.children:
            child.start()

    def tend(self) -> None:
        """Look after every child once: note deaths, start again what has waited long enough.

        Raises:
            Hopeless: a child has used up all its attempts.
        """
        now = time.monotonic()
        for child in self.children:
            if child.is_alive:
                if child.failures and now - child.started_at > SETTLED_AFTER:
                    child.failures = 0
            elif child.process is not None:
                code = child.process.returncode
                child.sweep()
                child.process = None
                if child.failures >= len(BACK_OFF):
                    raise Hopeless(f"The {child.name} does not stay up (it ended with {code}); see its lines above.")
                wait = BACK_OFF[child.failures]
                child.failures += 1
                child.start_at = now + wait
                self.say(f"The {child.name} has ended ({_why(code)}); starting it again in {wait:g} s.")
            elif now >= child.start_at:
                child.start()

    def stop(self) -> None:
        """Ask all to finish, wait a little, then end what is left."""
        for child in self.children:
            child.ask_to_stop()
        deadline = time.monotonic() + PATIENCE
        while any(child.is_alive for child in self.children) and time.monotonic() < deadline and not self.hurried:
            time.sleep(0.05)
        for child in self.children:
            if child.is_alive:
                self.say(f"The {child.name} did not finish in time and is ended.")
            child.sweep()


def adopt_orphans() -> None:
    """Become the parent of what our children leave behind, so that its end is noticed (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def _why(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _end_with_parent() -> None:
    # When the supervisor itself is killed, its children are told to finish instead of staying as orphans.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
