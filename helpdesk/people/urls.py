"""The first run, and everybody's own page."""

from django.urls import path

from . import views

app_name = "people"

urlpatterns = [
    path("setup/", views.first_run, name="first_run"),
    path("profile/", views.profile, name="profile"),
]
