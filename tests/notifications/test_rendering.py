"""What letters say: every kind, in every language, with every fact, to the right address, harmlessly."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings as project
from django.utils import translation

import approvals.actions
import surveys.actions
import tickets.actions
from helpdesk.core.clock import CLOCK
from helpdesk.notifications import plan, rendering
from helpdesk.notifications.actions import Notices
from helpdesk.notifications.kinds import ALL, KINDS
from helpdesk.notifications.models import Letter
from helpdesk.notifications.templatetags.letters import instant
from helpdesk.people.models import Account, Department
from surveys.models import Survey
from tests import walks
from tests.approvals import consents
from tests.cast import Cast, a_file
from tests.reports.desk import reports_come
from tests.tickets.promises import a_level
from tickets.tasks import ring

LANGUAGES = [code for code, _name in project.LANGUAGES]
# The subject that the rule gives to the letter about a closing without solution (R4.21).
CLOSED = {"en": "Ticket No. {} closed", "pt-br": "Chamado nº {} encerrado", "ru": "Обращение №{} закрыто"}
AT = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def everything_happens(cast: Cast) -> None:
    """Every kind of letter at least once, by real moves only."""
    ticket = walks.opened(cast, at=AT)
    tickets.actions.assign(ticket=ticket, by=CLOCK, at=AT)
    ticket.refresh_from_db()
    executor = ticket.executor
    tickets.actions.write(ticket=ticket, by=cast.rita, text="It is getting hot.", files=[a_file()], at=AT)
    tickets.actions.start(ticket=ticket, by=executor, at=AT)
    tickets.actions.reply(ticket=ticket, by=executor, text="On my way.", at=AT)
    tickets.actions.ask(ticket=ticket, by=executor, text="Which printer?", at=AT)
    tickets.actions.answer(ticket=ticket, by=cast.rita, text="The red one.", at=AT)
    tickets.actions.send_solution(ticket=ticket, by=executor, text="We put it out.", at=AT)
    tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="It smokes.", at=AT)
    cast.rules(approval_period=timedelta(0))
    tickets.actions.send_solution(ticket=ticket, by=executor, text="Now it is wet.", at=AT)
    tickets.actions.remind(ticket=ticket, at=AT)
    tickets.actions.approve(ticket=ticket, by=cast.rita, at=AT)
    surveys.actions.answer(
        survey=Survey.objects.get(ticket=ticket), by=cast.rita, solved=True, rating=4, comment="Thanks", at=AT
    )
    walks.cancelled(cast, at=AT)
    heads_decide(cast)
    managers_decide(cast)
    targets_are_missed(cast)
    tickets.actions.alert(ticket=walks.opened(cast, at=AT), at=AT)
    Account.objects.update(plan_ends_on=AT.date() + timedelta(days=2))
    plan.remind(at=AT)
    reports_come(cast, at=AT)
    for agent in (cast.ada, cast.bob, cast.otto):
        cast.deactivate(agent)
    walks.opened(cast, at=AT)


def heads_decide(cast: Cast) -> None:
    """Every decision of a head, one way and the other, and every way in which a ticket changes hands."""
    cast.rules(decision_reminder=timedelta(hours=1))
    later = AT + timedelta(hours=1)
    ticket = tickets.actions.give(ticket=walks.opened(cast, at=AT), by=cast.hugo, executor=cast.ada, at=AT)
    request = approvals.actions.request_priority(
        ticket=ticket, by=cast.ada, priority="urgent", text="All floors wait.", at=AT
    )
    approvals.actions.remind_heads(request=request, by=CLOCK, at=later)
    approvals.actions.reject_priority(request=request, by=cast.hugo, text="It is one floor.", at=AT)
    request = approvals.actions.request_priority(ticket=ticket, by=cast.ada, priority="high", text="One floor.", at=AT)
    approvals.actions.approve_priority(request=request, by=cast.hugo, at=AT)
    ticket = tickets.actions.hand_over(ticket=ticket, by=cast.hugo, executor=cast.bob, text="Bob knows it.", at=AT)
    tickets.actions.start(ticket=ticket, by=cast.bob, at=AT)
    tickets.actions.request_line_change(ticket=ticket, by=cast.bob, text="It is the wiring.", at=AT)
    tickets.actions.remind_heads(ticket=ticket, at=later)
    tickets.actions.return_line_change(ticket=ticket, by=cast.hugo, text="Look at the plug.", at=AT)
    tickets.actions.request_line_change(ticket=ticket, by=cast.bob, text="Plug is fine.", at=AT)
    tickets.actions.approve_line_change(ticket=ticket, by=cast.hugo, text="Thank you.", at=AT)
    tickets.actions.assume(ticket=ticket, by=cast.otto, at=AT)
    tickets.actions.start(ticket=ticket, by=cast.otto, at=AT)
    tickets.actions.request_closing(ticket=ticket, by=cast.otto, text="The house is sold.", at=AT)
    tickets.actions.remind_heads(ticket=ticket, at=later)
    tickets.actions.refuse_closing(ticket=ticket, by=cast.hugo, text="Ask the buyer.", at=AT)
    tickets.actions.request_closing(ticket=ticket, by=cast.otto, text="The buyer is gone.", at=AT)
    tickets.actions.approve_closing(ticket=ticket, by=cast.hugo, text="The building is no longer ours.", at=AT)
    ticket = tickets.actions.take_back(ticket=walks.assumed(cast, at=AT), by=cast.hugo, text="Otto is better.", at=AT)
    tickets.actions.assume(ticket=ticket, by=cast.ada, at=AT)
    tickets.actions.forward(ticket=ticket, by=cast.hugo, service=cast.other_service, text="It is the line.", at=AT)


def targets_are_missed(cast: Cast) -> None:
    """A warning and a breach, of the first start and of the conclusion."""
    a_level(conclusion=timedelta(hours=2))
    walks.assumed(cast, at=AT)
    for hours in (0.8, 1, 1.6, 2):
        ring(AT + timedelta(hours=hours))


def managers_decide(cast: Cast) -> None:
    """Approval actions: asked for, rejected with a reason, asked for again, approved."""
    ticket = walks.started(cast, at=AT)
    wanted = consents.an_action(description="A purchase.\nOnce.")
    request = consents.asked(cast, ticket=ticket, action=wanted, at=AT)
    approvals.actions.reject_action(request=request, by=cast.max, text="Too dear.", at=AT)
    request = consents.asked(cast, ticket=ticket, action=wanted, at=AT)
    approvals.actions.approve_action(request=request, by=cast.petra, at=AT)


@pytest.fixture
def strict_templates(settings):
    """A variable that the facts do not hold is written out, so that a test can see it."""
    templates = [dict(engine) for engine in settings.TEMPLATES]
    templates[0]["OPTIONS"] = templates[0]["OPTIONS"] | {"string_if_invalid": "MISSING(%s)"}
    settings.TEMPLATES = templates


def test_templates_and_kinds_are_the_same_names():
    """A kind without its three templates, or a template without a kind, is a slip."""
    folder = Path(project.BASE_DIR) / "templates" / "emails"
    names = {path.name for path in folder.iterdir()} - {
        "base.html", "base.txt", "staff.html", "staff.txt", "own.html", "button.html", "news.html", "news.txt",
    }  # fmt: skip
    wanted = {f"{kind.name}.{end}" for kind in ALL.values() if kind.mails for end in ("subject.txt", "txt", "html")}
    assert names == wanted


def test_every_kind_in_every_language_says_all_its_facts(cast, strict_templates):
    everything_happens(cast)
    letters = list(Letter.objects.select_related("recipient").order_by("pk"))
    assert {letter.kind for letter in letters} == {kind.name for kind in KINDS.values() if kind.mails}
    for letter in letters:
        for language in LANGUAGES:
            letter.recipient.language = language
            rendered = rendering.render(letter, cast.account)
            whole = f"{rendered.subject}\n{rendered.text}\n{rendered.html}"
            assert "MISSING(" not in whole, (letter.kind, language)
            url = f"http://localhost:8000{letter.facts['path']}"
            assert f'<html lang="{language}">' in rendered.html
            if letter.kind in {"plan_ends", "report_scheduled", "report_failed"}:  # they are about no ticket
                assert url in rendered.text
                continue
            number = letter.facts["number"]
            if letter.kind == "closed_without_solution":  # its subject is given by the rule (R4.21)
                assert rendered.subject == CLOSED[language].format(number)
            else:
                assert rendered.subject.startswith(f"[#{number}] ")
                assert rendered.subject.endswith(letter.facts["subject"])
            for body in (rendered.text, rendered.html):
                assert url in body
                assert f"#{number} {letter.facts['subject']}" in body
                assert "Demo Desk" in body


def test_every_paragraph_of_the_formatted_letter_is_in_the_plain_one(cast):
    """The text alternative is complete (look: e-mails)."""
    everything_happens(cast)
    for letter in Letter.objects.select_related("recipient"):
        rendered = rendering.render(letter, cast.account)
        plain = " ".join(rendered.text.replace("> ", "").split())
        inside = re.sub(r"(?s)<(head|div style=).*?</(head|div)>", "", rendered.html)
        for piece in re.split(r"(?s)<[^>]*>", inside):
            words = " ".join(piece.split())
            words = words.replace("&#x27;", "'").replace("&quot;", '"').replace("&amp;", "&")
            assert words in plain, (letter.kind, words)


def test_ticket_opened_says_what_the_rule_asks_for(cast):
    """Number, subject, requester, priority, opening time and a link (R1.20)."""
    ticket = walks.opened(cast, at=AT, priority="urgent")
    letter = Letter.objects.select_related("recipient").get(kind="ticket_opened", recipient=cast.ada)
    cast.ada.time_zone = letter.recipient.time_zone = "America/Sao_Paulo"
    text = rendering.render(letter, cast.account).text
    assert f"Ticket: #{ticket.number} Printer is on fire" in text
    assert "Requester: Rita Ramos" in text
    assert "Priority: urgent" in text
    assert "Opened: Tuesday, 10 March 2026, 06:00 (America/Sao Paulo, UTC-03:00)" in text
    assert f"http://localhost:8000/panel/tickets/{ticket.number}/" in text
    assert "> It burns since nine o'clock." in text
    assert (
        "If nobody has it by Tuesday, 10 March 2026, 06:15 (America/Sao Paulo, UTC-03:00), it is given automatically"
    ) in text


def test_solution_sent_has_both_links_and_the_end_of_the_period(cast):
    """Links to approve and to return, both to the ticket; when silence approves (R3.40)."""
    ticket = walks.solved(cast, at=AT)
    letter = Letter.objects.select_related("recipient").get(kind="solution_sent")
    rendered = rendering.render(letter, cast.account)
    url = f"http://localhost:8000/tickets/{ticket.number}/"
    assert re.findall(r'href="([^"]*)"', rendered.html) == [url, url]
    assert f"Approve the solution:\n{url}\n" in rendered.text
    assert f"Return it with a question:\n{url}\n" in rendered.text
    end = "Without an answer the solution counts as approved on Thursday, 12 March 2026, 09:00 (UTC)."
    assert end in rendered.text
    assert end in rendered.html


def test_solution_sent_without_approval_period_promises_no_end(cast):
    cast.rules(approval_period=timedelta(0))
    walks.solved(cast, at=AT)
    letter = Letter.objects.select_related("recipient").get(kind="solution_sent")
    assert "counts as approved" not in rendering.render(letter, cast.account).text


def test_survey_invited_leads_to_the_signed_link_and_says_until_when(cast):
    walks.awaiting_rating(cast, at=AT)
    letter = Letter.objects.select_related("recipient").get(kind="survey_invited")
    rendered = rendering.render(letter, cast.account)
    assert letter.facts["path"].startswith("/surveys/")
    assert re.findall(r'href="([^"]*)"', rendered.html) == [f"http://localhost:8000{letter.facts['path']}"]
    assert "Your rating is possible until Wednesday, 11 March 2026, 09:00 (UTC)." in rendered.text


def test_what_the_clock_did_is_told_as_done_by_system(cast):
    ticket = walks.solved(cast, at=AT)
    tickets.actions.approve_automatically(ticket=ticket, at=AT + timedelta(days=2))
    letter = Letter.objects.select_related("recipient").get(kind="solution_approved")
    assert "Your solution counts as approved" in rendering.render(letter, cast.account).text
    row = cast.ada.notifications.get(kind="solution_approved")
    assert row.sentence == f"System approved your solution of #{ticket.number}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_dates_follow_the_readers_language(language):
    day = {"en": "Tuesday, 10 March 2026", "pt-br": "10/03/2026", "ru": "10 марта 2026"}[language]
    with translation.override(language):
        assert instant(AT.isoformat()).startswith(day)


@pytest.mark.parametrize("field", ["subject", "description"])
def test_markup_in_a_ticket_is_harmless(cast, field):
    walks.opened(cast, **{field: "<script>alert(1)</script> & <img src=x onerror=y>"})
    letter = Letter.objects.select_related("recipient").get(kind="ticket_opened", recipient=cast.ada)
    rendered = rendering.render(letter, cast.account)
    assert "<script" not in rendered.html
    assert "<img" not in rendered.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in rendered.html
    assert "<script>alert(1)</script> &" in rendered.text


HEADER_ENDS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x07"]


@pytest.mark.parametrize("end", HEADER_ENDS)
def test_headers_hold_one_line_whatever_names_and_subjects_hold(cast, end):
    """A subject, a person's name or the company's can add no header."""
    injected = f"Fire{end}Bcc: eve@demo.example"
    cast.account.name = injected
    cast.ada.name = injected
    cast.ada.save(update_fields=["name"])
    walks.opened(cast)
    letter = Letter.objects.select_related("recipient").get(kind="ticket_opened", recipient=cast.ada)
    letter.facts["subject"] = injected
    message = rendering.message(letter, rendering.render(letter, cast.account), cast.account).message()
    assert message["Subject"] == f"[#{letter.facts['number']}] Pending ticket: Fire Bcc: eve@demo.example"
    assert message["Bcc"] is None
    assert [address.addr_spec for address in message["To"].addresses] == ["ada@demo.example"]
    assert [address.addr_spec for address in message["From"].addresses] == ["desk@demo.example"]
    names = {"subject", "from", "to", "date", "message-id", "auto-submitted", "x-auto-response-suppress"}
    names |= {"references", "in-reply-to", "content-language", "content-type", "mime-version"}
    assert {name.lower() for name in message} == names


def test_headers_make_one_thread_and_silence_auto_responders(cast):
    ticket = walks.started(cast)
    root = f"<ticket-{ticket.number}@localhost>"
    letters = Letter.objects.filter(recipient=cast.rita).select_related("recipient")
    messages = [rendering.message(one, rendering.render(one, cast.account), cast.account).message() for one in letters]
    assert len(messages) == 2
    for message, letter in zip(messages, letters, strict=True):
        assert message["Message-ID"] == letter.message_id
        assert message["References"] == root
        assert message["In-Reply-To"] == root
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["X-Auto-Response-Suppress"] == "All"


@pytest.mark.parametrize(
    ("account", "default", "sender"),
    [
        (None, "helpdesk@localhost", "helpdesk@localhost"),
        (None, "Help <help@demo.example>", "Help <help@demo.example>"),
        (("Demo Desk", ""), "Help <help@demo.example>", "Demo Desk <help@demo.example>"),
        (("Demo Desk", "desk@demo.example"), "help@demo.example", "Demo Desk <desk@demo.example>"),
        (("Ärzte, Süd", "desk@demo.example"), "help@demo.example", '"Ärzte, Süd" <desk@demo.example>'),
    ],
)
def test_sender(settings, account, default, sender):
    settings.DEFAULT_FROM_EMAIL = default
    assert rendering.sender(account and SimpleNamespace(name=account[0], support_email=account[1])) == sender


@pytest.mark.parametrize(
    "path", ["", "https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "tickets/1/"]
)
def test_links_lead_to_this_site_only(path):
    assert rendering.absolute(path) == "http://localhost:8000/"


def test_a_subject_too_long_for_its_column_is_cut(cast):
    walks.opened(cast, subject="x" * 200)
    letter = Letter.objects.select_related("recipient").get(kind="ticket_opened", recipient=cast.ada)
    letter.facts["subject"] = "x" * 400
    subject = rendering.render(letter, cast.account).subject
    assert len(subject) == 300
    assert subject.endswith("x…")


def test_text_that_was_cut_says_so(cast):
    walks.opened(cast, description="y" * 6000)
    letter = Letter.objects.select_related("recipient").get(kind="ticket_opened", recipient=cast.ada)
    rendered = rendering.render(letter, cast.account)
    assert "The rest is in the ticket." in rendered.text
    assert "The rest is in the ticket." in rendered.html


def test_facts_of_older_rows_may_lack_words(cast):
    notices = Notices(by=cast.ada, at=AT)
    notices.tell("ticket_assumed", [cast.rita], facts={"number": 1}, key="old")
    notices.write()
    letter = Letter.objects.select_related("recipient").get()
    assert rendering.render(letter, cast.account).subject == "[#1] Your ticket has an agent:"
    assert cast.rita.notifications.get().sentence == " took your ticket #1"


@pytest.mark.parametrize("survey_mode", Department.SurveyMode.values)
def test_whoever_is_requester_and_head_is_told_once(cast, survey_mode):
    """A head who is the requester as well is no reason for a move to fail."""
    cast.rules(survey_mode=survey_mode)
    ticket = walks.opened(cast, by=cast.hugo)
    ticket = tickets.actions.assume(ticket=ticket, by=cast.ada)
    tickets.actions.cancel(ticket=ticket, by=cast.ada, text="Twice.")
    assert Letter.objects.filter(kind="ticket_cancelled", recipient=cast.hugo).count() == 1
    assert cast.hugo.notifications.get(kind="ticket_cancelled").path == f"/tickets/{ticket.number}/"


def test_closed_without_solution_apologizes_with_the_reason_and_the_way_to_a_new_ticket(cast):
    """We are sorry, could not solve it, closed, why, how to open a new one (R4.18, R4.21)."""
    heads_decide(cast)
    letter = Letter.objects.select_related("recipient").get(kind="closed_without_solution")
    rendered = rendering.render(letter, cast.account)
    number = letter.facts["number"]
    assert rendered.subject == f"Ticket No. {number} closed"
    assert letter.recipient == cast.rita
    sentences = (
        "We are sorry: we could not solve your problem, and we have closed your ticket without a solution.",
        "The building is no longer ours.",
        f"please open a new ticket and name this one: No. {number}.",
        "http://localhost:8000/tickets/new/",
    )
    for sentence in sentences:
        assert sentence in rendered.text
        assert sentence in rendered.html
    assert "The buyer is gone." not in rendered.text + rendered.html


def test_no_letter_to_the_requester_holds_words_for_staff(cast):
    heads_decide(cast)
    private = ("Bob knows it.", "It is the wiring.", "Look at the plug.", "The buyer is gone.", "It is the line.")
    for letter in Letter.objects.filter(recipient=cast.rita).select_related("recipient"):
        rendered = rendering.render(letter, cast.account)
        for words in private:
            assert words not in f"{rendered.subject}{rendered.text}{rendered.html}{letter.facts}", letter.kind


@pytest.mark.parametrize(("verb", "says"), [
    ("open", "A ticket of Rita Ramos waits in Support for an agent."),
    ("approve_line_change", "Hugo Hahn sent it to line 2."),
    ("take_back", "Hugo Hahn took it back into distribution."),
])  # fmt: skip
def test_distribution_needed_says_how_the_ticket_came_and_until_when(cast, verb, says):
    """R4.7: the head's task, with the instant at which it is taken off him."""
    heads_decide(cast)
    letters = Letter.objects.filter(kind="distribution_needed", recipient=cast.hugo).select_related("recipient")
    letter = next(one for one in letters if one.facts["verb"] == verb)
    text = rendering.render(letter, cast.account).text
    assert says in text
    assert "If nobody has it by Tuesday, 10 March 2026, 09:15 (UTC), it is given automatically" in text


def test_ticket_assigned_says_whether_a_head_or_the_clock_gave_it(cast):
    """R4.10."""
    ticket = tickets.actions.give(ticket=walks.opened(cast, at=AT), by=cast.hugo, executor=cast.ada, at=AT)
    letter = Letter.objects.select_related("recipient").get(kind="ticket_assigned", recipient=ticket.executor)
    assert "Hugo Hahn gave it to you." in rendering.render(letter, cast.account).text
    ticket = tickets.actions.assign(ticket=walks.opened(cast, at=AT), by=CLOCK, at=AT)
    letter = Letter.objects.select_related("recipient").get(kind="ticket_assigned", recipient=ticket.executor)
    assert "Nobody had taken it in time" in rendering.render(letter, cast.account).text
