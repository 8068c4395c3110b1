"""People and organizations out of a file: looked at first, then imported by the worker, batch by batch (R3.24)."""

from __future__ import annotations

import zoneinfo
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from helpdesk.core import audit
from helpdesk.core.refusals import Refused
from helpdesk.people import tables
from helpdesk.people.models import Account, Membership, Organization, PeopleImport, Sector, User
from helpdesk.people.models.persons import ADDRESS_IN_TRASH

from .customers import save_organization
from .persons import invite, save_person

# So many rows share a transaction.
BATCH = 200
_NAME = User._meta.get_field("name").max_length
_ORGANIZATION = Organization._meta.get_field("name").max_length


@transaction.atomic
def check_import(*, by: User, file_name: str, content: bytes, at: datetime | None = None) -> PeopleImport:
    """Look at a file and say of each row whether it can be imported; nothing of it is.

    Raises:
        Refused: ``by`` is no administrator, or it is no table; then ``field`` is ``file``.
    """
    _only_administrators(by)
    table = tables.read(content)
    _Checker(table.rows).look()
    good = [row for row in table.rows if not row.faults]
    return PeopleImport.objects.create(
        file_name=file_name.replace("\x00", "")[:200],
        created_by=by,
        created_at=at or timezone.now(),
        header=table.header,
        rows=[{"line": row.line, "cells": row.cells, **row.values} for row in good],
        bad=[{"line": row.line, "cells": row.cells, "why": row.faults} for row in table.rows if row.faults],
        total=len(good),
    )


@transaction.atomic
def start_import(
    *, this: PeopleImport, by: User, updates_existing: bool = False, sends_invitations: bool = False
) -> PeopleImport:
    """Have the worker import the good rows.

    Args:
        updates_existing: whoever has one of the addresses already is changed to what his row says; else left alone.
        sends_invitations: to those who are new.

    Raises:
        Refused: ``by`` is no administrator, there is no good row, or it was started already.
    """
    _only_administrators(by)
    this = _locked(this.pk)
    if this.state != PeopleImport.State.CHECKED:
        raise Refused(_("This import was started already."))
    if not this.total:
        raise Refused(_("There is no row that could be imported."))
    this.state, this.created_by = PeopleImport.State.RUNNING, by
    this.updates_existing, this.sends_invitations = updates_existing, sends_invitations
    this.save(update_fields=["state", "created_by", "updates_existing", "sends_invitations"])
    async_task("helpdesk.people.tasks.import_people", this.pk)
    return this


@transaction.atomic
def discard_import(*, this: PeopleImport, by: User) -> None:
    """Forget a file and its report; what was imported stays.

    Raises:
        Refused: ``by`` is no administrator, or the worker is at it.
    """
    _only_administrators(by)
    this = _locked(this.pk)
    if this.state == PeopleImport.State.RUNNING:
        raise Refused(_("This import is running. Wait until it is done."))
    this.delete()


@transaction.atomic
def import_some(pk: int, at: datetime | None = None) -> bool:
    """Import the next rows in one transaction; whoever does it again goes on behind them.

    Returns:
        Whether there are more.
    """
    this = PeopleImport.objects.select_for_update().select_related(None).filter(pk=pk).first()
    if this is None or this.state != PeopleImport.State.RUNNING:
        return False
    by = User.objects.get(pk=this.created_by_id)
    if not (by.is_active and by.is_administrator):
        this.state, this.rows = PeopleImport.State.STOPPED, []
    else:
        with audit.left_out(), translation.override(by.language):
            for row in this.rows[this.done : this.done + BATCH]:
                _import_row(this, row, by)
                this.done += 1
        if this.done == this.total:
            this.state, this.rows = PeopleImport.State.DONE, []
    is_over = this.state != PeopleImport.State.RUNNING
    if is_over:
        this.finished_at = at or timezone.now()
    this.save()
    if is_over:
        facts = {
            "people_created": this.created,
            "people_updated": this.updated,
            "new_organizations": this.organizations,
            "bad_rows": len(this.bad),
        }
        audit.record("people_imported", by=by, about="people_import", key=this.pk, name=this, facts=facts, at=at)
    return not is_over


def _import_row(this: PeopleImport, row: dict[str, Any], by: User) -> None:
    """One row; what has become impossible since the look is a bad row, and holds up nothing."""
    try:
        with transaction.atomic():
            made = _Row(row, this, by).save()
    except (Refused, ValidationError, DatabaseError) as error:
        why = list(error.messages) if isinstance(error, ValidationError) else [str(error).splitlines()[0]]
        if isinstance(error, DatabaseError):
            why = [_("Somebody has changed this person or organization meanwhile.")]
        this.bad = [*this.bad, {"line": row["line"], "cells": row["cells"], "why": why}]
        return
    for count, number in made.items():
        setattr(this, count, getattr(this, count) + number)


class _Row:
    """A good row on its way into the database."""

    def __init__(self, row: dict[str, Any], this: PeopleImport, by: User) -> None:
        self.row, self.this, self.by = row, this, by
        self.made = {"created": 0, "updated": 0, "unchanged": 0, "organizations": 0}

    def save(self) -> dict[str, int]:
        """What was made, by the names of the import's counts."""
        row, organization = self.row, self._organization()
        if not row["email"]:
            return self.made
        sector = Sector.objects.filter(name__iexact=row["sector"]).first() if row["sector"] else None
        person = User.with_trash.filter(email=row["email"]).first()
        given = {
            "name": row["name"], "language": row["language"], "time_zone": row["time_zone"],
            "organization": organization, "sector": sector,
        }  # fmt: skip
        if person is None:
            account = Account.current()
            language, time_zone = (account.language, account.time_zone) if account else ("en", "UTC")
            given |= {"language": row["language"] or language, "time_zone": row["time_zone"] or time_zone}
            person = save_person(person=User(email=row["email"], **given), by=self.by)
            if self.this.sends_invitations:
                invite(person=person, by=self.by)
            self.made["created"] = 1
            return self.made
        changed = {name: value for name, value in given.items() if value and getattr(person, name) != value}
        if not self.this.updates_existing or not changed:
            self.made["unchanged"] = 1
            return self.made
        reason = _reason_by_hand(person, organization)
        if reason:
            raise Refused(reason)
        for name, value in changed.items():
            setattr(person, name, value)
        save_person(person=person, fields=list(changed), by=self.by)
        self.made["updated"] = 1
        return self.made

    def _organization(self) -> Organization | None:
        name, parent = self.row["organization"], self.row["parent"]
        if not name:
            return None
        return _called(name) or self._new(name, (_called(parent) or self._new(parent, None)) if parent else None)

    def _new(self, name: str, parent: Organization | None) -> Organization:
        organization = Organization(name=name, parent=parent)
        organization.full_clean()
        self.made["organizations"] += 1
        return save_organization(organization=organization, by=self.by)


def _called(name: str) -> Organization | None:
    return Organization.objects.filter(name__iexact=name).select_related("parent").first()


def _reason_by_hand(person: User, organization: Organization | None) -> Any:
    """None, or why no import changes this person: rights are given and taken by hand (R3.19)."""
    if person.trashed_at is not None:
        return ADDRESS_IN_TRASH
    if person.is_superuser or person.memberships.exists():
        return _("This person works here; change the account by hand.")
    if person.manages_organization and organization and person.organization_id != organization.pk:
        return _("This person manages another organization; change the account by hand.")
    return None


class _Checker:
    """Looks at all rows at once: three questions to the database, however many there are."""

    def __init__(self, rows: list[tables.Row]) -> None:
        self.rows = rows
        for row in rows:
            row.values["email"] = User.objects.normalize_email(row.values["email"])
        named = {row.values[column].lower() for row in rows for column in ("organization", "parent")} - {""}
        organizations = Organization.objects.alias(lowered=Lower("name")).filter(lowered__in=named)
        self.organizations = {one.name.lower(): one for one in organizations.select_related("parent")}
        serves = Exists(Membership.objects.filter(user=OuterRef("pk")))
        people = User.with_trash.filter(email__in={row.values["email"] for row in rows}).annotate(serves=serves)
        self.people = {one.email: one for one in people.select_related("organization")}
        self.sectors = {name.lower() for name in Sector.objects.filter(is_active=True).values_list("name", flat=True)}
        self.zones = zoneinfo.available_timezones()
        self.branches: dict[str, str] = {}  # in this file: organization -> its parent
        self.seen: dict[str, int] = {}

    def look(self) -> None:
        for row in self.rows:
            self._look_at_organization(row)
        for row in self.rows:
            parent = row.values["parent"].lower()
            if parent and self.branches.get(parent):
                row.faults.append(_("The parent is a branch itself. Choose its parent organization."))
            if row.values["email"] or row.values["name"]:
                self._look_at_person(row)
            elif not row.values["organization"]:
                row.faults.append(_("There is neither a person nor an organization in this row."))

    def _look_at_organization(self, row: tables.Row) -> None:
        name, parent = row.values["organization"], row.values["parent"]
        if not name and parent:
            row.faults.append(_("There is a parent organization, but no organization."))
        if max(len(name), len(parent)) > (_ORGANIZATION or 0):
            row.faults.append(_("The organization's name is too long."))
        if not name:
            return
        found, above = self.organizations.get(name.lower()), self.organizations.get(parent.lower())
        if any(one is not None and not one.is_active for one in (found, above)):
            row.faults.append(_("The organization is not active."))
        if parent and parent.lower() == name.lower():
            row.faults.append(_("An organization cannot be its own parent."))
        elif parent and found and (found.parent is None or found.parent.name.lower() != parent.lower()):
            row.faults.append(_("There is this organization already, below another parent or none."))
        elif parent and above and above.parent_id:
            row.faults.append(_("The parent is a branch itself. Choose its parent organization."))
        elif parent and self.branches.setdefault(name.lower(), parent.lower()) != parent.lower():
            row.faults.append(_("Another row puts this organization below another parent."))

    def _look_at_person(self, row: tables.Row) -> None:
        values, faults = row.values, row.faults
        if not values["name"]:
            faults.append(_("The name is missing."))
        elif len(values["name"]) > (_NAME or 0):
            faults.append(_("The name is too long."))
        try:
            validate_email(values["email"])
        except ValidationError:
            faults.append(_("This is no e-mail address.") if values["email"] else _("The e-mail address is missing."))
        else:
            self._look_at_address(row)
        if values["language"]:
            code = tables.LANGUAGE_OF.get(values["language"].lower())
            if code is None:
                faults.append(_("This language is not known: en, pt-br or ru."))
            values["language"] = code or ""
        if values["time_zone"] and values["time_zone"] not in self.zones:
            faults.append(_("“%(name)s” is not a known time zone.") % {"name": values["time_zone"]})
        if values["sector"] and values["sector"].lower() not in self.sectors:
            faults.append(_("There is no active sector with this name."))

    def _look_at_address(self, row: tables.Row) -> None:
        email = row.values["email"]
        first = self.seen.setdefault(email, row.line)
        if first != row.line:
            row.faults.append(_("The same e-mail address stands in line %(line)d.") % {"line": first})
        person = self.people.get(email)
        if person is None:
            return
        if person.trashed_at is not None:
            row.faults.append(str(ADDRESS_IN_TRASH))
        elif person.is_superuser or person.serves:
            row.faults.append(_("This person works here; change the account by hand."))
        elif person.manages_organization and row.values["organization"]:
            own = person.organization.name.lower() if person.organization else ""
            if own != row.values["organization"].lower():
                row.faults.append(_("This person manages another organization; change the account by hand."))


def _only_administrators(by: User) -> None:
    if not (by.is_active and by.is_administrator):
        raise Refused(_("Only an administrator can import people."))


def _locked(pk: int) -> PeopleImport:
    found = PeopleImport.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise Refused(_("This import is not there any more."))
    return found
