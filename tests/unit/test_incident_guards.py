"""Who may take which step: the guards beside the states."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.duty import Step, Verdict, again, settled, waits
from rules.incident import OPEN, Action, State, legal
from rules.incident_guards import (
    GUARDS,
    NEED_NAMES,
    WHO_NAMES,
    WHY_NAMES,
    Actor,
    Need,
    Standing,
    Who,
    Why,
    Wish,
    moves,
    objection,
)
from rules.sla import Time, work_hours

NAMES = st.sampled_from(["wang", "li", "duty"])
actors = st.builds(
    Actor,
    name=NAMES,
    centre=st.booleans(),
    leader=st.booleans(),
    grader=st.booleans(),
    platform=st.booleans(),
)
cases = st.builds(
    Standing,
    state=st.sampled_from(State),
    assignee=st.none() | NAMES,
    workers=st.frozensets(NAMES),
    wish=st.none() | st.sampled_from(Wish),
    asked_by=st.none() | NAMES,
    returns=st.integers(0, 3),
)
TIME = Time(hours=work_hours("08:30-12:00,13:30-18:00"))
SINCE = datetime(2026, 3, 3, 1, tzinfo=UTC)


def test_every_action_has_a_guard_and_every_word_its_names() -> None:
    assert set(GUARDS) == set(Action)
    assert (set(WHO_NAMES), set(NEED_NAMES), set(WHY_NAMES)) == (set(Who), set(Need), set(Why))


@given(actors, cases)
def test_every_step_the_state_allows_is_offered_or_refused_with_a_reason(
    actor: Actor, case: Standing
) -> None:
    offered = moves(actor, case)
    assert tuple(move.action for move in offered) == legal(case.state)
    for move in offered:
        assert move.why == objection(move.action, actor, case)
        assert move.needs == GUARDS[move.action].needs


@given(actors.filter(lambda actor: actor.platform), cases)
def test_the_platform_is_never_offered_what_is_a_persons(actor: Actor, case: Standing) -> None:
    for move in moves(actor, case):
        if GUARDS[move.action].person:
            assert move.why is Why.PERSON


@given(actors, cases)
def test_nobody_checks_their_own_work_or_grants_their_own_wish(actor: Actor, case: Standing) -> None:
    free = {move.action for move in moves(actor, case) if move.why is None}
    if actor.name in case.workers:
        assert not free & {Action.VERIFY, Action.REOPEN}
    if actor.name == case.asked_by or case.wish is None:
        assert not free & {Action.GRANT_EXTENSION, Action.SUSPEND}


@pytest.mark.parametrize("state", sorted(OPEN))
def test_an_operator_always_has_a_way_on(state: State) -> None:
    centre = Actor(name="wang", centre=True, leader=True)
    assert any(move.why is None for move in moves(centre, Standing(state=state)))


@given(st.integers(1, 4), st.timedeltas(timedelta(seconds=10), timedelta(hours=8)))
def test_an_alert_that_waits_has_a_timetable_in_order(severity: int, accept: timedelta) -> None:
    table = waits(SINCE, severity, accept, timedelta(seconds=30), TIME)
    assert table[0].step is Step.RAISED
    assert [wait.at for wait in table] == sorted(wait.at for wait in table)
    assert (Step.DISPATCH in {wait.step for wait in table}) == (severity == 1)
    assert again(accept, TIME, severity) >= timedelta(minutes=5)


@given(st.booleans(), st.sampled_from(["fire", "help", "gas"]), st.booleans(), st.timedeltas())
def test_silence_is_never_a_false_alarm(answered: bool, hazard: str, surer: bool, after: timedelta) -> None:  # noqa: FBT001 - drawn
    until = SINCE + timedelta(seconds=60)
    now = SINCE + min(max(after, timedelta()), timedelta(days=1))
    verdict = settled(answered=answered, hazard=hazard, surer=surer, now=now, until=until)
    assert verdict is not Verdict.REFUTED
    if now >= until and not (hazard == "help" and answered):
        assert verdict in (Verdict.CONFIRMED, Verdict.ASSUMED)
