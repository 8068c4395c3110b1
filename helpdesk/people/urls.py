"""The first run, everybody's own page, the help pages, and a customer's organization for its own managers."""

from django.urls import path

from .views import account, help, imports, members

app_name = "people"

urlpatterns = [
    path("setup/", account.first_run, name="first_run"),
    path("profile/", account.profile, name="profile"),
    path("help/", help.overview, name="help"),
    path("help/tickets/", help.page, {"name": "tickets"}, name="help_tickets"),
    path("help/service/", help.page, {"name": "service"}, name="help_service"),
    path("help/registering/", help.page, {"name": "registering"}, name="help_registering"),
    path("organization/", members.organizations, name="organizations"),
    path("organization/<int:pk>/", members.organization, name="organization"),
    path("organization/<int:pk>/members/new/", members.new, name="new_member"),
    path("panel/imports/", imports.imports, name="imports"),
    path("panel/imports/<int:pk>/", imports.page, name="import"),
    path("panel/imports/<int:pk>/start/", imports.start, name="start_import"),
    path("panel/imports/<int:pk>/discard/", imports.discard, name="discard_import"),
    path("panel/imports/<int:pk>/bad-rows/", imports.bad_rows, name="bad_rows"),
    path("organization/members/<int:pk>/<slug:verb>/", members.mark, name="mark_member"),
]
