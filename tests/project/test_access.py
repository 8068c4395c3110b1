"""Who may open which address: every route of the project, both methods, every kind of person.

A number is the answer's status; ``login`` leads to the sign-in. Out of sight is 404, in sight but refused 403 (R6.26);
an address that has no form answers 405 to one. A route without a row here fails the suite. The administration has a
rule instead of rows: nobody but an administrator gets in.

The tickets, files and notices behind the addresses are Rita's (the requester's); see ``doors.py``.
"""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import InternalError, connection
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from helpdesk.people.models import Account, Calendar, User
from tests.cast import Cast, leave_department
from tests.project.doors import DOORS, PERSONS, Door, World, build_world, client_of, in_short, routes, taken_back
from tickets.models import Event, ServiceLevel

TABLE = r"""
method anonymous requester colleague manager stranger executor agent elsewhere head  admin route
GET    404       404       404       404     404      404      404   404       404   404   account/signup/
POST   404       404       404       404     404      404      404   404       404   404   account/signup/
GET    404       404       404       404     404      404      404   404       404   404   account/email/
POST   404       404       404       404     404      404      404   404       404   404   account/email/
GET    200       302       302       302     302      302      302   302       302   302   account/login/
POST   200       302       302       302     302      302      302   302       302   302   account/login/
GET    login     200       200       200     200      200      200   200       200   200   account/logout/
POST   login     login     login     login   login    login    login login     login login account/logout/
GET    200       200       200       200     200      200      200   200       200   200   account/inactive/
POST   405       405       405       405     405      405      405   405       405   405   account/inactive/
GET    login     200       200       200     200      200      200   200       200   200   account/reauthenticate/
POST   login     200       200       200     200      200      200   200       200   200   account/reauthenticate/
GET    200       200       200       200     200      200      200   200       200   200   account/confirm-email/
POST   405       405       405       405     405      405      405   405       405   405   account/confirm-email/
GET    200       200       200       200     200      200      200   200       200   200   account/confirm-email/(?P<key>[-:\w]+)/$
POST   404       404       404       404     404      404      404   404       404   404   account/confirm-email/(?P<key>[-:\w]+)/$
GET    login     200       200       200     200      200      200   200       200   200   account/password/change/
POST   login     200       200       200     200      200      200   200       200   200   account/password/change/
GET    login     302       302       302     302      302      302   302       302   302   account/password/set/
POST   login     302       302       302     302      302      302   302       302   302   account/password/set/
GET    200       200       200       200     200      200      200   200       200   200   account/password/reset/
POST   302       302       302       302     302      302      302   302       302   302   account/password/reset/
GET    200       200       200       200     200      200      200   200       200   200   account/password/reset/done/
POST   405       405       405       405     405      405      405   405       405   405   account/password/reset/done/
GET    200       200       200       200     200      200      200   200       200   200   account/password/reset/key/done/
POST   405       405       405       405     405      405      405   405       405   405   account/password/reset/key/done/
GET    200       200       200       200     200      200      200   200       200   200   account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$
POST   200       200       200       200     200      200      200   200       200   200   account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$
GET    login     302       302       302     302      302      302   302       302   302   account/login/code/confirm/
POST   login     302       302       302     302      302      302   302       302   302   account/login/code/confirm/
GET    login     200       200       200     200      200      200   200       200   200   account/2fa/
POST   login     405       405       405     405      405      405   405       405   405   account/2fa/
GET    login     302       302       302     302      302      302   302       302   302   account/2fa/authenticate/
POST   login     302       302       302     302      302      302   302       302   302   account/2fa/authenticate/
GET    login     302       302       302     302      302      302   302       302   302   account/2fa/reauthenticate/
POST   login     302       302       302     302      302      302   302       302   302   account/2fa/reauthenticate/
GET    login     302       302       302     302      302      302   302       302   302   account/2fa/totp/activate/
POST   login     302       302       302     302      302      302   302       302   302   account/2fa/totp/activate/
GET    login     404       404       404     404      404      404   404       404   404   account/2fa/totp/deactivate/
POST   login     404       404       404     404      404      404   404       404   404   account/2fa/totp/deactivate/
GET    login     404       404       404     404      404      404   404       404   404   account/2fa/recovery-codes/
POST   login     405       405       405     405      405      405   405       405   405   account/2fa/recovery-codes/
GET    login     302       302       302     302      302      302   302       302   302   account/2fa/recovery-codes/generate/
POST   login     302       302       302     302      302      302   302       302   302   account/2fa/recovery-codes/generate/
GET    login     404       404       404     404      404      404   404       404   404   account/2fa/recovery-codes/download/
POST   login     404       404       404     404      404      404   404       404   404   account/2fa/recovery-codes/download/
GET    login     200       200       200     200      200      200   200       200   200   account/sessions/
POST   login     302       302       302     302      302      302   302       302   302   account/sessions/
GET    404       404       404       404     404      404      404   404       404   404   setup/
POST   404       404       404       404     404      404      404   404       404   404   setup/
GET    login     200       200       200     200      200      200   200       200   200   profile/
POST   login     302       302       302     302      302      302   302       302   302   profile/
GET    login     200       200       200     200      200      200   200       200   200   help/
POST   login     405       405       405     405      405      405   405       405   405   help/
GET    login     200       200       200     200      200      200   200       200   200   help/tickets/
POST   login     405       405       405     405      405      405   405       405   405   help/tickets/
GET    login     404       404       404     404      200      200   200       200   200   help/service/
POST   login     405       405       405     405      405      405   405       405   405   help/service/
GET    login     404       404       404     404      404      404   404       404   200   help/registering/
POST   login     405       405       405     405      405      405   405       405   405   help/registering/
GET    login     404       404       404     404      404      404   404       404   404   organization/
POST   login     405       405       405     405      405      405   405       405   405   organization/
GET    login     404       404       404     404      404      404   404       404   404   organization/<int:pk>/
POST   login     405       405       405     405      405      405   405       405   405   organization/<int:pk>/
GET    login     404       404       404     404      404      404   404       404   404   organization/<int:pk>/members/new/
POST   login     404       404       404     404      404      404   404       404   404   organization/<int:pk>/members/new/
GET    login     404       404       404     404      404      404   404       404   404   organization/members/<int:pk>/<slug:verb>/
POST   login     404       404       404     404      404      404   404       404   404   organization/members/<int:pk>/<slug:verb>/
GET    login     200       200       200     200      200      200   200       200   200   notifications/
POST   login     405       405       405     405      405      405   405       405   405   notifications/
GET    204       200       200       200     200      200      200   200       200   200   notifications/bell/
POST   405       405       405       405     405      405      405   405       405   405   notifications/bell/
GET    login     405       405       405     405      405      405   405       405   405   notifications/read/
POST   login     302       302       302     302      302      302   302       302   302   notifications/read/
GET    login     405       405       405     405      405      405   405       405   405   notifications/<int:pk>/open/
POST   login     302       404       404     404      404      404   404       404   404   notifications/<int:pk>/open/
GET    login     405       405       405     405      405      405   405       405   405   notifications/<int:pk>/read/
POST   login     302       404       404     404      404      404   404       404   404   notifications/<int:pk>/read/
GET    login     404       404       404     404      404      404   404       404   200   panel/letters/
POST   login     405       405       405     405      405      405   405       405   405   panel/letters/
GET    login     404       404       404     404      404      404   404       404   200   panel/letters/texts/
POST   login     405       405       405     405      405      405   405       405   405   panel/letters/texts/
GET    login     404       404       404     404      404      404   404       404   200   panel/letters/texts/<slug:kind>/<slug:language>/
POST   login     404       404       404     404      404      404   404       404   302   panel/letters/texts/<slug:kind>/<slug:language>/
GET    login     404       404       404     404      404      404   404       404   200   panel/letters/texts/<slug:kind>/<slug:language>/preview/
POST   login     405       405       405     405      405      405   405       405   405   panel/letters/texts/<slug:kind>/<slug:language>/preview/
GET    login     404       404       404     404      404      404   404       404   200   panel/letters/<int:pk>/
POST   login     405       405       405     405      405      405   405       405   405   panel/letters/<int:pk>/
GET    login     404       404       404     404      404      404   404       404   200   panel/letters/<int:pk>/html/
POST   login     405       405       405     405      405      405   405       405   405   panel/letters/<int:pk>/html/
GET    login     405       405       405     405      405      405   405       405   405   panel/letters/<int:pk>/send/
POST   login     404       404       404     404      404      404   404       404   302   panel/letters/<int:pk>/send/
GET    login     200       200       200     200      200      200   200       200   200   folders/
POST   login     405       405       405     405      405      405   405       405   405   folders/
GET    login     200       404       404     404      200      404   404       200   200   folders/<int:number>/
POST   login     405       405       405     405      405      405   405       405   405   folders/<int:number>/
GET    login     200       404       404     404      200      404   404       200   200   folders/<int:number>/zip/
POST   login     405       405       405     405      405      405   405       405   405   folders/<int:number>/zip/
GET    login     200       404       404     404      200      404   404       200   200   folders/<int:number>/files/<int:pk>/
POST   login     405       405       405     405      405      405   405       405   405   folders/<int:number>/files/<int:pk>/
GET    login     403       404       404     404      403      404   404       403   200   folders/<int:number>/files/<int:pk>/remove/
POST   login     403       404       404     404      403      404   404       403   302   folders/<int:number>/files/<int:pk>/remove/
GET    login     200       404       404     404      200      404   404       200   200   attachments/<int:pk>/
POST   login     405       405       405     405      405      405   405       405   405   attachments/<int:pk>/
GET    login     403       404       404     404      403      404   404       403   200   attachments/<int:pk>/remove/
POST   login     403       404       404     404      403      404   404       403   302   attachments/<int:pk>/remove/
GET    login     200       200       200     200      302      302   302       302   302   (start)
POST   405       405       405       405     405      405      405   405       405   405   (start)
GET    login     200       200       200     200      200      200   200       200   200   tickets/
POST   login     405       405       405     405      405      405   405       405   405   tickets/
GET    login     404       404       404     404      404      404   404       404   404   tickets/organization/
POST   login     405       405       405     405      405      405   405       405   405   tickets/organization/
GET    login     200       200       200     200      200      200   200       200   200   tickets/new/
POST   login     302       302       302     302      302      302   302       302   302   tickets/new/
GET    login     200       404       404     404      404      404   404       404   404   tickets/<int:number>/
POST   login     405       405       405     405      405      405   405       405   405   tickets/<int:number>/
GET    login     302       404       404     404      404      404   404       404   404   tickets/<int:number>/<slug:verb>/
POST   login     302       404       404     404      404      404   404       404   404   tickets/<int:number>/<slug:verb>/
GET    login     403       403       403     403      200      200   200       200   200   panel/
POST   login     405       405       405     405      405      405   405       405   405   panel/
GET    login     403       403       403     403      200      200   200       200   200   panel/queue/
POST   login     405       405       405     405      405      405   405       405   405   panel/queue/
GET    login     403       403       403     403      200      200   200       200   200   panel/board/
POST   login     405       405       405     405      405      405   405       405   405   panel/board/
GET    login     403       403       403     403      403      403   403       200   200   panel/decisions/
POST   login     405       405       405     405      405      405   405       405   405   panel/decisions/
GET    login     405       405       405     405      405      405   405       405   405   panel/decisions/<slug:verb>/
POST   login     403       403       403     403      403      403   403       302   302   panel/decisions/<slug:verb>/
GET    login     405       405       405     405      405      405   405       405   405   panel/decisions/priority/approve/
POST   login     403       403       403     403      403      403   403       302   302   panel/decisions/priority/approve/
GET    login     403       403       403     403      403      403   403       200   200   panel/dashboard/
POST   login     405       405       405     405      405      405   405       405   405   panel/dashboard/
GET    login     403       403       403     403      403      403   403       200   200   panel/dashboard/tickets/
POST   login     405       405       405     405      405      405   405       405   405   panel/dashboard/tickets/
GET    login     403       403       403     403      403      403   403       200   200   panel/satisfaction/
POST   login     405       405       405     405      405      405   405       405   405   panel/satisfaction/
GET    login     403       403       403     403      200      200   200       200   200   panel/closed/
POST   login     405       405       405     405      405      405   405       405   405   panel/closed/
GET    login     403       403       403     403      200      200   200       200   200   panel/search/
POST   login     405       405       405     405      405      405   405       405   405   panel/search/
GET    login    404       404       404     404      404      404   404       404   200   panel/imports/
POST   login    404       404       404     404      404      404   404       404   302   panel/imports/
GET    login    404       404       404     404      404      404   404       404   200   panel/imports/<int:pk>/
POST   login    405       405       405     405      405      405   405       405   405   panel/imports/<int:pk>/
GET    login    405       405       405     405      405      405   405       405   405   panel/imports/<int:pk>/start/
POST   login    404       404       404     404      404      404   404       404   302   panel/imports/<int:pk>/start/
GET    login    405       405       405     405      405      405   405       405   405   panel/imports/<int:pk>/discard/
POST   login    404       404       404     404      404      404   404       404   302   panel/imports/<int:pk>/discard/
GET    login    404       404       404     404      404      404   404       404   200   panel/imports/<int:pk>/bad-rows/
POST   login    405       405       405     405      405      405   405       405   405   panel/imports/<int:pk>/bad-rows/
GET    login     403       403       403     403      403      403   403       403   200   panel/trash/
POST   login     405       405       405     405      405      405   405       405   405   panel/trash/
GET    login     403       403       403     403      403      403   403       403   200   panel/trash/<int:pk>/restore/
POST   login     403       403       403     403      403      403   403       403   302   panel/trash/<int:pk>/restore/
GET    login     403       403       403     403      403      403   403       403   200   panel/trash/<int:pk>/delete/
POST   login     403       403       403     403      403      403   403       403   302   panel/trash/<int:pk>/delete/
GET    login     403       403       403     403      403      403   403       403   200   panel/customers/<int:pk>/trash/
POST   login     403       403       403     403      403      403   403       403   302   panel/customers/<int:pk>/trash/
GET    login     403       403       403     403      403      403   404       200   200   panel/tickets/<int:number>/trash/
POST   login     403       403       403     403      403      403   404       302   302   panel/tickets/<int:number>/trash/
GET    login     403       403       403     403      200      200   404       200   200   panel/departments/<int:pk>/
POST   login     405       405       405     405      405      405   405       405   405   panel/departments/<int:pk>/
GET    login     403       403       403     403      403      403   403       200   200   panel/roles/
POST   login     405       405       405     405      405      405   405       405   405   panel/roles/
GET    login     403       403       403     403      200      200   200       200   200   panel/customers/
POST   login     405       405       405     405      405      405   405       405   405   panel/customers/
GET    login     403       403       403     403      200      200   200       200   200   panel/customers/new/
POST   login     403       403       403     403      302      302   302       302   302   panel/customers/new/
GET    login     403       403       403     403      200      200   200       200   200   panel/customers/<int:pk>/
POST   login     405       405       405     405      405      405   405       405   405   panel/customers/<int:pk>/
GET    login     403       403       403     403      200      200   200       200   200   panel/customers/<int:pk>/edit/
POST   login     403       403       403     403      302      302   302       302   302   panel/customers/<int:pk>/edit/
GET    login     405       405       405     405      405      405   405       405   405   panel/customers/<int:pk>/invite/
POST   login     403       403       403     403      302      302   302       302   302   panel/customers/<int:pk>/invite/
GET    login     403       403       403     403      200      200   200       200   200   panel/organizations/
POST   login     405       405       405     405      405      405   405       405   405   panel/organizations/
GET    login     403       403       403     403      200      200   200       200   200   panel/organizations/new/
POST   login     403       403       403     403      302      302   302       302   302   panel/organizations/new/
GET    login     403       403       403     403      200      200   200       200   200   panel/organizations/<int:pk>/
POST   login     405       405       405     405      405      405   405       405   405   panel/organizations/<int:pk>/
GET    login     403       403       403     403      200      200   200       200   200   panel/organizations/<int:pk>/edit/
POST   login     403       403       403     403      302      302   302       302   302   panel/organizations/<int:pk>/edit/
GET    login     403       403       403     403      200      200   404       200   200   panel/tickets/<int:number>/
POST   login     405       405       405     405      405      405   405       405   405   panel/tickets/<int:number>/
GET    login     403       403       403     403      200      200   404       200   200   panel/tickets/<int:number>/people/
POST   login     405       405       405     405      405      405   405       405   405   panel/tickets/<int:number>/people/
GET    login     403       403       403     403      302      302   404       302   302   panel/tickets/<int:number>/<slug:verb>/
POST   login     403       403       403     403      302      302   404       302   302   panel/tickets/<int:number>/<slug:verb>/
GET    login     403       403       403     403      200      302   404       302   302   panel/tickets/<int:number>/priority/request/
POST   login     403       403       403     403      422      302   404       302   302   panel/tickets/<int:number>/priority/request/
GET    login     403       403       403     403      302      302   404       302   200   panel/tickets/<int:number>/priority/set/
POST   login     403       403       403     403      302      302   404       302   302   panel/tickets/<int:number>/priority/set/
GET    login     403       403       403     403      302      302   404       200   200   panel/tickets/<int:number>/priority/<int:pk>/approve/
POST   login     403       403       403     403      302      302   404       302   302   panel/tickets/<int:number>/priority/<int:pk>/approve/
GET    login     403       403       403     403      302      302   404       200   200   panel/tickets/<int:number>/priority/<int:pk>/reject/
POST   login     403       403       403     403      302      302   404       302   302   panel/tickets/<int:number>/priority/<int:pk>/reject/
GET    login     404       404       200     404      404      404   404       404   404   approvals/
POST   login     405       405       405     405      405      405   405       405   405   approvals/
GET    login     404       404       200     404      404      404   404       404   404   approvals/<int:pk>/
POST   login     405       405       405     405      405      405   405       405   405   approvals/<int:pk>/
GET    login     404       404       200     404      404      404   404       404   404   approvals/<int:pk>/<slug:verb>/
POST   login     404       404       302     404      404      404   404       404   404   approvals/<int:pk>/<slug:verb>/
GET    login     403       403       403     403      200      302   404       200   200   panel/tickets/<int:number>/actions/request/
POST   login     403       403       403     403      302      422   404       302   302   panel/tickets/<int:number>/actions/request/
GET    login     403       403       403     403      200      200   404       200   200   panel/actions/<int:pk>/
POST   login     403       403       403     403      302      302   404       302   302   panel/actions/<int:pk>/
GET    login   200       200       200     200      200      200   200       200   200   reports/
POST   login   405       405       405     405      405      405   405       405   405   reports/
GET    login   405       405       405     405      405      405   405       405   405   reports/ask/
POST   login   302       302       302     302      302      302   302       302   302   reports/ask/
GET    login   404       404       404     404      404      404   404       200   404   reports/<int:pk>/
POST   login   405       405       405     405      405      405   405       405   405   reports/<int:pk>/
GET    login   404       404       404     404      404      404   404       200   404   reports/<int:pk>/file/
POST   login   405       405       405     405      405      405   405       405   405   reports/<int:pk>/file/
GET    login   405       405       405     405      405      405   405       405   405   reports/<int:pk>/again/
POST   login   404       404       404     404      404      404   404       302   404   reports/<int:pk>/again/
GET    login   405       405       405     405      405      405   405       405   405   reports/<int:pk>/delete/
POST   login   404       404       404     404      404      404   404       302   404   reports/<int:pk>/delete/
GET    login   200       200       200     200      200      200   200       200   200   reports/schedules/
POST   login   405       405       405     405      405      405   405       405   405   reports/schedules/
GET    login   403       403       403     403      200      200   200       200   200   reports/schedules/new/
POST   login   403       403       403     403      302      302   302       302   302   reports/schedules/new/
GET    login   405       405       405     405      405      405   405       405   405   reports/schedules/<int:pk>/pause/
POST   login   404       404       404     404      404      404   404       302   404   reports/schedules/<int:pk>/pause/
GET    login   405       405       405     405      405      405   405       405   405   reports/schedules/<int:pk>/resume/
POST   login   404       404       404     404      404      404   404       302   404   reports/schedules/<int:pk>/resume/
GET    login   404       404       404     404      404      404   404       200   404   reports/schedules/<int:pk>/delete/
POST   login   404       404       404     404      404      404   404       302   404   reports/schedules/<int:pk>/delete/
GET    200       200       200       200     200      200      200   200       200   200   surveys/<str:token>/
POST   302       302       302       302     302      302      302   302       302   302   surveys/<str:token>/
"""
HEADER, *ROWS = TABLE.strip().splitlines()
KINDS = HEADER.split()[1:-1]


def _expected() -> dict[tuple[str, str], list[str]]:
    found = {}
    for row in ROWS:
        method, *cells, route = row.split()
        found[method, "" if route == "(start)" else route] = cells
    return found


EXPECTED = _expected()


@pytest.fixture
def world(cast: Cast) -> World:
    return build_world(cast)


def _drain(response: HttpResponseBase) -> bytes:
    """The whole body: a streamed one is made only while it is read."""
    return b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]  # as Django has it


def test_access_table_has_every_route_of_the_project() -> None:
    """Issue's point 3: a new address without a row fails the suite."""
    known = [route for route in routes() if not route.startswith("admin/")]
    assert sorted({door.route for door in DOORS}) == sorted(set(known))
    assert sorted(EXPECTED) == sorted((method, door.route) for door in DOORS for method in ("GET", "POST"))
    assert list(PERSONS) == KINDS


@pytest.mark.parametrize("kind", list(PERSONS))
def test_access_is_as_in_the_table(world: World, kind: str) -> None:
    """R1.15, R1.43, R2.46, R6.26: every address and both methods, for this kind of person."""
    client = client_of(world.cast, kind)
    column = KINDS.index(kind)
    found, wanted = {}, {}
    for door in DOORS:
        for method in ("GET", "POST"):
            with taken_back():
                response = door.knock(client, method, world)
                _drain(response)
            found[method, door.route] = in_short(response)
            wanted[method, door.route] = EXPECTED[method, door.route][column]
    assert found == wanted


def test_deactivated_people_are_nobody(world: World) -> None:
    """R6.26: a session that outlives the account opens nothing."""
    client = client_of(world.cast, "executor")
    world.cast.deactivate(world.cast.ada)
    found = {}
    for door in DOORS:
        with taken_back():
            found[door.route] = in_short(door.knock(client, "GET", world))
    assert found == {door.route: EXPECTED["GET", door.route][KINDS.index("anonymous")] for door in DOORS}


def test_agents_who_left_lose_the_panel(world: World) -> None:
    """R1.43: a membership ends at once, without a new sign-in."""
    client = client_of(world.cast, "agent")
    leave_department(world.cast.department, world.cast.bob)
    assert client.get("/panel/").status_code == 403
    assert client.get(f"/panel/tickets/{world.served.number}/").status_code == 403


# The administration: a rule instead of rows


def _admin_addresses(world: World) -> list[str]:
    """Every address of the administration, filled in with things that exist."""
    department = world.cast.department.pk
    things = {
        "admin/people/user/": world.cast.rita.pk,
        "admin/tickets/ticket/": world.served.pk,
        "admin/attachments/folder/": world.served.folder.pk,
        "admin/surveys/survey/": world.survey.pk,
        "admin/notifications/letter/": world.letter.pk,
        "admin/reports/report/": world.report.pk,
        "admin/reports/reportschedule/": world.schedule.pk,
        "admin/people/department/": department,
        "admin/approvals/approvalaction/": world.consent.action_id,
        "admin/people/account/": Account.objects.get().pk,
        "admin/people/calendar/": Calendar.objects.get_or_create(name="Office")[0].pk,
        "admin/tickets/servicelevel/": ServiceLevel.objects.get_or_create(priority="normal")[0].pk,
    }
    found = set()
    for route in routes():
        if not route.startswith("admin/"):
            continue
        thing = next((pk for before, pk in things.items() if route.startswith(before)), world.cast.rita.pk)
        address = route.replace("<path:object_id>", str(thing)).replace("<path:content_type_id>", "1")
        found.add("/" + address.replace(*APPS).replace("(?P<url>.*)$", "nowhere"))
    assert [address for address in found if "<" in address or "(" in address] == []
    return sorted(found)


APPS = ("(?P<app_label>core|django_q|people|notifications|attachments|tickets|approvals|surveys|reports)/$", "tickets/")
SIGN_IN = "/admin/login/"


@pytest.mark.parametrize("kind", ["anonymous", "requester", "manager", "executor", "head"])
def test_administration_lets_in_nobody_but_administrators(world: World, kind: str) -> None:
    """R3.19, A12: every address of it leads to its sign-in, and that one lets nobody else in."""
    client = client_of(world.cast, kind)
    found = {}
    for address in _admin_addresses(world):
        for method in (client.get, client.post):
            with taken_back():
                response = method(address)
            if address not in {SIGN_IN, "/admin/logout/"}:  # which leads to the start of the administration
                found[method.__name__, address] = (response.status_code, response.get("Location", "").partition("?")[0])
    doors = {"/account/login/", SIGN_IN} if kind == "anonymous" else {SIGN_IN}
    assert {key: answer for key, answer in found.items() if answer[0] != 302 or answer[1] not in doors} == {}
    refused = {client.get(SIGN_IN).status_code, client.post(SIGN_IN).status_code}
    assert refused == ({302} if kind == "anonymous" else {403})


def test_administration_opens_to_administrators(world: World) -> None:
    """R3.20 to R3.29: every list of it can be read, and no address of it breaks."""
    client = client_of(world.cast, "admin")
    found = {}
    for address in _admin_addresses(world):
        with taken_back():
            found[address] = client.get(address).status_code
    assert {address: status for address, status in found.items() if status not in {200, 302, 403, 404, 405}} == {}
    lists = [reverse(f"admin:{one._meta.app_label}_{one._meta.model_name}_changelist") for one in admin.site._registry]
    assert {address: found[address] for address in lists} == dict.fromkeys(lists, 200) | {
        "/admin/people/account/": 302  # there is one, and its page is the list
    }


# A GET never writes


# The line in the audit is the record of the access itself (R1.17).
AUDITED = {
    "folders/<int:number>/zip/",
    "folders/<int:number>/files/<int:pk>/",
    "attachments/<int:pk>/",
}


def _reads_only(world: World, client: Client, door: Door) -> bool:
    with taken_back():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL transaction_read_only = on")
        try:
            _drain(door.knock(client, "GET", world))
        except InternalError:
            return False
    return True


@pytest.mark.parametrize("kind", ["anonymous", "requester", "executor", "admin"])
def test_get_never_writes(world: World, kind: str) -> None:
    """House rule 6: mail scanners open links; the database is read-only while each page is fetched."""
    client = client_of(world.cast, kind)
    wrote = {door.route for door in DOORS if not _reads_only(world, client, door)}
    may_download = kind != "anonymous"
    assert wrote == (AUDITED if may_download else set())


def test_download_writes_its_record_and_nothing_else(world: World) -> None:
    """R1.17: one line for each."""
    client = client_of(world.cast, "executor")
    before = Event.objects.count(), User.objects.get(pk=world.cast.ada.pk).last_login
    records = world.served.folder.audit_entries
    seen = records.count()
    for door in DOORS:
        if door.route in AUDITED:
            _drain(door.knock(client, "GET", world))
    assert sorted(records.values_list("verb", flat=True)[seen:]) == ["downloaded", "downloaded", "zipped"]
    assert (Event.objects.count(), User.objects.get(pk=world.cast.ada.pk).last_login) == before
