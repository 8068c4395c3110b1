"""Customers' people and organizations, as administrators and agents change them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from helpdesk.core import audit
from helpdesk.core.clock import CLOCK
from helpdesk.core.refusals import Refused
from helpdesk.people import permissions
from helpdesk.people.models import Organization, User

from .following import ORGANIZATION_FOLLOWERS, follow
from .locks import lock_administrators, lock_organizations, lock_organizations_managed_by
from .persons import invite, save_person


@transaction.atomic
def save_organization(
    *, organization: Organization, fields: Iterable[str] | None = None, by: Any = CLOCK
) -> Organization:
    """Write a new or changed organization; of one that exists, only ``fields`` where they are said."""
    was = _locked(organization)
    organization.save(update_fields=fields if organization.pk else None)
    follow(ORGANIZATION_FOLLOWERS, organization)
    audit.record_saved(was, organization, by=by)
    return organization


def _locked(organization: Organization) -> Organization | None:
    """As it is stored, with the parents that it has and is to have: whoever decides for them neither comes nor goes."""
    parents = Organization.objects.filter(pk=organization.pk).values_list("parent", flat=True)
    lock_organizations({organization.pk, organization.parent_id, *parents})
    return Organization.objects.select_related("parent").filter(pk=organization.pk).first()


# What agents may say about a customer; the address only until somebody has signed in with it, because whoever could
# change it could have a new password sent to himself.
CUSTOMER_FIELDS = ("name", "email", "language", "time_zone", "organization", "is_active")
# Of somebody who manages an organization, these say who consents in its name (A12).
_OF_MANAGERS = {"organization", "is_active"}
CUSTOMERS_ORGANIZATION_FIELDS = ("name", "is_active")


def may_readdress(person: User) -> bool:
    """Whether agents may change the address: nobody has come in with it yet, and it opens no manager's consents."""
    is_taken = person.last_login or person.has_usable_password() or person.manages_organization
    return person.pk is None or not is_taken


@transaction.atomic
def save_customer(*, person: User, by: User, fields: Iterable[str] = CUSTOMER_FIELDS, is_invited: bool = False) -> User:
    """Somebody whose profile lets him edit customers adds or changes one (R2.46).

    Who manages an organization is not an agent's to say: he could consent to his own requests (A12).

    Args:
        fields: of a customer who exists, what was changed; nothing else is written.
        is_invited: a link with which the customer chooses a password is sent.

    Raises:
        Refused: ``by`` may not, the person is no customer (any more), or the field is not an agent's to change.
    """
    if not by.edits_customers:
        raise Refused(_("Your profile does not let you change customers."))
    lock_organizations_managed_by(person)
    lock_administrators()
    was = User.objects.select_for_update(no_key=True).filter(pk=person.pk).first() if person.pk else User()
    if was is None:
        raise Refused(_("This person is not there any more."))
    reason = permissions.reason_not_customer(was)
    fields = set(fields)
    is_beyond = person.is_superuser or not fields <= set(CUSTOMER_FIELDS)
    # As it is by now: somebody may have been named manager while this was typed.
    is_beyond |= bool(fields & _OF_MANAGERS) if was.manages_organization else not was.pk and person.manages_organization
    if is_beyond:
        reason = reason or _("Only an administrator can change this.")
    if reason:
        raise Refused(reason)
    if was.pk and "email" in fields and not may_readdress(was):
        raise Refused(_("This customer signs in with the address already: an administrator can change it."), "email")
    person = save_person(person=person, fields=fields if person.pk is not None else None, by=by)
    if is_invited:
        invite(person=person, by=by)
    return person


def save_customers_organization(*, organization: Organization, by: User) -> Organization:
    """Somebody whose profile lets him edit customers adds or changes an organization: its name, and whether it is
    active; what it belongs to is an administrator's to say (R2.46).

    Raises:
        Refused: ``by`` may not.
    """
    if not by.edits_customers:
        raise Refused(_("Your profile does not let you change organizations."))
    return save_organization(organization=organization, fields=CUSTOMERS_ORGANIZATION_FIELDS, by=by)
