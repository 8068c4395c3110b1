"""What follows a change, in the same transaction; dotted names, since higher floors do it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.module_loading import import_string

# After a change of a department's rules.
DEPARTMENT_FOLLOWERS = ("tickets.timers.refit", "approvals.actions.refit")
# Who is asked whether a department may be switched off; each returns None or the sentence why not.
DEPARTMENT_KEEPERS = ("tickets.permissions.reason_to_keep",)

# After a change of somebody's marks or organization, and of an organization's parent.
PERSON_FOLLOWERS = ("approvals.actions.refit_person", "reports.actions.follow_person")
# When a customer is deleted for good: what is his own on higher floors goes with him.
PERSON_FORGETTERS = ("reports.actions.forget_person",)
# When somebody is deactivated: with whom his open tickets go to (None: the distribution), and who does it.
PERSON_LEAVERS = ("tickets.actions.leaving.hand_over_all",)
# How many those tickets are, and how many more wait for somebody else.
PERSON_BURDEN = "tickets.actions.leaving.count_held"
ORGANIZATION_FOLLOWERS = ("approvals.actions.refit_organization",)

# After the plan was renewed that had ended: since when, and until when everything stood still.
PLAN_FOLLOWERS = ("tickets.timers.go_on", "approvals.actions.go_on", "surveys.actions.go_on")


def burden_of(person: Any) -> tuple[int, int]:
    """How many tickets somebody would hand over, and how many more of his wait for somebody else."""
    found: tuple[int, int] = import_string(PERSON_BURDEN)(person)
    return found


def follow(followers: Iterable[str], *what: Any) -> None:
    for follower in followers:
        import_string(follower)(*what)
