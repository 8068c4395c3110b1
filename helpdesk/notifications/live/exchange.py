"""The open tabs of one process, and who of them cares for what is called out. Knows neither HTTP nor the database."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable

from .topics import of_person, of_place
from .visitors import Visitor

# One person's tabs in one process: more than anybody reads, few enough that nobody fills the house.
MOST_TABS = 20

HUB = "hub"  # look at your bell
PAGE = "page"  # look at this page again
PEOPLE = "people"  # somebody came to this page or left it
AGAIN = "again"  # we were deaf for a while: look at everything
BYE = "bye"  # your session has ended; do not come back by yourself
BEAT = "beat"  # still here


class Tab:
    """One open tab: the hints that it has not been sent yet.

    Hints are a set of few words, so what waits for a slow line never grows, however much is called out.
    """

    __slots__ = ("closed", "hints", "visitor", "wake")

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.hints: set[str] = set()
        self.wake = asyncio.Event()
        self.closed = False

    def hint(self, *words: str) -> None:
        self.hints.update(words)
        self.wake.set()

    def close(self) -> None:
        self.closed = True
        self.wake.set()

    async def next(self) -> list[str]:
        """Wait for hints, and take all that there are; none when the tab is closed."""
        await self.wake.wait()
        self.wake.clear()
        taken, self.hints = sorted(self.hints), set()
        return taken

    @property
    def topics(self) -> dict[str, str]:
        """What it listens to, and as what it hears it."""
        page = self.visitor.page
        heard = dict.fromkeys(page.topics, PAGE) | {of_person(self.visitor.person): HUB}
        return heard | {of_place(page.place): PEOPLE} if page.place else heard


class Exchange:
    """All tabs of this process, found by what they listen to."""

    def __init__(self) -> None:
        self.tabs: set[Tab] = set()
        self._listeners: defaultdict[str, dict[Tab, str]] = defaultdict(dict)
        self._tabs_of: Counter[int] = Counter()
        self._present: Counter[tuple[str, int]] = Counter()

    def has_room_for(self, person: int) -> bool:
        return self._tabs_of[person] < MOST_TABS

    def enter(self, visitor: Visitor) -> Tab:
        """Take a tab in."""
        tab = Tab(visitor)
        self.tabs.add(tab)
        self._tabs_of[visitor.person] += 1
        for topic, word in tab.topics.items():
            self._listeners[topic][tab] = word
        if visitor.page.place:
            self._present[visitor.page.place, visitor.person] += 1
        return tab

    def leave(self, tab: Tab) -> None:
        """Let a tab go, and leave nothing of it behind."""
        self.tabs.discard(tab)
        person, place = tab.visitor.person, tab.visitor.page.place
        self._tabs_of[person] -= 1
        if not self._tabs_of[person]:
            del self._tabs_of[person]
        for topic in tab.topics:
            listeners = self._listeners[topic]
            listeners.pop(tab, None)
            if not listeners:
                del self._listeners[topic]
        if place:
            self._present[place, person] -= 1
            if not self._present[place, person]:
                del self._present[place, person]

    def is_present(self, place: str, person: int) -> bool:
        return self._present[place, person] > 0

    @property
    def present(self) -> list[tuple[str, int]]:
        """Everybody who is to be seen somewhere, as (place, person)."""
        return list(self._present)

    def call_out(self, payload: str) -> None:
        """Pass on what PostgreSQL has delivered: topics with spaces between."""
        for topic in payload.split():
            for tab, word in self._listeners.get(topic, {}).items():
                tab.hint(word)

    def hint_all(self, word: str) -> None:
        for tab in self.tabs:
            tab.hint(word)

    def dismiss(self, visitors: Iterable[Visitor]) -> None:
        """Say goodbye to people who may not stay, and close their tabs."""
        gone = set(visitors)
        for tab in self.tabs:
            if tab.visitor in gone:
                tab.hint(BYE)
                tab.close()

    def close(self) -> None:
        """End all tabs; their browsers come back by themselves."""
        for tab in self.tabs:
            tab.close()
