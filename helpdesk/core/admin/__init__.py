"""The administration: what all of its pages share, and the ground's own records."""

from . import audit_log, records
from .base import PAGE, PICKED, HouseAdmin, HouseChangeList, PickerView, RecordAdmin, UncountedPaginator

__all__ = [
    "PAGE",
    "PICKED",
    "HouseAdmin",
    "HouseChangeList",
    "PickerView",
    "RecordAdmin",
    "UncountedPaginator",
    "audit_log",
    "records",
]
