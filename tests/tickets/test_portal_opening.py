"""Opening a ticket in a browser without script: what is offered, asked, refused, kept, and not done twice."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from helpdesk.core import uploads
from helpdesk.people.actions import create_department
from helpdesk.people.models import Service
from tests import walks
from tests.cast import Cast, a_file, an_agent
from tests.pages import as_, text_of
from tickets.models import Ticket

NEW = "/tickets/new/"


def filled_in(cast: Cast, **fields: Any) -> dict[str, Any]:
    """The opening form as Rita fills it in."""
    wanted: dict[str, Any] = {
        "department": cast.department.pk,
        "service": cast.service.pk,
        "priority": "high",
        "subject": "Printer is on fire",
        "description": "It burns since nine o'clock.",
        "files": [a_file()],
    } | fields
    return {name: value for name, value in wanted.items() if value is not None}


def test_open_with_everything_opens_and_shows_the_ticket(cast: Cast) -> None:
    client = as_(cast.rita)
    response = client.post(NEW, filled_in(cast, files=[a_file("one.txt"), a_file("two.txt")]))

    ticket = Ticket.objects.get()
    assert response.headers["Location"] == f"/tickets/{ticket.number}/"
    assert (ticket.subject, ticket.priority, ticket.requester, ticket.service) == (
        "Printer is on fire",
        "high",
        cast.rita,
        cast.service,
    )
    page = text_of(client.get(response.headers["Location"]))
    assert f"Your ticket is open. Its number is #{ticket.number}." in page
    assert page.count("one.txt") == 2  # at the description and in the folder


def test_open_form_asks_for_all_five_and_says_beforehand_what_is_needed(cast: Cast) -> None:
    Service.objects.create(department=cast.department, name="Password", attachment_required_on_open=False)
    cast.rules(attachment_min_count=2, attachment_extensions="pdf, png")
    response = as_(cast.rita).get(NEW)
    assert list(response.context["form"].fields) == [
        "department",
        "service",
        "priority",
        "subject",
        "description",
        "files",
    ]
    page = text_of(response)
    assert "Support: At least 2 files are needed. Accepted: pdf, png." in page
    assert "For “Password”: Files are optional. Accepted: pdf, png." in page
    assert "Work stands still for many, or a loss is near." in page


def test_open_form_offers_only_active_services_with_an_agent(cast: Cast) -> None:
    Service.objects.create(department=cast.department, name="Withdrawn", is_active=False)
    empty = create_department(name="Nobody")
    Service.objects.create(department=empty, name="Lonely")
    asleep = create_department(name="Asleep", is_active=False)
    an_agent("Sam Sleepy", asleep)
    Service.objects.create(department=asleep, name="Dream")

    form = as_(cast.rita).get(NEW).context["form"]
    assert [str(one) for one in form.services] == ["Connection", "Workplace"]
    assert [str(one) for one in form.departments] == ["Network", "Support"]


def test_open_form_without_any_service_says_so(cast: Cast) -> None:
    Service.objects.update(is_active=False)
    assert "No tickets can be opened at the moment" in text_of(as_(cast.rita).get(NEW))


def test_open_empty_gives_each_field_its_message_and_opens_nothing(cast: Cast) -> None:
    response = as_(cast.rita).post(NEW, {})
    assert response.status_code == 422
    assert response.context["form"].errors == {
        "department": ["Choose a department."],
        "service": ["Choose a service."],
        "priority": ["Choose a priority."],
        "subject": ["Say in a few words what it is about."],
        "description": ["Describe what you need."],
    }
    assert (Ticket.objects.count(), len(mail.outbox)) == (0, 0)


def test_open_without_file_and_description_names_both_at_once(cast: Cast) -> None:
    response = as_(cast.rita).post(NEW, filled_in(cast, files=None, description=" "))
    assert response.context["form"].errors == {
        "description": ["Describe what you need."],
        "files": ["Attach at least 1 file: it is needed to open this ticket."],
    }
    assert Ticket.objects.count() == 0


def test_open_refused_keeps_everything_typed_and_says_that_files_are_gone(cast: Cast) -> None:
    response = as_(cast.rita).post(
        NEW, filled_in(cast, description="", subject="A long story", files=[a_file(), a_file("bad.exe")])
    )
    page = response.content.decode()
    assert 'value="A long story"' in page
    assert re.search(rf'<option value="{cast.service.pk}"[^>]* selected', page)
    assert re.search(r'value="high"[^>]* checked', page)
    assert "“bad.exe” is a program, and programs are not accepted." in text_of(response)
    assert "Please choose your files again" in text_of(response)


def test_open_with_a_service_of_another_department_is_refused_beside_the_service(cast: Cast) -> None:
    response = as_(cast.rita).post(NEW, filled_in(cast, service=cast.other_service.pk))
    assert response.context["form"].errors == {"service": ["Support does not offer this service."]}


def test_open_with_an_exempted_service_needs_no_file(cast: Cast) -> None:
    free = Service.objects.create(department=cast.department, name="Password", attachment_required_on_open=False)
    assert as_(cast.rita).post(NEW, filled_in(cast, service=free.pk, files=None)).status_code == 302


def test_open_twice_with_the_same_words_opens_one(cast: Cast) -> None:
    client = as_(cast.rita)
    first = client.post(NEW, filled_in(cast))
    second = client.post(NEW, filled_in(cast), follow=True)
    assert Ticket.objects.count() == 1
    assert second.redirect_chain == [(first.headers["Location"], 302)]
    assert "it was not opened twice" in text_of(second)


def test_open_again_with_other_words_opens_another_and_points_at_the_first(cast: Cast) -> None:
    client = as_(cast.rita)
    client.post(NEW, filled_in(cast))
    first = Ticket.objects.get()
    response = client.post(NEW, filled_in(cast, subject="The printer is on fire"), follow=True)
    assert Ticket.objects.count() == 2
    assert f"similar subject: #{first.number} “Printer is on fire”" in text_of(response)


def test_open_same_words_much_later_opens_another(cast: Cast) -> None:
    walks.opened(cast, at=timezone.now() - timedelta(minutes=11))
    as_(cast.rita).post(NEW, filled_in(cast))
    assert Ticket.objects.count() == 2


def test_open_same_words_by_somebody_else_opens_another(cast: Cast) -> None:
    as_(cast.rita).post(NEW, filled_in(cast))
    as_(cast.cora).post(NEW, filled_in(cast))
    assert Ticket.objects.count() == 2


def test_open_too_many_is_refused_with_a_sentence_and_keeps_the_words(cast: Cast, settings: Any) -> None:
    settings.OPENINGS_A_MINUTE = 2
    client = as_(cast.rita)
    for subject in ("One", "Two"):
        assert client.post(NEW, filled_in(cast, subject=subject)).status_code == 302
    response = client.post(NEW, filled_in(cast, subject="Three"))
    assert (response.status_code, Ticket.objects.count()) == (422, 2)
    assert "You have opened 2 tickets in a short time. Please wait a minute." in text_of(response)
    assert 'value="Three"' in response.content.decode()
    assert as_(cast.cora).post(NEW, filled_in(cast)).status_code == 302


def test_open_too_many_in_an_hour_is_refused(cast: Cast, settings: Any) -> None:
    settings.OPENINGS_AN_HOUR = 2
    for minutes in (50, 40):
        walks.opened(cast, at=timezone.now() - timedelta(minutes=minutes))
    assert "Please go on in an hour" in text_of(as_(cast.rita).post(NEW, filled_in(cast)))


def test_lookalikes_asked_for_while_typing_answers_a_fragment(cast: Cast) -> None:
    ticket = walks.opened(cast, subject="Printer is on fire")
    walks.opened(cast, subject="Coffee is cold")
    walks.opened(cast, by=cast.cora, subject="Printer is on fire")
    walks.opened(cast, subject="Printer is on fire", at=timezone.now() - timedelta(days=8))
    response = as_(cast.rita).get(
        NEW, {"subject": "the PRINTER is on fíre"}, headers={"HX-Request": "true", "HX-Target": "lookalikes"}
    )
    assert re.findall(r"#\d+ [^<]+", response.content.decode()) == [f"#{ticket.number} Printer is on fire"]
    assert "<html" not in response.content.decode()


def test_lookalikes_are_shown_on_refusal(cast: Cast) -> None:
    ticket = walks.opened(cast)
    response = as_(cast.rita).post(NEW, filled_in(cast, description=""))
    assert response.context["lookalikes"] == [ticket]


def test_open_with_nothing_received_from_a_full_disk_is_refused_beside_the_files(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **kwargs: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(uploads, "TemporaryUploadedFile", full)
    response = as_(cast.rita).post(NEW, filled_in(cast))
    assert response.status_code == 422
    assert str(uploads.UNAVAILABLE) in response.context["form"].errors["files"]
    assert Ticket.objects.count() == 0
