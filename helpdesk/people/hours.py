"""Working hours as people write them: ``09:00-12:00, 13:00-18:00`` for a day, and a list of days that differ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from helpdesk.core.worktime import MINUTES_A_DAY, Hours

_DASH = r"\s*[-–—]\s*"
_TIME = r"(\d{1,2})(?:[:.](\d{2}))?"
_SHIFT = re.compile(rf"{_TIME}{_DASH}{_TIME}")
_ISO = r"\d{4}-\d{2}-\d{2}"
_LINE = re.compile(rf"(?P<first>{_ISO})(?:(?:\s*\.\.\s*|\s+[-–—]\s+)(?P<last>{_ISO}))?(?P<hours>\s.*)?")
_LONGEST_RANGE = timedelta(days=366)


def read_hours(text: str) -> Hours:
    """The shifts of one day; none for an empty text. A shift that ends at or before its beginning runs over midnight.

    Raises:
        ValidationError: with a sentence that says what to write.
    """
    shifts = sorted(_read_shift(part.strip()) for part in text.split(",") if part.strip())
    for before, after in pairwise(shifts):
        if after[0] < before[1]:
            raise ValidationError(_("Two of these times overlap."))
    return tuple(shifts)


def _read_shift(text: str) -> tuple[int, int]:
    found = _SHIFT.fullmatch(text)
    if found is None:
        raise ValidationError(
            _("“%(text)s” is not a time from – to. Write it like 09:00-12:00, several of them with commas between."),
            params={"text": text},
        )
    start, end = (_minutes(text, *found.groups(default="0")[half : half + 2]) for half in (0, 2))
    if start in {end, MINUTES_A_DAY}:
        raise ValidationError(_("“%(text)s” has no length. Around the clock is 00:00-24:00."), params={"text": text})
    return start, end if end > start else end + MINUTES_A_DAY


def _minutes(text: str, hour: str, minute: str) -> int:
    minutes = int(hour) * 60 + int(minute)
    if int(minute) > 59 or minutes > MINUTES_A_DAY:
        raise ValidationError(_("In “%(text)s” there is a time that no clock shows."), params={"text": text})
    return minutes


def read_special(text: str) -> dict[date, Hours]:
    """Days that are not as usual, one a line: a day or the first and the last of several, then their hours if any.

    What follows a ``#`` is a remark. Without hours they are days off.

    Raises:
        ValidationError: with a sentence for every line that cannot be read.
    """
    found: dict[date, Hours] = {}
    errors = []
    for number, line in enumerate(text.splitlines(), start=1):
        said = line.partition("#")[0].strip()
        try:
            found |= dict(_read_line(said)) if said else {}
        except ValidationError as error:
            errors.append(_("Line %(number)d: %(reason)s") % {"number": number, "reason": " ".join(error.messages)})
    if errors:
        raise ValidationError(errors)
    return found


def _read_line(text: str) -> Iterator[tuple[date, Hours]]:
    line = _LINE.fullmatch(text)
    if line is None:
        raise ValidationError(
            _("Write a day like 2026-12-24, or the first and the last one like 2026-12-24 - 2027-01-01.")
        )
    first = _day(line["first"])
    last = _day(line["last"]) if line["last"] else first
    if not first <= last <= first + _LONGEST_RANGE:
        raise ValidationError(_("The last day must follow the first one, within a year."))
    hours = read_hours(line["hours"] or "")
    day = first
    while day <= last:
        yield day, hours
        day += timedelta(days=1)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValidationError(_("There is no day %(day)s."), params={"day": text}) from None


def validate_hours(text: str) -> None:
    """Raises:
    ValidationError: ``text`` says no hours of a day.
    """
    read_hours(text)


def validate_special(text: str) -> None:
    """Raises:
    ValidationError: ``text`` is no list of days.
    """
    read_special(text)
