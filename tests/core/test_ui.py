"""The small marks of the interface and the components."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from types import SimpleNamespace as Thing
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import get_template, render_to_string
from django.utils import timezone, translation
from django.utils.safestring import mark_safe

from helpdesk.core.clock import CLOCK
from helpdesk.core.icons import ICONS
from helpdesk.core.templatetags import ui

TEMPLATES = settings.BASE_DIR / "templates"
RITA = Thing(pk=2, name="Rita Fonseca", __str__=lambda: "Rita Fonseca")


def draw(source: str, **context: Any) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


def component(which: str, /, **context: Any) -> str:
    return render_to_string(f"components/{which}.html", context)


# --- icons


def test_icon_with_a_literal_name_is_drawn_and_hidden_from_readers() -> None:
    drawn = draw('{% icon "bell" %}')
    assert drawn.startswith('<svg class="icon"')
    assert 'aria-hidden="true"' in drawn


def test_icon_with_a_name_from_the_context_is_the_same_drawing() -> None:
    assert draw("{% icon name %}", name="bell") == draw('{% icon "bell" %}')
    assert draw("{% icon name %}", name="") == ""


def test_icon_that_does_not_exist_is_refused_when_the_template_is_read() -> None:
    with pytest.raises(TemplateSyntaxError, match="no icon"):
        Template('{% load ui %}{% icon "unicorn" %}')


@pytest.mark.parametrize("name", ICONS)
def test_icon_is_well_formed(name: str) -> None:
    import xml.etree.ElementTree as ET

    root = ET.fromstring(ui.draw(name))
    assert [part.tag for part in root]


@pytest.mark.parametrize(("name", "icon"), [("a.PNG", "image"), ("b.tar.gz", "zip"), ("c.pdf", "file"), ("d", "file")])
def test_file_icon_fits_the_ending(name: str, icon: str) -> None:
    assert ui.file_icon(name) == ui.draw(icon)


# --- instants


def words(markup: str) -> str:
    return re.sub(r"<[^>]+>", "", markup)


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=12, seconds=5), "12 min ago"),
        (timedelta(hours=3, seconds=5), "3 h ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(minutes=-12, seconds=-5), "in 12 min"),
        (timedelta(hours=-3, seconds=-5), "in 3 h"),
        (timedelta(seconds=-5), "in a moment"),
    ],
)
def test_moment_under_a_day_is_relative(age: timedelta, said: str) -> None:
    assert words(ui.moment(timezone.now() - age)) == said


def test_moment_after_a_day_is_absolute_in_the_readers_zone() -> None:
    at = datetime.fromisoformat("2021-03-04T22:30:00+00:00")
    with timezone.override("America/Sao_Paulo"):
        drawn = ui.moment(at)
    assert words(drawn) == "4 Mar 2021, 19:30"
    assert 'datetime="2021-03-04T22:30:00Z"' in drawn
    assert 'title="4 March 2021, 19:30 -03"' in drawn


def test_moment_of_nothing_is_nothing_and_of_a_day_is_the_day() -> None:
    assert ui.moment(None) == ""
    assert words(ui.moment(date(2021, 3, 4))) == "4 Mar 2021"


def test_moment_exact_says_the_whole_instant() -> None:
    with timezone.override("UTC"):
        assert words(ui.moment_exact(datetime.fromisoformat("2021-03-04T22:30:00+00:00"))) == "4 March 2021, 22:30 UTC"


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=59), "under a minute"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(hours=3, minutes=12), "3 h 12 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(days=2, hours=3, minutes=9), "2 d 3 h"),
        (timedelta(days=2), "2 d"),
    ],
)
def test_in_words_uses_at_most_two_units(span: timedelta, said: str) -> None:
    assert ui.in_words(span) == said


@pytest.mark.parametrize(
    ("left", "since", "level"),
    [
        (timedelta(days=1), None, ""),
        (timedelta(hours=3), None, "warn"),
        (timedelta(minutes=20), None, "danger"),
        (timedelta(minutes=10), timedelta(minutes=5), ""),
        (timedelta(minutes=3), timedelta(minutes=12), "warn"),
        (timedelta(seconds=20), timedelta(minutes=14), "danger"),
        (timedelta(minutes=-1), timedelta(minutes=16), "danger"),
    ],
)
def test_deadline_turns_warn_then_danger(left: timedelta, since: timedelta | None, level: str) -> None:
    now = timezone.now()
    drawn = ui.deadline(now + left, since=now - since if since else None)
    assert re.findall(r"deadline--(\w+)", drawn) == ([level] if level else [])
    assert ("overdue by" in drawn) == (left < timedelta(0))


def test_deadline_of_nothing_is_nothing() -> None:
    assert ui.deadline(None) == ""


# --- people and states


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Rita Fonseca", "RF"),
        ("ana maria de souza", "AS"),
        ("Борис", "Б"),
        ("otto@demo.example", "O"),
        ("  ", "?"),
        ("(Ex) Max", "M"),
    ],
)
def test_initials_are_of_the_first_and_the_last_word(name: str, letters: str) -> None:
    assert ui.initials(name) == letters


def test_avatar_of_a_person_keeps_its_hue_and_hides_from_readers() -> None:
    drawn = ui.avatar(RITA)
    assert drawn == ui.avatar(RITA)
    assert ">RF<" in drawn
    assert 'aria-hidden="true"' in drawn


def test_avatar_of_the_clock_and_of_nobody_are_drawings() -> None:
    assert "avatar--clock avatar--small" in ui.avatar(CLOCK, size="small")
    assert "avatar--nobody" in ui.avatar(None)


def test_badge_escapes_its_word() -> None:
    assert ui.badge("closed", "<b>") == '<span class="badge badge--closed">&lt;b&gt;</span>'


def test_priority_shows_its_level_and_its_word() -> None:
    drawn = ui.priority("high", "High")
    assert drawn.count('class="on"') == 3
    assert words(drawn) == "High"


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "0 B"), (1023, "1023 B"), (2048, "2 KB"), (1_500_000, "1.4 MB"), (26_214_400, "25.0 MB"), (None, "")],
)
def test_filesize_is_for_people(size: int | None, said: str) -> None:
    assert ui.filesize(size) == said


def test_filesize_follows_the_readers_language() -> None:
    with translation.override("pt-br"):
        assert ui.filesize(1_500_000) == "1,4 MB"


def test_of_finds_a_value_by_its_key_or_by_the_keys_text() -> None:
    assert (ui.of("a", {"a": 1}), ui.of(3, {"3": "x"}), ui.of("z", {"a": 1}), ui.of("a", None)) == (1, "x", "", "")


def test_current_marks_only_the_page_shown() -> None:
    page = Thing(resolver_match=Thing(view_name="panel:queue"))
    assert draw('{% current "panel:queue" "panel:ticket" %}', request=page) == ' aria-current="page"'
    assert draw('{% current "panel:tasks" %}', request=page) == ""
    assert draw('{% current "panel:tasks" %}') == ""


# --- components


class Opening(forms.Form):
    subject = forms.CharField(help_text="One sentence.")
    priority = forms.ChoiceField(choices=[("low", "Low"), ("high", "High")], widget=forms.RadioSelect)
    note = forms.CharField(widget=forms.Textarea, required=False)
    agree = forms.BooleanField(required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def test_field_ties_help_and_error_to_its_control() -> None:
    drawn = component("field", field=Opening({"subject": ""})["subject"])
    assert 'aria-describedby="id_subject_helptext id_subject_error"' in drawn
    assert 'id="id_subject_helptext"' in drawn
    assert 'id="id_subject_error"' in drawn
    assert 'aria-invalid="true"' in drawn


def test_field_that_may_stay_empty_says_so() -> None:
    assert "(optional)" in component("field", field=Opening()["note"])
    assert "(optional)" not in component("field", field=Opening()["subject"])
    assert "(optional)" not in component("field", field=Opening()["note"], mark_optional=False)


def test_field_of_choices_is_a_fieldset_with_a_sentence_for_each() -> None:
    drawn = component("field", field=Opening()["priority"], hints={"high": "Nobody can work."})
    assert "<fieldset" in drawn
    assert drawn.count('type="radio"') == 2
    assert drawn.count("choice__hint") == 1
    assert "Nobody can work." in drawn


def test_field_that_is_hidden_is_only_its_control() -> None:
    assert component("field", field=Opening()["token"]).strip().startswith('<input type="hidden"')


def test_error_summary_links_to_each_field_and_is_silent_without_errors() -> None:
    drawn = component("error_summary", form=Opening({"subject": ""}), error="The service has been closed.")
    assert 'href="#id_subject"' in drawn
    assert "autofocus" in drawn
    assert "The service has been closed." in drawn
    assert component("error_summary", form=Opening()).strip() == ""


def test_file_drop_is_a_plain_file_input_with_its_limits_for_the_script() -> None:
    drawn = component("file_drop", name="files", id="files", label="Files", max_size=26_214_400, max_count=25)
    assert '<input type="file" multiple name="files" id="files">' in drawn
    assert 'data-max-size="26214400"' in drawn
    assert 'data-max-size-text="25.0 MB"' in drawn


MODES = [
    Thing(value="reply", label="Reply", url="/reply/", submit="Send reply", hint="Rita reads this.", reason=""),
    Thing(value="note", label="Note", url="/note/", submit="Save note", hint="Only staff reads this.", reason=""),
    Thing(value="solution", label="Solution", url="/solution/", submit="Send", hint="", reason="Not started yet."),
]


def test_composer_gives_each_mode_a_button_with_its_own_address() -> None:
    drawn = component("composer", modes=MODES, mode="note", csrf_token="token")
    assert re.findall(r'formaction="([^"]+)" data-for="(\w+)"', drawn) == [("/reply/", "reply"), ("/note/", "note")]
    assert re.findall(r'data-mode="(\w+)"[^>]*checked', drawn) == ["note"]
    assert "Not started yet." in drawn


def test_composer_enter_on_a_mode_sends_nothing() -> None:
    drawn = component("composer", modes=MODES, csrf_token="token")
    first = re.findall(r'<button[^>]*type="submit"[^>]*>', drawn)[0]
    assert 'formmethod="dialog"' in first


def test_composer_with_one_mode_has_no_tabs() -> None:
    drawn = component("composer", modes=MODES[:1], files=True, csrf_token="token")
    assert "data-mode" not in drawn
    assert "data-for" not in drawn
    assert 'name="files"' in drawn


def test_button_refused_for_the_moment_says_why_and_sends_nothing() -> None:
    drawn = component("button", label="Take", reason="Ada has it.", formaction="/take/")
    assert 'type="button" aria-disabled="true" title="Ada has it."' in drawn
    assert "formaction" not in drawn


def test_timeline_has_five_forms_and_escapes_plain_text() -> None:
    now = timezone.now()
    kinds = ("message", "note", "event", "solution", "file")
    drawn = [component("timeline_item", kind=kind, who=RITA, at=now, text="<i>hi</i>") for kind in kinds]
    assert all("&lt;i&gt;hi&lt;/i&gt;" in item for item in drawn)
    assert len({re.sub(r"Rita.*", "", item, flags=re.DOTALL) for item in drawn}) == len(kinds)
    assert "<i>hi</i>" in component("timeline_item", kind="message", who=RITA, at=now, body=mark_safe("<i>hi</i>"))


def test_menu_shows_a_refused_item_with_its_sentence_and_posts_the_others() -> None:
    items = [Thing(label="Cancel", reason="It is closed."), Thing(label="Start", action="/start/")]
    drawn = component("menu", id="more", label="More", items=items, csrf_token="token")
    assert "It is closed." in drawn
    assert '<form method="post" action="/start/">' in drawn
    assert 'popovertarget="more"' in drawn


@pytest.mark.parametrize(
    ("name", "context", "held"),
    [
        ("badge", {"kind": "closed", "label": "Closed"}, "badge--closed"),
        ("priority", {"value": "low", "label": "Low"}, "priority--low"),
        ("deadline", {"at": timezone.now()}, "overdue"),
        ("avatar", {"user": None, "nobody": "Nobody yet"}, "Nobody yet"),
        ("file", {"name": "a&b.png", "url": "/f/", "size": 2048}, "a&amp;b.png"),
        ("file", {"name": "withheld.png", "note": "not for you"}, '<span class="file">'),
        ("status_strip", {"steps": [Thing(label="Open", state="now")]}, 'aria-current="step"'),
        ("tabs", {"tabs": [Thing(label="Open", url="?", current=True, count=0)]}, '<span class="count">0</span>'),
        ("filter_bar", {"form": Opening()}, 'method="get"'),
        ("pagination", {"older": "?before=3"}, 'rel="next"'),
        ("empty_state", {"title": "Nothing yet", "href": "/new/", "action": "Begin"}, "Begin"),
        ("tile", {"word": "Open", "figure": 3, "href": "/queue/"}, '<a href="/queue/"'),
        ("notice", {"text": "Refused.", "level": "error"}, "data-refused"),
        ("messages", {"messages": [Thing(level_tag="success")], "oob": True}, 'hx-swap-oob="true"'),
        ("toast", {"text": "Done."}, "Done."),
        ("banner", {"text": "Mail waits.", "href": "/x/", "link": "Look"}, "Look"),
        ("bell", {"unread": 120}, "99+"),
        ("dialog", {"id": "keys", "title": "Keyboard", "inside": "components/keys_help.html"}, "<kbd>"),
        ("fields", {"form": Opening()}, 'name="token"'),
    ],
)
def test_component_renders(name: str, context: dict[str, Any], held: str) -> None:
    assert held in component(name, **context)


PAGES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))


@pytest.mark.parametrize("name", PAGES)
def test_template_can_be_read(name: str) -> None:
    get_template(name)


@pytest.mark.parametrize("name", [name for name in PAGES if not name.startswith(("emails/", "pdf/", "admin/"))])
def test_template_keeps_the_content_security_policy(name: str) -> None:
    text = (TEMPLATES / name).read_text()
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=|javascript:", text) == []
