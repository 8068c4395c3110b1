"""``python -m tests.bench``: load, serve, measure, report.

The pages are measured among 100,000 tickets and, for comparison, among another number of them, each in a database of
its own: ``--tickets 1000000 --against 100000`` says what ten times the tickets cost. Whatever their number, they are
five years of work, and no more than 5,000 are open. What is about open tickets only, the board and the decisions page,
is measured by itself afterwards, when so many open ones have been added that 10,000 are open: more than a desk should
ever have, and the pages have to stay quick all the same.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from helpdesk.core.secret_key import kept_secret_key

from . import report

ROOT = Path(__file__).resolve().parent.parent.parent


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000, help="how many tickets (default: %(default)s)")
    parser.add_argument(
        "--against", type=int, default=10_000, help="how many for comparison, 0 for none (default: %(default)s)"
    )
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
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "bench", help="where the databases lie")
    parser.add_argument("--keep", action="store_true", help="use and keep what is loaded there")
    parser.add_argument("--pages-only", action="store_true", help="leave two workers and the worker's weight out")
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
    data = arguments.data / str(arguments.tickets)
    if not arguments.keep:
        shutil.rmtree(data, ignore_errors=True)
    os.chdir(ROOT)
    before = (
        _measured_by_itself(arguments)
        if arguments.against and not (arguments.live_only or arguments.report_only)
        else {}
    )
    _environment(data)
    import django

    django.setup()
    from helpdesk.core.embedded import server_if_needed

    with server_if_needed() as server:
        _run(arguments, server, before)


def _measured_by_itself(arguments: argparse.Namespace) -> dict[str, Any]:
    """What another process finds among the number of tickets to compare with."""
    output = arguments.output.with_name(f"{arguments.output.stem}-{arguments.against}.json")
    chosen = {name: getattr(arguments, name) for name in ("open", "customers", "agents", "rounds", "due", "data")}
    chosen |= {"tickets": arguments.against, "against": 0, "channels": 0, "output": output.absolute()}
    command = [sys.executable, "-m", "tests.bench", "--pages-only", *(["--keep"] if arguments.keep else [])]
    command += [part for name, value in chosen.items() for part in (f"--{name}", str(value))]
    subprocess.run(command, check=True)
    return report.read(output)


def _run(arguments: argparse.Namespace, server: Any, before: dict[str, Any]) -> None:
    from django.db import connections

    from helpdesk.core import preparing

    from . import bulk, channels, loading, pages, reporting, serving, sweeping

    preparing.prepare()
    people = loading.people(arguments.customers, arguments.agents)
    size = arguments.tickets
    began = time.monotonic()
    with bulk.careless_server():
        added = loading.load(size, total=size, say=_say)
    loading.fill_trash()
    _say(f"{size:,} tickets: {added:,} loaded in {time.monotonic() - began:.0f} s. {loading.in_words()}")
    rules = {"rounds": arguments.rounds, "say": _say}
    if arguments.report_only:
        reporting.measure(_say)
        return
    if arguments.live_only:
        port = serving.free_port()
        with serving.web(port) as process:
            _say(channels.sentence(_live(arguments, server, port, process.pid, people)))
        return
    weights: dict[str, list[dict[str, float]]] = {}
    live: channels.Finding | None = None
    port = serving.free_port()
    with serving.web(port) as process:
        found = list(pages.measure(pages.pages(people, arguments.rounds), port=port, upto=size, **rules))
        weights["web process"] = [serving.weight(pid) for pid in serving.family(process.pid)]
        if arguments.channels:
            live = _live(arguments, server, port, process.pid, people)
    if live:
        _say(channels.sentence(live))
    began = time.monotonic()
    is_open = loading.open_more(arguments.open)
    _say(f"{is_open:,} open tickets, the missing ones loaded in {time.monotonic() - began:.0f} s")
    port = serving.free_port()
    with serving.web(port):
        among_open = list(pages.measure(pages.pages_of_open_tickets(people), port=port, upto=size, **rules))
    loading.put_back()
    speeds = {1: sweeping.sweep_with(1, arguments.due)}
    among_open.append(pages.of_one_ticket("sweep, for each ticket", 1 / speeds[1], among_open[0]))
    _say("\n" + report.table(found, before.get("findings", []), size, arguments.against))
    _say(
        "\n"
        + report.table(among_open, before.get("among_open", []), size, arguments.against, f"{is_open:,} open")
        + "\n"
    )

    if not arguments.pages_only:
        speeds[2] = sweeping.sweep_with(2, arguments.due)
        loading.make_due(min(arguments.due, 200))
        connections.close_all()
        with serving.worker() as process:
            time.sleep(75)  # it sweeps, sends and beats at least once
            weights["worker"] = [serving.weight(pid) for pid in serving.family(process.pid)]
    for count, speed in speeds.items():
        _say(f"sweep, {count} worker process{'es' if count > 1 else ''}: {speed:.0f} tickets/s")
    for name, parts in weights.items():
        together = sum(part["pss"] for part in parts)
        _say(
            f"{name}: {together:.0f} MB PSS in {len(parts)} process(es), the largest {max(p['rss'] for p in parts):.0f} MB RSS"
        )
    report.write(
        arguments.output,
        size=size,
        findings=found,
        among_open=among_open,
        before=before,
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
