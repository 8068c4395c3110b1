"""Records that belong to no app of ours, and what of other apps administrators need not see."""

from __future__ import annotations

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.decorators import display

from .base import RecordAdmin

# Kept by the product itself: groups stand for departments, addresses for people, and the rest is each person's own.
for model in (Group, EmailAddress, EmailConfirmation, Authenticator, UserSession, Success, Failure, Schedule, OrmQ):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(Schedule)
class ScheduleAdmin(RecordAdmin):
    """The recurring jobs; they are written by the product at its start (``core.schedules``)."""

    list_display = ("name", "func", "minutes", "next_run")
    fields = ("name", "func", "minutes", "next_run")
    ordering = ("name",)


class TaskAdmin(RecordAdmin):
    """What the worker did. Arguments are left out: they may be personal."""

    list_display = ("name", "func", "started", "stopped", "attempt_count")
    list_display_links = ("name",)
    fields = ("name", "func", "started", "stopped", "attempt_count", "outcome")
    readonly_fields = ("outcome",)
    ordering = ("-stopped",)

    @display(description=_("What it ended with"))
    def outcome(self, task: Failure) -> str:
        return str(task.result or "")


@admin.register(Failure)
class FailureAdmin(TaskAdmin):
    """Tasks that failed for good."""


@admin.register(OrmQ)
class WaitingAdmin(RecordAdmin):
    """Tasks that wait for the worker. Many of them mean that it does not run."""

    list_display = ("id", "what", "lock")
    fields = ("id", "what", "lock")
    readonly_fields = ("what",)
    ordering = ("pk",)

    @display(description=_("Task"))
    def what(self, entry: OrmQ) -> str:
        return str(entry.func())
