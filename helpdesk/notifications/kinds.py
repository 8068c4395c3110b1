"""Every notice of the product in one table (spec, section 7): its name, its switch, whether a letter goes out.

The name is the same in events, notification rows and template files: ``templates/emails/<name>.subject.txt``,
``.txt`` and ``.html``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

_Lazy = Any


@dataclass(frozen=True)
class Kind:
    """One kind of notice.

    Attributes:
        name: the shared name, from table to template.
        sentence: what the hub shows; ``%(number)s`` and other facts are filled in, in the reader's language.
        switch: the account's field that switches the letter off (P1 to P8), or None where no switch exists.
        mails: whether a letter is written at all.
    """

    name: str
    sentence: _Lazy
    switch: str | None = None
    mails: bool = True


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("ticket_opened", _("#%(number)s waits to be taken: %(subject)s"), "mail_p1"),
        Kind("distribution_needed", _("#%(number)s waits to be given to an agent: %(subject)s")),
        Kind("ticket_assigned", _("#%(number)s was given to you: %(subject)s")),
        Kind("ticket_assumed", _("%(executor)s took your ticket #%(number)s"), "mail_p2"),
        Kind("ticket_started", _("%(executor)s started working on your ticket #%(number)s"), "mail_p3"),
        Kind("requester_wrote", _("%(actor)s wrote in #%(number)s: %(subject)s"), "mail_p4"),
        Kind("agent_wrote", _("%(actor)s wrote in your ticket #%(number)s"), "mail_p5"),
        Kind("agent_asked", _("%(actor)s needs your answer in ticket #%(number)s"), "mail_p5"),
        Kind("solution_sent", _("A solution for your ticket #%(number)s waits for your approval"), "mail_p6"),
        Kind("solution_approved", _("%(actor)s approved your solution of #%(number)s"), "mail_p7"),
        Kind("solution_returned", _("%(actor)s returned #%(number)s with questions"), "mail_p7"),
        Kind("approval_reminder", _("Your approval of ticket #%(number)s is still missing")),
        Kind("survey_invited", _("How was our service in ticket #%(number)s?")),
        Kind("survey_answered", _("%(actor)s rated #%(number)s: %(rating)s of 5"), "mail_p8"),
        Kind("ticket_closed", _("Your ticket #%(number)s is closed as solved")),
        Kind("ticket_cancelled", _("%(actor)s cancelled #%(number)s: %(subject)s")),
        Kind("ticket_taken_away", _("#%(number)s is no longer yours: %(subject)s")),
        Kind("line_change_requested", _("%(actor)s asks for line 2 in #%(number)s: %(subject)s")),
        Kind("line_change_approved", _("%(actor)s sent #%(number)s to line 2")),
        Kind("line_change_returned", _("%(actor)s returned #%(number)s to you for rework")),
        Kind("closing_requested", _("%(actor)s asks to close #%(number)s without a solution: %(subject)s")),
        Kind("closing_approved", _("%(actor)s closed #%(number)s without a solution, as you asked")),
        Kind("closing_refused", _("%(actor)s refused to close #%(number)s")),
        Kind("closed_without_solution", _("We are sorry: your ticket #%(number)s was closed without a solution")),
        Kind("decision_overdue", _("#%(number)s still waits for your decision: %(subject)s")),
        Kind("priority_requested", _("%(actor)s asks for another priority of #%(number)s: %(subject)s")),
        Kind("priority_approved", _("%(actor)s approved the new priority of #%(number)s")),
        Kind("priority_rejected", _("%(actor)s rejected the new priority of #%(number)s")),
        Kind("department_unstaffed", _("%(department)s has no active agent; #%(number)s waits there unseen")),
        Kind("no_candidate", _("Nobody could be given #%(number)s: no agent of %(department)s is available")),
    )
}
