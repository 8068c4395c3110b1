"""The pages of reports: whose they are, what they say, and what can be done with them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from helpdesk.people.models import Account, Membership
from reports.models import Report, ReportSchedule
from tests import walks
from tests.cast import Cast
from tests.reports.desk import asked, made, monthly

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@pytest.fixture
def hugo(cast: Cast, client: Client) -> Client:
    client.force_login(cast.hugo)
    return client


def says(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("/panel/queue/?status=assigned", {"list": "queue", "status": "assigned"}),
        ("/panel/queue/?kept=1&before=9", {"list": "queue"}),
        ("/panel/closed/?outcome=solved", {"list": "closed", "outcome": "solved"}),
        ("/panel/dashboard/tickets/?figure=opened&period=7", {"list": "figure", "figure": "opened", "period": "7"}),
        ("/panel/search/?q=printer", {"list": "search", "q": "printer"}),
    ],
)
def test_lists_have_buttons_that_ask_for_what_they_show(
    cast: Cast, hugo: Client, page: str, wanted: dict[str, str]
) -> None:
    """CSV and Excel, with the filters of the address; what follows is the report's own page."""
    walks.closed(cast)
    walks.assumed(cast)
    found = re.search(r'<form class="actions" method="post" action="/reports/ask/">(.*?)</form>', says(hugo, page))
    assert found
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', found[1]))
    hidden.pop("csrfmiddlewaretoken")
    assert (hidden.pop("kind"), hidden) == ("tickets", wanted)
    assert re.findall(r'name="form" value="([^"]+)"', found[1]) == ["csv", "xlsx"]
    answer = hugo.post("/reports/ask/", {"kind": "tickets", "form": "xlsx", **wanted})
    report = Report.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/reports/{report.pk}/")
    assert (report.facts, report.form) == (wanted, "xlsx")


def test_page_shows_the_way_and_then_the_file(cast: Cast, hugo: Client) -> None:
    """It looks again by itself while something is to come, and without script there is a link."""
    report = asked(cast.hugo)
    page = f"/reports/{report.pk}/"
    text = says(hugo, page)
    assert ("waits for its turn" in text, 'hx-trigger="every 2s"' in text, "Look again" in text) == (True, True, True)
    Report.objects.update(state="making", done=500, total=2000, started_at=NOW, alive_at=NOW)
    assert '<progress max="2000" value="500"' in says(hugo, page)
    Report.objects.update(state="waiting", done=0, total=0)
    made(report)
    text = says(hugo, page)
    assert ("every 2s" in text, f'href="{page}file/"' in text) == (False, True)
    assert f'href="{page}file/"' in says(hugo, "/reports/")


def test_file_is_a_download_that_nothing_keeps(cast: Cast, hugo: Client) -> None:
    walks.opened(cast)
    report = made(asked(cast.hugo, form="xlsx"), NOW)
    answer: Any = hugo.get(f"/reports/{report.pk}/file/")
    assert b"".join(answer)[:2] == b"PK"
    assert {name: answer[name] for name in ("Content-Disposition", "X-Content-Type-Options", "Cache-Control")} == {
        "Content-Disposition": 'attachment; filename="tickets-queue-2026-03-10.xlsx"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    assert (answer["Content-Type"], answer["Content-Length"]) == (report.content_type, str(report.size))


def test_file_that_is_not_there_is_a_sentence(cast: Cast, hugo: Client) -> None:
    report = made(asked(cast.hugo))
    default_storage.delete(report.stored_as)
    assert "cannot be read at the moment" in says(hugo, f"/reports/{report.pk}/file/", 503)
    Report.objects.update(state="expired", stored_as="")
    assert hugo.get(f"/reports/{report.pk}/file/")["Location"] == f"/reports/{report.pk}/"
    assert "thrown away" in says(hugo, f"/reports/{report.pk}/")


def test_rights_are_asked_again_when_it_is_fetched(cast: Cast, hugo: Client) -> None:
    """Who sees something else by now cannot fetch what he saw; making it anew is a click."""
    report = made(asked(cast.hugo))
    Membership.objects.filter(user=cast.hugo).update(is_head=False, line=1)
    text = says(hugo, f"/reports/{report.pk}/file/", 403)
    assert ("has changed since" in text, "Make it anew" in text) == (True, True)
    assert "has changed since" in says(hugo, f"/reports/{report.pk}/")
    assert hugo.post(f"/reports/{report.pk}/again/").status_code == 302
    assert Report.objects.count() == 2


def test_failed_one_says_why_and_offers_it_again(cast: Cast, hugo: Client) -> None:
    report = asked(cast.hugo)
    Report.objects.update(state="failed", error="Files cannot be stored at the moment.")
    text = says(hugo, f"/reports/{report.pk}/")
    assert ("Files cannot be stored at the moment." in text, "Make it anew" in text) == (True, True)


@pytest.mark.parametrize(
    ("said", "is_made"),
    [
        ({"list": "search", "q": "prin\x00ter"}, True),
        ({"list": "search", "q": "x" * 9_000}, True),
        ({"list": "search", "person": "9" * 18}, True),
        ({"list": "queue", "department": "9" * 40, "line": "x"}, True),
        ({"list": "x" * 300}, False),
        ({}, False),
    ],
)
def test_whatever_is_sent_is_answered_with_a_sentence(
    cast: Cast, hugo: Client, said: dict[str, str], is_made: bool
) -> None:
    answer = hugo.post("/reports/ask/", {"kind": "tickets", "form": "csv"} | said, follow=True)
    assert (answer.status_code, Report.objects.count()) == (200, int(is_made))
    assert ("There is no such report." in answer.content.decode()) is not is_made
    assert {made(one).state for one in Report.objects.all()} == ({"ready"} if is_made else set())


def test_sixth_is_refused_with_a_sentence(cast: Cast, hugo: Client) -> None:
    for priority in ("low", "normal", "high", "urgent", ""):
        asked(cast.hugo, priority=priority)
    answer = hugo.post("/reports/ask/", {"kind": "tickets", "form": "xlsx", "list": "queue"}, follow=True)
    assert "5 of your reports are still being made" in answer.content.decode()
    assert Report.objects.count() == 5


def test_throwing_away(cast: Cast, hugo: Client) -> None:
    report = made(asked(cast.hugo))
    assert hugo.post(f"/reports/{report.pk}/delete/")["Location"] == "/reports/"
    assert not Report.objects.exists()


def test_reports_can_be_had_after_the_end_of_the_plan(cast: Cast, hugo: Client) -> None:
    """R3.18: a report is a way of reading; a new schedule is none."""
    ready = made(asked(cast.hugo))
    Account.objects.update(plan_ends_on=timezone.now().date() - timedelta(days=2))
    assert hugo.get(f"/reports/{ready.pk}/file/").status_code == 200
    assert hugo.post("/reports/ask/", {"kind": "tickets", "form": "csv", "list": "closed"}).status_code == 302
    assert Report.objects.count() == 2
    given = {"what": "queue", "form": "csv", "rhythm": "monthly", "day": "1", "hour": "7"}
    assert hugo.post("/reports/schedules/new/", given).status_code == 409


def test_administration_lists_reports_without_what_is_in_them(cast: Cast, client: Client) -> None:
    report, schedule = asked(cast.hugo, status="assigned"), monthly(cast.hugo)
    client.force_login(cast.ana)
    for path in (
        "/admin/reports/report/",
        f"/admin/reports/report/{report.pk}/change/",
        f"/admin/reports/reportschedule/{schedule.pk}/change/",
    ):
        text = says(client, path)
        assert ("Hugo Hahn" in text, "assigned" in text) == (True, False)
    assert client.get(f"/reports/{report.pk}/").status_code == 404


# --- Regularly


def test_report_becomes_a_schedule(cast: Cast, hugo: Client) -> None:
    """From its page: what is settled, how often is asked; then it can be paused, resumed and deleted."""
    report = made(asked(cast.hugo, status="assigned", form="xlsx"))
    page = f"/reports/schedules/new/?report={report.pk}"
    assert page in says(hugo, f"/reports/{report.pk}/")
    text = says(hugo, page)
    assert ("Queue (Status: assigned)" in text, 'name="what"' in text, 'name="period"' in text) == (True, False, False)
    given = {"report": report.pk, "form": "xlsx", "rhythm": "monthly", "weekday": "0", "day": "31", "hour": "6"}
    assert hugo.post("/reports/schedules/new/", given)["Location"] == "/reports/schedules/"
    this = ReportSchedule.objects.get()
    assert (this.facts, this.form, this.rhythm, this.weekday, this.day, this.hour) == (
        {"list": "queue", "status": "assigned"}, "xlsx", "monthly", None, 31, 6,
    )  # fmt: skip
    text = says(hugo, "/reports/schedules/")
    assert ("Queue (Status: assigned)" in text, "every month on day 31 at 06:00" in text) == (True, True)
    hugo.post(f"/reports/schedules/{this.pk}/pause/")
    assert "paused" in says(hugo, "/reports/schedules/")
    hugo.post(f"/reports/schedules/{this.pk}/resume/")
    assert ReportSchedule.objects.get().is_active
    assert "Send it no more?" in says(hugo, f"/reports/schedules/{this.pk}/delete/")
    assert ReportSchedule.objects.exists()
    hugo.post(f"/reports/schedules/{this.pk}/delete/")
    assert not ReportSchedule.objects.exists()


def test_schedule_of_a_figure_asks_for_its_period(cast: Cast, hugo: Client) -> None:
    report = asked(cast.hugo, list="figure", figure="opened", period="custom", since="2026-01-01", until="2026-01-31")
    assert 'name="period"' in says(hugo, f"/reports/schedules/new/?report={report.pk}")
    given = {"report": report.pk, "form": "csv", "period": "last_week", "rhythm": "weekly", "weekday": "0", "hour": "7"}
    hugo.post("/reports/schedules/new/", given)
    this = ReportSchedule.objects.get()
    assert this.facts == {"list": "figure", "figure": "opened", "period": "last_week"}
    assert "every week on Monday at 07:00" in says(hugo, "/reports/schedules/")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"what": "queue", "form": "csv", "rhythm": "weekly", "hour": "7"}, "Choose a day."),
        ({"what": "queue", "form": "csv", "rhythm": "monthly", "day": "32", "hour": "7"}, "less than or equal to 31"),
        ({"what": "secrets", "form": "csv", "rhythm": "monthly", "day": "1", "hour": "7"}, "not one of the available"),
        ({"what": "queue", "form": "pdf", "rhythm": "monthly", "day": "1", "hour": "7"}, "not one of the available"),
    ],
)
def test_form_says_what_is_wrong_beside_its_field(cast: Cast, hugo: Client, given: dict[str, str], words: str) -> None:
    answer = hugo.post("/reports/schedules/new/", given)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert not ReportSchedule.objects.exists()


def test_schedule_without_a_report_to_begin_with(cast: Cast, hugo: Client) -> None:
    given = {"what": "closed", "form": "csv", "rhythm": "weekly", "weekday": "4", "hour": "18"}
    hugo.post("/reports/schedules/new/", given)
    this = ReportSchedule.objects.get()
    assert (this.kind, this.facts, this.weekday, this.hour) == ("tickets", {"list": "closed"}, 4, 18)


def test_others_reports_and_schedules_are_not_there(cast: Cast, client: Client) -> None:
    report, schedule = made(asked(cast.hugo)), monthly(cast.hugo)
    for name in ("rita", "ada", "ana"):
        client.force_login(cast.people[name])
        assert client.get(f"/reports/schedules/new/?report={report.pk}").status_code == (403 if name == "rita" else 404)
        for path in (
            f"/reports/{report.pk}/",
            f"/reports/{report.pk}/file/",
            f"/reports/schedules/{schedule.pk}/delete/",
        ):
            assert client.get(path).status_code == 404
        for verb in ("again", "delete"):
            assert client.post(f"/reports/{report.pk}/{verb}/").status_code == 404
        for verb in ("pause", "resume", "delete"):
            assert client.post(f"/reports/schedules/{schedule.pk}/{verb}/").status_code == 404
        assert f"/reports/{report.pk}/" not in says(client, "/reports/")
