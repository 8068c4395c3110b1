"""What is asked beside a ticket: the managers' pages in the portal; below the ticket's own address in the panel."""

from django.urls import path

from .views import consents, panel, portal

app_name = "approvals"
urlpatterns = [
    path("approvals/", portal.waiting, name="actions"),
    path("approvals/<int:pk>/", portal.action, name="action"),
    path("approvals/<int:pk>/<slug:verb>/", portal.decide, name="decide"),
    path("panel/tickets/<int:number>/actions/request/", consents.request_action, name="request_action"),
    path("panel/actions/<int:pk>/", consents.request, name="request"),
    path("panel/tickets/<int:number>/priority/request/", panel.request_priority, name="request_priority"),
    path("panel/tickets/<int:number>/priority/set/", panel.set_priority, name="set_priority"),
    path("panel/tickets/<int:number>/priority/<int:pk>/approve/", panel.approve_priority, name="approve_priority"),
    path("panel/tickets/<int:number>/priority/<int:pk>/reject/", panel.reject_priority, name="reject_priority"),
    path("panel/decisions/priority/approve/", panel.approve_priorities, name="approve_priorities"),
]
