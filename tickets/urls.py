"""The customers' portal and the agents' panel. Addresses use the ticket's number; verbs are POST."""

from django.urls import include, path

from .views import organization, panel, portal

portal_patterns = [
    path("", portal.home, name="home"),
    path("tickets/", portal.tickets, name="tickets"),
    path("tickets/organization/", organization.tickets, name="organization_tickets"),
    path("tickets/new/", portal.new, name="new"),
    path("tickets/<int:number>/", portal.ticket, name="ticket"),
    path("tickets/<int:number>/<slug:verb>/", portal.move, name="move"),
]

panel_patterns = [
    path("", panel.tasks, name="tasks"),
    path("queue/", panel.queue, name="queue"),
    path("board/", panel.board, name="board"),
    path("decisions/", panel.decisions, name="decisions"),
    path("decisions/<slug:verb>/", panel.decide, name="decide"),
    path("dashboard/", panel.dashboard, name="dashboard"),
    path("dashboard/tickets/", panel.figure, name="figure"),
    path("closed/", panel.closed, name="closed"),
    path("search/", panel.search, name="search"),
    path("departments/<int:pk>/", panel.department, name="department"),
    path("roles/", panel.roles, name="roles"),
    path("customers/", panel.customers, name="customers"),
    path("customers/new/", panel.new_customer, name="new_customer"),
    path("customers/<int:pk>/", panel.customer, name="customer"),
    path("customers/<int:pk>/edit/", panel.edit_customer, name="edit_customer"),
    path("customers/<int:pk>/invite/", panel.invite, name="invite"),
    path("organizations/", panel.organizations, name="organizations"),
    path("organizations/new/", panel.new_organization, name="new_organization"),
    path("organizations/<int:pk>/", panel.organization, name="organization"),
    path("organizations/<int:pk>/edit/", panel.edit_organization, name="edit_organization"),
    path("trash/", panel.trash, name="trash"),
    path("trash/<int:pk>/restore/", panel.restore, name="restore"),
    path("trash/<int:pk>/delete/", panel.delete, name="delete_for_good"),
    path("customers/<int:pk>/trash/", panel.put_customer, name="trash_customer"),
    path("tickets/<int:number>/trash/", panel.put_ticket, name="trash_ticket"),
    path("tickets/<int:number>/", panel.ticket, name="ticket"),
    path("tickets/<int:number>/people/", panel.people, name="people"),
    path("tickets/<int:number>/<slug:verb>/", panel.move, name="move"),
]

urlpatterns = [
    path("", include((portal_patterns, "portal"))),
    path("panel/", include((panel_patterns, "panel"))),
]
