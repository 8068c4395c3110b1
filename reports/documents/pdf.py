"""From a template to a PDF: pages of A4 with page numbers, an outline and tags for screen readers.

Nothing is fetched while a document is laid out, neither from the network nor from this machine: the style sheets are
read here, drawings stand in the page itself, and whatever an address in somebody's words says, it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, BinaryIO
from xml.etree import ElementTree

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.core.refusals import Refused
from helpdesk.people.models import Account

Progress = Callable[[int, int], None]

_SHEETS = settings.BASE_DIR / "static" / "css"
_SVG = "{http://www.w3.org/2000/svg}"
# Reading, laying out, writing: who waits sees that it goes on.
_STEPS = 4


class CannotLayOut(Refused):
    """The system libraries that lay out text are missing on this machine."""


def write(
    template: str, context: Mapping[str, Any], target: BinaryIO, *, at: datetime, progress: Progress | None = None
) -> None:
    """Write ``template`` as a PDF to ``target``, in the active language and time zone.

    The same context at the same instant makes the same bytes.

    Args:
        template: extends ``pdf/base.html``; drawings are inline SVG, addresses lead to this product's pages.
        at: when the document is made, as it says itself.

    Raises:
        CannotLayOut: says what to install.
    """
    told = progress or _tell_nobody
    try:
        import weasyprint
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as missing:
        raise CannotLayOut(
            _(
                "PDFs cannot be made on this server, since Pango is missing. "
                "On Debian, “apt-get install libpango-1.0-0 libpangoft2-1.0-0” brings it."
            )
        ) from missing

    class Nothing(URLFetcher):
        """Refuses every address."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            raise ValueError(f"documents fetch nothing: {url[:80]}")

    told(1, _STEPS)
    markup = render_to_string(template, {"at": at, "made": _stamp(at), "company": _company(), **context})
    nothing = Nothing()
    page = weasyprint.HTML(string=markup, base_url=f"{settings.BASE_URL}/", url_fetcher=nothing)
    _colour_drawings(page.etree_element)
    fonts = _fonts()
    sheet = weasyprint.CSS(string=_read("print.css"), url_fetcher=nothing, font_config=fonts)
    told(2, _STEPS)
    document = page.render(stylesheets=[sheet], font_config=fonts)
    told(3, _STEPS)
    document.write_pdf(target, pdf_tags=True)
    told(_STEPS, _STEPS)


@cache
def _fonts() -> Any:
    """The system's fonts, looked through once in a process: what it holds of them it never gives back."""
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


def _tell_nobody(_done: int, _total: int) -> None:
    pass


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _company() -> str:
    account = Account.current()
    return account.name if account else ""


def _read(name: str) -> str:
    return (_SHEETS / name).read_text(encoding="utf-8")


def _colour_drawings(root: ElementTree.Element) -> None:
    """A page's style sheet does not reach into a drawing there, so each drawing carries its own."""
    colours = _read("print-drawings.css")
    for drawing in root.iter(f"{_SVG}svg"):
        style = ElementTree.Element(f"{_SVG}style")
        style.text = colours
        drawing.insert(0, style)


def zone() -> str:
    """The name of the time zone in which a document's instants are."""
    return timezone.get_current_timezone_name()
