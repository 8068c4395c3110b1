"""What people fill in for a ticket. Forms carry input; what is allowed is the actions' business."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django import forms
from django.core.files.base import File
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from attachments import storing
from helpdesk.core.refusals import Refused
from helpdesk.people.models import Department, Service

from .lifecycle import Move, Priority, Text
from .models import Ticket
from .querysets import agents_of_line


class MultipleFileInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several uploads at once; cleans to a list. Sizes, types and counts are checked by ``attachments.storing``."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", MultipleFileInput())
        kwargs.setdefault("required", False)
        kwargs.setdefault("allow_empty_file", True)  # refused later, with a sentence that names the file
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[File]:
        uploads = data if isinstance(data, list | tuple) else [data] if data else []
        if not uploads and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return list(uploads)


class MoveForm(forms.Form):
    """What one move is made with; which of the fields there are follows from the moves table.

    Cleans to the arguments of the move's action: ``text``, ``files``, and ``executor`` or ``service`` as the move asks.

    Attributes:
        hints: a sentence beside each agent who can be chosen.
        offers_services: whether there is a service to choose.
    """

    executor = forms.TypedChoiceField(
        label=_("Agent"),
        empty_value=None,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose an agent."),
            "invalid_choice": _("This agent cannot be given the ticket. Choose another one."),
        },
    )
    service = forms.TypedChoiceField(
        label=_("Department and service"),
        empty_value=None,
        error_messages={
            "required": _("Choose a service."),
            "invalid_choice": _("This service cannot be chosen. Choose another one."),
        },
    )
    text = forms.CharField(label=_("Text"), required=False, widget=forms.Textarea(attrs={"rows": 5}), max_length=50_000)
    files = FilesField(label=_("Files"))  # type: ignore[assignment]  # the field of that name, not the uploads

    def __init__(self, move: Move, *args: Any, ticket: Ticket | None = None, **kwargs: Any) -> None:
        """Offer what ``move`` needs; what it asks to be chosen depends on the ``ticket``."""
        kwargs.setdefault("auto_id", "composer-%s")  # as components/composer.html names its controls
        super().__init__(*args, **kwargs)
        self.move = move
        self.hints: dict[str, Any] = {}
        self.offers_services = False
        if move.text is Text.NONE:
            del self.fields["text"]
        if not move.files:
            del self.fields["files"]
        if move.asks == "executor" and ticket:
            self._offer_agents(ticket)
        else:
            del self.fields["executor"]
        if move.asks == "service" and ticket:
            self._offer_services(ticket)
        else:
            del self.fields["service"]

    def _offer_agents(self, ticket: Ticket) -> None:
        """Active agents of the ticket's line, least loaded first; whoever has it is none of them (R4.7)."""
        found = agents_of_line(ticket.department, ticket.line, timezone.now())
        agents = {str(one.pk): one for one in found if one.pk != ticket.executor_id}
        field: Any = self.fields["executor"]
        field.coerce = agents.__getitem__
        field.choices = [(pk, str(one)) for pk, one in agents.items()]
        self.hints = {pk: load_of(one) for pk, one in agents.items()}

    def _offer_services(self, ticket: Ticket) -> None:
        """What the other departments offer, by department (R5.52)."""
        offered = Service.objects.offered().exclude(department=ticket.department_id).select_related("department")
        services = {str(one.pk): one for one in offered.order_by("department__name", "department", "name", "pk")}
        self.offers_services = bool(services)
        field: Any = self.fields["service"]
        field.coerce = services.__getitem__
        field.choices = [("", gettext("Choose …")), *_by_department(services.values())]


def load_of(agent: Any) -> str:
    """How much an agent out of ``agents_of_line`` has to do, in words, and whether he is absent (R4.7)."""
    tasks = ngettext("%(n)d current task", "%(n)d current tasks", agent.current_tasks) % {"n": agent.current_tasks}
    return gettext("%(tasks)s · absent") % {"tasks": tasks} if agent.is_absent else tasks


def _by_department(services: Iterable[Service]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices in groups; ``services`` come sorted by department."""
    return [
        (name, [(str(one.pk), one.name) for one in group])
        for name, group in groupby(services, key=lambda one: one.department.name)
    ]


class ServiceSelect(forms.Select):
    """Names on each option the department that it belongs to, so that script can show only those of the chosen one."""

    departments: dict[str, int]

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.departments:
            option["attrs"]["data-department"] = self.departments[str(value)]
        return option


class OpenForm(forms.Form):
    """All that a ticket is opened with, on one form (R3.2): cleans to the arguments of ``actions.open``.

    Only what is offered can be chosen: active services of active departments with an agent (R3.3).
    """

    department = forms.TypedChoiceField(
        label=_("Department"),
        empty_value=None,
        error_messages={"required": _("Choose a department."), "invalid_choice": _("Choose a department.")},
    )
    service = forms.TypedChoiceField(
        label=_("Service"),
        empty_value=None,
        widget=ServiceSelect,
        error_messages={"required": _("Choose a service."), "invalid_choice": _("Choose a service.")},
    )
    priority = forms.ChoiceField(
        label=_("Priority"),
        choices=[(value, capfirst(label)) for value, label in Priority.choices],
        initial=Priority.NORMAL,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a priority."), "invalid_choice": _("Choose a priority.")},
    )
    subject = forms.CharField(
        label=_("Subject"),
        max_length=Ticket._meta.get_field("subject").max_length,
        error_messages={"required": _("Say in a few words what it is about.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=50_000,
        help_text=_("What do you need? What have you tried? Since when?"),
        error_messages={"required": _("Describe what you need.")},
        widget=forms.Textarea(attrs={"rows": 7, "data-draft-key": "new-ticket"}),
    )
    files = FilesField(label=_("Files"))  # type: ignore[assignment]  # the field of that name, not the uploads

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = Service.objects.offered().select_related("department")
        self.services = list(offered.order_by("department__name", "department_id", "name", "pk"))
        self.departments = list({service.department_id: service.department for service in self.services}.values())
        self._offer()

    def _offer(self) -> None:
        departments = {str(one.pk): one for one in self.departments}
        services = {str(one.pk): one for one in self.services}
        department: Any = self.fields["department"]
        service: Any = self.fields["service"]
        department.coerce = departments.__getitem__
        service.coerce = services.__getitem__
        service.widget.departments = {pk: one.department_id for pk, one in services.items()}
        nothing = [("", gettext("Choose …"))]
        department.choices = nothing[len(departments) == 1 :] + [(pk, one.name) for pk, one in departments.items()]
        service.choices = [*nothing[len(services) == 1 :], *_by_department(self.services)]

    def clean(self) -> dict[str, Any]:
        """Ask about the files here already, so that every faulty field has its message at once (R1.3, R1.4).

        The opening asks again: what is allowed is its business.
        """
        data = super().clean() or self.cleaned_data
        department, service = data.get("department"), data.get("service")
        if department and service and service.department_id != department.pk:
            self.add_error("service", gettext("%(name)s does not offer this service.") % {"name": department})
            return data
        owner = service.department if service else department
        try:
            storing.check(
                data.get("files", []),
                allowed_extensions=owner.allowed_extensions if owner else frozenset(),
                at_least=_files_needed(service),
            )
        except Refused as refusal:
            self.add_error("files", refusal.message)
        return data

    def file_rules(self) -> list[dict[str, Any]]:
        """What each department demands of the files, said before anybody sends them (R1.6).

        Returns:
            For each department its ``pk``, ``name``, the sentence ``rule``, and ``exceptions``: services with
            another rule than their department.
        """
        return [
            {
                "pk": one.pk,
                "name": one.name,
                "rule": _rule(one, one.attachment_min_count if one.attachment_required_on_open else 0),
                "exceptions": [
                    {"pk": service.pk, "name": service.name, "rule": _rule(one, _files_needed(service))}
                    for service in self.services
                    if service.department_id == one.pk
                    and service.requires_attachment != one.attachment_required_on_open
                ],
            }
            for one in self.departments
        ]


def _files_needed(service: Service | None) -> int:
    return service.department.attachment_min_count if service and service.requires_attachment else 0


def _rule(department: Department, at_least: int) -> str:
    need = (
        ngettext("At least %(n)d file is needed.", "At least %(n)d files are needed.", at_least) % {"n": at_least}
        if at_least
        else gettext("Files are optional.")
    )
    types = ", ".join(sorted(department.allowed_extensions))
    return f"{need} {gettext('Accepted: %(types)s.') % {'types': types}}" if types else need


class DeleteForGoodForm(forms.Form):
    """The number or address of what is to be deleted, typed by hand: nobody presses through it by habit (R2.42)."""

    typed = forms.CharField(
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Type it, so that nothing is deleted by mistake.")},
    )

    def __init__(self, *args: Any, is_ticket: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["typed"]
        field.label = _("Type the ticket's number") if is_ticket else _("Type the customer's e-mail address")
        if is_ticket:
            field.widget.attrs["inputmode"] = "numeric"
