"""The rows of many tickets, as SQL: one plan of them, from which everything else follows."""

from __future__ import annotations

# Where the keys of a load begin: a ticket's rows have theirs by its number, whoever of several loads it.
BASE = """
SELECT (SELECT coalesce(max(id), 0) FROM attachments_folder) AS folder,
       (SELECT coalesce(max(id), 0) FROM tickets_message) AS message,
       (SELECT coalesce(max(id), 0) FROM attachments_attachment) AS attachment
"""
# Whole texts with their words for the search, which are looked up here while many tickets are loaded.
TEXTS = "CREATE UNLOGGED TABLE bench_text (id int PRIMARY KEY, text text NOT NULL, words tsvector)"
TEXTS_READY = """
INSERT INTO bench_text SELECT id + %(texts)s, left(text, 40) FROM bench_text WHERE id < %(subjects)s;
UPDATE bench_text SET text = initcap(text) WHERE id >= %(texts)s;
UPDATE bench_text SET words = public.helpdesk_tsv(text);
CREATE INDEX bench_text_text ON bench_text USING hash (text);
ANALYZE bench_text
"""
# One row a ticket, from which everything else follows.
PLAN = """
CREATE TEMP TABLE plan AS
WITH numbered AS (
    SELECT n, hashint8(n)::bigint & 2147483647 AS h, n %% %(every)s = 0 AS is_open,
           (%(statuses)s::text[])[1 + (n / %(every)s) %% cardinality(%(statuses)s::text[])] AS open_status
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
), planned AS (
SELECT n AS number, h,
       CASE WHEN is_open THEN open_status WHEN n %% 50 = 7 THEN 'cancelled' ELSE 'closed' END AS status,
       d.id AS department_id, s.id AS service_id, c.id AS requester_id, c.organization_id, c.name AS requester_name,
       CASE WHEN is_open AND open_status = 'awaiting_distribution' THEN NULL ELSE a.user_id END AS executor_id,
       'Agent ' || a.user_id AS agent_name,
       (SELECT user_id FROM people_membership m WHERE m.department_id = d.id AND m.is_head LIMIT 1) AS head_id,
       (ARRAY['low', 'normal', 'normal', 'normal', 'high', 'urgent'])[1 + h %% 6] AS priority,
       o.at AS opened_at, o.at + interval '9 minutes' AS assigned_at, o.at + interval '40 minutes' AS started_at,
       o.at + interval '3 hours' AS replied_at, o.at + interval '5 hours' AS concluded_at,
       o.at + interval '20 hours' AS ended_at,
       %(folder)s + n - %(origin)s AS folder_id, %(message)s + 3 * (n - %(origin)s) AS message_id,
       %(attachment)s + n - %(origin)s AS attachment_id,
       b.sha256 AS blob_id, t0.text AS subject,
       t1.text || CASE WHEN n < 10000 AND d.position = 0 AND n %% 12 = 5 THEN ' zirconium' ELSE '' END AS first_text,
       t2.text AS second_text, t3.text AS third_text
FROM numbered
CROSS JOIN LATERAL (SELECT %(now)s::timestamptz - interval '2 days'
                    - (1 - n::float8 / %(total)s) * interval '5 years' AS at) o
JOIN departments d ON d.position = h %% 5
JOIN services s ON s.department_id = d.id AND s.position = (h / 5) %% 4
JOIN agents a ON a.department_id = d.id AND a.position = (h / 20) %% a.together
JOIN customers c ON c.position = (h / 3) %% (SELECT count(*) FROM customers)
JOIN blobs b ON b.position = (h / 7) %% (SELECT count(*) FROM blobs)
JOIN bench_text t0 ON t0.id = %(texts)s + (h / 2) %% %(subjects)s
JOIN bench_text t1 ON t1.id = (h / 11) %% %(texts)s
JOIN bench_text t2 ON t2.id = (h / 17) %% %(texts)s
JOIN bench_text t3 ON t3.id = (h / 23) %% %(texts)s
)
SELECT *, jsonb_build_object('number', number, 'subject', subject, 'requester', requester_name, 'executor', agent_name,
    'department', 'Department', 'service', 'Service', 'priority', priority, 'opened_at', opened_at, 'due_at', '',
    'actor', requester_name, 'text', '', 'comment', '', 'files', 1, 'path', '/panel/tickets/' || number || '/') AS facts
FROM planned
"""
_IS_TAKEN = "status <> 'awaiting_distribution'"
_IS_STARTED = "status NOT IN ('awaiting_distribution', 'assigned')"
_IS_CONCLUDED = "status IN ('awaiting_approval', 'closed')"
# What opens a ticket and what solves it have words; taking and closing have none.
_OPENING_FACTS = "facts || jsonb_build_object('text', first_text)"
_SOLUTION_FACTS = "facts || jsonb_build_object('text', third_text)"

STATEMENTS = [
    (
        "INSERT INTO attachments_folder (id, name, title, created_at) "
        "SELECT folder_id, number::text, subject, opened_at FROM plan ORDER BY number"
    ),
    # The ticket
    """
    INSERT INTO tickets_ticket (
        number, subject, department_id, service_id, priority, requester_id, organization_id, folder_id, status, outcome,
        line, executor_id, timer_due_at, timer_error, opened_at, assigned_at, assigned_by_clock, started_at, concluded_at,
        approved_at, approved_by_clock, closed_at, closed_by_id, last_message_at, last_message_text, external_reference,
        first_service_time, service_time, conclusion_met, sla_met)
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
        left(third_text, 140), '',
        CASE WHEN status NOT IN ('awaiting_distribution', 'assigned') THEN started_at - opened_at END,
        CASE WHEN status IN ('awaiting_approval', 'closed') THEN concluded_at - started_at END,
        CASE WHEN status IN ('awaiting_approval', 'closed') THEN h %% 4 <> 0 END,
        CASE WHEN status IN ('awaiting_approval', 'closed') THEN h %% 4 <> 0 END
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
    SELECT number, verb, actor_id, at, from_status, to_status,
        CASE verb WHEN 'request_closing' THEN 'There are no parts any more.' ELSE '' END, subject_id, event_message_id,
        verb = 'request_closing' FROM (
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
            FROM plan WHERE status IN ('in_service', 'cancelled', 'closing_requested')
        UNION ALL SELECT number, 6, 'request_closing', executor_id, ended_at, 'in_service', 'closing_requested', NULL,
            NULL FROM plan WHERE status = 'closing_requested'
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
        SELECT number, head_id AS recipient_id, 'distribution_needed' AS kind, {_OPENING_FACTS} AS facts, opened_at AS at
            FROM plan
        UNION ALL SELECT number, m.user_id, 'ticket_opened', {_OPENING_FACTS}, opened_at
            FROM plan JOIN people_membership m USING (department_id) WHERE m.line IS NOT NULL AND (number + m.user_id) %% 5 = 0
        UNION ALL SELECT number, requester_id, 'ticket_assumed', facts, assigned_at FROM plan WHERE {_IS_TAKEN}
        UNION ALL SELECT number, requester_id, 'ticket_started', facts, started_at FROM plan WHERE {_IS_STARTED}
        UNION ALL SELECT number, requester_id, 'solution_sent', {_SOLUTION_FACTS}, concluded_at FROM plan WHERE {_IS_CONCLUDED}
        UNION ALL SELECT number, requester_id, 'ticket_closed', facts, ended_at FROM plan WHERE status = 'closed'
    ) AS told ORDER BY number
    """,
    f"""
    INSERT INTO notifications_letter (recipient_id, kind, facts, message_id, thread, state, created_at, due_at, attempts,
        sent_at, error, address, subject, body_text, body_html)
    SELECT recipient_id, kind, facts, '<ticket-' || number || '.' || kind || '.' || recipient_id || '@bench>',
        'ticket-' || number, 'sent', at, at, 1, at, '', 'somebody@bench.example', subject, facts ->> 'text', facts ->> 'text'
    FROM (
        SELECT number, subject, head_id AS recipient_id, 'distribution_needed' AS kind, {_OPENING_FACTS} AS facts,
            opened_at AS at FROM plan
        UNION ALL SELECT number, subject, requester_id, 'ticket_assumed', facts, assigned_at
            FROM plan WHERE {_IS_TAKEN}
        UNION ALL SELECT number, subject, requester_id, 'solution_sent', {_SOLUTION_FACTS}, concluded_at
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
SEQUENCES = [
    ("tickets_ticket", "number"),
    ("tickets_message", "id"),
    ("attachments_folder", "id"),
    ("attachments_attachment", "id"),
]
