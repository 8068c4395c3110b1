"""Who there is in the demonstration: one account, three departments with different rules, people of three tongues."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password

from helpdesk.people.actions import create_department, join_department
from helpdesk.people.models import Absence, Account, Calendar, Department, Organization, Plan, Sector, Service, User
from tickets.models import ServiceLevel

PASSWORD = "demo"  # noqa: S105 - it stands on the sign-in page of every demonstration
DOMAIN = "demo.example"
# Customers who only open tickets; nobody signs in as one of them.
OTHER_DOMAIN = "customers.example"

_D = Department
_LISBON, _SAO_PAULO, _MOSCOW, _LONDON = "Europe/Lisbon", "America/Sao_Paulo", "Europe/Moscow", "Europe/London"
_BERLIN = "Europe/Berlin"

DEPARTMENTS: dict[str, dict[str, Any]] = {
    "Atendimento": {
        "description": "Computadores, acessos e telefones das filiais.",
        "distribution_mode": _D.DistributionMode.PULL,
        "survey_mode": _D.SurveyMode.AFTER_CLOSING,
        "support_lines": 1,
    },
    "Техподдержка": {
        "description": "Рабочие места, сеть и учётные программы.",
        "distribution_mode": _D.DistributionMode.PUSH,
        "survey_mode": _D.SurveyMode.BEFORE_CLOSING,
        "support_lines": 2,
        "attachment_required_on_open": False,
    },
    "Support": {"description": "Workplaces, accounts and software of the offices abroad."},
}
SERVICES = {
    "Atendimento": ["Computador e impressora", "Acesso e senhas", "Telefonia"],
    "Техподдержка": ["Рабочее место", "Сеть и интернет", "Учётные программы"],
    "Support": ["Workplace", "Accounts and access", "Network", "Software"],
}
# Department: person, line, head.
MEMBERS: dict[str, list[tuple[str, int | None, bool]]] = {
    "Atendimento": [("ada", 1, False), ("bruno", 1, False), ("hugo", None, True)],
    "Техподдержка": [("ada", 1, False), ("irina", 1, False), ("otto", 2, False), ("hugo", None, True)],
    "Support": [("ada", 1, False), ("otto", 1, False), ("sam", 1, False), ("hugo", None, True)],
}
# Name, full name, language, time zone, organization, sector, manager of the organization.
PEOPLE: list[tuple[str, str, str, str, str, str, bool]] = [
    ("rita", "Rita Ramos", "pt-br", _SAO_PAULO, "Horizonte Sul", "", False),
    ("cora", "Cora Costa", "pt-br", _SAO_PAULO, "Horizonte Sul", "", False),
    ("max", "Max Moreira", "pt-br", _SAO_PAULO, "Horizonte Sul", "", True),
    ("petra", "Petra Prado", "pt-br", _SAO_PAULO, "Grupo Horizonte", "", True),
    ("eve", "Eve Evans", "en", _LONDON, "Rival & Sons", "", False),
    ("lena", "Лена Лебедева", "ru", _MOSCOW, "", "Продажи", False),
    ("noah", "Noah North", "en", _LONDON, "", "Finance", False),
    ("ada", "Ada Alves", "en", _LISBON, "", "", False),
    ("bruno", "Bruno Barros", "pt-br", _SAO_PAULO, "", "", False),
    ("irina", "Ирина Иванова", "ru", _MOSCOW, "", "", False),
    ("otto", "Otto Orlov", "ru", _MOSCOW, "", "", False),
    ("sam", "Sam Stone", "en", _LONDON, "", "", False),
    ("hugo", "Hugo Hahn", "en", _BERLIN, "", "", False),
    ("ana", "Ana Andrade", "en", _LISBON, "", "", False),
]
OTHER_CUSTOMERS: list[tuple[str, str, str, str, str]] = [
    ("marta.souza", "Marta Souza", "pt-br", _SAO_PAULO, "Campo Verde"),
    ("paulo.lima", "Paulo Lima", "pt-br", _SAO_PAULO, "Campo Verde"),
    ("luiza.rocha", "Luiza Rocha", "pt-br", _SAO_PAULO, "Horizonte Norte"),
    ("ivan.petrov", "Иван Петров", "ru", _MOSCOW, "Северный порт"),
    ("olga.smirnova", "Ольга Смирнова", "ru", _MOSCOW, "Северный порт"),
    ("grace.hill", "Grace Hill", "en", _LONDON, "Brightwater"),
    ("tom.reed", "Tom Reed", "en", _LONDON, "Brightwater"),
]


ABSENT = "sam"
# Whose periods and service levels are counted in office hours; the others work around the clock.
OFFICE_HOURS = "Atendimento"
# Priority: first start, conclusion. For everybody, and better ones for a parent organization with its branches.
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
LEVELS = {
    "": {
        "urgent": (_HOUR / 2, 4 * _HOUR),
        "high": (_HOUR, _DAY),
        "normal": (4 * _HOUR, 2 * _DAY),
        "low": (_DAY, 5 * _DAY),
    },
    "Grupo Horizonte": {"urgent": (_HOUR / 4, 2 * _HOUR), "high": (_HOUR / 2, 8 * _HOUR)},
}


@dataclass
class Desk:
    """Everybody and everything by name."""

    people: dict[str, User] = field(default_factory=dict)
    customers: dict[str, User] = field(default_factory=dict)
    departments: dict[str, Department] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)

    def agents_of(self, department: str) -> list[User]:
        """Those of line 1 who are not away."""
        return [self.people[name] for name, line, _head in MEMBERS[department] if line == 1 and name != ABSENT]


def arrange(now: datetime) -> Desk:
    """Set everything up as an administrator would have some weeks ago."""
    Account.objects.create(
        pk=1,
        name="Horizonte Helpdesk",
        support_email=f"helpdesk@{DOMAIN}",
        time_zone=_SAO_PAULO,
        plan=Plan.ENTERPRISE,
        approve_actions_enabled=True,
    )
    desk = Desk()
    organizations = _organizations()
    sectors = {name: Sector.objects.create(name=name) for name in ("Finance", "Продажи", "Operações")}
    password = make_password(PASSWORD)  # once: it is made to be slow

    def person(email: str, name: str, organization: str, **more: Any) -> User:
        user = User.objects.create_user(email, name, organization=organizations.get(organization), **more)
        user.password = password
        user.save(update_fields=["password"])
        return user

    for short, name, language, zone, organization, sector, manages in PEOPLE:
        desk.people[short] = person(
            f"{short}@{DOMAIN}",
            name,
            organization,
            language=language,
            time_zone=zone,
            sector=sectors.get(sector),
            manages_organization=manages,
            is_superuser=short == "ana",
        )
    for short, name, language, zone, organization in OTHER_CUSTOMERS:
        desk.customers[short] = User.objects.create_user(
            f"{short}@{OTHER_DOMAIN}", name, organization=organizations[organization], language=language, time_zone=zone
        )
    for name, rules in DEPARTMENTS.items():
        department = desk.departments[name] = create_department(name=name, by=desk.people["ana"], **rules)
        for short, line, is_head in MEMBERS[name]:
            join_department(
                department=department, user=desk.people[short], line=line, is_head=is_head, by=desk.people["ana"]
            )
        for service in SERVICES[name]:
            desk.services[service] = Service.objects.create(department=department, name=service)
    _promise(desk, organizations)
    Absence.objects.create(
        user=desk.people[ABSENT],
        starts_at=now - timedelta(days=2),
        ends_at=now + timedelta(days=3),
        reason="Holidays",
    )
    return desk


def _promise(desk: Desk, organizations: dict[str, Organization]) -> None:
    """Office hours for one department, and service levels."""
    office, friday = "08:00-12:00, 13:00-18:00", "08:00-12:00, 13:00-17:00"
    days = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday"), office) | {"friday": friday}
    department = desk.departments[OFFICE_HOURS]
    department.calendar = Calendar.objects.create(
        name="Horário comercial, São Paulo", time_zone=_SAO_PAULO, country="BR", subdivision="SP", **days
    )
    department.save(update_fields=["calendar"])
    ServiceLevel.objects.bulk_create(
        ServiceLevel(organization=organizations.get(name), priority=priority, first_start=start, conclusion=conclusion)
        for name, levels in LEVELS.items()
        for priority, (start, conclusion) in levels.items()
    )


def _organizations() -> dict[str, Organization]:
    """A parent with two branches of different rules, a rival who must never learn anything, and some others."""
    parent = Organization.objects.create(name="Grupo Horizonte", managers_see_tickets=True)
    branches = [
        Organization.objects.create(name="Horizonte Sul", parent=parent, monthly_quota=60),
        Organization.objects.create(name="Horizonte Norte", parent=parent, may_open_tickets=False),
    ]
    others = [
        Organization.objects.create(name="Rival & Sons"),
        Organization.objects.create(name="Campo Verde", team_sees_tickets=True),
        Organization.objects.create(name="Северный порт"),
        Organization.objects.create(name="Brightwater", managers_see_tickets=True),
    ]
    return {organization.name: organization for organization in [parent, *branches, *others]}
