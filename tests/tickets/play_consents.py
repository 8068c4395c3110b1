"""What random people do about approval actions, for the random play."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

import approvals.actions
from approvals.models import ActionRequest, ApprovalAction
from helpdesk.core.refusals import Refused
from helpdesk.people.actions import save_person
from helpdesk.people.models import User
from tests.approvals.consents import an_action, switched_on
from tests.cast import Cast, Clock
from tests.tickets.desk import Desk
from tickets.models import Ticket

MANAGERS = ("max", "petra", "cora")
ANYBODY = (*MANAGERS, "rita", "eve", "ada", "bob", "otto", "hugo", "nora", "ana")
VERBS = ("approve_action", "reject_action", "cancel_action")
numbers = st.integers(min_value=0, max_value=10_000)


class Consents(RuleBasedStateMachine):
    """Asking, approving, rejecting, taking back; managers come and go, and so does the whole feature."""

    cast: Cast
    clock: Clock
    desk: Desk

    def person(self, name: str) -> User:
        raise NotImplementedError

    def beside(self, verb: str, allowed: bool, **words: Any) -> None:
        """A move beside the ticket's own flow: it succeeds exactly if it is allowed."""
        try:
            with transaction.atomic():
                getattr(approvals.actions, verb)(at=self.clock.now, **words)
        except Refused:
            assert not allowed
            assert self.desk.follow() == []
            return
        assert allowed
        assert [event.verb for event in self.desk.follow()] == [verb]

    def offer_actions(self) -> None:
        """The feature is on and there is an action; something waits where it can."""
        switched_on(self.cast)
        an_action()
        for number in Ticket.objects.filter(closed_at=None, executor__isnull=False).values_list("pk", flat=True):
            self._ask(4 * number + 1, "ana")

    @precondition(lambda self: Ticket.objects.filter(closed_at=None, organization__isnull=False).exists())
    @rule(
        steps=st.lists(
            st.tuples(st.booleans(), numbers, st.sampled_from(ANYBODY), st.sampled_from(VERBS)), min_size=2, max_size=5
        )
    )
    def consents_are_asked_for_and_given(self, steps: list[tuple[bool, int, str, str]]) -> None:
        for asks, which, name, verb in steps:
            if asks or not self.desk.consents.asked:
                self._ask(which, name)
            else:
                self._decide(which, name, verb)

    def _ask(self, which: int, name: str) -> None:
        """Mostly the executor, where somebody could approve."""
        found = list(Ticket.objects.order_by("pk").select_related("organization"))
        askable = [one for one in found if one.closed_at is None and self.desk.consents.managers(one)]
        some = askable if askable and which % 5 else found
        ticket = some[which % len(some)]
        executor = self.desk.executors.get(ticket.pk)
        name = executor if executor and which % 4 else name
        by, action = self.person(name), ApprovalAction.objects.get()
        allowed = by.is_active and action.is_active and self.cast.account.approve_actions_enabled
        allowed &= self.desk.consents.may_ask(ticket, name, executor, self.desk.heads(ticket.department_id))
        text = "On Saturday." if which % 2 else ""
        self.beside("request_action", allowed, ticket=ticket, by=by, action=action, text=text)

    def _decide(self, which: int, name: str, verb: str) -> None:
        """Mostly one that waits, and every other time by somebody who might."""
        book = self.desk.consents
        waiting = [index for index, one in enumerate(book.asked) if one.state == "waiting"]
        index = waiting[which % len(waiting)] if waiting and which % 4 else which % len(book.asked)
        request = ActionRequest.objects.order_by("pk").select_related("ticket__organization")[index]
        name = MANAGERS[which % len(MANAGERS)] if which % 2 else name
        by, executor = self.person(name), self.desk.executors.get(request.ticket_id)
        allowed = by.is_active and book.may(verb, book.asked[index], request.ticket, name, executor)
        words = {"text": "Not before Monday."} if verb == "reject_action" and which % 3 else {}
        self.beside(verb, allowed, request=request, by=by, **words)

    @rule(name=st.sampled_from(MANAGERS), what=st.sampled_from(["is_active", "manages_organization"]))
    def managers_come_and_go(self, name: str, what: str) -> None:
        person = self.person(name)
        setattr(person, what, not getattr(person, what))
        save_person(person=person, fields=[what])

    @rule(is_on=st.sampled_from([True, True, False]), is_active=st.sampled_from([True, True, False]))
    def administrator_changes_what_is_offered(self, is_on: bool, is_active: bool) -> None:
        """R2.7, R2.8: what waits goes on waiting."""
        switched_on(self.cast, approve_actions_enabled=is_on)
        ApprovalAction.objects.update(is_active=is_active)
