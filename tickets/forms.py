"""What people fill in for a ticket. Forms carry input; what is allowed is the actions' business."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.base import File
from django.utils.translation import gettext_lazy as _

from .lifecycle import Move, Text


class MultipleFileInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several uploads at once; cleans to a list. Sizes, types and counts are checked by ``attachments.storing``."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", MultipleFileInput())
        kwargs.setdefault("required", False)
        kwargs.setdefault("allow_empty_file", True)  # refused later, with a sentence that names the file
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[File]:
        uploads = data if isinstance(data, list | tuple) else [data] if data else []
        if not uploads and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return list(uploads)


class MoveForm(forms.Form):
    """The words and files of one move; which of them are needed follows from the moves table."""

    text = forms.CharField(label=_("Text"), required=False, widget=forms.Textarea(attrs={"rows": 5}), max_length=50_000)
    files = FilesField(label=_("Files"))

    def __init__(self, move: Move, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.move = move
        if move.text is Text.NONE:
            del self.fields["text"]
        if not move.files:
            del self.fields["files"]
