"""What everything is compared with: a Django view of four indexed queries and 4 KB, without any middleware."""

from __future__ import annotations

import random

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test.utils import override_settings
from django.urls import path

from helpdesk.notifications.models import Notification
from helpdesk.people.models import User
from tickets.models import Message, Ticket

SIZE = 4096


def bare(request: HttpRequest) -> HttpResponse:
    """A ticket, its requester, its messages, how much he has not read."""
    number = random.randrange(1, int(request.GET["upto"]))
    ticket = Ticket.objects.get(pk=number)
    person = User.objects.get(pk=ticket.requester_id)
    said = [message.text for message in Message.objects.filter(ticket=ticket)[:10]]
    unread = Notification.objects.visible_to(person).unread().count()
    text = f"{ticket} {person} {unread} {' '.join(said)}".encode()
    return HttpResponse(text[:SIZE].ljust(SIZE, b"."))


urlpatterns = [path("bare/", bare)]


class BareHandler(WSGIHandler):
    """The door of the bare view, beside the product's own door in the same process."""

    def load_middleware(self, is_async: bool = False) -> None:
        with override_settings(MIDDLEWARE=[]):
            super().load_middleware(is_async)

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        assert not settings.DEBUG  # a development server would be compared with a development server
        request.urlconf = __name__  # type: ignore[attr-defined]  # as Django's own handler looks for it
        return super().get_response(request)
