"""What the database itself understands: folding, words in three languages, rows that are history."""

import pytest
from django.db import IntegrityError, connection, transaction

pytestmark = pytest.mark.django_db


def _ask(sql: str, *values: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
        assert row is not None
        return row[0]


@pytest.mark.parametrize(
    ("text", "folded"), [("São PAULO", "sao paulo"), ("ЁЛКА", "елка"), ("Straße", "strasse"), ("", "")]
)
def test_fold(text, folded):
    assert _ask("SELECT helpdesk_fold(%s)", text) == folded


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("The printers are failing", "printer fail", True),
        ("The printers are failing", '"printers are failing"', True),
        ("The printers are failing", "printer -failing", False),
        ("The printers are failing", "scanner or printer", True),
        ("As impressoras não funcionam", "impressora", True),
        ("As impressoras não funcionam", "NAO funciona", True),
        ("solicitações pendentes", "solicitação", True),
        ("solicitações pendentes", "solicitacao", True),
        ("solicitacoes pendentes", "Solicitação", True),
        ("conexão perdida", "conexoes", True),
        ("в «сети» ошибки", "сеть", True),
        ("Ёлка не работает", "елка", True),
        ("принтеры сломались", "Принтер", True),
        ("“quoted” words", "quoted", True),
        ("cafés", "CAFE", True),
        ("printer", "scanner", False),
        ("anything", "the", False),
        ("anything", "", False),
        ("anything", "' | & ! :* (", False),
    ],
)
def test_words_are_found(text, query, found):
    assert _ask("SELECT helpdesk_tsv(%s) @@ helpdesk_tsq(%s)", text, query) is found


def test_functions_may_stand_in_indexes():
    volatility = "SELECT string_agg(provolatile::text, '') FROM pg_proc WHERE proname = ANY(%s)"
    with connection.cursor() as cursor:
        cursor.execute(volatility, [["helpdesk_fold", "helpdesk_tsv", "helpdesk_tsq"]])
        assert cursor.fetchone() == ("iii",)


@pytest.mark.parametrize("statement", ["UPDATE history SET said = 'x'", "DELETE FROM history"])
def test_history_is_only_ever_added_to(statement):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE history (said text)")
        cursor.execute(
            "CREATE TRIGGER history_append_only BEFORE UPDATE OR DELETE ON history "
            "FOR EACH ROW EXECUTE FUNCTION helpdesk_append_only()"
        )
        cursor.execute("INSERT INTO history VALUES ('once')")
        with pytest.raises(IntegrityError, match='on "history" is refused'), transaction.atomic():
            cursor.execute(statement)
        cursor.execute("SELECT said FROM history")
        assert cursor.fetchall() == [("once",)]
