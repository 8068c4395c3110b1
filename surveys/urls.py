"""The satisfaction survey, reached by a signed link; and what the answers come to, for those who read the figures."""

from django.urls import path

from .views import panel, portal

app_name = "surveys"
urlpatterns = [
    path("surveys/<str:token>/", portal.survey, name="survey"),
    path("panel/satisfaction/", panel.satisfaction, name="satisfaction"),
]
