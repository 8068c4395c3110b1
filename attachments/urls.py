"""Folders by their ticket's number; originals by their own."""

from django.urls import path

from . import views

app_name = "attachments"

urlpatterns = [
    path("folders/", views.folders, name="folders"),
    path("folders/<str:number>/", views.folder, name="folder"),
    path("folders/<str:number>/zip/", views.archive, name="zip"),
    path("folders/<str:number>/files/<int:pk>/", views.folder_file, name="folder_file"),
    path("folders/<str:number>/files/<int:pk>/remove/", views.remove_folder_file, name="remove_folder_file"),
    path("attachments/<int:pk>/", views.attachment, name="attachment"),
    path("attachments/<int:pk>/remove/", views.remove_attachment, name="remove_attachment"),
]
