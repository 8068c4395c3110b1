"""What administrators set up: the company, its people, its customers, and the structure that serves them."""

from . import calendars, company, customers, persons, profiles, structure

__all__ = ["calendars", "company", "customers", "persons", "profiles", "structure"]
