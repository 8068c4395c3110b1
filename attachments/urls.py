"""Folders by their ticket's number; originals by their own."""

from django.urls import path

from . import views

app_name = "attachments"

urlpatterns = [
    path("folders/", views.folders, name="folders"),
    path("folders/<int:number>/", views.folder, name="folder"),
    path("folders/<int:number>/zip/", views.archive, name="zip"),
    path("folders/<int:number>/files/<int:pk>/", views.folder_file, name="folder_file"),
    path("folders/<int:number>/files/<int:pk>/remove/", views.remove_folder_file, name="remove_folder_file"),
    path("attachments/<int:pk>/", views.attachment, name="attachment"),
    path("attachments/<int:pk>/remove/", views.remove_attachment, name="remove_attachment"),
]
