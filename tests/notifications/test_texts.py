"""R1.20: letters in the company's own words, for each kind and language; the built-in text is never far."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.conf import settings as project

from helpdesk.core.refusals import Refused
from helpdesk.notifications import placeholders, rendering, texts
from helpdesk.notifications.kinds import DIGEST
from helpdesk.notifications.models import Letter, LetterText
from tests import walks
from tests.cast import Cast
from tests.pages import as_, text_of

from .test_rendering import everything_happens

LANGUAGES = [code for code, _name in project.LANGUAGES]
STARTED = "/panel/letters/texts/ticket_started/en/"
OWN = {
    "subject": "[#{number}] We are at it",
    "body": "Dear {reader},\n\n{executor} has begun with “{subject}”.\n\n{link}",
}


def _own(cast: Cast, **changes: str) -> LetterText:
    return texts.save(kind="ticket_started", language="en", by=cast.ana, **(OWN | changes))


def _started(cast: Cast, **facts: Any) -> Letter:
    walks.started(cast)
    letter = Letter.objects.select_related("recipient").get(kind="ticket_started")
    letter.facts |= facts
    return letter


def test_every_placeholder_is_made_of_a_fact_that_is_really_written(cast: Cast) -> None:
    """R1.20: the table of words, held against all kinds of letters that real moves write."""
    everything_happens(cast)
    for letter in Letter.objects.all():
        wanted = {one.fact for one in placeholders.placeholders_of(letter.kind).values() if one.fact}
        assert wanted - set(letter.facts) == set(), letter.kind
    assert set(Letter.objects.values_list("kind", flat=True)) == set(placeholders.editable()) - {DIGEST.name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_text_begins_with_can_be_saved_and_is_sent(cast: Cast, language: str) -> None:
    """R1.20: the built-in words of every kind, as a text of one's own, say the same address and hold no brace."""
    cast.rita.language = language
    for kind in placeholders.editable():
        subject, body = rendering.starting_text(kind, language)
        missing = [name for name in placeholders.required_of(kind) if f"{{{name}}}" not in subject + body]
        assert missing == [], kind
        text = texts.save(kind=kind, language=language, subject=subject, body=body, by=cast.ana)
        letter = Letter(kind=kind, facts=placeholders.samples(kind), recipient=cast.rita)
        rendered, built_in = (
            rendering.render(letter, cast.account, own=own, is_built_in=own is None) for own in (text, None)
        )
        assert rendered.subject == built_in.subject
        for one in (rendered.text, rendered.html, built_in.text):
            assert "http://localhost:8000/tickets/1234/" in one, kind
        assert "{" not in rendered.subject + rendered.text


def test_own_text_is_sent_to_readers_of_its_language_in_the_common_frame(cast: Cast) -> None:
    """R1.20."""
    letter = _started(cast)
    before = rendering.render(letter, cast.account)
    _own(cast)
    rendered = rendering.render(letter, cast.account)
    assert rendered.subject == f"[#{letter.facts['number']}] We are at it"
    url = f"http://localhost:8000{letter.facts['path']}"
    assert (
        rendered.text
        == f"Dear Rita Ramos,\n\nAda Alves has begun with “{letter.facts['subject']}”.\n\n{url}\n\nDemo Desk\n"
    )
    assert f'<a class="button" href="{url}"' in rendered.html
    assert "<p>Dear Rita Ramos,</p>" in rendered.html
    assert "Demo Desk" in rendered.html
    letter.recipient.language = "ru"
    assert rendering.render(letter, cast.account).text != rendered.text
    texts.reset(kind="ticket_started", language="en", by=cast.ana)
    letter.recipient.language = "en"
    assert rendering.render(letter, cast.account) == before


def test_values_are_only_filled_in_and_never_read_as_text_or_markup(cast: Cast) -> None:
    """R1.20: braces, templates and markup in a subject stay what they are."""
    nasty = "{link} {{ reader.password }} {reader.__class__} <b>x</b>"
    letter = _started(cast, subject=nasty)
    _own(cast)
    rendered = rendering.render(letter, cast.account)
    assert nasty in rendered.text
    assert "<b>x</b>" not in rendered.html
    assert "{{ reader.password }}" in rendered.html
    assert "{link}" in rendered.html


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"body": "{link} {nonsense}"}, "body", "{nonsense} means nothing in this letter."),
        ({"body": "{link} {reader.password}"}, "body", "{reader.password} means nothing in this letter."),
        ({"body": "{link} {rating}"}, "body", "{rating} means nothing in this letter."),
        ({"subject": "{0}"}, "subject", "{0} means nothing in this letter."),
        ({"body": "{link} {number"}, "body", "A brace stands alone."),
        ({"body": "Nothing more."}, "body", "{link} is missing; this letter needs it."),
        ({"subject": "{link}", "body": "Look above."}, "body", "{link} is missing; this letter needs it."),
        ({"subject": ""}, "subject", "This field is required."),
    ],
)
def test_faulty_text_is_refused_beside_its_field_and_nothing_is_lost(
    cast: Cast, change: dict[str, str], field: str, words: str
) -> None:
    """R1.20: saving checks every placeholder; the action does, too."""
    typed = OWN | change
    answer = as_(cast.ana).post(STARTED, typed)
    assert answer.status_code == 422
    assert words in " ".join(answer.context["form"].errors[field])
    assert answer.context["form"]["body"].value() == typed["body"]
    assert LetterText.objects.count() == 0
    if typed["subject"]:
        with pytest.raises(Refused):
            texts.save(kind="ticket_started", language="en", by=cast.ana, **typed)


def test_letter_to_the_group_says_what_it_must(cast: Cast) -> None:
    """R1.20: number, subject, requester, priority, opening time and link."""
    given = {"subject": "New: {subject}", "body": "{requester}, {priority}: {link}"}
    assert placeholders.faults("ticket_opened", **given) == {
        "body": ["{number} is missing; this letter needs it.", "{opened} is missing; this letter needs it."]
    }


def test_text_that_cannot_be_filled_in_gives_way_to_the_built_in_one(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    """R1.20: however it came about, the letter goes out, and the log says why."""
    letter = _started(cast)
    built_in = rendering.render(letter, cast.account)
    LetterText.objects.create(kind="ticket_started", language="en", subject="{gone}", body="{link}")
    with caplog.at_level(logging.ERROR):
        assert rendering.render(letter, cast.account) == built_in
    assert "a text could not be filled in" in caplog.text


def test_pages_list_save_preview_and_reset(cast: Cast) -> None:
    """R1.20: preview shows what was typed and stores nothing; the built-in text stands beside."""
    ana = as_(cast.ana)
    overview = ana.get("/panel/letters/texts/").content.decode()
    for kind in placeholders.editable():
        for language in LANGUAGES:
            assert f'href="/panel/letters/texts/{kind}/{language}/"' in overview
    assert "Work on your ticket has started" in text_of(ana.get(STARTED))
    answer = ana.post(STARTED, OWN | {"preview": "1"})
    assert "has begun with “The printer on floor 3 is on fire”" in text_of(answer)
    assert LetterText.objects.count() == 0
    assert "has begun with" in ana.get(f"{STARTED}preview/?draft").content.decode()
    assert "has begun with" not in ana.get(f"{STARTED}preview/").content.decode()
    assert ana.post(STARTED, OWN).status_code == 302
    assert "(own)" in text_of(ana.get("/panel/letters/texts/"))
    frame = ana.get(f"{STARTED}preview/")
    assert "has begun with" in frame.content.decode()
    assert "sandbox" in frame.headers["Content-Security-Policy"]
    assert ana.post(STARTED, {"reset": "1"}).status_code == 302
    assert LetterText.objects.count() == 0


@pytest.mark.parametrize("address", ["ticket_started/xx", "nonsense/en", "action_expired/en"])
def test_what_is_no_letter_has_no_page(cast: Cast, address: str) -> None:
    assert as_(cast.ana).get(f"/panel/letters/texts/{address}/").status_code == 404


def test_daily_letter_has_a_text_of_its_own(cast: Cast) -> None:
    """R1.20: it says its news wherever the text wants them; each stays a link."""
    started = _started(cast, subject="<b>{link}</b>")
    started.state = Letter.State.MERGED
    digest = Letter.objects.create(
        recipient=cast.rita, kind=DIGEST.name, facts={"path": "/notifications/"}, message_id="<digest-1@desk.example>"
    )
    started.digest = digest
    started.save()
    own = {"subject": "{count} from {company}", "body": "Dear {reader},\n\nthis happened:\n{news}\n\n{link}"}
    with pytest.raises(Refused, match="news} is missing"):
        texts.save(kind=DIGEST.name, language="en", by=cast.ana, subject="News", body="{link}")
    texts.save(kind=DIGEST.name, language="en", by=cast.ana, **own)
    rendered = rendering.render(digest, cast.account)
    page = f"http://localhost:8000{started.facts['path']}"
    assert rendered.subject == "1 from Demo Desk"
    assert rendered.text.startswith("Dear Rita Ramos,\n\nthis happened:\n- ")
    assert page in rendered.text
    assert f'<p><a href="{page}">' in rendered.html
    assert "<p>this happened:</p>" in rendered.html
    assert "<b>" not in rendered.html
    assert 'href="http://localhost:8000/notifications/"' in rendered.html
    preview = text_of(as_(cast.ana).get(f"/panel/letters/texts/{DIGEST.name}/en/"))
    assert "2 from Demo Desk" in preview
    assert "{news}" in preview


def test_only_administrators_write_texts(cast: Cast) -> None:
    with pytest.raises(Refused):
        texts.save(kind="ticket_started", language="en", by=cast.hugo, **OWN)
    with pytest.raises(Refused):
        texts.reset(kind="ticket_started", language="en", by=cast.hugo)
