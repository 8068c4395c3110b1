"""The customers' portal and the agents' panel. Addresses use the ticket's number; verbs are POST."""

from django.urls import include, path

from .views import panel, portal

portal_patterns = [
    path("", portal.home, name="home"),
    path("tickets/", portal.tickets, name="tickets"),
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
    path("closed/", panel.closed, name="closed"),
    path("search/", panel.search, name="search"),
    path("departments/<int:pk>/", panel.department, name="department"),
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
