"""Which move leads towards what the log says, from every status that a ticket may be in, and who makes it.

Each route names one move at a time, by the ticket's status. None: the ticket is there; no entry: no way leads.
"""

from __future__ import annotations

from collections.abc import Mapping

from tickets.lifecycle import CURRENT, OPEN, Status

S = Status
Route = Mapping[Status, str | None]

_TO_SERVICE: dict[Status, str | None] = {S.AWAITING_DISTRIBUTION: "assume", S.ASSIGNED: "start"}
_ACTIVE: Route = _TO_SERVICE | {
    S.IN_SERVICE: None,
    S.AWAITING_REQUESTER: "answer",
    S.AWAITING_APPROVAL: "return_solution",
}
_WAITING_FOR_OTHERS: Route = _TO_SERVICE | dict.fromkeys(OPEN - set(_TO_SERVICE), "note")
_RESOLVED: Route = _TO_SERVICE | {
    S.IN_SERVICE: "send_solution",
    S.AWAITING_REQUESTER: "send_solution",
    S.AWAITING_APPROVAL: None,
    S.AWAITING_RATING: None,
}

# Towards the states of the log.
STATES: dict[str, Route] = {
    "New": {S.AWAITING_DISTRIBUTION: "assume"} | dict.fromkeys(CURRENT),
    "Active": _ACTIVE,
    "Awaiting User Info": {**_ACTIVE, S.IN_SERVICE: "ask", S.AWAITING_REQUESTER: None},
    "Awaiting Vendor": _WAITING_FOR_OTHERS,
    "Awaiting Problem": _WAITING_FOR_OTHERS,
    "Awaiting Evidence": _WAITING_FOR_OTHERS,
    "Resolved": _RESOLVED,
    "Closed": {**_RESOLVED, S.AWAITING_APPROVAL: "approve", S.CLOSED: None},
}

# Towards the end of an incident that the log closes without ever having resolved it.
GIVE_UP: Route = _TO_SERVICE | {
    S.IN_SERVICE: "request_closing",
    S.AWAITING_REQUESTER: "request_closing",
    S.CLOSING_REQUESTED: "approve_closing",
    S.CLOSED: None,
}

# Into another department: somebody has to have the ticket to send it on.
FORWARD: Route = {**_ACTIVE, S.ASSIGNED: "forward", S.IN_SERVICE: "forward"}

# From the first line of a department to its second: asked for by the executor, decided by a head.
SECOND_LINE: Route = {
    **_ACTIVE,
    S.IN_SERVICE: "request_line_change",
    S.AWAITING_REQUESTER: "request_line_change",
    S.LINE_CHANGE_REQUESTED: "approve_line_change",
}

OF_REQUESTER = frozenset({"answer", "return_solution", "approve"})
OF_HEAD = frozenset({"hand_over", "approve_line_change", "approve_closing"})
WITHOUT_WORDS = frozenset({"assume", "start", "approve", "hand_over", "approve_line_change"})
