"""The order in which rows are locked, so that of two who need the same ones neither waits for the other for ever.

Whoever locks rows of several of these kinds takes them from the top to the bottom, and those of one kind by ascending
key, all that he needs in one statement:

1. the entry in the trash,
2. organizations in whose name somebody decides, or whose quota is counted,
3. administrators,
4. other people,
5. tickets, by number, and then what hangs on them.

Only who distributes holds a ticket before he locks agents (``tickets.querysets.Rota``): a ticket in distribution is
nobody's, so whoever locks an agent and then the agent's tickets does not wait for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from helpdesk.people.models import Organization, User


def lock_organizations(keys: Iterable[int | None]) -> None:
    """Let nobody else change to whom these belong, or who decides for them, until the transaction ends."""
    known = {key for key in keys if key is not None}
    rows = Organization.objects.filter(pk__in=known).order_by("pk")
    list(rows.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))


def lock_organizations_managed_by(person: User) -> None:
    """Lock those for which ``person`` decides, as it is stored and as it is to be; for most people none."""
    stored = User.with_trash.filter(pk=person.pk, manages_organization=True).values_list("organization", flat=True)
    lock_organizations({*stored, person.organization_id if person.manages_organization else None})


def lock_administrators() -> None:
    """Hold apart whoever gives and takes the administrators' mark."""
    administrators = User.objects.filter(is_superuser=True).order_by("pk")
    list(administrators.select_for_update(no_key=True).values_list("pk", flat=True))
