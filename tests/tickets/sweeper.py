"""A worker that does nothing but sweep, as a process of its own: ``python -m tests.tickets.sweeper DATABASE``."""

from __future__ import annotations

import sys

import django

import tests.settings

if __name__ == "__main__":
    tests.settings.DATABASES["default"]["NAME"] = sys.argv[1]
    django.setup()
    from tickets.tasks import sweep

    print("ready", flush=True)
    sys.stdin.readline()
    print(sweep(), flush=True)
