"""Points need two people and a leader; false alarms ask for what helps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import IllegalMove
from devices.profiles import PROFILES
from rules.points import Bar, Review, Stand, Step, next_step, objection, stand_of
from rules.repairs import ADVICE, KINDS, MOVES, advice_for, due, legal, move

PEOPLE = st.sampled_from(("a", "b", "c", "d"))


@given(proposer=PEOPLE, tries=st.lists(st.tuples(PEOPLE, st.booleans(), st.booleans()), max_size=12))
def test_nothing_is_published_without_two_people_who_did_not_propose_it(
    proposer: str, tries: list[tuple[str, bool, bool]]
) -> None:
    reviews: tuple[Review, ...] = ()
    for who, leader, approve in tries:
        if objection(proposer, reviews, who, leader=leader) is None:
            step = next_step(stand_of(reviews))
            assert step is not None
            reviews = (*reviews, Review(step=step, approve=approve, by=who))
    if stand_of(reviews) is Stand.PUBLISHED:
        reviewers = [review.by for review in reviews if review.step is not Step.PUBLISH]
        assert len({*reviewers, proposer}) == 3
    if stand_of(reviews) in (Stand.PUBLISHED, Stand.REFUSED):
        assert {objection(proposer, reviews, who, leader=True) for who in "abcd"} == {Bar.OVER}


def test_each_bar_has_its_case() -> None:
    first = Review(step=Step.FIRST, approve=True, by="b")
    second = Review(step=Step.SECOND, approve=True, by="c")
    assert objection("a", (), "a", leader=True) is Bar.OWN
    assert objection("a", (first,), "b", leader=True) is Bar.TWICE
    assert objection("a", (first, second), "d", leader=False) is Bar.LEADER
    assert objection("a", (first, second), "a", leader=True) is None


@pytest.mark.parametrize("family", sorted(PROFILES))
def test_every_family_has_something_that_helps(family: str) -> None:
    assert due(family, 0) == ()
    assert due(family, 99) == advice_for(family)
    assert all(advice.within == timedelta(days=7) for advice in advice_for(family))


def test_a_help_button_is_explained_after_three_and_a_smoke_sensor_cleaned() -> None:
    assert [advice.kind for advice in due("sos_button", 3)] == ["reinstruct"]
    assert due("sos_button", 2) == ()
    assert [advice.kind for advice in due("smoke_sensor", 5)] == ["clean", "threshold"]
    assert set(ADVICE) <= set(PROFILES)
    assert all(kind == advice.kind for kind, advice in KINDS.items())


def test_a_repair_order_ends_and_stays_ended() -> None:
    for end in ("done", "dismissed"):
        assert legal(end) == ()
        with pytest.raises(IllegalMove):
            move(end, "assign", "repair order 1")
    assert {move("open", action, "x") for action in legal("open")} == {"assigned", "done", "dismissed"}
    assert all(state in ("open", "assigned") for state, _ in MOVES)
