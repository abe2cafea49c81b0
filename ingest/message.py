"""A message as it came from the broker, still to be acknowledged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RawMessage:
    """Bytes on a topic; `session` and `mid` say which delivery an acknowledgement answers."""

    topic: str
    payload: bytes
    received_at: datetime
    retained: bool
    again: bool  # the broker's DUP flag: it may have been here before
    session: int
    mid: int
    aside: int = 0  # the quarantine row it is read again from; 0: it comes from the broker
