"""How the administration looks: its places, grouped as an administrator thinks, and its colours, which are ours."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _


def _place(title: str, name: str, icon: str, about: str = "", *, only_if: str | None = None) -> dict[str, Any]:
    """A place of the menu.

    Args:
        only_if: the dotted name of a function of the request that says whether the place is there; dotted, since
            higher floors say it.
    """
    return {"title": title, "link": reverse(name), "icon": icon, "about": about, "permission": only_if}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of places; ``about`` is a sentence for the start page."""
    return [
        {
            "title": _("Company"),
            "items": [
                _place(
                    _("Company and e-mails"),
                    "admin:people_account_changelist",
                    "apartment",
                    _("Name, language, plan, and which events are told by e-mail."),
                ),
                _place(
                    _("Help: registering"),
                    "people:help_registering",
                    "help",
                    _("How departments, services and agents are registered, step by step."),
                ),
                _place(
                    _("Ticket flow by organization"),
                    "admin:approvals_approvalaction_changelist",
                    "order_approve",
                    _("Actions that agents can ask a customer's managers to approve."),
                    only_if="approvals.admin.is_offered",
                ),
            ],
        },
        {
            "title": _("People"),
            "items": [
                _place(
                    _("People"),
                    "admin:people_user_changelist",
                    "group",
                    _("Register and invite requesters, agents, heads, administrators."),
                ),
                _place(
                    _("Import of people"),
                    "people:imports",
                    "upload_file",
                    _("People and organizations from a CSV file, checked before anything is written."),
                ),
                _place(
                    _("Profiles"),
                    "admin:people_profile_changelist",
                    "badge",
                    _("What ordinary agents see and may do, for each kind of agent."),
                ),
                _place(
                    _("Absences"),
                    "admin:people_absence_changelist",
                    "event_busy",
                    _("Who is away is given no tickets automatically."),
                ),
                _place(
                    _("Sectors"),
                    "admin:people_sector_changelist",
                    "lan",
                    _("Units of the own company that requesters belong to."),
                ),
            ],
        },
        {
            "title": _("Customers"),
            "items": [
                _place(
                    _("Organizations"),
                    "admin:people_organization_changelist",
                    "domain",
                    _("Customers' companies, their branches and managers."),
                ),
            ],
        },
        {
            "title": _("Service structure"),
            "items": [
                _place(
                    _("Departments and services"),
                    "admin:people_department_changelist",
                    "account_tree",
                    _("Who serves what: members, lines, services, and the rules of the process."),
                ),
                _place(
                    _("Calendars"),
                    "admin:people_calendar_changelist",
                    "calendar_month",
                    _("Working hours, holidays and other days; departments count their periods in them."),
                ),
                _place(
                    _("Service levels"),
                    "admin:tickets_servicelevel_changelist",
                    "timer",
                    _("How soon tickets are started and concluded: for everybody, an organization, a person."),
                ),
            ],
        },
        {
            "title": _("Letters"),
            "items": [
                _place(
                    _("Letters"),
                    "notifications:letters",
                    "mail",
                    _("Every e-mail of the helpdesk and its fate; failed ones can be sent again."),
                ),
                _place(
                    _("Texts of letters"),
                    "notifications:texts",
                    "edit_note",
                    _("What each kind of letter says, in each language, in your own words."),
                ),
            ],
        },
        {
            "title": _("Trash"),
            "items": [
                _place(
                    _("Trash"),
                    "panel:trash",
                    "delete",
                    _("Deleted tickets and customers: restore them, or delete them for good."),
                ),
            ],
        },
        {
            "title": _("Records"),
            "items": [
                _place(_("Tickets"), "admin:tickets_ticket_changelist", "confirmation_number"),
                _place(_("Changes of priority"), "admin:approvals_priorityrequest_changelist", "flag"),
                _place(_("Surveys"), "admin:surveys_survey_changelist", "star"),
                _place(_("Access to files"), "admin:attachments_auditentry_changelist", "folder_shared"),
                _place(_("Audit log"), "admin:core_auditrecord_changelist", "history"),
                _place(_("Recurring jobs"), "admin:django_q_schedule_changelist", "schedule"),
                _place(_("Waiting tasks"), "admin:django_q_ormq_changelist", "hourglass_empty"),
                _place(_("Failed tasks"), "admin:django_q_failure_changelist", "error"),
            ],
        },
    ]


def own_links(request: HttpRequest) -> list[dict[str, Any]]:
    """What stands in the menu of the signed-in person."""
    return [
        {"title": _("Service desk"), "link": reverse("panel:tasks")},
        {"title": _("Profile"), "link": reverse("people:profile")},
        {"title": _("Help"), "link": reverse("people:help")},
        {"title": _("Change password"), "link": reverse("account_change_password")},
    ]


def logo(request: HttpRequest) -> str:
    return static("img/logo.svg")


def icon(request: HttpRequest) -> str:
    return static("img/favicon.svg")


def scripts(request: HttpRequest) -> str:
    return static("js/admin.js")


def styles(request: HttpRequest) -> str:
    return static("css/admin.css")


def _scale(hue: int, steps: dict[str, tuple[float, float]]) -> dict[str, str]:
    return {step: f"oklch({lightness}% {chroma} {hue})" for step, (lightness, chroma) in steps.items()}


# The neutrals and the accent of static/css/tokens.css, stretched over the eleven steps that the administration uses.
COLORS = {
    "base": _scale(
        268,
        {
            "50": (98.4, 0.003), "100": (96.2, 0.005), "200": (91.5, 0.006), "300": (86, 0.009), "400": (72, 0.014),
            "500": (52, 0.018), "600": (44, 0.018), "700": (35, 0.015), "800": (27, 0.013), "900": (21.2, 0.011),
            "950": (15.8, 0.008),
        },
    ),
    "primary": _scale(
        272,
        {
            "50": (97, 0.013), "100": (94.5, 0.026), "200": (89, 0.05), "300": (81, 0.095), "400": (71, 0.14),
            "500": (67, 0.16), "600": (50.5, 0.185), "700": (45, 0.18), "800": (39, 0.16), "900": (34, 0.13),
            "950": (25, 0.09),
        },
    ),
}  # fmt: skip
