"""The ground's only table: who was last seen alive."""

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """When a part of the house last did its work; written by that part, read by ``/readyz``."""

    name = models.CharField(primary_key=True, max_length=40)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.seen_at:%Y-%m-%d %H:%M:%S}"
