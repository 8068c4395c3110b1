"""The word that shows that whoever sets a new deployment up also runs the machine.

Between its first start and its set-up, a deployment can be reached by strangers, and the first-run page would make the
first of them its administrator. So the page asks for a code, in production as in development, where the server may
listen to a whole network too. It follows from the secret key: nothing has to be stored, every process knows it, and
only who runs the machine can learn it (``manage.py setup_code``; ``manage.py up`` and the journal say the same).
"""

from __future__ import annotations

import base64

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac


def is_needed() -> bool:
    """Always but in the test suite: whether strangers reach the server cannot be told from its address alone."""
    return not settings.TESTING


def code() -> str:
    """Four groups of four letters and digits."""
    digest = salted_hmac("helpdesk.people.setup_code", "first run", algorithm="sha256").digest()
    letters = base64.b32encode(digest).decode()[:16]
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def fits(given: str) -> bool:
    """Whether ``given`` is the code, however its letters are grouped and written."""
    return constant_time_compare(_bare(given), _bare(code()))


def _bare(text: str) -> str:
    return "".join(character for character in text.upper() if character.isalnum())
