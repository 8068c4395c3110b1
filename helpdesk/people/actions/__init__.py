"""What is done to people and structure. Every door (admin, first run, imports) calls these."""

from .company import is_fresh, save_account, set_up
from .customers import (
    CUSTOMER_FIELDS,
    CUSTOMERS_ORGANIZATION_FIELDS,
    may_readdress,
    save_customer,
    save_customers_organization,
    save_organization,
)
from .following import burden_of
from .imports import check_import, discard_import, import_some, start_import
from .locks import lock_organizations, lock_organizations_managed_by
from .members import add_member, appoint_manager, dismiss_manager
from .persons import (
    PERSON_FIELDS,
    invite,
    reason_to_keep,
    remove_second_factor,
    save_person,
    save_profile,
    send_account_letter,
    set_password,
)
from .plans import (
    is_read_only,
    reason_not_to_renew,
    reason_read_only,
    reason_too_many,
    renew_plan,
    standstill_ended_at,
    within_agents_limit,
)
from .profiles import delete_agents_profile, reason_to_keep_profile, save_agents_profile
from .structure import create_department, join_department, reason_to_keep_department, save_department, sync_group

__all__ = [
    "CUSTOMERS_ORGANIZATION_FIELDS",
    "CUSTOMER_FIELDS",
    "PERSON_FIELDS",
    "add_member",
    "appoint_manager",
    "burden_of",
    "check_import",
    "create_department",
    "delete_agents_profile",
    "discard_import",
    "dismiss_manager",
    "import_some",
    "invite",
    "is_fresh",
    "is_read_only",
    "join_department",
    "lock_organizations",
    "lock_organizations_managed_by",
    "may_readdress",
    "reason_not_to_renew",
    "reason_read_only",
    "reason_to_keep",
    "reason_to_keep_department",
    "reason_to_keep_profile",
    "reason_too_many",
    "remove_second_factor",
    "renew_plan",
    "save_account",
    "save_agents_profile",
    "save_customer",
    "save_customers_organization",
    "save_department",
    "save_organization",
    "save_person",
    "save_profile",
    "send_account_letter",
    "set_password",
    "set_up",
    "standstill_ended_at",
    "start_import",
    "sync_group",
    "within_agents_limit",
]
