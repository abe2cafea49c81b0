"""A device's life: one table of legal moves, and `advance`, which follows it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from devices.errors import IllegalMove


class Lifecycle(StrEnum):
    """Where a device stands in its life."""

    PLANNED = "planned"  # wanted at a place; it has no login yet
    PROVISIONED = "provisioned"  # it may log in, and has not been heard
    ACTIVE = "active"
    MAINTENANCE = "maintenance"
    RETIRED = "retired"  # for ever: its id is not given to another device


class Move(StrEnum):
    """What changes a device's life."""

    PROVISION = "provision"
    ACTIVATE = "activate"
    MAINTAIN = "maintain"
    RESUME = "resume"
    RETIRE = "retire"


_L, _M = Lifecycle, Move
MOVES: Mapping[tuple[Lifecycle, Move], Lifecycle] = MappingProxyType(
    {
        (_L.PLANNED, _M.PROVISION): _L.PROVISIONED,
        (_L.PLANNED, _M.RETIRE): _L.RETIRED,
        (_L.PROVISIONED, _M.ACTIVATE): _L.ACTIVE,
        (_L.PROVISIONED, _M.RETIRE): _L.RETIRED,
        (_L.ACTIVE, _M.MAINTAIN): _L.MAINTENANCE,
        (_L.ACTIVE, _M.RETIRE): _L.RETIRED,
        (_L.MAINTENANCE, _M.RESUME): _L.ACTIVE,
        (_L.MAINTENANCE, _M.RETIRE): _L.RETIRED,
    }
)


def legal(state: Lifecycle) -> tuple[str, ...]:
    """The moves possible in a state."""
    return tuple(move.value for (before, move) in MOVES if before is state)


def advance(device: str, state: Lifecycle, move: Move) -> Lifecycle:
    """The state after a move; raises IllegalMove where the table has none."""
    after = MOVES.get((state, move))
    if after is None:
        raise IllegalMove(f"device {device!r}", state, move, legal(state))
    return after
