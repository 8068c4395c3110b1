"""Smoke."""

from tests import walks
from tickets.actions import trash
from tickets.models import Ticket, TrashEntry


def test_smoke(cast):
    t = walks.closed(cast)
    entry = trash.put_ticket(ticket=t, by=cast.hugo)
    assert not Ticket.objects.exists()
    trash.restore(entry=entry, by=cast.ana)
    entry = trash.put_customer(customer=cast.rita, by=cast.ana)
    trash.restore(entry=entry, by=cast.ana)
    entry = trash.put_customer(customer=cast.rita, by=cast.ana)
    trash.delete_for_good(entry=entry, by=cast.ana, typed="rita@demo.example")
    assert not Ticket.with_trash.exists()
    assert not TrashEntry.objects.exists()
