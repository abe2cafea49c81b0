"""Who should go: the nearest suitable person with every reason, and what is missing said aloud."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.position import Source, Spot, apart, best, overwrites
from rules.recommend import (
    Candidate,
    Need,
    Recommendation,
    ResponderState,
    Why,
    late_in_state,
    recommend,
)
from rules.roster import Standing

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
ESTATE = ("510681", "510681101", "510681101001", "e1")
SCENE = Spot(path=(*ESTATE, "e1-b1"), source=Source.INSTALLED, at=NOW, x=50, y=30)
NEED = Need(role="GW", spot=SCENE)


def somebody(name: str, **more: object) -> Candidate:
    base = Candidate(
        person=name,
        roles=("GW",),
        standing=Standing.ON_DUTY,
        path=ESTATE,
        spot=Spot(path=ESTATE, source=Source.GPS, at=NOW, x=50, y=130),
    )
    return replace(base, **more)  # type: ignore[arg-type]  # a test's own words


def whys(one: Recommendation) -> set[Why]:
    return {reason.why for reason in one.reasons}


def test_the_nearer_of_two_equals_goes_and_says_how_far() -> None:
    near, far = somebody("near"), somebody("far", spot=replace(SCENE, source=Source.GPS, y=730))
    advice = recommend(NEED, [far, near], NOW)
    assert [pick.person for pick in advice.picks] == ["near"]
    assert advice.picks[0].distance_m == 100
    assert whys(advice.picks[0]) == {Why.ON_DUTY, Why.RESPONSIBLE, Why.DISTANCE}
    assert [other.person for other in advice.others] == ["far"]


@pytest.mark.parametrize(
    ("worse", "why"),
    [
        ({"standing": Standing.ON_CALL}, Why.ON_CALL),
        ({"standing": Standing.UNROSTERED}, Why.UNROSTERED),
        ({"orders": 1}, Why.BUSY),
        ({"finished_at": NOW - timedelta(minutes=5)}, Why.TIRED),
        ({"path": ("510681", "510681101", "510681101002")}, Why.ELSEWHERE),
        (
            {"spot": Spot(path=ESTATE, source=Source.GPS, at=NOW - timedelta(hours=1), x=50, y=130)},
            Why.OLD_POSITION,
        ),
        ({"spot": None}, Why.NO_POSITION),
    ],
)
def test_what_costs_time_is_said_and_counted(worse: dict[str, object], why: Why) -> None:
    advice = recommend(replace(NEED, count=2), [somebody("worse", **worse), somebody("same")], NOW)
    assert [pick.person for pick in advice.picks] == ["same", "worse"]
    assert why in whys(advice.picks[1])
    assert advice.picks[1].eta_s > advice.picks[0].eta_s


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ({"standing": Standing.ON_LEAVE}, Why.ON_LEAVE),
        ({"standing": Standing.OFF_DUTY}, Why.OFF_DUTY),
        ({"state": ResponderState.RESTING}, Why.RESTING),
        ({"state": ResponderState.OFF}, Why.OFF),
        ({"refused": True}, Why.REFUSED),
    ],
)
def test_who_cannot_go_is_never_proposed_and_it_is_said_why(state: dict[str, object], why: Why) -> None:
    advice = recommend(NEED, [somebody("x", **state)], NOW)
    assert advice.picks == ()
    assert advice.short == 1
    assert [(o.person, o.fit, whys(o)) for o in advice.others] == [("x", False, {why})]


def test_a_shortfall_says_how_many_and_which_skill() -> None:
    need = replace(NEED, count=2, skills=("first_aid", "lift"))
    advice = recommend(need, [somebody("one", skills=("first_aid",))], NOW)
    assert (advice.wanted, advice.found, advice.short) == (2, 1, 1)
    assert advice.missing_skills == ("lift",)


def test_the_skilled_one_goes_before_the_nearer_one() -> None:
    medic = somebody("medic", skills=("first_aid",), spot=replace(SCENE, source=Source.GPS, y=530))
    advice = recommend(replace(NEED, skills=("first_aid",)), [somebody("near"), medic], NOW)
    assert advice.picks[0].person == "medic"


def test_the_grid_makes_somebody_responsible() -> None:
    grid = "510681101001001"
    advice = recommend(
        replace(NEED, grid=grid), [somebody("g", path=("510681", "510681101", "x"), grid=grid)], NOW
    )
    assert Why.RESPONSIBLE in whys(advice.picks[0])


def test_for_whoever_helps_by_telephone_distance_is_no_reason() -> None:
    operator = somebody("op", roles=("OP",), path=ESTATE[:1], spot=None)
    (pick,) = recommend(replace(NEED, role="OP"), [operator], NOW).picks
    assert whys(pick) == {Why.ON_DUTY, Why.RESPONSIBLE}
    assert pick.eta_s == 0


def test_a_neighbour_region_may_help_and_is_known_as_a_stranger() -> None:
    advice = recommend(NEED, [somebody("n", path=("510113",), spot=None)], NOW)
    assert advice.picks[0].person == "n"
    assert Why.ELSEWHERE in whys(advice.picks[0])


def test_an_installed_position_is_never_beaten_by_a_guess() -> None:
    fixed = Spot(path=ESTATE, source=Source.INSTALLED, at=NOW - timedelta(days=900), x=1, y=1)
    for source in set(Source) - {Source.INSTALLED}:
        newer = Spot(path=("510681",), source=source, at=NOW, x=9, y=9)
        assert best([newer, fixed], NOW) == fixed
        assert not overwrites(source, Source.INSTALLED)


def test_a_fresh_report_beats_the_post_and_an_old_one_does_not() -> None:
    post = Spot(path=ESTATE, source=Source.DUTY, at=NOW - timedelta(days=9))
    gps = Spot(path=ESTATE, source=Source.GPS, at=NOW - timedelta(minutes=2), x=1, y=1)
    assert best([post, gps], NOW) == gps
    assert best([post, replace(gps, at=NOW - timedelta(hours=2))], NOW) == post
    assert best([], NOW) is None


def test_distance_says_how_it_is_known() -> None:
    other = Spot(path=(*ESTATE, "e1-b2"), source=Source.GPS, at=NOW, x=53, y=34)
    assert (apart(SCENE, other).metres, apart(SCENE, other).basis) == (5.0, "sketch")
    globe = replace(SCENE, lat=30.976, lon=104.282)
    assert apart(globe, replace(globe, lat=30.977)).basis == "globe"
    assert apart(globe, replace(globe, lat=30.977)).metres == pytest.approx(111.3, abs=0.5)
    assert apart(SCENE, Spot(path=("510113",), source=Source.HOME, at=NOW)).basis == "tree"


def test_too_long_in_one_state_is_noticed() -> None:
    assert late_in_state(ResponderState.ASSIGNED, NOW - timedelta(minutes=4), NOW)
    assert not late_in_state(ResponderState.ASSIGNED, NOW - timedelta(minutes=2), NOW)
    assert not late_in_state(ResponderState.AVAILABLE, NOW - timedelta(days=4), NOW)


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        person=st.uuids().map(str),
        roles=st.sampled_from([("GW",), ("PM",), ("GW", "VOL")]),
        standing=st.sampled_from(list(Standing)),
        path=st.sampled_from([ESTATE, ESTATE[:3], ("510113",)]),
        state=st.sampled_from(list(ResponderState)),
        orders=st.integers(0, 3),
        skills=st.sampled_from([(), ("first_aid",)]),
        spot=st.none()
        | st.builds(
            Spot,
            path=st.just(ESTATE),
            source=st.sampled_from(list(Source)),
            at=st.timedeltas(timedelta(0), timedelta(days=2)).map(lambda age: NOW - age),
            x=st.floats(0, 200),
            y=st.floats(0, 200),
        ),
    ),
    max_size=12,
)


@given(CANDIDATES, st.integers(1, 4))
def test_nobody_is_lost_nobody_is_doubled_and_the_sum_of_the_reasons_is_the_estimate(
    people: list[Candidate], count: int
) -> None:
    advice = recommend(replace(NEED, count=count, skills=("first_aid",)), people, NOW)
    told = [one.person for one in (*advice.picks, *advice.others)]
    assert sorted(told) == sorted(one.person for one in people if "GW" in one.roles)
    assert len(advice.picks) == min(count, sum(one.fit for one in (*advice.picks, *advice.others)))
    etas = [one.eta_s for one in advice.picks]
    assert etas == sorted(etas)
    for one in advice.picks:
        assert one.fit
        assert one.eta_s == pytest.approx(sum(reason.adds_s for reason in one.reasons), abs=0.1)
