"""Who plays whom: people, departments and words for the incidents of a log.

Callers become requesters of the organization that stands for their location; groups become departments, or the second
line of one; whoever the log calls an executor becomes an agent of that group. Heads, of whom the log says nothing, are
stand-ins. Nobody of them can sign in: they have no password, and their addresses lie in a domain that is reserved for
examples.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from django.core.files.base import ContentFile
from django.core.management import CommandError
from django.utils.text import slugify

from helpdesk.core.clock import CLOCK
from helpdesk.people.actions import create_department, join_department
from helpdesk.people.models import Department, Membership, Organization, Service, User

from .log import Incident, Row

DOMAIN = "incidents.example"
NO_GROUP = "Group unknown"


@dataclass(frozen=True)
class Place:
    """Where a group of the log works."""

    department: Department
    line: int


class Stage(Protocol):
    """What the player asks."""

    def requester(self, incident: Incident) -> User: ...

    def department(self, incident: Incident) -> Department: ...

    def service(self, incident: Incident, department: Department) -> Service: ...

    def place(self, row: Row) -> Place | None:
        """Where the group of ``row`` works; None where it is not known, or where tickets stay in their department."""

    def head(self, department: Department) -> User | None:
        """Who decides in ``department``; None where nobody does."""

    def agent(self, name: str, department: Department, line: int) -> User | None:
        """Whoever plays the log's executor ``name``, where that is an agent of ``department`` and its ``line``."""

    def person(self, user: User) -> User:
        """The one object of this run for a person, with what it remembers of memberships."""

    def subject(self, incident: Incident) -> str: ...

    def words(self, verb: str, incident: Incident, row: Row) -> str:
        """What is said with a move."""

    def file(self, incident: Incident) -> ContentFile: ...


def group_of(incident: Incident) -> str:
    """The group that the incident was opened for."""
    return incident.first("group") or NO_GROUP


def behind(incidents: Iterable[Incident]) -> dict[str, str]:
    """Groups that no incident is opened for, and whom each works behind: whoever hands most incidents to it.

    A group that none of those hands anything to is missing.
    """
    incidents = list(incidents)
    opened_for = {group_of(incident) for incident in incidents}
    givers: dict[str, Counter[str]] = defaultdict(Counter)
    for incident in incidents:
        for giver, taker in pairwise(row.group for row in incident.rows if row.group):
            if giver in opened_for and taker not in opened_for:
                givers[taker][giver] += 1
    # Of equal ones the first of the log: they are counted in its order.
    return {taker: counts.most_common(1)[0][0] for taker, counts in givers.items()}


class LogStage:
    """The log's own people and groups, made where they do not exist yet."""

    def __init__(self, incidents: Iterable[Incident]) -> None:
        incidents = list(incidents)
        #: What had to be bent, for the reckoning: a remark and how often it was made.
        self.remarks: Counter[str] = Counter()
        self._people: dict[str, User] = {}
        self._by_key: dict[int, User] = {}
        self._lines: dict[int, dict[int, int | None]] = {}
        self._heads: dict[int, User] = {}
        self._services = {
            (service.department_id, service.name.lower()): service
            for service in Service.objects.select_related("department")
        }
        self._callers = self._engage_callers(incidents)
        self._places = self._engage_groups(incidents)

    def requester(self, incident: Incident) -> User:
        return self._callers[incident.rows[0].caller]

    def department(self, incident: Incident) -> Department:
        return self._places[group_of(incident)].department

    def place(self, row: Row) -> Place | None:
        return self._places.get(row.group)

    def head(self, department: Department) -> User | None:
        return self._heads.get(department.pk)

    def service(self, incident: Incident, department: Department) -> Service:
        parts = [incident.first("category"), incident.first("subcategory")]
        name = " / ".join(part for part in parts if part) or "Other"
        key = (department.pk, name.lower())
        if key not in self._services:
            self._services[key] = Service.objects.create(department=department, name=name)
        return self._services[key]

    def agent(self, name: str, department: Department, line: int) -> User | None:
        person = self._people.get(name)
        serves = self._lines.get(department.pk, {}).get(person.pk) if person else None
        return person if serves and (serves == line or department.support_lines == 1) else None

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
            "forward": f"{row.group} has to look at this.",
            "request_line_change": f"{row.group or 'Line 2'} has to look at this.",
            "request_closing": "This cannot be solved.",
            "approve_closing": f"Your incident {incident.number} is closed, and we are sorry: it could not be solved.",
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

    def _engage_groups(self, incidents: list[Incident]) -> dict[str, Place]:
        """Staff every group of the log: as a department of its own, or as the second line of another one."""
        members = self._members(incidents)
        one_line = Department.objects.filter(support_lines=1)
        fixed = {name.lower() for name in one_line.values_list("name", flat=True)}  # not for us to change
        second = {group: front for group, front in behind(incidents).items() if front.lower() not in fixed}
        places: dict[str, Place] = {}
        for name in (name for name in members if name not in second):
            groups = {1: [name], 2: [group for group, front in second.items() if front == name]}
            lines = self._lines_of(members, groups)
            department = self._staff(name, lines, support_lines=2 if groups[2] else 1)
            places |= {group: Place(department, line) for line in groups for group in groups[line]}
        if second:
            self.remarks["groups that only others hand to: the second line of one of these"] = len(second)
        return places

    def _members(self, incidents: list[Incident]) -> dict[str, Counter[str]]:
        """Every group of the log in its order, and how often the log names whom as executor in it."""
        members: dict[str, Counter[str]] = {}
        for incident in incidents:
            members.setdefault(group_of(incident), Counter())
            for row in incident.rows:
                group = members.setdefault(row.group or group_of(incident), Counter())
                if row.agent:
                    group[row.agent] += 1
        # A group in which nobody was ever named has as agents those who resolved the incidents that ended there.
        nameless = {name for name in members if not members[name]}
        for incident in incidents:
            group_at_the_end = incident.last("group") or NO_GROUP
            if group_at_the_end in nameless and (resolver := incident.first("resolver")):
                members[group_at_the_end][resolver] += 1
        if nameless:
            self.remarks["groups without any known executor: those who resolved their incidents serve"] = len(nameless)
        return members

    def _lines_of(self, members: dict[str, Counter[str]], groups: dict[int, list[str]]) -> dict[User, int]:
        """Who serves which line of a department: where the log names him most often, of equals the first line."""
        named: dict[str, Counter[int]] = defaultdict(Counter)
        for line, names in groups.items():
            for group in names:
                for agent, count in members[group].items():
                    named[agent][line] += count
        lines = {agent: counts.most_common(1)[0][0] for agent, counts in named.items()}
        for line, names in groups.items():
            if names and line not in lines.values():
                self.remarks["groups in which nobody is left: a stand-in serves"] += 1
                lines[f"Stand-in of {names[0]}"] = line
        return {self._engage(agent): line for agent, line in lines.items()}

    def _staff(self, name: str, agents: dict[User, int], *, support_lines: int) -> Department:
        department = Department.objects.filter(name__iexact=name).first()
        if department is None:
            department = create_department(name=name, support_lines=support_lines, by=CLOCK)
        memberships = Membership.objects.filter(department=department).select_related("user").order_by("pk")
        lines = {membership.user_id: membership.line for membership in memberships}
        for agent, line in agents.items():
            if agent.pk not in lines:
                join_department(department=department, user=agent, line=line, by=CLOCK)
                lines[agent.pk] = line
        self._lines[department.pk] = lines
        head = next((one.user for one in memberships if one.is_head and one.user.is_active), None)
        if head is None:
            head = self._engage(f"Head of {name}")
            join_department(department=department, user=head, line=None, is_head=True, by=CLOCK)
        if head.email.endswith(f"@{DOMAIN}"):
            self.remarks["departments with a stand-in for their head, whom the log does not know"] += 1
        self._heads[department.pk] = self.person(head)
        return department

    def _engage(self, name: str, organization: Organization | None = None) -> User:
        if name not in self._people:
            email = f"{slugify(name) or name.encode().hex()[:40]}@{DOMAIN}"
            if User.with_trash.filter(email=email, trashed_at__isnull=False).exists():
                raise CommandError(f"{email} lies in the trash: restore that person first, or delete him for good.")
            person = User.objects.filter(email=email).first() or User.objects.create_user(
                email, name, organization=organization
            )
            self._people[name] = self._by_key[person.pk] = person
        return self._people[name]
