"""The hub's rows and the outgoing letters."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KT
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from .kinds import ALL, KINDS
from .querysets import LetterQuerySet, NotificationQuerySet


class _Shown(models.Manager):
    """Without what is withheld because its ticket lies in the trash: it is neither read, counted nor sent."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(is_withheld=False)


def _withheld() -> models.BooleanField:
    # The database has the default, too: rows are written by a statement that does not speak of it.
    return models.BooleanField(_("withheld"), default=False, db_default=False, editable=False)


class Notification(models.Model):
    """One line of a person's notification hub (R2.36). The hub is the truth; letters follow it."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recipient"),
        on_delete=models.CASCADE,
        related_name="notifications",
    )
    kind = models.CharField(_("kind"), max_length=40)
    facts = models.JSONField(_("facts"), default=dict)
    created_at = models.DateTimeField(_("time"), default=timezone.now)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    is_withheld = _withheld()

    objects = _Shown.from_queryset(NotificationQuerySet)()
    with_withheld = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ("-pk",)
        indexes: ClassVar = [
            models.Index(
                "recipient",
                models.F("id").desc(),
                condition=Q(is_withheld=False),
                name="notification_by_recipient",
            ),
            models.Index(
                fields=["recipient"], condition=Q(read_at__isnull=True, is_withheld=False), name="notification_unread"
            ),
            models.Index(KT("facts__number"), name="notification_by_ticket"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.recipient_id}"

    @property
    def sentence(self) -> str:
        """The line in the active language, with the facts filled in."""
        kind = KINDS.get(self.kind)
        return kind.say(self.facts) if kind else self.kind

    @property
    def path(self) -> str:
        """Where the notice leads, as an address on this site."""
        return self.facts.get("path", "")


class Letter(models.Model):
    """One outgoing e-mail: written with its cause, rendered and sent by the worker, kept with its fate."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        HELD = "held", _("held back")
        DAILY = "daily", _("waits for the daily letter")
        MERGED = "merged", _("went with the daily letter")

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recipient"),
        on_delete=models.PROTECT,
        related_name="letters",
    )
    kind = models.CharField(_("kind"), max_length=40)
    facts = models.JSONField(_("facts"), default=dict)
    message_id = models.CharField(
        _("Message-ID"),
        max_length=200,
        unique=True,
        help_text=_("Fixed by cause and recipient: a cause writes once."),
    )
    digest = models.ForeignKey(
        "self",
        verbose_name=_("daily letter"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="merged",
        help_text=_("With which this one went."),
    )
    thread = models.CharField(_("thread"), max_length=60, blank=True)
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.QUEUED)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    due_at = models.DateTimeField(
        _("next attempt"), default=timezone.now, help_text=_("Of a letter that has failed: the last attempt.")
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    error = models.TextField(_("last error"), blank=True)
    address = models.CharField(_("address"), max_length=254, blank=True)
    subject = models.CharField(pgettext_lazy("letter", "subject"), max_length=300, blank=True)
    body_text = models.TextField(_("text"), blank=True)
    body_html = models.TextField(_("formatted text"), blank=True)
    is_withheld = _withheld()

    objects = _Shown.from_queryset(LetterQuerySet)()
    with_withheld = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ("-pk",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sent", "failed", "held", "daily", "merged"]),
                name="letter_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="letter_sent_with_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at", "id"], condition=Q(state="queued", is_withheld=False), name="letter_due"),
            models.Index(
                fields=["due_at", "recipient"],
                condition=Q(state="daily", is_withheld=False),
                name="letter_laid_aside",
            ),
            models.Index("state", models.F("id").desc(), name="letter_by_state"),
            models.Index(fields=["due_at"], condition=Q(state="failed"), name="letter_failed"),
            models.Index(fields=["thread"], condition=~Q(thread=""), name="letter_by_thread"),
            models.Index("kind", models.F("id").desc(), name="letter_by_kind"),
            models.Index("recipient", models.F("id").desc(), name="letter_by_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.recipient_id} ({self.state})"

    @property
    def title(self) -> str:
        """What administrators call this kind of letter."""
        kind = ALL.get(self.kind)
        return str(kind.title) if kind else self.kind

    @property
    def path(self) -> str:
        """Where the letter leads, as an address on this site."""
        return self.facts.get("path", "")

    @property
    def reason(self) -> str:
        """Why the last attempt failed: our own sentences in the active language, a server's words as they came."""
        return gettext(self.error) if self.error else ""

    def shown(self, body: str) -> str:
        """A body of this letter for other eyes than the recipient's: a link that lets its reader in is cut out."""
        kind, path = KINDS.get(self.kind), self.facts.get("path", "")
        return body.replace(path, "/…/") if kind and kind.link_is_secret and path else body


class LetterText(models.Model):
    """An administrator's own words for one kind of letter in one language; without a row, the built-in text holds."""

    kind = models.CharField(_("kind"), max_length=40)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    subject = models.CharField(pgettext_lazy("letter", "subject"), max_length=200)
    body = models.TextField(_("text"), max_length=10_000)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("text of a letter")
        verbose_name_plural = _("texts of letters")
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "language"], name="letter_text_once")]

    def __str__(self) -> str:
        kind = KINDS.get(self.kind)
        return f"{kind.title if kind else self.kind} ({self.get_language_display()})"


class Presence(models.Model):
    """Somebody has a page open, now; said again at every heartbeat, forgotten soon after the last one.

    The table is unlogged: it is written often, and after a crash nobody is there anyway.

    Attributes:
        place: what is open, as the live channel calls it.
        door: the web process that holds his tab; each speaks only of its own.
    """

    place = models.CharField(_("place"), max_length=60)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+"
    )
    door = models.CharField(_("process"), max_length=32)
    until = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["place", "person", "door"], name="presence_once_for_each_process"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.place}"
