"""How many due tickets workers act on in a second; run as a program, it is one of those workers."""

from __future__ import annotations

import sys
import time


def sweep_with(workers: int, count: int) -> float:
    """Let ``workers`` processes sweep ``count`` due tickets together; returns tickets a second."""
    from . import loading, serving

    made = loading.make_due(count)
    loading.settle()
    with serving.children(["-m", "tests.bench.sweeping"], workers) as processes:
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()  # it has loaded everything
        began = time.perf_counter()
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        swept = sum(int(process.stdout.readline()) for process in processes if process.stdout)
        seconds = time.perf_counter() - began
    # Some more may have become due meanwhile: what the measuring itself has opened.
    if swept < made:
        raise SystemExit(f"{made} tickets were due, and {swept} were swept.")
    return swept / seconds


def main() -> None:
    import django

    django.setup()
    from django.db import connection
    from django.urls import reverse

    import tickets.tasks

    connection.ensure_connection()
    reverse("panel:tasks")  # loads every address of the house
    print("ready", flush=True)
    sys.stdin.readline()
    total = 0
    while count := tickets.tasks.sweep():
        total += count
    print(total, flush=True)


if __name__ == "__main__":
    main()
