"""Reports: asked for, found again, fetched, sent regularly."""

from django.urls import path

from . import views

app_name = "reports"
urlpatterns = [
    path("reports/", views.reports, name="reports"),
    path("reports/ask/", views.ask, name="ask"),
    path("reports/<int:pk>/", views.report, name="report"),
    path("reports/<int:pk>/file/", views.fetch, name="fetch"),
    path("reports/<int:pk>/again/", views.ask_again, name="ask_again"),
    path("reports/<int:pk>/delete/", views.throw_away, name="throw_away"),
    path("reports/schedules/", views.schedules, name="schedules"),
    path("reports/schedules/new/", views.new_schedule, name="new_schedule"),
    path("reports/schedules/<int:pk>/pause/", views.pause_schedule, name="pause_schedule"),
    path("reports/schedules/<int:pk>/resume/", views.resume_schedule, name="resume_schedule"),
    path("reports/schedules/<int:pk>/delete/", views.stop_schedule, name="stop_schedule"),
]
