"""The hub, and the administrators' pages of letters and their texts."""

from django.urls import path

from .views import panel, portal, texts

app_name = "notifications"

urlpatterns = [
    path("notifications/", portal.hub, name="hub"),
    path("notifications/bell/", portal.bell, name="bell"),
    path("notifications/read/", portal.read_all, name="read_all"),
    path("notifications/<int:pk>/open/", portal.open_notice, name="open"),
    path("notifications/<int:pk>/read/", portal.read, name="read"),
    path("panel/letters/", panel.letters, name="letters"),
    path("panel/letters/texts/", texts.overview, name="texts"),
    path("panel/letters/texts/<slug:kind>/<slug:language>/", texts.text, name="text"),
    path("panel/letters/texts/<slug:kind>/<slug:language>/preview/", texts.preview, name="text_preview"),
    path("panel/letters/<int:pk>/", panel.letter, name="letter"),
    path("panel/letters/<int:pk>/html/", panel.letter_html, name="letter_html"),
    path("panel/letters/<int:pk>/send/", panel.send_again, name="send_again"),
]
