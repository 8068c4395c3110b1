"""Every verb and every kind of thing in the audit log, in words (R2.47). What has none cannot be recorded.

A new operation gets its line here. A kind names its model by label, since most of them live on higher floors: with it,
pages say fields and choices as the forms do, and lead to the thing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

VERBS: dict[str, Any] = {
    "account_set_up": _("Helpdesk set up"),
    "account_created": _("Company entered"),
    "account_changed": _("Settings of the company changed"),
    "plan_renewed": _("Plan renewed"),
    "person_created": _("Person created"),
    "person_changed": _("Person changed"),
    "people_imported": _("People imported"),
    "password_link_sent": _("Link for a password sent"),
    "password_set": _("Password set"),
    "second_factor_removed": _("Second factor removed"),
    "absence_created": _("Absence entered"),
    "absence_changed": _("Absence changed"),
    "absence_deleted": _("Absence deleted"),
    "organization_created": _("Organization created"),
    "organization_changed": _("Organization changed"),
    "sector_created": _("Sector created"),
    "sector_changed": _("Sector changed"),
    "department_created": _("Department created"),
    "department_changed": _("Rules of a department changed"),
    "calendar_created": _("Calendar created"),
    "calendar_changed": _("Calendar changed"),
    "calendar_deleted": _("Calendar deleted"),
    "service_level_created": _("Service level set up"),
    "service_level_changed": _("Service level changed"),
    "service_level_deleted": _("Service level deleted"),
    "service_created": _("Service created"),
    "service_changed": _("Service changed"),
    "membership_created": _("Member added to a department"),
    "membership_changed": _("Member's place changed"),
    "membership_deleted": _("Member removed from a department"),
    "profile_created": _("Profile created"),
    "profile_changed": _("Profile changed"),
    "profile_deleted": _("Profile deleted"),
    "approval_action_created": _("Approval action registered"),
    "approval_action_changed": _("Approval action changed"),
    "approval_action_deleted": _("Approval action deleted"),
    "ticket_trashed": _("Ticket moved to the trash"),
    "ticket_restored": _("Ticket restored"),
    "ticket_deleted": _("Ticket deleted for good"),
    "customer_trashed": _("Customer moved to the trash"),
    "customer_restored": _("Customer restored"),
    "customer_deleted": _("Customer deleted for good"),
    "priority_set": _("Priority set by an administrator"),
    "file_removed": _("File removed"),
    "letter_sent_again": _("Letter sent again"),
    "mail_template_changed": _("Text of a letter changed"),
    "mail_template_reset": _("Built-in text of a letter restored"),
    "log_replayed": _("Log of another desk played in"),
    "audit_exported": _("Audit log exported"),
}


# Facts that are no field of the thing itself.
FACTS: dict[str, Any] = {
    "administrator": _("administrator"),
    "bad_rows": _("rows left out"),
    "department": _("department"),
    "file": _("file"),
    "filters": _("filters"),
    "folder": _("folder"),
    "incidents": _("incidents"),
    "letter": _("letter"),
    "note": _("note"),
    "new_organizations": _("new organizations"),
    "people_created": _("people created"),
    "people_updated": _("people changed"),
    "place": _("place"),
    "reason": _("reason"),
    "tickets": _("tickets"),
    "recipient": _("recipient"),
    "until": _("up to record"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """What records are about.

    Attributes:
        words: its name.
        label: the model behind it, ``app.Model``; empty = none.
    """

    words: Any
    label: str = ""


ABOUT: dict[str, Kind] = {
    "account": Kind(_("company"), "people.Account"),
    "person": Kind(_("person"), "people.User"),
    "absence": Kind(_("absence"), "people.Absence"),
    "organization": Kind(_("organization"), "people.Organization"),
    "sector": Kind(_("sector"), "people.Sector"),
    "department": Kind(_("department"), "people.Department"),
    "calendar": Kind(_("calendar"), "people.Calendar"),
    "service_level": Kind(_("service level"), "tickets.ServiceLevel"),
    "service": Kind(_("service"), "people.Service"),
    "profile": Kind(_("profile"), "people.Profile"),
    "membership": Kind(_("membership"), "people.Membership"),
    "approval_action": Kind(_("approval action"), "approvals.ApprovalAction"),
    "ticket": Kind(_("ticket"), "tickets.Ticket"),
    "file": Kind(_("file")),
    "letter": Kind(_("letter"), "notifications.Letter"),
    "people_import": Kind(_("import of people")),
    "mail_template": Kind(_("text of a letter"), "notifications.LetterText"),
    "log": Kind(_("imported log")),
    "audit_log": Kind(_("audit log")),
}


def kind_of(model: type[Model] | Model) -> str:
    """The kind whose things are rows of this model.

    Raises:
        LookupError: it has none.
    """
    label = model._meta.label
    for about, kind in ABOUT.items():
        if kind.label == label:
            return about
    raise LookupError(f"{label} has no kind in the audit log.")


def model_of(about: str) -> type[Model] | None:
    """The model behind a kind; None for kinds without one, and for those that the log knew once."""
    kind = ABOUT.get(about)
    return apps.get_model(kind.label) if kind and kind.label else None


def verb_in_words(verb: str) -> str:
    """A verb as people read it; one that the product has forgotten, as it was written."""
    return str(VERBS.get(verb, verb))


def kind_in_words(about: str) -> str:
    kind = ABOUT.get(about)
    return str(kind.words) if kind else about
