"""A department as its people see it: how its process is configured, who serves, what it serves (R1.41, R1.42)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from helpdesk.core.templatetags.ui import in_words
from helpdesk.people.models import Absence, Department, User
from tickets.lifecycle import CURRENT
from tickets.models import Ticket

from .doors import for_staff


@require_safe
@for_staff
def department(request: HttpRequest, pk: int) -> HttpResponse:
    """The process, the members with what each has to do, the services and the rules in words."""
    user: User = request.user  # type: ignore[assignment]  # nobody is anonymous here
    departments = Department.objects.all()
    if not user.sight.reaches_every_department:
        departments = departments.filter(pk__in=user.department_ids)
    department = get_object_or_404(departments.select_related("calendar"), pk=pk)
    context = {
        "department": department,
        "members": _members(department),
        "services": department.services.filter(is_active=True),
        "rules": _rules(department),
    }
    return render(request, "panel/department.html", context)


def _members(department: Department) -> list[Any]:
    """Heads first, then line by line; each with the number of current tasks over all departments (R4.8)."""
    load = (
        Ticket.objects.open()
        .filter(executor=OuterRef("user"), status__in=sorted(CURRENT))
        .order_by()
        .values("executor")
        .annotate(load=Count("pk"))
        .values("load")
    )
    return list(
        department.memberships.filter(user__is_active=True)
        .select_related("user")
        .annotate(
            current_tasks=Coalesce(Subquery(load), 0),
            is_absent=Exists(Absence.objects.at(timezone.now()).filter(user=OuterRef("user"))),
        )
        .order_by("-is_head", "line", "user__name", "pk")
    )


def _rules(department: Department) -> list[tuple[str, str]]:
    """The settings in words (R1.42)."""
    after = {
        "minutes": in_words(timedelta(minutes=department.distribution_minutes)),
        "approval": in_words(department.approval_period),
        "rating": in_words(department.rating_period),
        "reminder": in_words(department.decision_reminder),
        "survey": in_words(department.survey_period),
    }
    modes = Department.DistributionMode
    distribution = {
        modes.PULL: _("Agents take tickets themselves; no clock runs."),
        modes.PUSH: _("Heads give tickets to agents, the clock does after %(minutes)s; nobody takes one."),
        modes.BOTH: _("Agents may take a ticket, heads may give it; after %(minutes)s the clock does."),
    }[modes(department.distribution_mode)]
    needed = ngettext("At least %(n)d file.", "At least %(n)d files.", department.attachment_min_count)
    return [
        (
            _("Working time"),
            _("The hours of “%(calendar)s” count for every period.") % {"calendar": department.calendar}
            if department.calendar
            else _("Every hour counts, day and night."),
        ),
        (_("Distribution"), distribution % after),
        (_("Support lines"), _("Two lines.") if department.support_lines > 1 else _("One line.")),
        (
            _("Files on opening"),
            needed % {"n": department.attachment_min_count}
            if department.attachment_required_on_open
            else _("Optional."),
        ),
        (_("Accepted files"), ", ".join(sorted(department.allowed_extensions)) or _("Everything except programs.")),
        (
            _("Agents can open files"),
            _("From the opening, the whole group.")
            if department.attachment_access_moment == Department.AccessMoment.ON_OPEN
            else _("From taking the ticket, the executor only."),
        ),
        (
            _("Approval"),
            _("Without an answer, a solution counts as approved after %(approval)s.") % after
            if department.approval_period
            else _("Never automatic: the ticket waits for the requester, who is reminded."),
        ),
        (
            _("Survey"),
            _("Before the closing; without a rating the ticket closes after %(rating)s.") % after
            if department.survey_mode == Department.SurveyMode.BEFORE_CLOSING
            else _("After the closing; it can be answered for %(survey)s.") % after
            if department.survey_period
            else _("After the closing; it can be answered without end."),
        ),
        (
            _("Closing without solution"),
            _("A head decides.")
            if department.closing_without_solution_needs_head
            else _("The last line decides, with a reason for the requester."),
        ),
        (
            _("Change of priority"),
            _("A head decides.")
            if department.criticality_change_needs_approval
            else _("The executor changes it at once, with a justification."),
        ),
        (
            _("Decisions"),
            _("Heads are reminded every %(reminder)s.") % after
            if department.decision_reminder
            else _("Heads are not reminded."),
        ),
    ]
