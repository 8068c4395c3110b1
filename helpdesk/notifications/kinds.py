"""Every notice of the product in one table (spec, section 7): its name, its switch, whether a letter goes out.

The name is the same in events, notification rows and template files: ``templates/emails/<name>.subject.txt``,
``.txt`` and ``.html``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from helpdesk.core.clock import CLOCK

_Lazy = Any


class _Facts(dict):
    """Facts of rows that were written before a sentence learnt a new word read as nothing, not as an error."""

    def __missing__(self, key: str) -> str:
        return ""


def for_reader(facts: Mapping[str, Any]) -> dict[str, Any]:
    """``facts`` as the active language says them: the clock is stored without a name, and a day as ISO 8601, since
    languages differ in them.
    """
    by_clock = not facts.get("actor")
    said = _Facts(facts, by_clock=by_clock, actor=str(CLOCK) if by_clock else facts["actor"])
    if said.get("ends_on"):
        said["ends_on"] = date_format(date.fromisoformat(said["ends_on"]))
    return said


@dataclass(frozen=True)
class Kind:
    """One kind of notice.

    Attributes:
        name: the shared name, from table to template.
        title: what administrators call it.
        sentence: what the hub shows; ``%(number)s`` and other facts are filled in, in the reader's language.
        switch: the account's field that switches the letter off (P1 to P8), or None where no switch exists.
        personal: the person's own field that switches the letter off, or None; only what a whole group is told can be
            switched so, for nobody waits for that one reader (R1.20).
        mails: whether a letter is written at all.
        waits: whether the letter waits while its reader has quiet hours.
        daily: whether it may go with the daily letter; only what informs, and asks its reader for nothing, can.
        link_is_secret: the link alone lets its reader in, so nobody but the recipient is shown it.
        encloses: dotted name of who gives the file that goes with the letter, out of its facts; empty: none does.
    """

    name: str
    title: _Lazy
    sentence: _Lazy
    switch: str | None = None
    personal: str | None = None
    mails: bool = True
    waits: bool = True
    daily: bool = False
    link_is_secret: bool = False
    encloses: str = ""

    def say(self, facts: Mapping[str, Any]) -> str:
        """The sentence in the active language, with the facts filled in."""
        return str(self.sentence) % for_reader(facts)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "ticket_opened",
            _("Pending ticket"),
            _("#%(number)s waits for an agent: %(subject)s"),
            "mail_p1",
            personal="mail_new_tickets",
            daily=True,
        ),
        Kind(
            "distribution_needed",
            _("Ticket without agent"),
            _("#%(number)s waits to be given to an agent: %(subject)s"),
        ),
        Kind("ticket_assigned", _("Ticket assigned"), _("#%(number)s was given to you: %(subject)s")),
        Kind(
            "ticket_assumed", _("Ticket taken"), _("%(executor)s took your ticket #%(number)s"), "mail_p2", daily=True
        ),
        Kind(
            "ticket_started",
            _("Work started"),
            _("%(executor)s started working on your ticket #%(number)s"),
            "mail_p3",
            daily=True,
        ),
        Kind(
            "requester_wrote",
            _("Requester wrote"),
            _("%(actor)s wrote in #%(number)s: %(subject)s"),
            "mail_p4",
            daily=True,
        ),
        Kind("agent_wrote", _("Agent wrote"), _("%(actor)s wrote in your ticket #%(number)s"), "mail_p5", daily=True),
        Kind("agent_asked", _("Agent asked"), _("%(actor)s needs your answer in ticket #%(number)s"), "mail_p5"),
        Kind(
            "solution_sent",
            _("Solution sent"),
            _("A solution for your ticket #%(number)s waits for your approval"),
            "mail_p6",
        ),
        Kind(
            "solution_approved",
            _("Solution approved"),
            _("%(actor)s approved your solution of #%(number)s"),
            "mail_p7",
            daily=True,
        ),
        Kind(
            "solution_returned",
            _("Solution returned"),
            _("%(actor)s returned #%(number)s with questions"),
            "mail_p7",
        ),
        Kind("approval_reminder", _("Approval reminder"), _("Your approval of ticket #%(number)s is still missing")),
        Kind(
            "survey_invited",
            _("Survey sent"),
            _("How was our service in ticket #%(number)s?"),
            link_is_secret=True,
        ),
        Kind(
            "survey_answered",
            _("Survey answered"),
            _("%(actor)s rated #%(number)s: %(rating)s of 5"),
            "mail_p8",
            daily=True,
        ),
        Kind("ticket_closed", _("Ticket closed"), _("Your ticket #%(number)s is closed as solved")),
        Kind("ticket_cancelled", _("Ticket cancelled"), _("%(actor)s cancelled #%(number)s: %(subject)s"), daily=True),
        Kind("ticket_taken_away", _("Ticket taken away"), _("#%(number)s is no longer yours: %(subject)s"), daily=True),
        Kind(
            "line_change_requested",
            _("Line change requested"),
            _("%(actor)s asks for line 2 in #%(number)s: %(subject)s"),
        ),
        Kind("line_change_approved", _("Line change approved"), _("%(actor)s sent #%(number)s to line 2"), daily=True),
        Kind(
            "line_change_returned",
            _("Line change returned"),
            _("%(actor)s returned #%(number)s to you for rework"),
        ),
        Kind(
            "closing_requested",
            _("Closing requested"),
            _("%(actor)s asks to close #%(number)s without a solution: %(subject)s"),
        ),
        Kind(
            "closing_approved",
            _("Closing approved"),
            _("%(actor)s closed #%(number)s without a solution, as you asked"),
            daily=True,
        ),
        Kind("closing_refused", _("Closing refused"), _("%(actor)s refused to close #%(number)s")),
        Kind(
            "closed_without_solution",
            _("Closed without solution"),
            _("We are sorry: your ticket #%(number)s was closed without a solution"),
        ),
        Kind(
            "decision_overdue",
            _("Decision overdue"),
            _("#%(number)s still waits for your decision: %(subject)s"),
        ),
        Kind(
            "priority_requested",
            _("Priority change requested"),
            _("%(actor)s asks for another priority of #%(number)s: %(subject)s"),
        ),
        Kind(
            "priority_approved",
            _("Priority change approved"),
            _("%(actor)s approved the new priority of #%(number)s"),
            daily=True,
        ),
        Kind(
            "priority_rejected",
            _("Priority change rejected"),
            _("%(actor)s rejected the new priority of #%(number)s"),
            daily=True,
        ),
        Kind(
            "action_requested",
            _("Approval action requested"),
            _("%(actor)s asks you to approve “%(action)s” in ticket #%(number)s"),
            waits=False,
        ),
        Kind(
            "action_approved",
            _("Approval action approved"),
            _("%(actor)s approved “%(action)s” in #%(number)s"),
            waits=False,
        ),
        Kind(
            "action_rejected",
            _("Approval action rejected"),
            _("%(actor)s rejected “%(action)s” in #%(number)s"),
            waits=False,
        ),
        Kind(
            "action_cancelled",
            _("Approval action cancelled"),
            _("%(actor)s cancelled “%(action)s” in #%(number)s"),
            mails=False,
        ),
        Kind(
            "action_expired",
            _("Approval action expired"),
            _("“%(action)s” in #%(number)s expired: the ticket has ended"),
            mails=False,
        ),
        Kind(
            "sla_warning",
            _("Service level runs out"),
            _("#%(number)s is about to miss its service level: %(subject)s"),
        ),
        Kind(
            "sla_breached",
            _("Service level missed"),
            _("#%(number)s has missed its service level: %(subject)s"),
        ),
        Kind(
            "department_unstaffed",
            _("Department without agents"),
            _("%(department)s has no active agent; #%(number)s waits there unseen"),
        ),
        Kind(
            "plan_ends",
            _("Plan ends"),
            _("The plan of this helpdesk ends on %(ends_on)s; after that day everything can only be read"),
        ),
        Kind(
            "no_candidate",
            _("Nobody available"),
            _("Nobody could be given #%(number)s: no agent of %(department)s is available"),
        ),
        Kind("report_ready", _("Report ready"), _("Your report is ready: %(report)s"), mails=False),
        Kind(
            "report_scheduled",
            _("Scheduled report"),
            _("Your scheduled report is ready: %(report)s"),
            encloses="reports.telling.enclosed",
        ),
        Kind("report_failed", _("Report failed"), _("%(report)s: %(why)s")),
    )
}

# The letter that takes the place of many: nobody is told of it, and the hub has no line for it.
DIGEST = Kind("digest", _("Daily letter"), _("What has happened in your tickets"))
ALL: dict[str, Kind] = KINDS | {DIGEST.name: DIGEST}
