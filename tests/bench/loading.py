"""Many tickets at once, by SQL: every row that the actions would have written, under all constraints and triggers.

A ticket here has a folder with one file and its copy, three messages, the events that led to its status, the grants
and their records, lines in the hubs, letters and, when solved, its survey. Everything follows from the ticket's number
by arithmetic, so two loads of the same size are equal.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass

from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from attachments.models import Blob
from helpdesk.people.actions import create_department, join_department
from helpdesk.people.models import Account, Organization, Service, User

DEPARTMENTS = 5
SERVICES = 4
ORGANIZATIONS = 500
TEXTS = 3_000
BLOBS = 500
RARE_WORD = "zirconium"
# Of the first so many tickets some hold the rare word: as many in a small database as in a large one.
RARE_WITHIN = 10_000

_LETTERS = "bcdfghklmnprstvz"
_VOWELS = "aeiou"
_CYRILLIC = dict(zip(_LETTERS + _VOWELS, "бцдфгхклмнпрствзаеиоу", strict=True))


@dataclass(frozen=True)
class People:
    """Whoever signs in for the measuring: an agent of the first department, its head, an administrator, customers."""

    agent: User
    head: User
    administrator: User
    customers: list[User]


def people(customers: int, agents: int) -> People:
    """Make the people and the structure, once."""
    Account.objects.get_or_create(pk=1, defaults={"name": "Bench"})
    if not User.objects.exists():
        with transaction.atomic():
            _make_people(customers, agents)
    return People(
        agent=User.objects.get(email="agent0@bench.example"),
        head=User.objects.get(email="head0@bench.example"),
        administrator=User.objects.get(email="admin@bench.example"),
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


def load(upto: int, *, total: int) -> int:
    """Add tickets until there are ``upto``; returns how many were added.

    Args:
        total: how many there will be at last: three years of tickets are spread over them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(number), 0) FROM tickets_ticket")
        have = cursor.fetchone()[0]
    if have >= upto:
        return 0
    _store_blobs()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        _texts(cursor)
        cursor.execute("DROP TABLE IF EXISTS plan")
        cursor.execute(_PLAN, {"first": have + 1, "last": upto, "total": total, "now": timezone.now()})
        cursor.execute("ANALYZE plan")
        codes = dict(Permission.objects.filter(codename__in=("view_folder", "add_file")).values_list("codename", "pk"))
        for statement in _STATEMENTS:
            cursor.execute(statement, {"view": codes["view_folder"], "add": codes["add_file"]})
        for table, column in _SEQUENCES:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), (SELECT max({column}) FROM {table}))"
            )
        cursor.execute("DROP TABLE plan")
    settle()
    return upto - have


def settle() -> None:
    """What autovacuum would have done by tomorrow."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


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


def _words(source: random.Random) -> list[str]:
    """Some thousand words, so that texts differ as texts of people do."""
    return [
        "".join(source.choice(_LETTERS) + source.choice(_VOWELS) for _syllable in range(3)) for _word in range(4_000)
    ]


def _texts(cursor) -> None:  # type: ignore[no-untyped-def]  # a cursor of the database backend
    cursor.execute("SELECT to_regclass('pg_temp.texts')")
    if cursor.fetchone()[0]:
        return
    source = random.Random(3)
    words = _words(source)
    cyrillic = ["".join(_CYRILLIC[letter] for letter in word) for word in words]
    cursor.execute("CREATE TEMP TABLE texts (id int PRIMARY KEY, text text)")
    with cursor.copy("COPY texts FROM STDIN") as copy:
        for number in range(TEXTS):
            vocabulary = cyrillic if number % 4 == 0 else words
            # Frequent words are few, rare ones many, as in any language.
            drawn = (vocabulary[int(len(vocabulary) * source.random() ** 3)] for _word in range(25))
            copy.write_row((number, " ".join(drawn)))


# One row a ticket, from which everything else follows.
_PLAN = """
CREATE TEMP TABLE plan AS
WITH numbered AS (
    SELECT n, hashint8(n)::bigint & 2147483647 AS h, n %% 20 = 0 AS is_open,
           (ARRAY['awaiting_distribution', 'awaiting_distribution', 'assigned', 'in_service', 'in_service', 'in_service',
                  'awaiting_requester', 'awaiting_requester', 'awaiting_approval', 'awaiting_approval'])
               [1 + (n / 20) %% 10] AS open_status
    FROM generate_series(%(first)s, %(last)s) AS n
), departments AS (
    SELECT id, row_number() OVER (ORDER BY id) - 1 AS position FROM people_department
), services AS (
    SELECT id, department_id, row_number() OVER (PARTITION BY department_id ORDER BY id) - 1 AS position FROM people_service
), agents AS (
    SELECT user_id, department_id, row_number() OVER (PARTITION BY department_id ORDER BY user_id) - 1 AS position,
           count(*) OVER (PARTITION BY department_id) AS together
    FROM people_membership WHERE line IS NOT NULL
), customers AS (
    SELECT id, organization_id, name, row_number() OVER (ORDER BY id) - 1 AS position
    FROM people_user WHERE email LIKE 'customer%%'
), blobs AS (
    SELECT sha256, row_number() OVER (ORDER BY sha256) - 1 AS position FROM attachments_blob
), base AS (
    SELECT (SELECT coalesce(max(id), 0) FROM attachments_folder) AS folder,
           (SELECT coalesce(max(id), 0) FROM tickets_message) AS message,
           (SELECT coalesce(max(id), 0) FROM attachments_attachment) AS attachment
)
SELECT n AS number, h, n - %(first)s AS i,
       CASE WHEN is_open THEN open_status WHEN n %% 50 = 7 THEN 'cancelled' ELSE 'closed' END AS status,
       d.id AS department_id, s.id AS service_id, c.id AS requester_id, c.organization_id, c.name AS requester_name,
       CASE WHEN is_open AND open_status = 'awaiting_distribution' THEN NULL ELSE a.user_id END AS executor_id,
       'Agent ' || a.user_id AS agent_name,
       (SELECT user_id FROM people_membership m WHERE m.department_id = d.id AND m.is_head LIMIT 1) AS head_id,
       (ARRAY['low', 'normal', 'normal', 'normal', 'high', 'urgent'])[1 + h %% 6] AS priority,
       o.at AS opened_at, o.at + interval '9 minutes' AS assigned_at, o.at + interval '40 minutes' AS started_at,
       o.at + interval '3 hours' AS replied_at, o.at + interval '5 hours' AS concluded_at,
       o.at + interval '20 hours' AS ended_at,
       base.folder + 1 + n - %(first)s AS folder_id, base.message + 1 + 3 * (n - %(first)s) AS message_id,
       base.attachment + 1 + n - %(first)s AS attachment_id,
       b.sha256 AS blob_id,
       initcap(left(t0.text, 40)) AS subject, t1.text || '. ' || t2.text
           || CASE WHEN n < 10000 AND d.position = 0 AND n %% 12 = 5 THEN ' zirconium' ELSE '' END AS first_text,
       t2.text || '. ' || t3.text AS second_text, t3.text || '. ' || t1.text AS third_text
FROM numbered
CROSS JOIN base
CROSS JOIN LATERAL (SELECT %(now)s::timestamptz - interval '2 days'
                    - (1 - n::float8 / %(total)s) * interval '3 years' AS at) o
JOIN departments d ON d.position = h %% 5
JOIN services s ON s.department_id = d.id AND s.position = (h / 5) %% 4
JOIN agents a ON a.department_id = d.id AND a.position = (h / 20) %% a.together
JOIN customers c ON c.position = (h / 3) %% (SELECT count(*) FROM customers)
JOIN blobs b ON b.position = (h / 7) %% (SELECT count(*) FROM blobs)
JOIN texts t0 ON t0.id = (h / 2) %% 3000
JOIN texts t1 ON t1.id = (h / 11) %% 3000
JOIN texts t2 ON t2.id = (h / 17) %% 3000
JOIN texts t3 ON t3.id = (h / 23) %% 3000
"""
_IS_TAKEN = "status <> 'awaiting_distribution'"
_IS_STARTED = "status NOT IN ('awaiting_distribution', 'assigned')"
_IS_CONCLUDED = "status IN ('awaiting_approval', 'closed')"
_COMMON_FACTS = (
    "jsonb_build_object('number', number, 'subject', subject, 'requester', requester_name, 'executor', agent_name, "
    "'department', 'Department', 'service', 'Service', 'priority', priority, 'opened_at', opened_at, 'due_at', '', "
    "'actor', requester_name, 'text', first_text, 'comment', '', 'files', 1, 'path', '/panel/tickets/' || number || '/')"
)

_STATEMENTS = [
    (
        "INSERT INTO attachments_folder (id, name, title, created_at) "
        "SELECT folder_id, number::text, subject, opened_at FROM plan ORDER BY number"
    ),
    # The ticket
    """
    INSERT INTO tickets_ticket (
        number, subject, department_id, service_id, priority, requester_id, organization_id, folder_id, status, outcome,
        line, executor_id, timer_due_at, timer_error, opened_at, assigned_at, assigned_by_clock, started_at, concluded_at,
        approved_at, approved_by_clock, closed_at, closed_by_id, last_message_at, last_message_text, external_reference)
    SELECT number, subject, department_id, service_id, priority, requester_id, organization_id, folder_id, status,
        CASE status WHEN 'closed' THEN 'solved' WHEN 'cancelled' THEN 'unsolved' ELSE '' END,
        1, executor_id,
        CASE WHEN status IN ('awaiting_distribution', 'awaiting_approval') THEN now() + interval '1 day' END, '',
        opened_at, CASE WHEN executor_id IS NOT NULL THEN assigned_at END, false,
        CASE WHEN status NOT IN ('awaiting_distribution', 'assigned') THEN started_at END,
        CASE WHEN status IN ('awaiting_approval', 'closed') THEN concluded_at END,
        CASE WHEN status = 'closed' THEN ended_at END, false,
        CASE WHEN status IN ('closed', 'cancelled') THEN ended_at END,
        CASE WHEN status IN ('closed', 'cancelled') THEN requester_id END,
        CASE WHEN status IN ('awaiting_approval', 'closed') THEN concluded_at ELSE replied_at END,
        left(third_text, 140), ''
    FROM plan ORDER BY number
    """,
    # Three messages, the description first
    f"""
    INSERT INTO tickets_message (id, ticket_id, kind, author_id, at, text)
    SELECT message_id + k, number,
        CASE k WHEN 0 THEN 'opening' WHEN 2 THEN CASE WHEN {_IS_CONCLUDED} THEN 'solution' ELSE 'message' END
            ELSE 'message' END,
        CASE WHEN k = 2 AND {_IS_TAKEN} THEN executor_id ELSE requester_id END,
        CASE k WHEN 0 THEN opened_at WHEN 1 THEN opened_at + interval '4 minutes' ELSE concluded_at END,
        CASE k WHEN 0 THEN first_text WHEN 1 THEN second_text ELSE third_text END
    FROM plan, generate_series(0, 2) AS k ORDER BY number, k
    """,
    # What happened: opened, written, taken, started, then what led to the status
    f"""
    INSERT INTO tickets_event (ticket_id, verb, actor_id, at, from_status, to_status, comment, subject_id, message_id,
        is_private)
    SELECT number, verb, actor_id, at, from_status, to_status, '', subject_id, event_message_id, false FROM (
        SELECT number, 1 AS step, 'open' AS verb, requester_id AS actor_id, opened_at AS at, '' AS from_status,
            'awaiting_distribution' AS to_status, NULL::bigint AS subject_id, message_id AS event_message_id FROM plan
        UNION ALL SELECT number, 2, 'write', requester_id, opened_at + interval '4 minutes', 'awaiting_distribution',
            'awaiting_distribution', NULL, message_id + 1 FROM plan
        UNION ALL SELECT number, 3, 'write', requester_id, concluded_at, 'awaiting_distribution',
            'awaiting_distribution', NULL, message_id + 2 FROM plan WHERE NOT ({_IS_TAKEN})
        UNION ALL SELECT number, 3, 'assume', executor_id, assigned_at, 'awaiting_distribution', 'assigned', executor_id,
            NULL FROM plan WHERE {_IS_TAKEN}
        UNION ALL SELECT number, 4, 'start', executor_id, started_at, 'assigned', 'in_service', NULL, NULL
            FROM plan WHERE {_IS_STARTED}
        UNION ALL SELECT number, 5, 'reply', executor_id, concluded_at, 'assigned', 'assigned', NULL, message_id + 2
            FROM plan WHERE status = 'assigned'
        UNION ALL SELECT number, 5, 'reply', executor_id, concluded_at, 'in_service', 'in_service', NULL, message_id + 2
            FROM plan WHERE status IN ('in_service', 'cancelled')
        UNION ALL SELECT number, 5, 'ask', executor_id, concluded_at, 'in_service', 'awaiting_requester', NULL,
            message_id + 2 FROM plan WHERE status = 'awaiting_requester'
        UNION ALL SELECT number, 5, 'send_solution', executor_id, concluded_at, 'in_service', 'awaiting_approval', NULL,
            message_id + 2 FROM plan WHERE {_IS_CONCLUDED}
        UNION ALL SELECT number, 6, 'approve', requester_id, ended_at, 'awaiting_approval', 'closed', NULL, NULL
            FROM plan WHERE status = 'closed'
        UNION ALL SELECT number, 6, 'cancel', requester_id, ended_at, 'in_service', 'cancelled', NULL, NULL
            FROM plan WHERE status = 'cancelled'
    ) AS history ORDER BY number, step
    """,
    # The file, its copy, and who may open them
    (
        "INSERT INTO attachments_attachment (id, folder_id, blob_id, name, added_by_id, added_at) "
        "SELECT attachment_id, folder_id, blob_id, 'screen.txt', requester_id, opened_at FROM plan ORDER BY number"
    ),
    (
        "INSERT INTO attachments_folderfile (folder_id, blob_id, name, added_by_id, added_at) "
        "SELECT folder_id, blob_id, 'screen.txt', requester_id, opened_at FROM plan ORDER BY number"
    ),
    (
        "INSERT INTO tickets_message_attachments (message_id, attachment_id) "
        "SELECT message_id, attachment_id FROM plan ORDER BY number"
    ),
    f"""
    INSERT INTO attachments_folderuserpermission (content_object_id, user_id, permission_id)
    SELECT folder_id, requester_id, code FROM plan, unnest(ARRAY[%(view)s, %(add)s]) AS code
    UNION ALL SELECT folder_id, executor_id, code FROM plan, unnest(ARRAY[%(view)s, %(add)s]) AS code WHERE {_IS_TAKEN}
    UNION ALL SELECT folder_id, head_id, %(view)s FROM plan
    """,
    f"""
    INSERT INTO attachments_auditentry (folder_id, verb, at, actor_id, subject, detail)
    SELECT folder_id, 'granted', opened_at, requester_id, requester_name, code
        FROM plan, unnest(ARRAY['view_folder', 'add_file']) AS code
    UNION ALL SELECT folder_id, 'granted', opened_at, requester_id, 'Head', 'view_folder' FROM plan
    UNION ALL SELECT folder_id, 'added', opened_at, requester_id, 'screen.txt', '' FROM plan
    UNION ALL SELECT folder_id, 'granted', assigned_at, executor_id, agent_name, code
        FROM plan, unnest(ARRAY['view_folder', 'add_file']) AS code WHERE {_IS_TAKEN}
    """,
    # Lines in the hubs, the older ones read, and the letters
    f"""
    INSERT INTO notifications_notification (recipient_id, kind, facts, created_at, read_at)
    SELECT recipient_id, kind, facts, at, CASE WHEN number %% 20 <> 0 THEN at + interval '1 hour' END FROM (
        SELECT number, head_id AS recipient_id, 'distribution_needed' AS kind, {_COMMON_FACTS} AS facts, opened_at AS at
            FROM plan
        UNION ALL SELECT number, m.user_id, 'ticket_opened', {_COMMON_FACTS}, opened_at
            FROM plan JOIN people_membership m USING (department_id) WHERE m.line IS NOT NULL AND (number + m.user_id) %% 5 = 0
        UNION ALL SELECT number, requester_id, 'ticket_assumed', {_COMMON_FACTS}, assigned_at FROM plan WHERE {_IS_TAKEN}
        UNION ALL SELECT number, requester_id, 'ticket_started', {_COMMON_FACTS}, started_at FROM plan WHERE {_IS_STARTED}
        UNION ALL SELECT number, requester_id, 'solution_sent', {_COMMON_FACTS}, concluded_at FROM plan WHERE {_IS_CONCLUDED}
        UNION ALL SELECT number, requester_id, 'ticket_closed', {_COMMON_FACTS}, ended_at FROM plan WHERE status = 'closed'
    ) AS told ORDER BY number
    """,
    f"""
    INSERT INTO notifications_letter (recipient_id, kind, facts, message_id, thread, state, created_at, due_at, attempts,
        sent_at, error, address, subject, body_text, body_html)
    SELECT recipient_id, kind, facts, '<ticket-' || number || '.' || kind || '.' || recipient_id || '@bench>',
        'ticket-' || number, 'sent', at, at, 1, at, '', 'somebody@bench.example', subject, facts ->> 'text', facts ->> 'text'
    FROM (
        SELECT number, subject, head_id AS recipient_id, 'distribution_needed' AS kind, {_COMMON_FACTS} AS facts,
            opened_at AS at FROM plan
        UNION ALL SELECT number, subject, requester_id, 'ticket_assumed', {_COMMON_FACTS}, assigned_at
            FROM plan WHERE {_IS_TAKEN}
        UNION ALL SELECT number, subject, requester_id, 'solution_sent', {_COMMON_FACTS}, concluded_at
            FROM plan WHERE {_IS_CONCLUDED}
    ) AS told ORDER BY number
    """,
    """
    INSERT INTO surveys_survey (ticket_id, ticket_number, requester_name, agent_name, agent_id, department_id,
        before_closing, created_at, answered_at, solved, rating, comment)
    SELECT number, number, requester_name, agent_name, executor_id, department_id, false, ended_at,
        CASE WHEN h %% 3 = 0 THEN ended_at + interval '2 hours' END, CASE WHEN h %% 3 = 0 THEN h %% 7 <> 0 END,
        CASE WHEN h %% 3 = 0 THEN 1 + h %% 5 END, ''
    FROM plan WHERE status = 'closed' ORDER BY number
    """,
]
_SEQUENCES = [
    ("tickets_ticket", "number"),
    ("tickets_message", "id"),
    ("attachments_folder", "id"),
    ("attachments_attachment", "id"),
]
