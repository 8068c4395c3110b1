"""Everybody's own page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from helpdesk.people import tasks
from helpdesk.people.forms import ProfileForm
from helpdesk.people.models import User
from tests.cast import Cast


@pytest.mark.parametrize(
    ("name", "frame"),
    [
        ("rita", "portal/base.html"),
        ("max", "portal/base.html"),
        ("ada", "panel/base.html"),
        ("hugo", "panel/base.html"),
        ("ana", "panel/base.html"),
    ],
)
def test_profile_stands_in_the_frame_of_its_person(cast: Cast, client: Client, name: str, frame: str) -> None:
    client.force_login(cast.people[name])
    answer = client.get("/profile/")
    assert answer.status_code == 200
    frames = {template.name for template in answer.templates} & {"portal/base.html", "panel/base.html"}
    assert frames == {frame}
    page = answer.content.decode()
    for link in ("/account/password/change/", "/account/2fa/", "/account/sessions/"):
        assert f'href="{link}"' in page
    assert cast.people[name].email in page


def test_profile_changes_name_language_and_zone_and_nothing_else(cast: Cast, client: Client) -> None:
    client.force_login(cast.rita)
    wish = {
        "name": "Rita R. Ramos", "language": "ru", "time_zone": "Europe/Moscow",
        "email": "evil@demo.example", "is_superuser": "on", "manages_organization": "on", "organization": "3",
    }  # fmt: skip
    assert client.post("/profile/", wish).headers["Location"] == "/profile/"
    rita = User.objects.get(pk=cast.rita.pk)
    assert (rita.name, rita.language, rita.time_zone) == ("Rita R. Ramos", "ru", "Europe/Moscow")
    assert (rita.email, rita.is_superuser, rita.manages_organization, rita.organization) == (
        "rita@demo.example", False, False, cast.branch,
    )  # fmt: skip
    page = client.get("/profile/")
    assert (page.headers["Content-Language"], page.wsgi_request.LANGUAGE_CODE) == ("ru", "ru")


def test_members_switch_letters_about_new_tickets_off_and_others_have_no_such_switch(
    cast: Cast, client: Client
) -> None:
    """R1.20: the notification stays; see ``tests/notifications/test_switches.py``."""
    wish = {"name": "X", "language": "en", "time_zone": "UTC"}  # a box without its tick is not sent
    for name, has_switch in (("ada", True), ("hugo", True), ("rita", False), ("ana", False)):
        client.force_login(cast.people[name])
        assert ("Letters about new tickets" in client.get("/profile/").content.decode()) is has_switch, name
        assert client.post("/profile/", wish).status_code == 302
        assert cast.again(cast.people[name]).mail_new_tickets is not has_switch, name
    client.force_login(cast.ada)
    client.post("/profile/", wish | {"mail_new_tickets": "on"})
    assert cast.again(cast.ada).mail_new_tickets is True


@pytest.mark.parametrize("change", [{"name": ""}, {"language": "xx"}, {"time_zone": "Mars/Olympus"}])
def test_faulty_profile_is_refused_beside_its_field(cast: Cast, client: Client, change: dict[str, str]) -> None:
    client.force_login(cast.rita)
    answer = client.post("/profile/", {"name": "R", "language": "en", "time_zone": "UTC"} | change)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, list(change))
    assert User.objects.get(pk=cast.rita.pk).name == "Rita Ramos"


def test_deactivation_between_reading_and_saving_a_profile_survives(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class SlowForm(ProfileForm):
        def clean(self) -> Any:
            User.objects.filter(pk=cast.rita.pk).update(is_active=False, email="new@demo.example")
            return super().clean()

    monkeypatch.setattr("helpdesk.people.views.account.ProfileForm", SlowForm)
    client.force_login(cast.rita)
    assert client.post("/profile/", {"name": "R", "language": "en", "time_zone": "UTC"}).status_code == 302
    rita = User.objects.get(pk=cast.rita.pk)
    assert (rita.name, rita.is_active, rita.email) == ("R", False, "new@demo.example")


def test_unusual_zone_of_somebody_can_be_kept(cast: Cast, client: Client) -> None:
    User.objects.filter(pk=cast.rita.pk).update(time_zone="Etc/GMT+3")
    client.force_login(cast.rita)
    assert client.post("/profile/", {"name": "R", "language": "en", "time_zone": "Etc/GMT+3"}).status_code == 302


def test_forgotten_password_is_the_workers_letter(cast: Cast, client: Client, mailoutbox: Any) -> None:
    """No page waits for a mail server, and no link that lets somebody in lies in the queue."""
    from django_q.models import OrmQ

    cast.rita.language = "en"
    client.post("/account/password/reset/", {"email": "RITA@demo.example"})
    task = OrmQ.objects.get().task
    assert (task["func"], task["args"][:2]) == (
        "helpdesk.people.tasks.send_account_letter",
        ("password_reset_key", cast.rita.pk),
    )
    assert mailoutbox == []
    assert tasks.send_account_letter(*task["args"])
    letter = mailoutbox[0]
    assert (letter.to, letter.from_email, letter.subject) == (
        ["Rita Ramos <rita@demo.example>"], "Demo Desk <desk@demo.example>", "Choose a new password",
    )  # fmt: skip
    link = next(line for line in letter.body.splitlines() if "/account/password/reset/key/" in line)
    path = link.removeprefix("http://localhost:8000")
    page = client.get(path, follow=True)
    new = {"password1": "nine lives of a cat", "password2": "nine lives of a cat"}
    client.post(page.redirect_chain[-1][0], new)
    assert User.objects.get(pk=cast.rita.pk).check_password("nine lives of a cat")
    assert "/account/password/reset/key/" in letter.alternatives[0].content
    assert [one.task["args"][0] for one in OrmQ.objects.order_by("pk")] == ["password_reset_key", "password_reset"]


def test_nobody_gets_a_letter_who_is_not_known_or_not_active(cast: Cast, client: Client) -> None:
    from django_q.models import OrmQ

    cast.deactivate(cast.eve)
    for email in ("stranger@demo.example", "eve@demo.example"):
        assert client.post("/account/password/reset/", {"email": email}).status_code == 302
    assert not OrmQ.objects.exists()
    assert not tasks.send_account_letter("password_changed", cast.eve.pk, "")


@pytest.mark.django_db
def test_every_account_letter_can_be_written_in_every_language(mailoutbox: Any) -> None:
    from django.conf import settings

    from helpdesk.people.letters import LETTERS
    from tests.cast import a_person

    for code, _name in settings.LANGUAGES:
        person = a_person("Zoë\r\nBcc: x@y.example", email=f"{code}@demo.example", language=code)
        for kind in LETTERS:
            assert tasks.send_account_letter(kind, person.pk, "2026-03-10T09:00:00+00:00")
    assert len(mailoutbox) == len(LETTERS) * 3
    for letter in mailoutbox:
        assert letter.to[0].startswith('"Zoë Bcc: x@y.example" <')
        assert "ticket" not in letter.body.lower()
        assert "{{" not in letter.body + letter.alternatives[0].content
        assert letter.message()["Content-Language"] in dict(settings.LANGUAGES)
