"""R2.47: the audit log. What is written, that it is one chain, and that a change of it shows."""

from __future__ import annotations

import pytest
from django.db import transaction

from helpdesk.core import audit
from helpdesk.core.audit import chain
from helpdesk.core.clock import CLOCK
from helpdesk.core.models import AuditRecord
from tests.cast import Cast
from tests.together import at_once


def write(number: int = 1, **given) -> None:
    audit.record(**{"verb": "sector_created", "by": CLOCK, "about": "sector", "key": number, "name": "Sales"} | given)


def test_records_are_numbered_without_a_gap_and_chained(db):
    for number in range(3):
        write(number)
    rows = list(AuditRecord.objects.order_by("seq"))
    assert [row.seq for row in rows] == [1, 2, 3]
    assert [row.previous_hash for row in rows] == [chain.GENESIS, rows[0].hash, rows[1].hash]
    assert chain.verify() == chain.Head(3, rows[2].hash)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_chain():
    def busy(number: int):
        def call():
            with transaction.atomic():
                write(number)
                write(number)

        return call

    assert at_once(*(busy(number) for number in range(8))) == [None] * 8
    assert chain.verify().seq == 16
