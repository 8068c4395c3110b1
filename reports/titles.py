"""What reports about figures and tickets are called, in the active language."""

from __future__ import annotations

from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from helpdesk.people.models import User
from tickets.forms_dashboard import DashboardForm
from tickets.views.panel import charts

from .rights import Facts


def of_figures(reader: User, facts: Facts) -> str:
    """The dashboard, with period and filters."""
    return _about_figures(_("Dashboard"), reader, facts)


def of_satisfaction(reader: User, facts: Facts) -> str:
    return _about_figures(_("Satisfaction"), reader, facts)


def of_record(reader: User, facts: Facts) -> str:
    """The number says enough: who may not see the ticket learns nothing of it."""
    return _("Record of ticket #%(number)s") % {"number": facts.get("ticket", "")}


def _about_figures(name: str, reader: User, facts: Facts) -> str:
    form = DashboardForm(QueryDict(urlencode(facts)), reader=reader)
    scope = form.scope()
    parts = [charts.in_words_of(scope.period), *form.chips()] if scope else []
    return f"{name} ({'; '.join(parts)})" if parts else name
