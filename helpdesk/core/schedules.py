"""Every recurring job of the product, on one page.

``sync`` makes the worker's schedule table say what stands here: missing rows are added, changed ones
changed, and rows of jobs that no longer stand here removed. Jobs are dotted names, so that this lowest
floor need not import the floors that do the work. The worker looks at its schedules twice a minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    func: str
    minutes: int


JOBS: tuple[Job, ...] = (
    Job("sweep", "tickets.tasks.sweep", minutes=1),
    Job("service levels", "tickets.tasks.ring", minutes=1),
    Job("reminders of decisions", "approvals.tasks.remind_heads", minutes=1),
    Job("totals", "tickets.tasks.add_up", minutes=1),
    Job("letters", "helpdesk.notifications.tasks.deliver_letters", minutes=1),
    Job("heartbeat", "helpdesk.core.tasks.beat", minutes=1),
    Job("surveys", "surveys.tasks.end_unanswered", minutes=10),
    Job("orphans", "attachments.tasks.sweep_storage", minutes=60),
    Job("audit log", "helpdesk.core.tasks.check_audit_log", minutes=24 * 60),
    Job("trash", "tickets.tasks.empty_trash", minutes=24 * 60),
    Job("end of the plan", "helpdesk.notifications.tasks.remind_of_plan", minutes=24 * 60),
    Job("tidy", "helpdesk.core.tasks.tidy", minutes=24 * 60),
)


def sync() -> None:
    """Write the jobs of this page to the worker's table; safe to call at every start."""
    from django_q.models import Schedule

    with transaction.atomic():
        Schedule.objects.exclude(name__in=[job.name for job in JOBS]).delete()
        known = {schedule.name: schedule for schedule in Schedule.objects.select_for_update()}
        for job in JOBS:
            schedule = known.get(job.name)
            wanted = {"func": job.func, "schedule_type": Schedule.MINUTES, "minutes": job.minutes, "repeats": -1}
            if schedule is None:
                Schedule.objects.create(name=job.name, next_run=timezone.now(), **wanted)
            elif any(getattr(schedule, field) != value for field, value in wanted.items()):
                soon = timezone.now() + timedelta(minutes=job.minutes)
                Schedule.objects.filter(pk=schedule.pk).update(**wanted, next_run=min(schedule.next_run or soon, soon))
