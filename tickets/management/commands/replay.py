"""``manage.py replay FILE.csv``: a real incident log, played through this desk."""

from __future__ import annotations

import hashlib
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from tqdm import tqdm

from helpdesk.core import audit, embedded
from helpdesk.core.clock import CLOCK
from helpdesk.core.refusals import StorageUnavailable
from helpdesk.notifications.actions import holding_letters_back
from tickets import timers
from tickets.models import Ticket
from tickets.replay import invariants, log, promises, reckoning
from tickets.replay.player import Player
from tickets.replay.stage import LogStage


class Command(BaseCommand):
    help = (
        "Plays the audit log of an incident desk (ServiceNow, comma-separated) through the actions that the pages "
        "call, at the log's own times, with the timers acting in between as the worker would. Callers, groups and "
        "executors of the log become people, departments and support lines, with stand-ins for the heads; nobody of "
        "them can sign in. Every ticket keeps the "
        "log's number, so playing the same file again changes nothing, and a run that was interrupted goes on where "
        "it stopped. While it runs, the worker's own timers stand still."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the log")
        parser.add_argument(
            "--send-letters",
            action="store_true",
            help="let the worker send the letters of the replay; by default they are written and held back, since "
            "nobody wants a letter today about something that happened long ago",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            incidents, complaints = log.read(options["file"])
        except log.Unreadable as error:
            raise CommandError(str(error)) from error
        self._prepare_database()
        try:
            with timers.standing_still(), nullcontext() if options["send_letters"] else holding_letters_back():
                player, stage = self._play(options["file"], incidents)
        except TimeoutError as error:
            raise CommandError("The timers are held by another replay, or by a sweep that does not end.") from error
        except StorageUnavailable as error:
            raise CommandError(str(error)) from error
        seconds = time.monotonic() - began
        played = Ticket.objects.filter(external_reference__in=[incident.number for incident in incidents])
        rows = player.rows_moved + player.rows_idle + player.rows_known
        findings = invariants.check(played)
        self.stdout.write(
            f"{len(incidents):,} incidents: {player.rows_moved:,} rows moved a ticket, {player.rows_idle:,} had "
            f"nothing to move, {player.rows_known:,} were played before; {seconds:.1f} s, {rows / seconds:,.0f} rows/s."
        )
        self.stdout.write(
            reckoning.table(
                reckoning.figures(played, service_levels=promises.figures(incidents)),
                remarks=player.remarks + stage.remarks,
                complaints=complaints + player.complaints,
                invariants=findings,
            )
        )
        if any(finding.broken for finding in findings):
            raise CommandError("Not every invariant holds; see the table.")

    def _play(self, file: Path, incidents: list[log.Incident]) -> tuple[Player, LogStage]:
        """Play; one record tells of all of it, written first, so that a run that is killed has one too (R2.47)."""
        facts = {"incidents": len(incidents), "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
        audit.record("log_replayed", by=CLOCK, about="log", key=file.name, name=file.name, facts=facts)
        rows = sum(len(incident.rows) for incident in incidents)
        with (
            audit.left_out(),
            tqdm(total=rows, unit="row", disable=not sys.stderr.isatty(), file=sys.stderr) as bar,
        ):
            stage = LogStage(incidents)
            player = Player(stage, incidents, now=timezone.now(), tell=bar.update)
            bar.update(player.rows_known)
            player.play()
        return player, stage

    def _prepare_database(self) -> None:
        """The embedded database is ours to prepare; any other one is prepared by whoever runs it."""
        executor = MigrationExecutor(connection)
        if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return
        if connection.settings_dict["HOST"] != str(embedded.socket_folder(settings.DATA_DIR / "postgres")):
            raise CommandError("The database is not prepared for this version; run manage.py prepare first.")
        call_command("migrate", interactive=False, verbosity=0)
