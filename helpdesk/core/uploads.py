"""Receiving files: streamed to temporary files, cut off at the limit, and never an error page.

A form must be able to refuse with a sentence and keep what was typed. So a file that is too large is cut
off and marked, and a disk that fills up while receiving is written down on the request, and in both cases
the rest of the form is read to its end.
"""

from __future__ import annotations

import contextlib
import logging
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from helpdesk.core.refusals import StorageUnavailable

logger = logging.getLogger(__name__)

UNAVAILABLE = _("Files cannot be received at the moment: our storage is full or away. Please try again later.")


class StreamingUploadHandler(FileUploadHandler):
    """Writes each file to a temporary one.

    After parsing, ``request.upload_failed`` is None or a ``StorageUnavailable``; each uploaded file carries
    ``too_large``: True when it is longer than ``ATTACHMENT_MAX_BYTES`` (its content is then cut off and its
    ``size`` is what was sent), or when the form has sent more than all its files may weigh together.
    """

    chunk_size = 256 * 1024

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.file: Any = None
        self.received = 0
        self.too_large = False
        self.kept = 0
        self.limit = settings.ATTACHMENT_MAX_BYTES
        self.limit_of_all = self.limit * (settings.ATTACHMENT_MAX_FILES + 1)
        self.failed: StorageUnavailable | None = None
        if request is not None:
            request.upload_failed = None  # type: ignore[attr-defined]  # our own note to the form

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0
        self.too_large = False
        self.file = None
        if self.failed is None:
            try:
                self.file = TemporaryUploadedFile(
                    self.file_name or "", self.content_type, 0, self.charset, self.content_type_extra
                )
            except OSError as error:
                self._fail(error)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.file is None or self.too_large:
            return
        if self.received > self.limit or self.kept + len(raw_data) > self.limit_of_all:
            self.too_large = True
            return
        try:
            self.file.write(raw_data)
            self.kept += len(raw_data)
        except OSError as error:
            self._fail(error)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if self.file is None:
            return None
        try:
            self.file.flush()  # what is still in the buffer may be what does not fit
            self.file.seek(0)
        except OSError as error:
            self._fail(error)
            return None
        done, self.file = self.file, None
        done.size = self.received
        done.too_large = self.too_large
        return done

    def upload_interrupted(self) -> None:
        self._drop()

    def _fail(self, error: OSError) -> None:
        logger.error("a file could not be received: %s", error.strerror)
        self.failed = StorageUnavailable(UNAVAILABLE, field="files")
        if self.request is not None:
            self.request.upload_failed = self.failed  # type: ignore[attr-defined]  # our own note to the form
        self._drop()

    def _drop(self) -> None:
        file, self.file = self.file, None
        if file is not None:
            with contextlib.suppress(OSError):  # closing flushes, and deletes whether or not that works
                file.close()
