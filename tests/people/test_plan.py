"""R3.15 to R3.19, A37, A38: the plan, its renewal, its limit, the reminder before its end, and what holds after it."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

import approvals.actions
import surveys.actions
import tickets.actions
from helpdesk.core.refusals import Refused
from helpdesk.notifications import plan as reminder
from helpdesk.notifications.models import Letter, Notification
from helpdesk.people import actions
from helpdesk.people.models import Account, Membership, PlanRenewal, User
from surveys.models import Survey
from tests import walks
from tests.cast import Cast, Clock, a_person
from tests.people.sent import change_url, sent_for
from tickets.actions import trash
from tickets.models import Ticket, TrashEntry
from tickets.tasks import sweep

RENEW = "/admin/people/account/1/renew_plan/"


def ended(cast: Cast, *, days: int = 1) -> date:
    """The plan ended so many days ago; returns its last day."""
    cast.account.plan_ends_on = cast.account.today() - timedelta(days=days)
    cast.account.save(update_fields=["plan_ends_on"])
    return cast.account.plan_ends_on


# --- renewing


def test_renewal_extends_the_end_and_is_kept(cast: Cast, clock: Clock) -> None:
    """R3.18, A37: who, when, from, until, plan and note; rows are only ever added."""
    first = actions.renew_plan(by=cast.ana, until=date(2026, 12, 31), plan="basic", at=clock.now)
    second = actions.renew_plan(
        by=cast.ana, until=date(2027, 12, 31), plan="enterprise", note=" PO 4 ", at=clock.turn(days=3)
    )
    account = Account.objects.get()
    assert (account.plan, account.plan_starts_on, account.plan_ends_on) == (
        "enterprise", date(2026, 3, 10), date(2027, 12, 31),
    )  # fmt: skip
    assert (first.starts_on, second.starts_on) == (date(2026, 3, 10), date(2027, 1, 1))
    assert (second.by, second.at, second.note) == (cast.ana, clock.now, "PO 4")
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanRenewal.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanRenewal.objects.update(note="")


@pytest.mark.parametrize("until", [date(2026, 12, 31), date(2026, 4, 1)])
def test_renewal_ends_later_than_the_plan(cast: Cast, clock: Clock, until: date) -> None:
    """R3.18."""
    actions.renew_plan(by=cast.ana, until=date(2026, 12, 31), plan="basic", at=clock.now)
    with pytest.raises(Refused, match="goes on until") as refusal:
        actions.renew_plan(by=cast.ana, until=until, plan="basic", at=clock.now)
    assert refusal.value.field == "until"


def test_renewal_until_yesterday_is_refused(cast: Cast, clock: Clock) -> None:
    with pytest.raises(Refused, match="passed already"):
        actions.renew_plan(by=cast.ana, until=date(2026, 3, 9), plan="basic", at=clock.now)


def test_only_administrators_renew(cast: Cast) -> None:
    """R3.18."""
    with pytest.raises(Refused, match="Only an administrator"):
        actions.renew_plan(by=cast.hugo, until=None, plan="basic")


def test_plan_without_approval_actions_switches_them_off(cast: Cast) -> None:
    """A38: what belongs to Enterprise goes with it; nothing else does."""
    Account.objects.update(plan="enterprise", approve_actions_enabled=True)
    actions.renew_plan(by=cast.ana, until=None, plan="basic")
    assert not Account.objects.get().approve_actions_enabled


def test_administrator_renews_in_the_administration(cast: Cast, client: Client) -> None:
    """R3.17, R3.18: also after the end; the page lists the renewals."""
    ended(cast)
    client.force_login(cast.ana)
    sent = {"plan": "enterprise", "until": "2001-01-01", "note": "PO 4", "_form_submitted": "True"}
    assert "passed already" in client.post(RENEW, sent).content.decode()
    sent["until"] = "2099-12-31"
    assert client.post(RENEW, sent).headers["HX-Redirect"] == "/admin/people/account/1/change/"
    assert Account.objects.get().plan_ends_on == date(2099, 12, 31)
    page = client.get("/admin/people/account/1/change/").content.decode()
    assert "PO 4" in page
    assert "Ana Andrade" in page


def test_plan_ends_with_its_day_where_the_company_is(cast: Cast) -> None:
    cast.account.plan_ends_on, cast.account.time_zone = date(2026, 3, 10), "America/Sao_Paulo"
    assert cast.account.plan_over_at == datetime(2026, 3, 11, 3, 0, tzinfo=UTC)
    assert not cast.account.is_plan_over(datetime(2026, 3, 11, 2, 59, tzinfo=UTC))
    assert cast.account.is_plan_over(datetime(2026, 3, 11, 3, 0, tzinfo=UTC))


# --- the limit


def limit(cast: Cast, number: int) -> None:
    cast.account.agents_limit = number
    cast.account.save(update_fields=["agents_limit"])


SERVING = 6  # ada, bob, otto, hugo, nora, ana


def test_nobody_serves_above_the_limit(cast: Cast) -> None:
    """R3.18: neither as member nor as administrator; who serves already may get another place."""
    limit(cast, SERVING)
    with pytest.raises(Refused, match=f"allows {SERVING} administrators and members"):
        actions.join_department(department=cast.department, user=cast.cora, by=cast.ana)
    cast.cora.is_superuser = True
    with pytest.raises(Refused, match="The plan allows"):
        actions.save_person(person=cast.cora, fields=["is_superuser"], by=cast.ana)
    actions.join_department(department=cast.other_department, user=cast.ada, by=cast.ana)
    assert (Membership.objects.filter(user=cast.cora).count(), cast.again(cast.cora).is_superuser) == (0, False)


def test_place_of_somebody_deactivated_is_free_until_he_comes_back(cast: Cast) -> None:
    limit(cast, SERVING)
    cast.bob.is_active = False
    actions.save_person(person=cast.bob, fields=["is_active"], by=cast.ana)
    actions.join_department(department=cast.department, user=cast.cora, by=cast.ana)
    cast.bob.is_active = True
    with pytest.raises(Refused, match="The plan allows"):
        actions.save_person(person=cast.bob, fields=["is_active"], by=cast.ana)


def test_nobody_is_thrown_out_by_a_lower_limit(cast: Cast) -> None:
    limit(cast, 2)
    actions.join_department(department=cast.department, user=cast.ada, line=2, by=cast.ana)
    cast.ada.name = "Ada A."
    actions.save_person(person=cast.ada, fields=["name"], by=cast.ana)
    assert User.objects.serving().count() == SERVING


def test_forms_of_the_administration_read_the_limit(cast: Cast, client: Client) -> None:
    limit(cast, SERVING)
    client.force_login(cast.ana)
    row = {"memberships-TOTAL_FORMS": 1, "memberships-0-department": cast.department.pk, "memberships-0-line": "1"}
    answer = client.post(change_url(cast.cora), sent_for(cast.cora, **row), follow=True)
    assert f"The plan allows {SERVING} administrators" in answer.content.decode()
    answer = client.post(change_url(cast.cora), sent_for(cast.cora, is_superuser="on"), follow=True)
    assert f"The plan allows {SERVING} administrators" in answer.content.decode()
    assert User.objects.serving().count() == SERVING


@pytest.mark.django_db(transaction=True)
def test_of_two_who_add_the_last_one_at_once_one_is_refused(cast: Cast) -> None:
    """R3.18: the limit is counted under a lock."""
    limit(cast, SERVING + 1)
    gate, refused = threading.Barrier(2), []

    def join(person: User) -> None:
        try:
            gate.wait(10)
            actions.join_department(department=cast.department, user=person, by=cast.ana)
        except Refused:
            refused.append(person)
        finally:
            connection.close()

    threads = [threading.Thread(target=join, args=[person]) for person in (cast.cora, cast.rita)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (len(refused), User.objects.serving().count()) == (1, SERVING + 1)


# --- administrators


def test_administrator_registers_administrators_and_the_last_one_stays(cast: Cast, client: Client) -> None:
    """R3.16, R3.19."""
    client.force_login(cast.ana)
    client.post(change_url(cast.hugo), sent_for(cast.hugo, is_superuser="on"))
    assert cast.again(cast.hugo).is_administrator
    client.force_login(cast.again(cast.hugo))
    client.post(change_url(cast.ana), sent_for(cast.ana, is_superuser=None))
    answer = client.post(change_url(cast.hugo), sent_for(cast.again(cast.hugo), is_superuser=None))
    assert "last active administrator" in answer.content.decode()
    assert list(User.objects.administrators()) == [cast.hugo]


# --- the reminder


def test_administrators_are_told_once_for_each_end(cast: Cast, clock: Clock) -> None:
    """R3.18: in the helpdesk and by letter, from the day on that the account says."""
    cast.account.plan_ends_on = (clock.now + timedelta(days=31)).date()
    cast.account.save()
    assert not reminder.remind(at=clock.now)
    assert reminder.remind(at=clock.turn(days=1))
    assert not reminder.remind(at=clock.turn(days=1))
    told = [list(kind.objects.values_list("recipient", "kind")) for kind in (Notification, Letter)]
    assert told == [[(cast.ana.pk, "plan_ends")]] * 2
    actions.renew_plan(by=cast.ana, until=date(2027, 3, 10), plan="basic", at=clock.now)
    assert not reminder.remind(at=clock.now)
    assert reminder.remind(at=datetime(2027, 3, 1, tzinfo=UTC))
    assert Letter.objects.count() == 2


@pytest.mark.parametrize("change", [{"plan_reminder_days": 0}, {"plan_ends_on": None}])
def test_who_wants_no_reminder_gets_none(cast: Cast, change: dict[str, Any]) -> None:
    Account.objects.update(**({"plan_ends_on": timezone.localdate() + timedelta(days=3)} | change))
    assert not reminder.remind()


def test_banner_before_the_end_is_for_administrators(cast: Cast, client: Client) -> None:
    Account.objects.update(plan_ends_on=cast.account.today() + timedelta(days=3))
    for name, shown in (("ana", True), ("hugo", False), ("rita", False)):
        client.force_login(cast.people[name])
        assert ("The plan of this helpdesk ends on" in client.get("/", follow=True).content.decode()) is shown, name


# --- after the end


def test_everybody_reads_that_nothing_can_be_changed(cast: Cast, client: Client) -> None:
    """R3.18: who works here reads of the plan, customers do not."""
    ended(cast)
    for name, of_plan in (("ana", True), ("ada", True), ("rita", False)):
        client.force_login(cast.people[name])
        page = client.get("/", follow=True).content.decode()
        assert ("The plan ended on" in page) is of_plan, name
        assert ("can only be read" in page) is not of_plan, name
        assert ("Renew the plan" in page) is (name == "ana"), name


def test_form_of_a_ticket_comes_back_with_what_was_typed(cast: Cast, client: Client) -> None:
    """R3.18: nothing is lost."""
    ticket = walks.started(cast)
    ended(cast)
    events = ticket.events.count()
    for person, address in ((cast.rita, "/tickets/{}/write/"), (cast.ada, "/panel/tickets/{}/reply/")):
        client.force_login(person)
        answer = client.post(address.format(ticket.number), {"text": "Words that took me an hour."})
        assert answer.status_code == 422
        assert "can only be read" in answer.content.decode()
        assert "Words that took me an hour." in answer.content.decode()
    assert ticket.events.count() == events


def test_other_forms_are_answered_with_what_was_typed(cast: Cast, client: Client) -> None:
    """R3.18: one door before them all."""
    ended(cast)
    client.force_login(cast.ada)
    given = {"name": "Carl Cruz", "email": "carl@demo.example", "language": "en", "time_zone": "UTC"}
    answer = client.post("/panel/customers/new/", given)
    assert (answer.status_code, User.objects.filter(name="Carl Cruz").exists()) == (409, False)
    assert "Carl Cruz" in answer.content.decode()
    answer = client.post("/panel/customers/new/", given, headers={"HX-Request": "true"})
    assert answer.headers["HX-Retarget"] == "#messages"
    assert "can only be read" in answer.content.decode()


def test_own_account_and_reading_go_on(cast: Cast, client: Client) -> None:
    """R3.18: signing in and out, the own profile, what was read, files."""
    ticket = walks.opened(cast)
    ended(cast)
    given = {"login": "rita@demo.example", "password": "demo"}
    assert client.post("/account/login/", given).status_code == 302
    profile = {"name": "Rita R.", "language": "pt-br", "time_zone": "UTC"}
    assert client.post("/profile/", profile).status_code == 302
    assert client.post("/notifications/read/").status_code == 302
    file = ticket.folder.files.get()
    assert client.get(f"/folders/{ticket.number}/files/{file.pk}/").status_code == 200
    assert client.post("/account/logout/").status_code == 302
    assert cast.again(cast.rita).language == "pt-br"


def test_settings_can_be_read_and_not_changed(cast: Cast, client: Client) -> None:
    ended(cast)
    client.force_login(cast.ana)
    assert client.get("/admin/people/sector/").status_code == 200
    assert client.post("/admin/people/sector/add/", {"name": "Zoo"}).status_code == 409


def test_clock_stands_still_and_goes_on_with_what_was_left(cast: Cast, clock: Clock) -> None:
    """R3.18: nobody's silence counts while nobody can answer."""
    solved, closed = walks.solved(cast, at=clock.now), walks.closed(cast, at=clock.now)
    cast.account.plan_ends_on = clock.now.date()
    cast.account.save()
    over_at = cast.account.plan_over_at
    assert over_at is not None
    solved = Ticket.objects.get(pk=solved.pk)
    Survey.objects.filter(ticket=closed).update(open_until=over_at + timedelta(days=1))
    due = solved.timer_due_at
    assert due is not None
    assert due > over_at
    later = over_at + timedelta(days=40)
    assert (sweep(at=later), surveys.actions.end_unanswered(at=later)) == (0, 0)
    actions.renew_plan(by=cast.ana, until=None, plan="basic", at=later)
    assert Ticket.objects.get(pk=solved.pk).timer_due_at == due + timedelta(days=40)
    assert Survey.objects.get().open_until == later + timedelta(days=1)
    assert sweep(at=later) == 0
    assert sweep(at=later + (due - over_at)) == 1
    assert Ticket.objects.get(pk=solved.pk).status == "closed"


def test_reminders_of_decisions_stand_still(cast: Cast, clock: Clock) -> None:
    cast.rules(decision_reminder=timedelta(hours=1))
    request = approvals.actions.request_priority(
        ticket=walks.started(cast, at=clock.now), by=cast.ada, priority="urgent", text="All wait.", at=clock.now
    )
    cast.account.plan_ends_on = clock.now.date()
    cast.account.save()
    over_at = cast.account.plan_over_at
    assert over_at is not None
    due = request.remind_due_at
    assert due is not None
    actions.renew_plan(by=cast.ana, until=None, plan="basic", at=over_at + timedelta(days=9))
    request.refresh_from_db()
    assert request.remind_due_at == due + timedelta(days=9)


def test_trash_keeps_everything_until_the_plan_is_renewed(cast: Cast) -> None:
    """R3.18: nothing is deleted that nobody could restore; from the renewal on, it has its whole time again."""
    entry = trash.put_ticket(ticket=walks.opened(cast), by=cast.ana)
    ended(cast, days=0)
    later = timezone.now() + timedelta(days=50)
    assert trash.empty(at=later) == 0
    actions.renew_plan(by=cast.ana, until=None, plan="basic", at=later)
    assert trash.empty(at=later + timedelta(days=29)) == 0
    assert trash.empty(at=later + timedelta(days=31)) == 1
    assert not TrashEntry.objects.filter(pk=entry.pk).exists()


def test_move_below_the_pages_is_refused_too(cast: Cast) -> None:
    """R3.18: whatever door is forgotten, the funnel is none of them."""
    ticket = walks.started(cast)
    ended(cast)
    with pytest.raises(Refused, match="can only be read"):
        tickets.actions.note(ticket=ticket, by=cast.ada, text="Hm.")


def test_first_administrator_contracts_with_a_plan_without_an_end(db: None) -> None:
    """R3.15, R3.16."""
    zoe = actions.set_up(
        company="Zoo", name="Zoë", email="zoe@demo.example", password="nine lives of a cat", language="en",
        time_zone="UTC",
    )  # fmt: skip
    assert zoe.is_administrator
    assert (Account.objects.get().plan, Account.objects.get().plan_ends_on) == ("basic", None)
    assert a_person("Carl Cruz").is_administrator is False
