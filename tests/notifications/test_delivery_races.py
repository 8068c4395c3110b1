"""Several workers, tasks that run twice, and a worker that dies: every letter once."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from urllib.parse import quote

import pytest
from django.conf import settings as project
from django.db import connection

from helpdesk.notifications import tasks
from helpdesk.notifications.models import Letter
from tests import walks
from tests.core.processes import ROOT, environment

from .conftest import states, write_letters

AS_THIS_TEST = {"HELPDESK_ENV": "test", "DJANGO_SETTINGS_MODULE": "helpdesk.settings"}


def database_url() -> str:
    """The running test's database, for a process of its own."""
    database = project.DATABASES["default"]
    return (
        f"postgresql://{database['USER']}@/{connection.settings_dict['NAME']}?host={quote(database['HOST'], safe='')}"
    )


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_letter_once(cast, post, deliver):
    write_letters(cast, 60)
    start = threading.Barrier(3)
    sent = []

    def work():
        try:
            start.wait()
            sent.append(deliver().sent)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(sent) == 60
    assert sorted(post.ids) == sorted(f"<many-{number}@localhost>" for number in range(60))
    assert states() == ["sent"] * 60


@pytest.mark.django_db(transaction=True)
def test_a_letter_under_way_is_passed_over_by_the_other_worker(cast, post, deliver):
    write_letters(cast, 2)
    runs = []

    def other_worker(letter):
        """Runs while the first worker still waits for the server's answer."""
        post.on_letter = lambda letter: None

        def work():
            try:
                runs.append(deliver())
            finally:
                connection.close()

        thread = threading.Thread(target=work)
        thread.start()
        threads.append(thread)

    threads = []
    post.on_letter = other_worker
    deliver()
    for thread in threads:
        thread.join()
    assert sorted(post.ids) == ["<many-0@localhost>", "<many-1@localhost>"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_it_sends_loses_and_doubles_nothing(cast, post, deliver, tmp_path):
    """SIGKILL in the middle of the third letter, before the server has accepted it."""
    write_letters(cast, 6)
    worker = subprocess.Popen(
        [sys.executable, "-c", "import django; django.setup(); from helpdesk.notifications.tasks import *; deliver_letters()"],
        cwd=ROOT,
        env=environment(tmp_path, **AS_THIS_TEST, DATABASE_URL=database_url(), EMAIL_URL=f"smtp://127.0.0.1:{post.port}"),
    )  # fmt: skip

    def kill(recipients):
        if len(post.letters) == 2:
            worker.kill()
            worker.wait()
            raise ConnectionAbortedError("the worker is gone")

    post.before_letter = kill
    assert worker.wait(60) == -signal.SIGKILL
    assert states() == ["queued"] * 4 + ["sent"] * 2
    post.before_letter = lambda recipients: None
    assert deliver().sent == 4
    assert sorted(post.ids) == sorted(f"<many-{number}@localhost>" for number in range(6))


def test_a_task_that_runs_twice_sends_once(cast, post):
    walks.opened(cast)
    assert tasks.deliver_letters() == 4
    assert tasks.deliver_letters() == 0
    assert len(post.ids) == len(set(post.ids)) == 4


def test_a_letter_costs_a_fixed_number_of_queries(cast, post, deliver, django_assert_num_queries):
    """Account and daily letters once a run; claim, own text, words and fate a letter; two savepoints, in life commits."""
    write_letters(cast, 1)
    with django_assert_num_queries(2 + 6 + 3 + 1):
        deliver()
    Letter.objects.all().delete()
    write_letters(cast, 4)
    with django_assert_num_queries(2 + 4 * 6 + 3 + 1):
        deliver()
