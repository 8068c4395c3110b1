"""When a department works (A8)."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from helpdesk.core.worktime import MINUTES_A_DAY, WorkingHours
from helpdesk.people import hours

from .company import validate_time_zone

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_OFFICE = "09:00-18:00"


def _day(label: Any, default: str = "") -> Any:
    return models.CharField(label, max_length=120, blank=True, default=default, validators=[hours.validate_hours])


class Calendar(models.Model):
    """Working hours that departments share: what is due there is counted in them (A8).

    Whoever changes one changes what is counted from then on; deadlines that people were told stay as they are.
    """

    name = models.CharField(_("name"), max_length=120)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone], help_text=_("Of these hours.")
    )
    monday = _day(_("Monday"), _OFFICE)
    tuesday = _day(_("Tuesday"), _OFFICE)
    wednesday = _day(_("Wednesday"), _OFFICE)
    thursday = _day(_("Thursday"), _OFFICE)
    friday = _day(_("Friday"), _OFFICE)
    saturday = _day(_("Saturday"))
    sunday = _day(_("Sunday"))
    country = models.CharField(
        _("public holidays of"), max_length=2, blank=True, help_text=_("These are days off. Empty: no holidays.")
    )
    subdivision = models.CharField(
        _("state or region"),
        max_length=40,
        blank=True,
        help_text=_("Its code, where its holidays differ from the country's: SP, BY, CA."),
    )
    special_days = models.TextField(
        _("days that differ"),
        blank=True,
        validators=[hours.validate_special],
        help_text=_(
            "One a line. A day off: 2026-12-24. Several: 2026-12-24 - 2027-01-01. Other hours, also on a holiday: "
            "2026-12-31 09:00-12:00. What follows a # is a remark."
        ),
    )

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")
        ordering = ("name", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("name"),
                name="people_calendar_name_unique",
                violation_error_message=_("There is a calendar with this name already."),
            ),
            models.CheckConstraint(
                condition=~Q(**dict.fromkeys(DAYS, "")),
                name="people_calendar_has_hours",
                violation_error_message=_("Without a single working hour, nothing would ever be due."),
            ),
            models.CheckConstraint(
                condition=Q(subdivision="") | ~Q(country=""),
                name="people_calendar_region_of_a_country",
                violation_error_message=_("Choose the country of this region, too."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def week(self) -> tuple[str, ...]:
        """The hours of each day as they are written, Monday first."""
        return tuple(getattr(self, day) for day in DAYS)

    @property
    def worktime(self) -> WorkingHours:
        """What counts; equal calendars share one, with all that was worked out of it."""
        return _worktime(self.time_zone, self.week, self.country, self.subdivision, self.special_days)

    def clean(self) -> None:
        """Raises:
        ValidationError: no hours at all, a shift that runs into the next day's, or a region that nobody knows.
        """
        errors: dict[str, Any] = {}
        if not any(text.strip(" ,") for text in self.week):
            errors["monday"] = _("Without a single working hour, nothing would ever be due.")
        week = [_shifts(text) for text in self.week]
        for name, (today, tomorrow) in zip(DAYS, pairwise([*week, week[0]]), strict=True):
            if today and tomorrow and today[-1][1] - MINUTES_A_DAY > tomorrow[0][0]:
                errors[name] = _("The last shift runs into the next day's first one.")
        if self.country:
            errors |= self._unknown_place()
        if errors:
            raise ValidationError(errors)

    def _unknown_place(self) -> dict[str, Any]:
        import holidays  # heavy, and only needed here

        known = holidays.list_supported_countries().get(self.country)
        if known is None:
            return {"country": _("The holidays of this country are not known.")}
        if self.subdivision and self.subdivision not in known:
            places = ", ".join(sorted(known)) or "–"
            return {"subdivision": _("Of this country these are known: %(places)s.") % {"places": places}}
        return {}


def _shifts(text: str) -> Any:
    """The hours of a text that may be wrong, in which case its own field says so."""
    try:
        return hours.read_hours(text)
    except ValidationError:
        return ()


@lru_cache(maxsize=256)
def _worktime(zone: str, week: tuple[str, ...], country: str, subdivision: str, special_days: str) -> WorkingHours:
    special = hours.read_special(special_days)
    return WorkingHours(zone, tuple(map(hours.read_hours, week)), country, subdivision, tuple(sorted(special.items())))
