"""The audit log: what administrators and agents do to people, customers and settings, for good (R2.47).

``audit.record`` writes, ``audit.changes`` says what differs, ``audit.chain`` proves that nothing was changed since.
"""

from .comparing import changes, fields_of, record_saved, reference
from .recording import left_out, record, together

__all__ = ["changes", "fields_of", "left_out", "record", "record_saved", "reference", "together"]
