"""What administrators set up: the company, its people, its customers, and the structure that serves them."""

from . import company, customers, persons, profiles, structure

__all__ = ["company", "customers", "persons", "profiles", "structure"]
