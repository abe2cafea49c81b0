"""The life of an incident."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import IllegalMove
from rules.incident import (
    ACTION_NAMES,
    FIRST,
    OPEN,
    OVER,
    SIDE,
    STATE_NAMES,
    TRANSITIONS,
    Action,
    State,
    advance,
    case_code,
    legal,
)


@given(st.sampled_from(State), st.sampled_from(Action))
def test_every_action_is_either_legal_and_leads_somewhere_or_names_what_is_legal(
    state: State, action: Action
) -> None:
    if action in legal(state):
        assert advance(state, action) is TRANSITIONS[state, action]
        return
    with pytest.raises(IllegalMove) as caught:
        advance(state, action, "case 7")
    assert caught.value.legal == legal(state)
    assert (caught.value.subject, caught.value.state, caught.value.action) == ("case 7", state, action)


@given(st.lists(st.sampled_from(Action), max_size=40))
def test_whatever_people_do_an_incident_that_is_over_stays_over(actions: list[Action]) -> None:
    state, over = FIRST, False
    for action in actions:
        if action in legal(state):
            state = advance(state, action)
        assert not (over and state in OPEN)
        over = state in OVER


def test_the_straight_way_leads_from_report_to_rating() -> None:
    state = FIRST
    for action in (
        Action.ACCEPT,
        Action.ASSESS,
        Action.DISPATCH,
        Action.ACKNOWLEDGE,
        Action.ARRIVE,
        Action.HANDLE,
        Action.REPORT_BACK,
        Action.VERIFY,
        Action.CLOSE,
        Action.RATE,
    ):
        state = advance(state, action)
    assert state is State.RATED


@pytest.mark.parametrize(
    ("state", "action", "to"),
    [
        (State.DISPATCHED, Action.RETURN, State.RETURNED),
        (State.RETURNED, Action.ASSESS, State.ASSESSED),
        (State.REPORTED_BACK, Action.REOPEN, State.DISPATCHED),
        (State.HANDLING, Action.SUSPEND, State.SUSPENDED),
        (State.SUSPENDED, Action.RESUME, State.HANDLING),
        (State.ACCEPTED, Action.REJECT, State.REJECTED),
    ],
)
def test_the_side_ways_lead_back_to_the_main_one(state: State, action: Action, to: State) -> None:
    assert advance(state, action) is to


@pytest.mark.parametrize("state", sorted(OPEN))
def test_an_open_incident_can_be_urged_and_merged(state: State) -> None:
    assert all(advance(state, action) is state for action in SIDE)
    assert advance(state, Action.MERGE) is State.MERGED


def test_every_state_can_be_reached_and_every_open_one_left_for_good() -> None:
    reached = {FIRST}
    while more := {to for (state, _), to in TRANSITIONS.items() if state in reached} - reached:
        reached |= more
    assert reached == set(State)


def test_states_and_actions_have_names_in_both_languages() -> None:
    assert set(STATE_NAMES) == set(State)
    assert set(ACTION_NAMES) == set(Action)


def test_a_case_code_says_county_day_source_and_number() -> None:
    assert case_code("510681", date(2026, 3, 7), "01", 42) == "5106812026030701000042"


@pytest.mark.parametrize(
    ("county", "source", "seq"),
    [("51068", "01", 1), ("51068x", "01", 1), ("510681", "10", 1), ("510681", "01", 0)],
)
def test_a_malformed_case_code_is_refused(county: str, source: str, seq: int) -> None:
    with pytest.raises(ValueError, match=r"."):
        case_code(county, date(2026, 3, 7), source, seq)
