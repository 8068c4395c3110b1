"""The product as it is served, and the bare view beside it in the same process."""

from __future__ import annotations

from typing import Any, cast

from a2wsgi import WSGIMiddleware

from helpdesk.asgi import THREADS
from helpdesk.asgi import application as product

from .bare import BareHandler

_bare = WSGIMiddleware(cast(Any, BareHandler()), workers=THREADS)


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http" and scope["path"] == "/bare/":
        await _bare(scope, receive, send)
    else:
        await product(scope, receive, send)
