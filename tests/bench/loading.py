"""Many tickets at once, by SQL: every row that the actions would have written, under all constraints and triggers.

A ticket here has a folder with one file and its copy, three messages, the events that led to its status, the grants
and their records, lines in the hubs, letters and, when solved, its survey. Everything follows from the ticket's number
by arithmetic, so two loads of the same size hold the same tickets.

What a desk with many tickets looks like is a choice: five years of history whatever their number, so that ten times the
tickets are ten times the traffic, and thirty days hold the same share of them. The work in hand grows with the desk until
its agents can hold no more: one ticket in twenty is open, and no more than :data:`MOST_OPEN`. The board and the decisions
page are about open tickets only, so for them :func:`open_more` adds nothing but open ones afterwards, and what heads
have to decide.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from approvals.models import PriorityRequest
from attachments.models import Blob
from helpdesk.people.actions import create_department, join_department
from helpdesk.people.models import Account, Organization, Service, User
from tickets.actions.trash import put_ticket
from tickets.indicators import totals
from tickets.models import Ticket, TrashEntry

from . import bulk
from .statements import BASE, PLAN, SEQUENCES, STATEMENTS, TEXTS, TEXTS_READY

DEPARTMENTS = 5
SERVICES = 4
ORGANIZATIONS = 500
BLOBS = 500
# Whole texts that messages are drawn from, and beginnings of such that are subjects.
STORED_TEXTS, SUBJECTS = 20_000, 3_000
# Fifty agents with a hundred open tickets each.
MOST_OPEN = 5_000
TRASHED = 100
# So many tickets at once are loaded as many; fewer are added like anything else, under all indexes.
MANY_AT_ONCE = 5_000
# Of so many tickets in service, one has a request to change its priority.
DECISIONS_APART = 10
RARE_WORD = "zirconium"
# Of the first so many tickets some hold the rare word: as many in a small database as in a large one.
RARE_WITHIN = 10_000

_LETTERS = "bcdfghklmnprstvz"
_VOWELS = "aeiou"
_CYRILLIC = dict(zip(_LETTERS + _VOWELS, "бцдфгхклмнпрствзаеиоу", strict=True))


# Of ten open tickets.
STATUSES = (
    *("awaiting_distribution", "awaiting_distribution", "assigned", "in_service", "in_service", "in_service"),
    *("awaiting_requester", "awaiting_requester", "awaiting_approval", "awaiting_approval"),
)
WITH_DECISIONS = (*STATUSES[:-1], "closing_requested")


@dataclass(frozen=True)
class People:
    """Whoever signs in for the measuring: an agent of the first department, its head, an administrator, customers, and one of
    them who reads along with his organization."""

    agent: User
    head: User
    administrator: User
    manager: User
    customers: list[User]


def people(customers: int, agents: int) -> People:
    """Make the people and the structure, once."""
    Account.objects.get_or_create(pk=1, defaults={"name": "Bench"})
    if not User.objects.exists():
        with transaction.atomic():
            _make_people(customers, agents)
    manager = User.objects.get(email="customer1@bench.example")
    User.objects.filter(pk=manager.pk).update(manages_organization=True)
    Organization.objects.filter(pk=manager.organization_id).update(managers_see_tickets=True)
    return People(
        agent=User.objects.get(email="agent0@bench.example"),
        head=User.objects.get(email="head0@bench.example"),
        administrator=User.objects.get(email="admin@bench.example"),
        manager=manager,
        customers=list(User.objects.filter(email__startswith="customer").order_by("pk")),
    )


def _make_people(customers: int, agents: int) -> None:
    organizations = Organization.objects.bulk_create(
        Organization(name=f"Organization {number}") for number in range(ORGANIZATIONS)
    )
    words = _words(random.Random(1))
    User.objects.bulk_create(
        User(
            email=f"customer{number}@bench.example",
            name=f"{words[number % 997].title()} {words[(number * 7) % 1499].title()}",
            organization=organizations[number % ORGANIZATIONS],
            password="!",
        )
        for number in range(customers)
    )
    User.objects.create_superuser("admin@bench.example", "Administrator")
    departments = [create_department(name=f"Department {number}", support_lines=1) for number in range(DEPARTMENTS)]
    for number, department in enumerate(departments):
        Service.objects.bulk_create(Service(department=department, name=f"Service {one}") for one in range(SERVICES))
        head = User.objects.create_user(f"head{number}@bench.example", f"Head {number}")
        join_department(department=department, user=head, line=None, is_head=True)
    for number in range(agents):
        agent = User.objects.create_user(f"agent{number}@bench.example", f"Agent {number}")
        join_department(department=departments[number % DEPARTMENTS], user=agent)


def load(
    upto: int,
    *,
    total: int,
    open_every: int = 0,
    statuses: Sequence[str] = STATUSES,
    say: Callable[[str], None] = lambda _text: None,
) -> int:
    """Add tickets until there are ``upto``; returns how many were added.

    Args:
        total: how many there will be at last: five years of tickets are spread over them.
        open_every: one in so many is open; 0: as :data:`MOST_OPEN` says.
        statuses: those of the open ones, in turns.
        say: told of the progress.
    """
    if bulk.is_interrupted():
        raise SystemExit("An earlier load was cut off; remove the data, or leave --keep out.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(number), 0) FROM tickets_ticket")
        have = cursor.fetchone()[0]
        if have >= upto:
            return 0
        _store_blobs()
        _texts(cursor)
        cursor.execute(BASE)
        folder, message, attachment = (last + 1 for last in cursor.fetchone())
    every = open_every or max(20, -(-total // MOST_OPEN))
    keys = {"origin": have + 1, "folder": folder, "message": message, "attachment": attachment}
    texts = {"texts": STORED_TEXTS, "subjects": SUBJECTS}
    plan = keys | texts | {"total": total, "now": timezone.now(), "every": every, "statuses": list(statuses)}
    if upto - have < max(MANY_AT_ONCE, have):
        _portion(plan, have + 1, upto)
    else:
        firsts = range(have + 1, upto + 1, bulk.PORTION)
        portions = [partial(_portion, plan, first, min(upto, first + bulk.PORTION - 1), say) for first in firsts]
        with bulk.laid_aside(say), bulk.words_looked_up():
            bulk.beside_each_other(portions)
        say("totals are counted")
        totals.recount()  # nothing has noted what was loaded
    with connection.cursor() as cursor:
        for table, column in SEQUENCES:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), (SELECT max({column}) FROM {table}))"
            )
        cursor.execute("DROP TABLE bench_text")
    settle()
    return upto - have


def _portion(plan: dict[str, Any], first: int, last: int, say: Callable[[str], None] = lambda _text: None) -> None:
    """Load the tickets from ``first`` to ``last``, all or none."""
    codes = dict(Permission.objects.filter(codename__in=("view_folder", "add_file")).values_list("codename", "pk"))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS plan")
        cursor.execute(PLAN, plan | {"first": first, "last": last})
        cursor.execute("ANALYZE plan")
        for statement in STATEMENTS:
            cursor.execute(statement, {"view": codes["view_folder"], "add": codes["add_file"]})
        cursor.execute("DROP TABLE plan")
    say(f"tickets {first:,} to {last:,} are there")


def open_more(upto: int) -> int:
    """Add open tickets until ``upto`` are open; some wait for a head, as do requests to change the priority.

    Returns:
        How many are open now.
    """
    missing = upto - Ticket.objects.open().count()
    if missing > 0:
        last = Ticket.objects.aggregate(Max("number"))["number__max"] or 0
        load(last + missing, total=last + missing, open_every=1, statuses=WITH_DECISIONS)
        asked = (
            Ticket.objects.filter(number__gt=last, status="in_service").exclude(priority="urgent").order_by("number")
        )
        PriorityRequest.objects.bulk_create(
            PriorityRequest(
                ticket_id=number,
                requested_by_id=executor,
                old_priority=priority,
                new_priority="urgent",
                justification="More people stand still by now.",
            )
            for number, executor, priority in asked.values_list("number", "executor", "priority")[::DECISIONS_APART]
        )
        settle()
    return Ticket.objects.open().count()


def settle() -> None:
    """What the worker and autovacuum would have done by tomorrow."""
    totals.add_up(seconds=3600)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def put_back() -> None:
    """What the measuring has taken waits again, so that the next run on kept data finds as much."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _PUT_BACK:
            cursor.execute(statement)


def fill_trash() -> None:
    """Some ended tickets lie in the trash, put there by the action itself."""
    administrator = User.objects.get(email="admin@bench.example")
    missing = TRASHED - TrashEntry.objects.count()
    for ticket in Ticket.objects.ended().order_by("-number")[: max(0, missing)]:
        put_ticket(ticket=ticket, by=administrator)


def in_words() -> str:
    """What has been loaded, and how large it is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        gigabytes = cursor.fetchone()[0] / 2**30
    return (
        f"Five years of work, {Ticket.objects.open().count():,} tickets open; {gigabytes:.1f} GB of database. "
        "More tickets are more traffic: thirty days hold the same share of them."
    )


def make_due(count: int, *, minutes: int = 5) -> int:
    """Let the timers of ``count`` tickets be over, half of them waiting for an agent, half for an approval."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _TURN_BACK:
            cursor.execute(statement)
        made = 0
        for status in ("awaiting_distribution", "awaiting_approval"):
            cursor.execute(
                "UPDATE tickets_ticket SET timer_due_at = now() - make_interval(mins => %s) WHERE number IN "
                "(SELECT number FROM tickets_ticket WHERE status = %s AND timer_due_at > now() ORDER BY number LIMIT %s)",
                [minutes, status, count // 2],
            )
            made += cursor.rowcount
        return made


# The loader's own tickets that are assigned have an answer of their agent, those that were just taken have none.
_PUT_BACK = [
    """
    CREATE TEMP TABLE taken ON COMMIT DROP AS
    SELECT number, folder_id, executor_id FROM tickets_ticket AS t
    WHERE closed_at IS NULL AND status = 'assigned' AND NOT assigned_by_clock AND requester_id <> executor_id
        AND NOT EXISTS (SELECT 1 FROM tickets_event AS e WHERE e.ticket_id = t.number AND e.verb = 'reply')
    """,
    """
    DELETE FROM attachments_folderuserpermission AS p USING taken
    WHERE p.content_object_id = taken.folder_id AND p.user_id = taken.executor_id
    """,
    """
    UPDATE tickets_ticket AS t SET status = 'awaiting_distribution', executor_id = NULL, assigned_at = NULL,
        timer_due_at = now() + interval '1 day'
    FROM taken WHERE t.number = taken.number
    """,
]
# What the clock has moved in an earlier sweep waits again, so that every sweep on kept data finds the same work.
_TURN_BACK = [
    """
    DELETE FROM attachments_folderuserpermission USING tickets_ticket AS t
    WHERE content_object_id = t.folder_id AND user_id = t.executor_id AND user_id <> t.requester_id
        AND t.status = 'assigned' AND t.assigned_by_clock
    """,
    """
    UPDATE tickets_ticket SET status = 'awaiting_distribution', executor_id = NULL, assigned_at = NULL,
        assigned_by_clock = false, timer_due_at = now() + interval '1 day'
    WHERE status = 'assigned' AND assigned_by_clock
    """,
    "DELETE FROM surveys_survey USING tickets_ticket AS t WHERE ticket_id = t.number AND t.approved_by_clock",
    """
    UPDATE tickets_ticket SET status = 'awaiting_approval', outcome = '', closed_at = NULL, closed_by_id = NULL,
        finalized_at = NULL, finalized_by_id = NULL, approved_at = NULL, approved_by_clock = false,
        timer_due_at = now() + interval '1 day'
    WHERE status = 'closed' AND approved_by_clock
    """,
]


def _store_blobs() -> None:
    if Blob.objects.count() >= BLOBS:
        return
    source = random.Random(2)
    blobs = []
    for number in range(BLOBS):
        content = f"file {number}\n".encode() + source.randbytes(source.randrange(2_000, 40_000)).hex().encode()
        blob = Blob(sha256=hashlib.sha256(content).hexdigest(), size=len(content), content_type="text/plain")
        default_storage.save(blob.storage_name, ContentFile(content))
        blobs.append(blob)
    Blob.objects.bulk_create(blobs)


def common_words() -> tuple[str, str]:
    """A word that most texts hold, and one that stands in some of a hundred."""
    words = _words(random.Random(3))
    return words[0], words[300]


def _words(source: random.Random) -> list[str]:
    """Some thousand words, so that texts differ as texts of people do."""
    return [
        "".join(source.choice(_LETTERS) + source.choice(_VOWELS) for _syllable in range(3)) for _word in range(4_000)
    ]


def _texts(cursor: Any) -> None:
    """The store of texts, with the words of each."""
    source = random.Random(3)
    words = _words(source)
    cyrillic = ["".join(_CYRILLIC[letter] for letter in word) for word in words]
    cursor.execute("DROP TABLE IF EXISTS bench_text")
    cursor.execute(TEXTS)
    with cursor.copy("COPY bench_text (id, text) FROM STDIN") as copy:
        for number in range(STORED_TEXTS):
            vocabulary = cyrillic if number % 4 == 0 else words
            # Frequent words are few, rare ones many, as in any language.
            drawn = [vocabulary[int(len(vocabulary) * source.random() ** 3)] for _word in range(50)]
            copy.write_row((number, f"{' '.join(drawn[:25])}. {' '.join(drawn[25:])}"))
    for statement in TEXTS_READY.split(";"):
        cursor.execute(statement, {"texts": STORED_TEXTS, "subjects": SUBJECTS})
