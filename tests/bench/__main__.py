"""``python -m tests.bench``: load, serve, measure, report.

The pages are measured among 10,000 and among 100,000 tickets, of which one in twenty is open. What is about open tickets
only, the board and the decisions page, is measured by itself afterwards, when so many open ones have been added that
10,000 are open: more than a desk should ever have, and the pages have to stay quick all the same.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from helpdesk.core.secret_key import kept_secret_key

ROOT = Path(__file__).resolve().parent.parent.parent


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000, help="how many tickets at last (default: %(default)s)")
    parser.add_argument("--smaller", type=int, default=10_000, help="how many for comparison (default: %(default)s)")
    parser.add_argument(
        "--open", type=int, default=10_000, help="how many open tickets for board and decisions (default: %(default)s)"
    )
    parser.add_argument("--customers", type=int, default=5_000)
    parser.add_argument("--agents", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=40, help="how often each page is asked (default: %(default)s)")
    parser.add_argument(
        "--due", type=int, default=600, help="how many due tickets for each sweep (default: %(default)s)"
    )
    parser.add_argument(
        "--channels", type=int, default=2_000, help="how many live channels are open, 0 for none (default: %(default)s)"
    )
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "bench", help="where the database lies")
    parser.add_argument("--keep", action="store_true", help="use and keep what is loaded there")
    parser.add_argument("--pages-only", action="store_true", help="leave the sweep and the worker's weight out")
    parser.add_argument("--report-only", action="store_true", help="measure a report of all closed tickets only")
    parser.add_argument("--live-only", action="store_true", help="measure the live channels and nothing else")
    parser.add_argument("--output", type=Path, default=ROOT / "var" / "bench.json")
    return parser.parse_args()


def _environment(data: Path) -> None:
    """Production, but for the certificate: the server is told that a proxy has seen to it."""
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "helpdesk.settings",
            "HELPDESK_ENV": "production",
            "HELPDESK_DATA": str(data),
            "HELPDESK_STATIC": str(data / "static"),
            "SECRET_KEY": kept_secret_key(data),  # of the kept data: what waits in the queue is signed with it
            "ALLOWED_HOSTS": "127.0.0.1",
            "BASE_URL": "https://127.0.0.1",
            "PROXY_SSL_HEADER": "X-Forwarded-Proto",
            "TRUSTED_PROXIES": "1",
            "LOG_LEVEL": "ERROR",
            "PYTHONPATH": str(ROOT),
        }
    )
    for name in ("DATABASE_URL", "HELPDESK_SERVER_HELD", "HELPDESK_DEMO", "HELPDESK_DEBUG"):
        os.environ.pop(name, None)


def main() -> None:
    arguments = _arguments()
    if not arguments.keep:
        shutil.rmtree(arguments.data, ignore_errors=True)
    _environment(arguments.data)
    os.chdir(ROOT)
    import django

    django.setup()
    from helpdesk.core.embedded import server_if_needed

    with server_if_needed() as server:
        _run(arguments, server)


def _run(arguments: argparse.Namespace, server: Any) -> None:
    from django.db import connections

    from helpdesk.core import preparing

    from . import channels, loading, pages, report, reporting, serving, sweeping

    preparing.prepare()
    people = loading.people(arguments.customers, arguments.agents)
    if arguments.report_only:
        began = time.monotonic()
        added = loading.load(arguments.tickets, total=arguments.tickets)
        _say(f"{arguments.tickets:,} tickets: {added:,} loaded in {time.monotonic() - began:.0f} s")
        reporting.measure(_say)
        return
    if arguments.live_only:
        loading.load(arguments.tickets, total=arguments.tickets)
        port = serving.free_port()
        with serving.web(port) as process:
            _say(channels.sentence(_live(arguments, server, port, process.pid, people)))
        return
    sizes = (min(arguments.smaller, arguments.tickets), arguments.tickets)
    findings: dict[int, list[pages.Finding]] = {}
    weights: dict[str, list[dict[str, float]]] = {}
    live: channels.Finding | None = None
    for size in dict.fromkeys(sizes):
        began = time.monotonic()
        added = loading.load(size, total=arguments.tickets)
        _say(f"{size:,} tickets: {added:,} loaded in {time.monotonic() - began:.0f} s")
        port = serving.free_port()
        with serving.web(port) as process:
            found = pages.pages(people, arguments.rounds)
            measured = pages.measure(found, port=port, upto=size, rounds=arguments.rounds, say=_say)
            findings[size] = list(measured)
            weights["web process"] = [serving.weight(pid) for pid in serving.family(process.pid)]
            if size == sizes[-1] and arguments.channels:
                live = _live(arguments, server, port, process.pid, people)
    if live:
        _say(channels.sentence(live))
    _say("\n" + report.table(findings[sizes[0]] if sizes[0] != sizes[1] else [], findings[sizes[1]], sizes) + "\n")

    began = time.monotonic()
    is_open = loading.open_more(arguments.open)
    _say(f"{is_open:,} open tickets, the missing ones loaded in {time.monotonic() - began:.0f} s")
    port = serving.free_port()
    with serving.web(port):
        found = pages.pages_of_open_tickets(people)
        among_open = list(pages.measure(found, port=port, upto=is_open, rounds=arguments.rounds, say=_say))
    _say("\n" + report.table([], among_open, (is_open, is_open)) + "\n")

    if arguments.pages_only:
        return
    speeds = {count: sweeping.sweep_with(count, arguments.due) for count in (1, 2)}
    for count, speed in speeds.items():
        _say(f"sweep, {count} worker process{'es' if count > 1 else ''}: {speed:.0f} tickets/s")

    loading.make_due(min(arguments.due, 200))
    connections.close_all()
    with serving.worker() as process:
        time.sleep(75)  # it sweeps, sends and beats at least once
        weights["worker"] = [serving.weight(pid) for pid in serving.family(process.pid)]
    for name, parts in weights.items():
        together = sum(part["pss"] for part in parts)
        _say(
            f"{name}: {together:.0f} MB PSS in {len(parts)} process(es), the largest {max(p['rss'] for p in parts):.0f} MB RSS"
        )
    report.write(
        arguments.output,
        sizes=sizes,
        findings=findings,
        among_open=among_open,
        sweep=speeds,
        weights=weights,
        live=live,
        at=time.strftime("%F %T"),
    )
    _say(f"Written to {arguments.output}.")


def _live(arguments: argparse.Namespace, server: Any, port: int, pid: int, people: Any) -> Any:
    from . import channels

    tabs = people.customers[: arguments.channels]
    rules = {"upto": arguments.tickets, "rounds": arguments.rounds, "say": _say}
    return channels.measure(port, pid, server, tabs, people.agent, **rules)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
