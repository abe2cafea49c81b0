from __future__ import annotations

import pytest

from console.alert_moves import MOVES, AlertVerb, legal, move
from devices.errors import IllegalMove
from rules.alert import AlertState, Outcome


def test_what_is_over_or_belongs_to_an_open_incident_is_not_moved() -> None:
    for state in AlertState:
        assert legal(state, ended=True, tied=False) == ()
        assert set(legal(state, ended=False, tied=True)) <= {AlertVerb.ACKNOWLEDGE}


@pytest.mark.parametrize("state", AlertState)
@pytest.mark.parametrize("verb", AlertVerb)
def test_the_table_is_total(state: AlertState, verb: AlertVerb) -> None:
    if (state, verb) in MOVES:
        target = move("alert 7", state, verb, ended=False, tied=False, outcome=Outcome.OTHER)
        assert target is MOVES[state, verb]
    else:
        with pytest.raises(IllegalMove) as caught:
            move("alert 7", state, verb, ended=False, tied=False, outcome=None)
        assert caught.value.legal == legal(state, ended=False, tied=False)
        assert "alert 7" in str(caught.value)


def test_a_false_alarm_is_called_one() -> None:
    closed = move("a", AlertState.OPEN, AlertVerb.CLOSE, ended=False, tied=False, outcome=Outcome.FALSE_ALARM)
    assert closed is AlertState.FALSE_ALARM
