"""The satisfaction survey, reached by a signed link."""

from django.urls import path

from .views import portal

app_name = "surveys"
urlpatterns = [path("surveys/<str:token>/", portal.survey, name="survey")]
