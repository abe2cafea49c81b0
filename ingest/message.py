"""A message as it came from the broker, still to be acknowledged."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

NOT_THE_BROKER: Final = -1
"""In place of a session: no connection brought it just now, and nothing is to be acknowledged."""


class RawMessage(msgspec.Struct, frozen=True):
    """Bytes on a topic; `session` and `mid` say which delivery an acknowledgement answers.

    A struct, because one is made per message: a frozen dataclass costs ten times as much to make.
    """

    topic: str
    payload: bytes
    received_at: datetime
    retained: bool
    again: bool  # the broker's DUP flag: it may have been here before
    session: int
    mid: int
    early: bool = False  # by the line for what is about life: the copy that counts comes later
    aside: int = 0  # the quarantine row it is read again from; 0: it comes from the broker
    kept: int = 0  # the backlog's row it waited in; 0: it did not
