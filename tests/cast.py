"""The people whom every test knows, the structure around them, and a clock that stands still until told.

| name  | who                                               |
| ----- | ------------------------------------------------- |
| rita  | requester, of the branch organization             |
| cora  | her colleague                                     |
| max   | manager of the branch                             |
| petra | manager of the parent organization                |
| eve   | requester of a rival organization                 |
| ada   | agent, Support, line 1                            |
| bob   | agent, Support, line 1                            |
| otto  | agent, Support, line 2                            |
| hugo  | head of Support                                   |
| nora  | agent of another department, Network              |
| ana   | administrator                                     |

All of them sign in with the password ``demo``. Support has the default settings; ``cast.rules(…)`` changes them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile

from helpdesk.people.actions import create_department, join_department, sync_group
from helpdesk.people.models import Account, Department, Membership, Organization, Sector, Service, User
from tests.database import lay_by

PASSWORD = "demo"


@dataclass
class Cast:
    """Everybody and everything by name; see the table above."""

    account: Account
    parent: Organization
    branch: Organization
    rival: Organization
    sector: Sector
    department: Department
    service: Service
    other_department: Department
    other_service: Service
    rita: User
    cora: User
    max: User
    petra: User
    eve: User
    ada: User
    bob: User
    otto: User
    hugo: User
    nora: User
    ana: User

    @property
    def people(self) -> dict[str, User]:
        """Every person by name, in the order of the table."""
        names = ("rita", "cora", "max", "petra", "eve", "ada", "bob", "otto", "hugo", "nora", "ana")
        return {name: getattr(self, name) for name in names}

    def name_of(self, person: User | None) -> str:
        """The table's name of a person; ``clock`` for nobody."""
        if person is None or person.pk is None:
            return "clock"
        return next((name for name, one in self.people.items() if one.pk == person.pk), str(person))

    def names_of(self, people: Any) -> list[str]:
        """The table's names, sorted."""
        return sorted(self.name_of(person) for person in people)

    def rules(self, **settings: Any) -> Department:
        """Change settings of the department Support."""
        for name, value in settings.items():
            setattr(self.department, name, value)
        self.department.save(update_fields=list(settings))
        return self.department

    def again(self, person: User) -> User:
        """The person as a new request would load him: without anything remembered."""
        return User.objects.get(pk=person.pk)

    def deactivate(self, person: User) -> None:
        person.is_active = False
        person.save(update_fields=["is_active"])


def a_person(name: str, **fields: Any) -> User:
    """A person called ``name`` with the address ``<first name>@demo.example`` and the password ``demo``."""
    email = fields.pop("email", f"{name.split(maxsplit=1)[0].lower()}@demo.example")
    return User.objects.create_user(email, name, PASSWORD, **fields)


def an_agent(name: str, department: Department, *, line: int | None = 1, is_head: bool = False, **fields: Any) -> User:
    """A person who serves in ``department``."""
    person = a_person(name, **fields)
    join_department(department=department, user=person, line=line, is_head=is_head)
    return person


def a_file(
    name: str = "screen.txt", content: bytes | str = b"what the screen says", content_type: str = "text/plain"
) -> SimpleUploadedFile:
    """An upload."""
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content, content_type)


def make_cast(**settings: Any) -> Cast:
    """Everybody, with ``settings`` for the department Support."""
    parent = Organization.objects.create(name="Horizonte")
    branch = Organization.objects.create(name="Horizonte Sul", parent=parent)
    rival = Organization.objects.create(name="Rival")
    support = create_department(name="Support", **settings)
    network = create_department(name="Network")
    password = make_password(PASSWORD)
    people = {
        name: User(email=f"{name}@demo.example", name=f"{name.title()} {family}", password=password, **fields)
        for name, family, fields in (
            ("rita", "Ramos", {"organization": branch}),
            ("cora", "Costa", {"organization": branch}),
            ("max", "Moreira", {"organization": branch, "manages_organization": True}),
            ("petra", "Prado", {"organization": parent, "manages_organization": True}),
            ("eve", "Evans", {"organization": rival}),
            ("ada", "Alves", {}),
            ("bob", "Braun", {}),
            ("otto", "Orlov", {}),
            ("hugo", "Hahn", {}),
            ("nora", "Nunes", {}),
            ("ana", "Andrade", {"is_superuser": True}),
        )
    }
    # In a few statements, because nearly every test begins with it.
    User.objects.bulk_create(people.values())
    Membership.objects.bulk_create(
        Membership(department=department, user=people[name], line=line, is_head=line is None)
        for department, name, line in (
            (support, "ada", 1),
            (support, "bob", 1),
            (support, "otto", min(2, support.support_lines)),
            (support, "hugo", None),
            (network, "nora", 1),
        )
    )
    sync_group(support)
    sync_group(network)
    return Cast(
        account=Account.objects.create(pk=1, name="Demo Desk", support_email="desk@demo.example"),
        parent=parent,
        branch=branch,
        rival=rival,
        sector=Sector.objects.create(name="Sales"),
        department=support,
        service=Service.objects.create(department=support, name="Workplace"),
        other_department=network,
        other_service=Service.objects.create(department=network, name="Connection"),
        **people,
    )


def leave_department(department: Department, person: User) -> None:
    """Take somebody out of a department, group and all."""
    Membership.objects.filter(department=department, user=person).delete()
    department.group.user_set.remove(person)
    person.__dict__.pop("active_memberships", None)


class Clock:
    """The test's own time: ``clock.now`` is passed as ``at``; ``clock.turn(minutes=15)`` moves it on."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def turn(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@pytest.fixture(scope="session")
def _people_again(django_db_setup: None, django_db_blocker: Any) -> Callable[[], Cast]:
    """Brings everybody back in one statement; making them takes thirty."""
    with django_db_blocker.unblock():
        again: Callable[[], Cast] = lay_by(make_cast)
    return again


@pytest.fixture
def cast(_people_again: Callable[[], Cast], db: None) -> Cast:
    """Everybody, with default settings. In a transactional test the rows are really committed."""
    return _people_again()


@pytest.fixture
def clock() -> Clock:
    """A Tuesday morning without any change of clocks near it."""
    return Clock(datetime(2026, 3, 10, 9, 0, tzinfo=UTC))
