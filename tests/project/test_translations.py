"""Everybody reads the desk in a language of their own: no text without its translation, none that breaks its facts."""

from __future__ import annotations

import re

import pytest
from babel.messages.mofile import read_mo
from django.test import Client
from django.utils import translation

from tests import words
from tests.cast import Cast
from tickets.lifecycle import Status

# What a text is filled with, and the marks that carry a link or an emphasis.
_FACTS = re.compile(r"%\([^)]*\)[sdif]|%[sd%]|\{[a-zA-Z_]*\}|<[^>]+>")


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_text_is_translated_and_none_is_left_over(language: str) -> None:
    """``make messages`` brings the catalogs up to date; new texts are translated by hand."""
    collected = {words.key_of(message) for message in words.collected() if message.id}
    stored = {words.key_of(message): message for message in words.stored(language) if message.id}
    assert stored.keys() - collected == set()
    assert collected - stored.keys() == set()
    assert [message.id for message in stored.values() if message.fuzzy or not words.said_in_full(message.string)] == []


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_translation_keeps_what_it_is_filled_with(language: str) -> None:
    broken = []
    for message in words.stored(language):
        if not message.id or "date format" in (message.context or ""):
            continue
        singular, plural = message.id if message.pluralizable else (message.id, message.id)
        allowed = [set(_FACTS.findall(plural)), set(_FACTS.findall(singular))]
        forms = message.string if message.pluralizable else (message.string,)
        broken += [(message.id, form) for form in forms if set(_FACTS.findall(form)) not in allowed]
    assert broken == []


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_what_is_compiled_is_what_was_translated(language: str) -> None:
    with words.path_of(language, "mo").open("rb") as file:
        compiled = {words.key_of(message): words.saying_of(message) for message in read_mo(file) if message.id}
    compiled = {
        (context.decode() if isinstance(context, bytes) else context, key): said  # as Babel reads it
        for (context, key), said in compiled.items()
    }
    assert compiled == {
        words.key_of(message): words.saying_of(message) for message in words.stored(language) if message.id
    }


_STATES = """
    aguardando distribuição          | ожидает распределения
    assumido                         | назначено
    em atendimento                   | в работе
    aguardando solicitante           | ожидает ответа клиента
    mudança de linha solicitada      | запрошена смена линии
    encerramento solicitado          | запрошено закрытие
    aguardando aprovação da solução  | на проверке у клиента
    aguardando avaliação             | ожидает оценки
    encerrado                        | закрыто
    cancelado                        | отменено (не решено)
"""


@pytest.mark.parametrize(("column", "language"), [(0, "pt-br"), (1, "ru")])
def test_states_have_the_names_of_the_field(column: int, language: str) -> None:
    rows = [line.split("|")[column].strip() for line in _STATES.strip().splitlines()]
    with translation.override(language):
        assert [str(status.label).casefold() for status in Status] == rows


@pytest.mark.parametrize(("language", "days"), [("pt-br", ["1 dia", "3 dias"]), ("ru", ["1 день", "3 дня", "5 дней"])])
def test_numbers_take_the_form_of_their_language(language: str, days: list[str]) -> None:
    with translation.override(language):
        for expected in days:
            n = int(expected.split()[0])
            assert translation.ngettext("%(n)d day", "%(n)d days", n) % {"n": n} == expected


@pytest.mark.django_db
def test_an_answer_is_in_the_language_of_who_reads(cast: Cast, client: Client) -> None:
    for language, words_of_sign_in in (("pt-br", 'lang="pt-br"'), ("ru", 'lang="ru"')):
        page = client.get("/account/login/", headers={"accept-language": language}).content.decode()
        assert words_of_sign_in in page
        with translation.override(language):
            assert translation.gettext("Sign in") in page
            assert translation.gettext("Sign in") != "Sign in"
