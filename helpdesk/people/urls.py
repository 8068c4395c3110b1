"""The first run, everybody's own page, and a customer's organization for its own managers."""

from django.urls import path

from .views import account, members

app_name = "people"

urlpatterns = [
    path("setup/", account.first_run, name="first_run"),
    path("profile/", account.profile, name="profile"),
    path("organization/", members.organizations, name="organizations"),
    path("organization/<int:pk>/", members.organization, name="organization"),
    path("organization/<int:pk>/members/new/", members.new, name="new_member"),
    path("organization/members/<int:pk>/<slug:verb>/", members.mark, name="mark_member"),
]
