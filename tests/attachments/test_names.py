"""Names of files, made harmless: one table."""

from __future__ import annotations

import pytest

from attachments.names import folded, free_name, safe_name

NAMES = [
    # what was sent                         what is kept
    ("report.pdf",                          "report.pdf"),
    ("../../etc/passwd",                    "passwd"),
    ("..\\..\\windows\\system.ini",         "system.ini"),
    ("/absolute/path/to.txt",               "to.txt"),
    ("C:\\Users\\rita\\photo.png",          "photo.png"),
    ("folder/",                             "folder"),
    ("a\nb.txt",                            "a b.txt"),
    ("a\r\n\tb.txt",                        "a b.txt"),
    ("nul\x00byte.txt",                     "nulbyte.txt"),
    ("bell\x07.txt",                        "bell.txt"),
    ("invoice\u202efdp.exe",                "invoicefdp.exe"),
    ("zero\u200bwidth\ufeff.txt",           "zerowidth.txt"),
    ("line\u2028end.txt",                   "line end.txt"),
    ("not\uffffa character.txt",            "nota character.txt"),
    ("lone\ud800surrogate.txt",             "lonesurrogate.txt"),
    ("e\u0301te\u0301.txt",                 "été.txt"),
    ("отчёт за март.pdf",                   "отчёт за март.pdf"),
    ('a<b>c:d"e|f?g*h.txt',                "a_b_c_d_e_f_g_h.txt"),
    ("file.exe::$DATA",                     "file.exe__$DATA"),
    ("  spaces   and dots . . ",            "spaces and dots"),
    ("virus.exe.",                          "virus.exe"),
    (".hidden",                             "hidden"),
    ("...",                                 "file"),
    ("",                                    "file"),
    (" / \\ ",                              "file"),
    ("CON",                                 "_CON"),
    ("con.txt",                             "_con.txt"),
    ("Lpt1.tar.gz",                         "_Lpt1.tar.gz"),
    ("COM¹.txt",                            "_COM¹.txt"),
    ("nul .txt",                            "nul .txt"),
    ("console.txt",                         "console.txt"),
    ("quote'and\u201cmarks\u201d;=%2F.txt", "quote'and\u201cmarks\u201d;=%2F.txt"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "kept"), NAMES)
def test_name_is_made_harmless(sent: str, kept: str) -> None:
    assert safe_name(sent) == kept
    assert safe_name(kept) == kept


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a" * 300 + ".pdf", "a" * 116 + ".pdf"),
        ("я" * 300 + ".pdf", "я" * 116 + ".pdf"),
        ("漢" * 300 + ".pdf", "漢" * 78 + ".pdf"),
        ("😀" * 300, "😀" * 60),
        ("a" * 300, "a" * 120),
        ("a." + "b" * 300, "a." + "b" * 118),
        ("x" * 116 + ".exe " + "y" * 200, "x" * 116 + ".exe"),
    ],
)
def test_long_name_is_cut_and_keeps_its_extension(sent: str, kept: str) -> None:
    assert safe_name(sent) == kept
    assert len(kept) <= 120
    assert len(kept.encode()) <= 240


@pytest.mark.parametrize(
    ("name", "taken", "free"),
    [
        ("A.txt", [], "A.txt"),
        ("A.txt", ["A.txt"], "A (2).txt"),
        ("a.txt", ["A.txt"], "a (2).txt"),
        ("A.txt", ["a.txt", "A (2).txt"], "A (3).txt"),
        ("ÉTÉ.txt", ["été.txt"], "ÉTÉ (2).txt"),
        ("notes", ["notes"], "notes (2)"),
        ("a.tar.gz", ["a.tar.gz"], "a.tar (2).gz"),
    ],
)
def test_second_file_of_a_name_gets_a_number(name: str, taken: list[str], free: str) -> None:
    """R1.10: both stay, and neither is unpacked over the other."""
    assert free_name(name, {folded(one) for one in taken}) == free
