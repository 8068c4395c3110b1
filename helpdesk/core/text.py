"""Database functions for text: folding for names, vectors for full-text search. Defined by core's first migration."""

from __future__ import annotations

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db.models import Func, TextField


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
