"""What every later migration may use: extensions, folding, text search, append-only tables.

Everything is schema-qualified, because these functions stand in indexes and generated columns, which
PostgreSQL restores and analyses with an empty search path.
"""

from django.contrib.postgres.operations import BtreeGinExtension, TrigramExtension, UnaccentExtension
from django.db import migrations

FOLD = """
CREATE FUNCTION public.helpdesk_fold(text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT pg_catalog.lower(public.unaccent('public.unaccent'::pg_catalog.regdictionary, $1)) $$;
"""

# The Russian configuration already sends Latin words to the English stemmer and the others to its own;
# a word with an accent is "not ASCII" to the parser, so unaccent stands before both.
CONFIGURATIONS = """
CREATE TEXT SEARCH CONFIGURATION public.hd_en (COPY = pg_catalog.russian);
ALTER TEXT SEARCH CONFIGURATION public.hd_en
    ALTER MAPPING FOR asciiword, asciihword, hword_asciipart
    WITH pg_catalog.english_stem;
ALTER TEXT SEARCH CONFIGURATION public.hd_en
    ALTER MAPPING FOR word, hword, hword_part
    WITH public.unaccent, pg_catalog.russian_stem;
CREATE TEXT SEARCH CONFIGURATION public.hd_pt (COPY = pg_catalog.portuguese);
ALTER TEXT SEARCH CONFIGURATION public.hd_pt
    ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, word, hword, hword_part
    WITH public.unaccent, pg_catalog.portuguese_stem;
"""

# "solicitações", "solicitacoes", "solicitação" and "solicitacao" are one word to whoever searches. The stemmer
# needs the accents to see that, and people leave them out, so the plural is undone before unaccent and stemmer.
VECTOR = r"""
CREATE FUNCTION public.helpdesk_tsv(text) RETURNS pg_catalog.tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT pg_catalog.to_tsvector('public.hd_en'::pg_catalog.regconfig, $1)
          || pg_catalog.to_tsvector('public.hd_pt'::pg_catalog.regconfig,
              pg_catalog.regexp_replace($1, '[oõ]es\M', 'ao', 'gi'))
          || pg_catalog.to_tsvector('pg_catalog.portuguese'::pg_catalog.regconfig, $1) $$;
"""

QUERY = r"""
CREATE FUNCTION public.helpdesk_tsq(text) RETURNS pg_catalog.tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT pg_catalog.websearch_to_tsquery('public.hd_en'::pg_catalog.regconfig, $1)
          || pg_catalog.websearch_to_tsquery('public.hd_pt'::pg_catalog.regconfig,
              pg_catalog.regexp_replace($1, '[oõ]es\M', 'ao', 'gi'))
          || pg_catalog.websearch_to_tsquery('pg_catalog.portuguese'::pg_catalog.regconfig, $1) $$;
"""

APPEND_ONLY = """
CREATE FUNCTION public.helpdesk_append_only() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION '% on "%" is refused: its rows are history and are only ever added', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        BtreeGinExtension(),
        migrations.RunSQL(FOLD, "DROP FUNCTION public.helpdesk_fold(text)"),
        migrations.RunSQL(
            CONFIGURATIONS,
            "DROP TEXT SEARCH CONFIGURATION public.hd_en; DROP TEXT SEARCH CONFIGURATION public.hd_pt",
        ),
        migrations.RunSQL(VECTOR, "DROP FUNCTION public.helpdesk_tsv(text)"),
        migrations.RunSQL(QUERY, "DROP FUNCTION public.helpdesk_tsq(text)"),
        migrations.RunSQL(APPEND_ONLY, "DROP FUNCTION public.helpdesk_append_only()"),
    ]
