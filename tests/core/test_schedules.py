"""The page of recurring jobs is what the worker's table says."""

import pytest
from django.utils.module_loading import import_string
from django_q.models import Schedule

from helpdesk.core import schedules

pytestmark = pytest.mark.django_db


def test_sync_writes_every_job_once():
    schedules.sync()
    schedules.sync()
    rows = Schedule.objects.order_by("name").values_list("name", "func", "minutes", "repeats")
    assert list(rows) == sorted((job.name, job.func, job.minutes, -1) for job in schedules.JOBS)


def test_sync_removes_what_no_longer_stands_there_and_mends_what_was_changed():
    schedules.sync()
    Schedule.objects.create(name="old", func="gone.job", schedule_type=Schedule.HOURLY)
    Schedule.objects.filter(name="heartbeat").update(minutes=999, func="gone.job")
    schedules.sync()
    assert not Schedule.objects.filter(func="gone.job").exists()
    assert Schedule.objects.get(name="heartbeat").minutes == 1


def test_sync_leaves_the_next_run_of_unchanged_jobs():
    schedules.sync()
    before = dict(Schedule.objects.values_list("name", "next_run"))
    schedules.sync()
    assert dict(Schedule.objects.values_list("name", "next_run")) == before


@pytest.mark.parametrize("job", schedules.JOBS, ids=lambda job: job.name)
def test_every_job_exists(job):
    assert callable(import_string(job.func))
