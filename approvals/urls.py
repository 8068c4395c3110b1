"""What is asked beside a ticket: below the ticket's own address in the panel; several at once below the decisions'."""

from django.urls import path

from .views import panel

app_name = "approvals"
urlpatterns = [
    path("panel/tickets/<int:number>/priority/request/", panel.request_priority, name="request_priority"),
    path("panel/tickets/<int:number>/priority/set/", panel.set_priority, name="set_priority"),
    path("panel/tickets/<int:number>/priority/<int:pk>/approve/", panel.approve_priority, name="approve_priority"),
    path("panel/tickets/<int:number>/priority/<int:pk>/reject/", panel.reject_priority, name="reject_priority"),
    path("panel/decisions/priority/approve/", panel.approve_priorities, name="approve_priorities"),
]
