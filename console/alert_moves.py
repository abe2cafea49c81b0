"""What an operator may do with an alert: one table.

`alert_legal` in ingest/store/views.sql says the same to the lists and the live feed; a test
compares the two. An alert whose incident is open ends with the incident, not by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from devices.errors import IllegalMove
from rules.alert import AlertState, Outcome


class AlertVerb(StrEnum):
    """What can be asked for."""

    ACKNOWLEDGE = "acknowledge"
    DISPATCH = "dispatch"
    CLOSE = "close"


MOVES: Mapping[tuple[AlertState, AlertVerb], AlertState] = MappingProxyType(
    {
        (AlertState.OPEN, AlertVerb.ACKNOWLEDGE): AlertState.ACKNOWLEDGED,
        (AlertState.OPEN, AlertVerb.DISPATCH): AlertState.ESCALATED,
        (AlertState.OPEN, AlertVerb.CLOSE): AlertState.CLOSED,
        (AlertState.ACKNOWLEDGED, AlertVerb.DISPATCH): AlertState.ESCALATED,
        (AlertState.ACKNOWLEDGED, AlertVerb.CLOSE): AlertState.CLOSED,
        (AlertState.ESCALATED, AlertVerb.CLOSE): AlertState.CLOSED,
        (AlertState.SUPPRESSED, AlertVerb.CLOSE): AlertState.CLOSED,
    }
)


def legal(state: AlertState, *, ended: bool, tied: bool) -> tuple[AlertVerb, ...]:
    """Say what is possible now; `tied` means that an open incident has the alert."""
    if ended:
        return ()
    return tuple(
        verb for verb in AlertVerb if (state, verb) in MOVES and (verb is AlertVerb.ACKNOWLEDGE or not tied)
    )


def move(
    subject: str, state: AlertState, verb: AlertVerb, *, ended: bool, tied: bool, outcome: Outcome | None
) -> AlertState:
    """Say where an action leads.

    Raises IllegalMove naming what is possible instead.
    """
    possible = legal(state, ended=ended, tied=tied)
    if verb not in possible:
        raise IllegalMove(subject, state, verb, possible)
    target = MOVES[state, verb]
    if target is AlertState.CLOSED and outcome is Outcome.FALSE_ALARM:
        return AlertState.FALSE_ALARM
    return target
