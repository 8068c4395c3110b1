"""R3.59: short help pages in the product, each for those whom it helps."""

from __future__ import annotations

import re

import pytest

from tests.cast import Cast
from tests.pages import as_, text_of

READERS = {
    "rita": ["tickets"],
    "max": ["tickets"],
    "ada": ["tickets", "service"],
    "hugo": ["tickets", "service"],
    "ana": ["tickets", "service", "registering"],
}
SAYS = {"tickets": "Open a ticket", "service": "Finalize service engagement", "registering": "Add a department"}


@pytest.mark.parametrize("name", READERS)
def test_help_lists_what_is_for_its_reader_and_every_link_of_it_opens(cast: Cast, name: str) -> None:
    """R3.59."""
    window = as_(cast.people[name])
    listed = re.findall(r'href="/help/(\w+)/"', window.get("/help/").content.decode())
    assert listed == READERS[name]
    for guide, words in SAYS.items():
        answer = window.get(f"/help/{guide}/")
        assert answer.status_code == (200 if guide in listed else 404)
        if guide in listed:
            assert words in text_of(answer)
            inside = answer.content.decode().split('class="guide"')[1].split("</main>")[0]
            links = re.findall(r'href="([^"]+)"', inside)
            assert links
            assert {link: window.get(link).status_code for link in links} == dict.fromkeys(links, 200) | {
                link: 302 for link in links if link == "/admin/people/account/"
            }


@pytest.mark.parametrize(("name", "start"), [("rita", "/tickets/"), ("ada", "/panel/"), ("ana", "/panel/letters/")])
def test_help_is_in_everybodys_own_menu(cast: Cast, name: str, start: str) -> None:
    """R3.59: portal and panel alike; the administration has it in its own menu."""
    assert 'href="/help/"' in as_(cast.people[name]).get(start).content.decode()


def test_administration_leads_to_its_help(cast: Cast) -> None:
    """R3.59."""
    page = as_(cast.ana).get("/admin/").content.decode()
    assert 'href="/help/"' in page
    assert 'href="/help/registering/"' in page
