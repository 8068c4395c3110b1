"""Who there is: the account, its people, the customers' organizations, and the structure that serves them."""

from .calendars import Calendar
from .company import Account, Plan, PlanRenewal, Sector, validate_time_zone
from .imports import PeopleImport
from .persons import Organization, User
from .profiles import Profile, Sees, Sight
from .structure import Absence, Department, Membership, Service

__all__ = [
    "Absence",
    "Account",
    "Calendar",
    "Department",
    "Membership",
    "Organization",
    "PeopleImport",
    "Plan",
    "PlanRenewal",
    "Profile",
    "Sector",
    "Sees",
    "Service",
    "Sight",
    "User",
    "validate_time_zone",
]
