"""Finding tickets by words, however rare or frequent these are, and showing where they stand.

A text index knows all hits of a word, but not the newest ones first. A rare word has few hits, and they are all read; a
frequent one would have hundreds of thousands. So the search goes back from the newest ticket in windows, each many
times wider than the one before, and ends when a page is full, at the beginning of time, or when it has seen enough
hits: then it says how far it came, and goes on from there when asked.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchHeadline
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Left
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from helpdesk.core.text import SearchWords
from helpdesk.people.models import Organization, User

from .models import Message, Ticket

_FIRST_WINDOW = 1_000
# Among the tickets of a few organizations, which are all looked at.
_FIRST_AMONG = 100
# How much wider the next window is; it leaps once two windows have held few hits. A window in the middle, wide and of
# a word that is not rare, costs the database a walk over all its rows.
_FEW, _LEAP, _STEP = 50, 100, 10
# When so many hits were seen (visible or not) and the page is still not full, the search pauses.
_ENOUGH = 5_000
# Longer texts are marked in their beginning only.
_MARKED = 5_000
# Characters for private use: nobody types them, and they are escaped with the rest.
_OPEN, _CLOSE = "\ue000", "\ue001"
# As core's ``helpdesk_tsv`` stems: English and Russian, Portuguese with accents, Portuguese without.
_CONFIGURATIONS = ("hd_en", "portuguese", "hd_pt")


@dataclass(frozen=True)
class Found:
    """One page of hits, newest first.

    Attributes:
        is_more: there are further hits, older than the last of ``numbers``.
        searched_to: the oldest number that was looked at; None when the search came to the beginning.
    """

    numbers: list[int]
    is_more: bool = False
    searched_to: int | None = None


def find(words: str, *, reader: User, before: int | None = None, size: int = 25) -> Found:
    """The newest tickets that ``reader`` serves and whose subject or conversation holds ``words``.

    Internal notes are searched too: this is the panel's search.

    Args:
        before: only tickets with a lower number.
    """
    upper = before if before is not None else _next_number()
    window, seen = _FIRST_WINDOW, 0
    numbers: list[int] = []
    while upper > 1:
        lower = max(1, upper - window)
        hits = _hits(words, lower, upper)
        if hits:
            visible = Ticket.objects.served_by(reader).filter(number__in=hits).order_by("-number")
            numbers += visible.values_list("number", flat=True)[: size + 1 - len(numbers)]
        if len(numbers) > size:
            return Found(numbers[:size], is_more=True)
        seen, upper = seen + len(hits), lower
        window *= _LEAP if window > _FIRST_WINDOW and seen < _FEW else _STEP
        if seen >= _ENOUGH and upper > 1:
            return Found(numbers, searched_to=upper)
    return Found(numbers)


def find_among(
    organizations: list[Organization], words: str, *, also: int | None = None, before: int | None = None, size: int
) -> list[int]:
    """Numbers of the newest tickets of ``organizations`` that hold ``words``, one more than ``size`` where there are.

    Internal notes are not searched: this is the customers' search. It goes back in windows of these organizations' own
    tickets, so what a frequent word costs does not grow with them.

    Args:
        also: the number of a ticket that is found whatever it says, if it is one of theirs.
        before: only tickets with a lower number.
    """
    query = SearchWords(_clean(words))
    upper, window = before if before is not None else _next_number(), _FIRST_AMONG
    numbers: list[int] = []
    while upper > 1 and len(numbers) <= size:
        lower = _far_back(organizations, upper, window)
        theirs = Ticket.objects.filter(organization__in=organizations, number__gte=lower, number__lt=upper).order_by()
        said = (
            Message.objects.for_requester()
            .filter(search=query, ticket__organization__in=organizations, ticket__gte=lower, ticket__lt=upper)
            .order_by()
        )
        # The tickets are asked once more: a message says nothing of the trash.
        hits = theirs.filter(search=query).values("number").union(said.values("ticket_id"))
        found = theirs.filter(Q(number__in=hits) | Q(number=also)) if also else theirs.filter(number__in=hits)
        numbers += sorted(found.values_list("number", flat=True), reverse=True)
        upper, window = lower, window * _STEP
    return numbers[: size + 1]


def _far_back(organizations: list[Organization], upper: int, window: int) -> int:
    """The number ``window`` tickets before ``upper`` in the organization where that is the newest; 1 if in none."""
    own = Ticket.objects.filter(organization=OuterRef("pk"), number__lt=upper).order_by("-number")
    far = Organization.objects.filter(pk__in=[one.pk for one in organizations]).order_by()
    return far.aggregate(far=Max(Subquery(own.values("number")[window : window + 1])))["far"] or 1


def _clean(words: str) -> str:
    """Without the one character that the database does not take."""
    return words.replace("\x00", " ")


def _next_number() -> int:
    newest = Ticket.objects.order_by("-number").values_list("number", flat=True).first()
    return (newest or 0) + 1


def _hits(words: str, lower: int, upper: int) -> list[int]:
    """Numbers from ``lower`` to below ``upper`` whose ticket holds the words, in no order.

    Without an order or a limit, so that the database has to choose between the window's rows and the word's hits by
    what they cost, instead of walking the rows in hope.
    """
    query = SearchWords(_clean(words))
    subjects = Ticket.objects.filter(number__gte=lower, number__lt=upper, search=query).order_by()
    said = Message.objects.filter(ticket__gte=lower, ticket__lt=upper, search=query).order_by()
    return list(subjects.values_list("number", flat=True).union(said.values_list("ticket_id", flat=True)))


def tickets_of(person: User, *, reader: User, size: int = 25, before: int | None = None) -> Found:
    """Tickets that ``reader`` serves and that ``person`` requested, or executes now; newest first."""
    served = Ticket.objects.served_by(reader)
    if before is not None:
        served = served.filter(number__lt=before)
    requested = _newest(served.filter(requester=person), size)
    executed = _newest(served.open().filter(executor=person).exclude(requester=person), size)
    numbers = sorted(requested.union(executed, all=True), reverse=True)
    return Found(numbers[:size], is_more=len(numbers) > size)


def _newest(tickets: QuerySet[Ticket], size: int) -> QuerySet:
    return tickets.order_by("-number").values_list("number", flat=True)[: size + 1]


def people_named(text: str, *, reader: User, at_most: int = 6) -> list[dict[str, Any]]:
    """People whose name holds ``text`` and of whom ``reader`` can see tickets, each with the newest ones.

    Whoever has no ticket that the reader serves is not named: a search must not be a list of customers. Nor does he
    take the place of a namesake who has one. To a reader whose profile shows him no customers, nobody is (R2.46).
    """
    if len(text) < 3 or not reader.sees_customers:  # the index knows names by three letters in a row
        return []
    people = _namesakes(text, reader, at_most)
    if not people:
        return []
    first, *others = (
        branch
        for person in people
        for branch in (
            _newest(Ticket.objects.served_by(reader).filter(requester=person), 2),
            _newest(Ticket.objects.served_by(reader).open().filter(executor=person), 2),
        )
    )
    shown = Ticket.objects.filter(number__in=list(first.union(*others))).order_by("-number")
    rows = list(shown.only("number", "subject", "status", "requester_id", "executor_id", "closed_at"))
    found = []
    for person in people:
        own = [
            one for one in rows if one.requester_id == person.pk or (one.executor_id == person.pk and not one.is_final)
        ]
        found.append({"person": person, "tickets": own[:3]})
    return found


def _namesakes(text: str, reader: User, at_most: int) -> list[User]:
    """The first people by name of whom ``reader`` can see a ticket; looked for in windows, each wider than the last."""
    named = User.objects.named(text).order_by("name", "pk").only("name", "email")
    found: list[User] = []
    start, window = 0, 4 * at_most
    while len(found) < at_most:
        people = list(named[start : start + window])
        in_sight = _in_sight(people, reader) if people else ()  # most words are nobody's name
        found += [person for person in people if person.pk in in_sight]
        if len(people) < window:
            break
        start, window = start + window, window * _STEP
    return found[:at_most]


def _in_sight(people: list[User], reader: User) -> set[int]:
    """Those of whom ``reader`` can see a ticket that they requested, or execute now."""
    served = Ticket.objects.served_by(reader).order_by()
    requested, executed = served.filter(requester=OuterRef("pk")), served.open().filter(executor=OuterRef("pk"))
    seen = User.objects.filter(Exists(requested) | Exists(executed), pk__in=[person.pk for person in people])
    return set(seen.values_list("pk", flat=True))


def with_marked_subject(tickets: QuerySet[Ticket], words: str) -> QuerySet[Ticket]:
    """The tickets with ``marked_subject``, which is for :func:`with_marks`."""
    return tickets.annotate(marked_subject=_headline("subject", words, _CONFIGURATIONS[0], highlight_all=True))


def excerpts(numbers: list[int], words: str) -> dict[int, SafeString]:
    """For each ticket the newest message that holds the words, as an excerpt with the words marked."""
    if not numbers:
        return {}
    hits = Message.objects.filter(ticket__in=numbers, search=SearchWords(_clean(words)))
    newest = hits.order_by().values("ticket").annotate(newest=Max("pk")).values("newest")
    found = {pk: (number, text) for pk, number, text in _excerpts(newest, words, _CONFIGURATIONS[0])}
    for configuration in _CONFIGURATIONS[1:]:
        missing = [pk for pk, (_number, text) in found.items() if _OPEN not in text]
        if not missing:
            break
        found |= {pk: (number, text) for pk, number, text in _excerpts(missing, words, configuration)}
    return {number: with_marks(text) for number, text in found.values()}


def _excerpts(messages: Any, words: str, configuration: str) -> QuerySet[Message, tuple[int, int, str]]:
    text = _headline(Left("text", _MARKED), words, configuration, min_words=16, max_words=32)
    return Message.objects.filter(pk__in=messages).order_by().values_list("pk", "ticket", text)


def _headline(text: Any, words: str, configuration: str, **options: Any) -> SearchHeadline:
    return SearchHeadline(
        text, SearchWords(_clean(words)), config=configuration, start_sel=_OPEN, stop_sel=_CLOSE, **options
    )


def with_marks(text: str) -> SafeString:
    """Escape what people wrote, and turn the database's marks into ours."""
    clean = "".join(ch for ch in text if ch in {_OPEN, _CLOSE} or unicodedata.category(ch) != "Cc" or ch.isspace())
    return mark_safe(escape(clean).replace(_OPEN, "<mark>").replace(_CLOSE, "</mark>"))  # noqa: S308 - just escaped
