"""Text: in one line for headers; and the database's functions for it, defined by core's first migration."""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db.models import Func, TextField

# Line ends of every alphabet, other control characters, and marks that turn the direction of what follows.
_UNFIT_FOR_HEADERS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\u202a-\u202e\u2066-\u2069]+")

# As English, Russian and Portuguese write it.
_NUMBER_SIGN = re.compile(r"^(?:#+|№|n[º°]\.?)\s*(?=\d|$)", re.IGNORECASE)


def one_line(text: str) -> str:
    """``text`` without anything that could end a line or hide what follows."""
    return _UNFIT_FOR_HEADERS.sub(" ", text).strip()


def without_number_sign(words: str) -> str:
    """What was typed for a ticket's number, without the sign before it: ``#12``, ``№ 12``, ``nº 12``."""
    return _NUMBER_SIGN.sub("", words.strip())


class Fold(Func):
    """Lower case without accents; immutable, so that an index can hold it."""

    function = "helpdesk_fold"
    arity = 1
    output_field = TextField()


class SearchDocument(Func):
    """The words of a text, stemmed as English, Portuguese and Russian, accents ignored: a ``tsvector``."""

    function = "helpdesk_tsv"
    arity = 1
    output_field = SearchVectorField()


class SearchWords(SearchQuery):
    """What a person typed into a search box, as a ``tsquery`` that fits :class:`SearchDocument`."""

    def __init__(self, words: str) -> None:
        super().__init__(words.replace("\x00", " "))  # which PostgreSQL takes in no text
        self.function = "helpdesk_tsq"
