"""A ticket's history as people read it: who said what and what happened, in one order, and every pass of the process.

The portal's and the panel's page are drawn from the same entries; the portal asks for what a requester may see.
Reading only: whatever happened stands in the events (R1.1, R1.25, R6.23).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import F, Prefetch, Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from attachments.models import Attachment
from helpdesk.core.clock import CLOCK
from helpdesk.core.templatetags.ui import moment
from helpdesk.people.models import User

from .lifecycle import ACTIVITIES, FINAL, Priority, Status, activity_of
from .models import Event, Message, Ticket

_lazy = gettext_lazy

# What is read of an event, its message and its people.
_READ = (
    *("ticket_id", "verb", "at", "from_status", "to_status", "comment", "is_private", "facts"),
    *("actor__name", "actor__email", "subject__name", "subject__email"),
    *("message__kind", "message__text", "message__author__name", "message__author__email"),
)
# What stands behind the actor's name in the history; words in brackets are the event's facts. Moves that carry a
# message show the message instead. The last ones are asked beside the ticket, by the floor above.
EVENT_WORDS: dict[str, Any] = {
    "assume": _lazy("took the ticket"),
    "give": _lazy("gave the ticket to %(subject)s"),
    "hand_over": _lazy("gave the ticket to %(subject)s"),
    "take_back": _lazy("took the ticket back into distribution"),
    "forward": _lazy("forwarded the ticket from %(former_department)s to %(department)s"),
    "request_line_change": _lazy("asked for line 2"),
    "approve_line_change": _lazy("sent the ticket to line 2"),
    "return_line_change": _lazy("returned the ticket for rework, on the same line"),
    "request_closing": _lazy("asked to close without a solution"),
    "approve_closing": _lazy("closed the ticket without a solution"),
    "refuse_closing": _lazy("refused to close the ticket"),
    "remind_heads": _lazy("reminded the heads of the decision"),
    "assign": _lazy("gave the ticket to %(subject)s"),
    "alert": _lazy("found nobody to give the ticket to"),
    "start": _lazy("started working on it"),
    "approve": _lazy("approved the solution"),
    "approve_automatically": _lazy("approved automatically: no answer came within the period"),
    "remind": _lazy("reminded of the approval"),
    "rate": _lazy("rated the service"),
    "close_unrated": _lazy("closed the ticket without a rating: the period was over"),
    "cancel": _lazy("cancelled the ticket"),
    "finalize": _lazy("finalized the service engagement"),
    "request_priority": _lazy("asked for the priority “%(new_priority)s” instead of “%(old_priority)s”"),
    "approve_priority": _lazy("approved the priority “%(new_priority)s” instead of “%(old_priority)s”"),
    "reject_priority": _lazy("rejected the priority “%(new_priority)s”; it stays “%(old_priority)s”"),
    "set_priority": _lazy("changed the priority from “%(old_priority)s” to “%(new_priority)s”"),
    "remind_heads_of_priority": _lazy("reminded the heads of the decision on the priority"),
    "request_action": _lazy("asked the customer's managers to approve “%(action)s”"),
    "approve_action": _lazy("approved “%(action)s”"),
    "reject_action": _lazy("rejected “%(action)s”"),
    "cancel_action": _lazy("cancelled the request to approve “%(action)s”"),
    "expire_action": _lazy("let “%(action)s” expire: the ticket has ended"),
}
# A request that ends the ticket at once, since no head has to decide (A28).
_ENDED_WORDS: dict[str, Any] = {"request_closing": EVENT_WORDS["approve_closing"]}
# Private moves of which the requester reads that they happened, and not why: they change who serves him.
_TOLD_IN_OUTLINE = ("hand_over", "take_back", "forward")
EVENT_ICONS = {
    "assume": "user",
    "give": "user",
    "hand_over": "user",
    "take_back": "return",
    "forward": "arrow-right",
    "request_line_change": "users",
    "approve_line_change": "users",
    "return_line_change": "return",
    "request_closing": "x",
    "approve_closing": "x",
    "refuse_closing": "return",
    "remind_heads": "bell",
    "assign": "user",
    "alert": "warning",
    "start": "play",
    "approve": "approve",
    "approve_automatically": "approve",
    "remind": "bell",
    "rate": "star",
    "close_unrated": "check",
    "cancel": "x",
    "finalize": "check",
    "request_priority": "flag",
    "approve_priority": "flag",
    "reject_priority": "flag",
    "set_priority": "flag",
    "remind_heads_of_priority": "bell",
    "request_action": "approve",
    "approve_action": "approve",
    "reject_action": "x",
    "cancel_action": "x",
    "expire_action": "clock",
}
# A word beside the name of who wrote.
_TAGS: dict[str, Any] = {
    "ask": pgettext_lazy("a message that asks the requester", "question"),
    "return_solution": pgettext_lazy("a message that returns the solution", "solution returned"),
}
# What became of the solution that was waiting.
_VERDICTS: dict[str, Any] = {
    "return_solution": pgettext_lazy("a solution", "returned"),
    "approve": pgettext_lazy("a solution", "approved"),
    "approve_automatically": pgettext_lazy("a solution", "approved automatically"),
}
_LABELS = {name: label for name, label, _statuses in ACTIVITIES}


@dataclass(frozen=True)
class FileLine:
    """A file as ``components/file.html`` takes it; without ``url`` it is withheld, and ``note`` says why."""

    name: str
    size: int
    url: str = ""
    note: Any = ""


@dataclass(frozen=True)
class Pass:
    """One stay in an activity: the first, the second … time (R1.1)."""

    activity: str
    at: datetime
    nth: int
    event: int | None = None  # by which it was entered

    @property
    def label(self) -> Any:
        return _LABELS[self.activity]


@dataclass
class Entry:
    """One thing in the history, named as ``components/timeline_item.html`` names it.

    Attributes:
        kind: ``message``, ``note``, ``solution`` or ``event``.
        internal: an event of which the requester is told nothing, or not its words.
        waiting: a solution that the requester has not answered yet.
        entered: the activity that the ticket came into by this, None where it stayed in its activity.
    """

    kind: str
    event: Event
    who: Any
    text: Any
    mine: bool = False
    role: Any = ""
    state: Any = ""
    quote: str = ""
    icon: str = ""
    past: bool = False
    internal: bool = False
    waiting: bool = False
    files: list[FileLine] = field(default_factory=list)
    entered: Pass | None = None

    @property
    def at(self) -> datetime:
        return self.event.at

    @property
    def anchor(self) -> str:
        return f"event-{self.event.pk}"


@dataclass(frozen=True)
class History:
    """What happened to one ticket, oldest first.

    Attributes:
        earlier: the key of the oldest entry shown, where there are earlier ones; None where the beginning is shown.
        is_whole: nothing was left out at either end.
    """

    entries: list[Entry]
    passes: list[Pass]
    earlier: int | None = None
    is_whole: bool = True

    @property
    def last_seen(self) -> int:
        """The key of the newest entry: what a writer had before his eyes."""
        return self.entries[-1].event.pk if self.entries else 0

    @property
    def last_comment(self) -> str:
        """The words of the newest entry: of the move that ended the ticket, where it has ended."""
        return self.entries[-1].quote if self.entries else ""

    def set_solution_apart(self) -> Entry | None:
        """Take the solution that waits for an answer out of the conversation, to be shown above it.

        Its place keeps a line that says so. Returns None when no solution waits.
        """
        for index, entry in enumerate(self.entries):
            if entry.waiting:
                line = replace(entry, kind="event", icon="solution", text=_("sent the solution that stands above"))
                self.entries[index] = replace(line, files=[], role="", state="")
                return entry
        return None


def history(
    ticket: Ticket,
    *,
    reader: User,
    for_requester: bool,
    may_open: bool = True,
    withheld: Any = None,
    at_most: int | None = None,
    before: int | None = None,
) -> History:
    """Read the history in four queries at most, however long it is.

    Args:
        for_requester: leaves out internal notes, private events and the words of those told in outline, whoever reads.
        may_open: whether the reader may open the files; if not, they are named without an address (A1).
        withheld: what stands beside a file that he may not open, where the ticket's being taken would not change that.
        at_most: how many of the newest entries are read; None reads them all.
        before: reads only what came before the entry with this key.
    """
    withheld = None if may_open else withheld or _("can be opened after the ticket was taken")
    files = Attachment.objects.select_related("blob").only(
        "name", "removed_at", "folder_id", "blob__sha256", "blob__size"
    )
    readable = ticket.events.exclude(message__kind=Message.Kind.NOTE) if for_requester else ticket.events.all()
    if for_requester:
        readable = readable.filter(Q(is_private=False) | Q(verb__in=_TOLD_IN_OUTLINE))
    events = (
        readable.select_related("actor", "subject", "message__author")
        .only(*_READ)
        .prefetch_related(Prefetch("message__attachments", queryset=files))
        .order_by("pk")
    )
    if before is not None:
        events = events.filter(pk__lt=before)
    if at_most is None:
        window, earlier = list(events), None
    else:
        newest = list(events.reverse()[: at_most + 1])
        earlier = newest[at_most - 1].pk if len(newest) > at_most else None
        window = newest[:at_most][::-1]
    is_whole = earlier is None and before is None
    changes = readable.exclude(from_status=F("to_status")).only("ticket_id", "to_status", "at").order_by("pk")
    passes = _passes(ticket, window if is_whole else changes)
    entered = {one.event: one for one in passes}
    entries = []
    for event in window:
        entry = _entry(event, ticket, reader, withheld, for_requester=for_requester)
        entry.entered = entered.get(event.pk)
        entries.append(entry)
    _judge_solutions(entries, may_wait=ticket.status == Status.AWAITING_APPROVAL and before is None)
    return History(entries, passes, earlier, is_whole)


def _passes(ticket: Ticket, events: Iterable[Event]) -> list[Pass]:
    """Every stay in an activity, in order, out of all events."""
    passes = [Pass("start", ticket.opened_at, 1)]
    for event in events:
        activity = activity_of(event.to_status)
        if activity != passes[-1].activity:
            nth = 1 + sum(one.activity == activity for one in passes)
            passes.append(Pass(activity, event.at, nth, event.pk))
    return passes


def _entry(event: Event, ticket: Ticket, reader: User, withheld: Any, *, for_requester: bool) -> Entry:
    who = event.actor or CLOCK
    message = event.message
    if message is None:
        return Entry(
            kind="event",
            event=event,
            who=who,
            text=_sentence(event),
            mine=event.actor_id == reader.pk,
            quote="" if for_requester and event.is_private else event.comment,
            icon=EVENT_ICONS.get(event.verb, ""),
            internal=event.is_private and not for_requester,
        )
    kind = message.kind if message.kind in {Message.Kind.NOTE, Message.Kind.SOLUTION} else "message"
    return Entry(
        kind=kind,
        event=event,
        who=message.author,
        text=message.text,
        mine=message.author_id == reader.pk,
        role=_("requester") if message.author_id == ticket.requester_id else "",
        state=_TAGS.get(event.verb, ""),
        files=[_file(file, withheld) for file in message.attachments.all()],
    )


def _sentence(event: Event) -> str:
    """What the actor did, without his name; priorities among the facts are named in the reader's language."""
    words = EVENT_WORDS.get(event.verb, event.verb)
    if event.to_status in FINAL:
        words = _ENDED_WORDS.get(event.verb, words)
    priorities = {"old_priority", "new_priority"}
    facts = {key: Priority(value).label if key in priorities else value for key, value in event.facts.items()}
    return str(words) % {"subject": event.subject, **facts}


def _file(file: Attachment, withheld: Any) -> FileLine:
    if file.removed_at:
        return FileLine(file.name, file.blob.size, note=_("removed"))
    if withheld:
        return FileLine(file.name, file.blob.size, note=withheld)
    return FileLine(file.name, file.blob.size, reverse("attachments:attachment", args=[file.pk]))


def _judge_solutions(entries: Iterable[Entry], *, may_wait: bool) -> None:
    """Write on each solution what became of it; at most the last one still waits (R1.25)."""
    solution: Entry | None = None
    for entry in entries:
        if entry.kind == "solution":
            solution = entry
        elif solution and entry.event.verb in _VERDICTS:
            solution.state = _VERDICTS[entry.event.verb]
            solution.past = entry.event.verb == "return_solution"
            solution = None
    if solution:
        solution.waiting = may_wait


def strip(ticket: Ticket, passes: list[Pass]) -> list[dict[str, Any]]:
    """The steps of ``components/status_strip.html``: the activities in order, with the current one marked (R1.41)."""
    current, steps = ticket.activity, []
    for name, label, _statuses in ACTIVITIES:
        stays = [one for one in passes if one.activity == name]
        state, note = "todo", ""
        if name == current:
            state = "stopped" if ticket.status == Status.CANCELLED else "now"
        elif stays:
            state = "done"
        if stays:
            last = stays[-1]
            note = moment(last.at)
            if last.nth > 1:
                note = format_html("{} · {}", note, _("pass %(n)d") % {"n": last.nth})
        steps.append({"label": label, "state": state, "note": note})
    return steps
