"""Tickets from before the SLA clock: no targets, but their times, and a clock that has run since the opening (A4).

Until now every hour counted, so plain differences are right.
"""

from django.db import migrations

TIMES = """
UPDATE tickets_ticket SET
    first_service_time = started_at - opened_at,
    service_time = CASE WHEN concluded_at >= started_at THEN concluded_at - started_at END
WHERE started_at >= opened_at
"""

# The stretches between two events of an open ticket, of which those count in which support had it.
CLOCKS = """
WITH stretches AS (
    SELECT ticket_id, at, to_status, lead(at) OVER (PARTITION BY ticket_id ORDER BY event.id) AS until
    FROM tickets_event AS event JOIN tickets_ticket AS ticket ON ticket.number = ticket_id
    WHERE ticket.closed_at IS NULL
), clocks AS (
    SELECT ticket_id, max(at) AS read_at, coalesce(sum(until - at) FILTER (WHERE to_status IN (
        'awaiting_distribution', 'assigned', 'in_service', 'line_change_requested', 'closing_requested'
    )), interval '0') AS spent
    FROM stretches GROUP BY ticket_id
)
UPDATE tickets_ticket SET clock_spent = spent, clock_read_at = read_at FROM clocks WHERE number = ticket_id
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0012_service_levels_and_the_clock_of_a_ticket")]

    operations = [migrations.RunSQL([TIMES, CLOCKS], migrations.RunSQL.noop)]
