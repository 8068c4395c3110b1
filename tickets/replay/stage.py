"""Who plays whom: people, departments and words for the incidents of a log.

Callers become requesters of the organization that stands for their location; groups become departments; whoever the
log calls an executor becomes an agent of that group. Nobody of them can sign in: they have no password, and their
addresses lie in a domain that is reserved for examples.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Protocol

from django.core.files.base import ContentFile
from django.utils.text import slugify

from helpdesk.people.actions import create_department, join_department
from helpdesk.people.models import Department, Membership, Organization, Service, User

from .log import Incident, Row

DOMAIN = "incidents.example"
NO_GROUP = "Group unknown"


class Stage(Protocol):
    """What the player asks."""

    def requester(self, incident: Incident) -> User: ...

    def department(self, incident: Incident) -> Department: ...

    def service(self, incident: Incident, department: Department) -> Service: ...

    def agent(self, name: str, department: Department) -> User | None:
        """Whoever plays the log's executor ``name``, where that is an agent of ``department``."""

    def person(self, user: User) -> User:
        """The one object of this run for a person, with what it remembers of memberships."""

    def subject(self, incident: Incident) -> str: ...

    def words(self, verb: str, incident: Incident, row: Row) -> str:
        """What is said with a move."""

    def file(self, incident: Incident) -> ContentFile: ...


def group_of(incident: Incident) -> str:
    """The group that the incident was opened for: a ticket stays in its department."""
    return incident.first("group") or NO_GROUP


class LogStage:
    """The log's own people and groups, made where they do not exist yet."""

    def __init__(self, incidents: Iterable[Incident]) -> None:
        incidents = list(incidents)
        #: What had to be bent, for the reckoning: a remark and how often it was made.
        self.remarks: Counter[str] = Counter()
        self._people: dict[str, User] = {}
        self._by_key: dict[int, User] = {}
        self._agents: dict[int, set[int]] = defaultdict(set)
        self._services = {
            (service.department_id, service.name.lower()): service
            for service in Service.objects.select_related("department")
        }
        self._callers = self._engage_callers(incidents)
        self._departments = self._engage_groups(incidents)

    def requester(self, incident: Incident) -> User:
        return self._callers[incident.rows[0].caller]

    def department(self, incident: Incident) -> Department:
        return self._departments[group_of(incident)]

    def service(self, incident: Incident, department: Department) -> Service:
        parts = [incident.first("category"), incident.first("subcategory")]
        name = " / ".join(part for part in parts if part) or "Other"
        key = (department.pk, name.lower())
        if key not in self._services:
            self._services[key] = Service.objects.create(department=department, name=name)
        return self._services[key]

    def agent(self, name: str, department: Department) -> User | None:
        person = self._people.get(name)
        return person if person and person.pk in self._agents[department.pk] else None

    def person(self, user: User) -> User:
        return self._by_key.setdefault(user.pk, user)

    def subject(self, incident: Incident) -> str:
        parts = [incident.first("category"), incident.first("subcategory"), incident.first("symptom")]
        return " · ".join([incident.number, *(part for part in parts if part)])

    def words(self, verb: str, incident: Incident, row: Row) -> str:
        if verb == "open":
            lines = {
                "Incident": incident.number,
                "Symptom": row.symptom,
                "Contact": row.contact,
                "Location": row.location,
                "Impact": row.impact,
                "Urgency": row.urgency,
            }
            return "\n".join(f"{name}: {value}" for name, value in lines.items() if value)
        return {
            "ask": "We need some more information from you to go on.",
            "answer": "Here is the information that you asked for.",
            "send_solution": f"Your incident {incident.number} is resolved.",
            "return_solution": f"The incident {incident.number} is back: it is not solved.",
            "note": f"{row.state}.",
        }[verb]

    def file(self, incident: Incident) -> ContentFile:
        """What the log said when the incident was opened, as the attachment that an opening needs (R1.4)."""
        lines = (f"{name}: {value}" for name, value in incident.rows[0].raw.items())
        return ContentFile("\n".join(lines).encode() + b"\n", name=f"{incident.number}.txt")

    # --- engaging people ---

    def _engage_callers(self, incidents: list[Incident]) -> dict[str, User]:
        locations: dict[str, list[str]] = {}
        for incident in incidents:
            for row in incident.rows:
                seen = locations.setdefault(row.caller, [])
                if row.location and row.location not in seen:
                    seen.append(row.location)
        organizations = {
            name: Organization.objects.get_or_create(name=name)[0]
            for name in dict.fromkeys(name for seen in locations.values() for name in seen)
        }
        for seen in locations.values():
            if len(seen) > 1:
                self.remarks["callers with several locations: the first one is their organization"] += 1
            elif not seen:
                self.remarks["callers without a location: they belong to no organization"] += 1
        return {name: self._engage(name, organizations[seen[0]] if seen else None) for name, seen in locations.items()}

    def _engage_groups(self, incidents: list[Incident]) -> dict[str, Department]:
        names = dict.fromkeys(group_of(incident) for incident in incidents)
        members: dict[str, dict[str, None]] = {name: {} for name in names}
        for incident in incidents:
            for row in incident.rows:
                group = row.group or group_of(incident)
                if row.agent and group in members:
                    members[group][row.agent] = None
        # A group in which nobody was ever named has as agents those who resolved its incidents.
        nameless = {name for name in names if not members[name]}
        for incident in incidents:
            if group_of(incident) in nameless and (resolver := incident.first("resolver")):
                members[group_of(incident)][resolver] = None
        if nameless:
            self.remarks["groups without any known executor: those who resolved their incidents serve"] = len(nameless)
        departments = {}
        for name in names:
            if not members[name]:
                self.remarks["groups in which nobody is known at all: a stand-in serves"] += 1
                members[name][f"Stand-in of {name}"] = None
            departments[name] = self._staff(name, [self._engage(agent) for agent in members[name]])
        return departments

    def _staff(self, name: str, agents: list[User]) -> Department:
        department = Department.objects.filter(name__iexact=name).first()
        if department is None:
            department = create_department(name=name, support_lines=1)
        lines = dict(Membership.objects.filter(department=department).values_list("user_id", "line"))
        for agent in agents:
            if agent.pk not in lines:
                join_department(department=department, user=agent)
                lines[agent.pk] = 1
        self._agents[department.pk] = {pk for pk, line in lines.items() if line}
        return department

    def _engage(self, name: str, organization: Organization | None = None) -> User:
        if name not in self._people:
            email = f"{slugify(name) or name.encode().hex()[:40]}@{DOMAIN}"
            person = User.objects.filter(email=email).first() or User.objects.create_user(
                email, name, organization=organization
            )
            self._people[name] = self._by_key[person.pk] = person
        return self._people[name]
