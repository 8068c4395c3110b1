"""The audit log as administrators read and export it (R2.47). Nobody can add, change or delete here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet, Value
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateTimeFilter, TextFilter
from unfold.decorators import display

from helpdesk.core import audit
from helpdesk.core.audit import chain, reading, words
from helpdesk.core.models import AuditCheck, AuditRecord
from helpdesk.core.spreadsheets import csv_lines
from helpdesk.core.text import Fold

from .base import RecordAdmin

COLUMNS = (
    "seq", "at", "verb", "actor_key", "actor_name", "about", "key", "name", "facts", "previous_hash", "hash",
)  # fmt: skip


class VerbFilter(DropdownFilter):
    title = _("what")
    parameter_name = "what"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return sorted(words.VERBS.items(), key=lambda verb: str(verb[1]))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(verb=self.value()) if self.value() in words.VERBS else queryset


class KindFilter(DropdownFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return sorted(((about, kind.words) for about, kind in words.ABOUT.items()), key=lambda kind: str(kind[1]))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(about=self.value()) if self.value() in words.ABOUT else queryset


class ActorFilter(TextFilter):
    """By part of a name, since an actor is kept by name and may be gone."""

    title = _("by")
    parameter_name = "by"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        name = _without_nul(self.value())
        return queryset.alias(folded_actor=Fold("actor_name")).filter(_part("folded_actor", name)) if name else queryset


@admin.register(AuditRecord)
class AuditRecordAdmin(RecordAdmin):
    """Sensitive operations, newest first."""

    list_display = ("seq", "at", "who", "what", "kind", "thing", "details")
    list_display_links = ("seq", "at")
    list_filter = (VerbFilter, KindFilter, ActorFilter, ("at", RangeDateTimeFilter))
    search_fields = ("name",)
    search_help_text = _("Part of the name of what it is about, or of who did it")
    ordering = ("-seq",)
    list_before_template = "admin/audit_log.html"
    fieldsets = (
        (None, {"fields": ("seq", "instant", "who_linked", "what", "kind", "thing_linked", "changes")}),
        (
            _("Chain"),
            {
                "fields": ("previous_hash", "hash"),
                "description": _(
                    "The hash covers this record and the hash of the one before. Kept elsewhere together with the "
                    "number, it proves that no record up to this one was changed."
                ),
            },
        ),
    )
    readonly_fields = ("instant", "who_linked", "what", "kind", "thing_linked", "changes")

    def get_urls(self) -> list[URLPattern]:
        export = path("export/", self.admin_site.admin_view(self.export), name="core_auditrecord_export")
        return [export, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"audit_check": AuditCheck.objects.filter(pk=1).first()}
        return super().changelist_view(request, context | (extra_context or {}))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        name = _without_nul(search_term)
        if name:
            folded = queryset.alias(folded_name=Fold("name"), folded_actor=Fold("actor_name"))
            queryset = folded.filter(_part("folded_name", name) | _part("folded_actor", name))
        return queryset, False

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """The list as it is filtered, oldest first, without an end to its length; a record itself."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            found = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return redirect("admin:core_auditrecord_changelist")
        with transaction.atomic():
            until = chain.head().seq
            facts = {"filters": {name: value for name, value in request.GET.items() if value}, "until": until}
            audit.record(
                "audit_exported", by=request.user, about="audit_log", key="", name=_now("audit log"), facts=facts
            )
        day = timezone.localdate().isoformat()
        return StreamingHttpResponse(
            csv_lines(COLUMNS, _rows(chain.records(among=found, until=until))),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="audit-log-{day}.csv"', "Cache-Control": "no-store"},
        )

    # --- columns

    @display(description=_("by"))
    def who(self, record: AuditRecord) -> str:
        return record.actor_name or _now("System")

    @display(description=_("what"))
    def what(self, record: AuditRecord) -> str:
        return words.verb_in_words(record.verb)

    @display(description=_("kind"))
    def kind(self, record: AuditRecord) -> str:
        return words.kind_in_words(record.about)

    @display(description=_("name"))
    def thing(self, record: AuditRecord) -> str:
        return record.name

    @display(description=_("details"))
    def details(self, record: AuditRecord) -> str:
        return reading.summary(record)

    # --- one record

    @display(description=_("time"))
    def instant(self, record: AuditRecord) -> str:
        return f"{timezone.localtime(record.at):%Y-%m-%d %H:%M:%S.%f %Z} ({chain.instant(record.at)})"

    @display(description=_("by"))
    def who_linked(self, record: AuditRecord) -> Any:
        others = _list_of(_("All by the same person"), actor_key__exact=record.actor_key) if record.actor_key else ""
        return format_html("{} {}", self.who(record), others)

    @display(description=_("name"))
    def thing_linked(self, record: AuditRecord) -> Any:
        others = _list_of(_("All about it"), about__exact=record.about, key__exact=record.key) if record.key else ""
        return format_html("{} {}", _link_to(record), others)

    @display(description=_("details"))
    def changes(self, record: AuditRecord) -> Any:
        return render_to_string("admin/audit_changes.html", {"lines": reading.lines(record)})


def _rows(records: Iterable[AuditRecord]) -> Iterator[list[Any]]:
    for record in records:
        row = {name: getattr(record, name) for name in COLUMNS}
        row |= {"at": chain.instant(record.at), "facts": chain.compact(record.facts)}
        yield list(row.values())


def _part(field: str, name: str) -> Q:
    return Q(**{f"{field}__contains": Fold(Value(name))})


def _without_nul(text: str | None) -> str:
    return (text or "").replace("\x00", "").strip()


def _list_of(text: Any, **lookups: str) -> Any:
    url = reverse("admin:core_auditrecord_changelist")
    return format_html('<a class="text-link" href="{}?{}">{}</a>', url, urlencode(lookups), text)


def _link_to(record: AuditRecord) -> Any:
    """The thing's name, leading to its page in the administration where it has one."""
    model = words.model_of(record.about)
    if model is None or not admin.site.is_registered(model):
        return record.name
    try:
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[record.key])
    except NoReverseMatch:
        return record.name
    return format_html('<a class="text-link" href="{}">{}</a>', url, record.name)
