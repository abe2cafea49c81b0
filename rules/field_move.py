"""What somebody who was sent can do from the spot, and where it takes an order that only assists.

The lead order's moves are the case's own (rules/incident.py). An assisting order moves by itself:
the case's state belongs to whoever leads.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from rules.incident import Action


class FieldAction(StrEnum):
    """A move on the phone."""

    ACKNOWLEDGE = "acknowledge"
    ARRIVE = "arrive"
    HANDLE = "handle"
    REPORT_BACK = "report_back"
    RETURN = "return_order"
    ASK_EXTENSION = "ask_extension"
    ASK_HELP = "ask_help"
    NOTE = "note"


CASE_MOVES: Mapping[FieldAction, Action] = MappingProxyType(
    {
        FieldAction.ACKNOWLEDGE: Action.ACKNOWLEDGE,
        FieldAction.ARRIVE: Action.ARRIVE,
        FieldAction.HANDLE: Action.HANDLE,
        FieldAction.REPORT_BACK: Action.REPORT_BACK,
        FieldAction.RETURN: Action.RETURN,
        FieldAction.ASK_EXTENSION: Action.ASK_EXTENSION,
    }
)
"""What the leader of a case does to the case."""

ALWAYS: Final = (FieldAction.ASK_HELP, FieldAction.NOTE)
"""Possible while the case is open, whatever the order's state."""

NEEDS_TEXT: Final = frozenset(
    {
        FieldAction.REPORT_BACK,
        FieldAction.RETURN,
        FieldAction.ASK_EXTENSION,
        FieldAction.ASK_HELP,
        FieldAction.NOTE,
    }
)

_ASSIST: Final[Mapping[str, tuple[FieldAction, ...]]] = {
    "sent": (FieldAction.ACKNOWLEDGE, FieldAction.RETURN),
    "acknowledged": (FieldAction.ARRIVE, FieldAction.REPORT_BACK, FieldAction.RETURN),
    "on_scene": (FieldAction.REPORT_BACK,),
}


def assist_legal(state: str) -> tuple[FieldAction, ...]:
    """Say what can be done with an assisting order now."""
    return _ASSIST.get(state, ())
