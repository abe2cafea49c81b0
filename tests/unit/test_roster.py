"""Who is on duty: no minute without an answer, no two people for one chair, and gaps that are seen."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from devices.organisation import Post, Shift, ShiftKind
from rules.roster import (
    NOBODY,
    ZONE,
    Leave,
    Standing,
    called,
    clashes,
    gaps,
    on_duty,
    shift_problems,
    standing,
)

DAY0 = datetime(2026, 11, 26, tzinfo=ZONE)
HOUR = timedelta(hours=1)
DESK = Post(code="desk", name_zh="值班台", name_en="Desk", role="OP", place="510681")
PATH = ("510681", "510681101", "510681101001", "e1", "e1-b1")


def shift(person: str, starts: float, ends: float, **more: object) -> Shift:
    return Shift(
        post=str(more.get("post", "desk")),
        person=person,
        starts=DAY0 + starts * HOUR,
        ends=DAY0 + ends * HOUR,
        kind=ShiftKind(str(more.get("kind", "duty"))),
    )


def test_the_shift_that_ends_and_the_one_that_starts_meet_without_gap_or_overlap() -> None:
    night, morning = shift("li", -4, 8), shift("wang", 8, 20)
    at = DAY0 + 8 * HOUR
    before = on_duty("OP", PATH, [DESK], [night, morning], [], at=at - timedelta(microseconds=1))
    assert [entry.person for entry in before] == ["li"]
    assert [entry.person for entry in on_duty("OP", PATH, [DESK], [night, morning], [], at=at)] == ["wang"]
    assert gaps(DESK, [night, morning], [], DAY0, DAY0 + 20 * HOUR) == ()


def test_leave_beats_the_shift_and_leaves_a_gap() -> None:
    away = Leave(person="wang", starts=DAY0 + 10 * HOUR, ends=DAY0 + 12 * HOUR)
    plan = [shift("wang", 8, 20)]
    assert standing("wang", plan, [away], DAY0 + 11 * HOUR) is Standing.ON_LEAVE
    assert on_duty("OP", PATH, [DESK], plan, [away], at=DAY0 + 11 * HOUR) == ()
    (gap,) = gaps(DESK, plan, [away], DAY0 + 8 * HOUR, DAY0 + 20 * HOUR)
    assert (gap.starts, gap.ends, gap.held, gap.minimum) == (away.starts, away.ends, 0, 1)


def test_duty_comes_before_on_call_and_the_nearest_post_before_the_wider_one() -> None:
    house = Post(code="house", name_zh="楼", name_en="House", role="OP", place="e1")
    plan = [
        shift("far", 0, 24),
        shift("oncall", 0, 24, post="house", kind="on_call"),
        shift("near", 0, 24, post="house"),
    ]
    found = on_duty("OP", PATH, [DESK, house], plan, [], at=DAY0 + HOUR)
    assert [(entry.person, entry.standing) for entry in found] == [
        ("near", Standing.ON_DUTY),
        ("oncall", Standing.ON_CALL),
        ("far", Standing.ON_DUTY),
    ]


def test_a_post_of_another_place_or_role_answers_nothing() -> None:
    assert on_duty("OP", ("510681", "e9"), [DESK], [shift("li", 0, 24)], [], at=DAY0) != ()
    assert on_duty("GW", PATH, [DESK], [shift("li", 0, 24)], [], at=DAY0) == ()
    other = Post(code="desk", name_zh="x", name_en="x", role="OP", place="e2")
    assert on_duty("OP", PATH, [other], [shift("li", 0, 24)], [], at=DAY0) == ()


def test_a_night_post_is_missed_at_night_only() -> None:
    night = Post(
        code="night", name_zh="夜", name_en="Night", role="PM", place="e1", opens=time(20), closes=time(8)
    )
    (first, second) = gaps(night, [], [], DAY0, DAY0 + 24 * HOUR)
    assert (first.starts, first.ends) == (DAY0, DAY0 + 8 * HOUR)
    assert (second.starts, second.ends) == (DAY0 + 20 * HOUR, DAY0 + 24 * HOUR)


def test_one_person_on_two_posts_or_away_is_told() -> None:
    plan = [shift("li", 0, 8), shift("li", 6, 12, post="other"), shift("li", 12, 20)]
    away = Leave(person="li", starts=DAY0 + 18 * HOUR, ends=DAY0 + 30 * HOUR)
    found = [(c.why, c.starts, c.ends) for c in clashes(plan, [away])]
    assert found == [
        ("two_posts", DAY0 + 6 * HOUR, DAY0 + 8 * HOUR),
        ("on_leave", DAY0 + 18 * HOUR, DAY0 + 20 * HOUR),
    ]


def test_whom_nobody_plans_is_neither_on_nor_off() -> None:
    assert standing("aunt", [], [], DAY0) is Standing.UNROSTERED
    assert standing("guard", [], [], DAY0, rostered=True) is Standing.OFF_DUTY
    assert standing("guard", [shift("guard", 0, 8)], [], DAY0 + 9 * HOUR) is Standing.OFF_DUTY


def test_a_shift_ends_after_it_starts_and_is_no_longer_than_a_day() -> None:
    assert shift_problems(DAY0, DAY0) != {}
    assert shift_problems(DAY0, DAY0 + 25 * HOUR) != {}
    assert shift_problems(DAY0, DAY0 + 24 * HOUR) == {}


SPANS = st.tuples(st.integers(-30, 60), st.integers(1, 24)).map(lambda t: (t[0], t[0] + t[1]))
SHIFTS = st.lists(
    st.tuples(st.sampled_from(["li", "wang", "zhao"]), SPANS).map(lambda t: shift(t[0], *t[1])), max_size=8
)
LEAVES = st.lists(
    st.tuples(st.sampled_from(["li", "wang"]), SPANS).map(
        lambda t: Leave(person=t[0], starts=DAY0 + t[1][0] * HOUR, ends=DAY0 + t[1][1] * HOUR)
    ),
    max_size=3,
)
POSTS = st.builds(
    Post,
    code=st.just("desk"),
    name_zh=st.just("值班台"),
    name_en=st.just("Desk"),
    role=st.just("OP"),
    place=st.just("510681"),
    minimum=st.integers(1, 2),
    opens=st.sampled_from([time(0), time(8), time(20)]),
    closes=st.sampled_from([time(0), time(8), time(20)]),
)


@given(POSTS, SHIFTS, LEAVES, st.integers(0, 60 * 36))
def test_a_moment_lies_in_a_gap_exactly_when_too_few_are_on_duty(
    post: Post, plan: list[Shift], away: list[Leave], minute: int
) -> None:
    start, end = DAY0, DAY0 + 36 * HOUR
    at = start + timedelta(minutes=minute) if minute < 60 * 36 else start
    held = {
        entry.person
        for entry in on_duty("OP", PATH, [post], plan, away, at=at)
        if entry.standing is Standing.ON_DUTY
    }
    clock = at.astimezone(ZONE).time()
    wraps = post.closes <= post.opens
    needed = post.opens == post.closes or (
        (clock >= post.opens or clock < post.closes) if wraps else post.opens <= clock < post.closes
    )
    in_gap = any(gap.starts <= at < gap.ends for gap in gaps(post, plan, away, start, end))
    assert in_gap is (needed and len(held) < post.minimum)


@given(POSTS, SHIFTS, LEAVES)
def test_gaps_are_in_order_and_never_touch_with_the_same_number(
    post: Post, plan: list[Shift], away: list[Leave]
) -> None:
    found = gaps(post, plan, away, DAY0, DAY0 + 36 * HOUR)
    for gap in found:
        assert gap.starts < gap.ends
        assert gap.held < gap.minimum
    for one, other in pairwise(found):
        assert one.ends <= other.starts
        assert one.ends < other.starts or one.held != other.held


@given(SHIFTS, LEAVES, st.integers(0, 24 * 36))
def test_whoever_is_on_leave_is_never_on_duty(plan: list[Shift], away: list[Leave], tick: int) -> None:
    at = DAY0 + tick * timedelta(minutes=100)
    gone = {leave.person for leave in away if leave.starts <= at < leave.ends}
    assert not gone & {entry.person for entry in on_duty("OP", PATH, [DESK], plan, away, at=at)}


def test_whoever_stands_in_holds_the_shift_of_the_one_who_is_away() -> None:
    away = Leave(person="wang", starts=DAY0 + 8 * HOUR, ends=DAY0 + 20 * HOUR, stand_in="li")
    plan, at = [shift("wang", 8, 20)], DAY0 + 9 * HOUR
    (entry,) = on_duty("OP", PATH, [DESK], plan, [away], at=at)
    assert (entry.person, entry.standing, entry.stands_in_for) == ("li", Standing.ON_DUTY, "wang")
    assert standing("li", plan, [away], at) is Standing.ON_DUTY
    assert standing("wang", plan, [away], at) is Standing.ON_LEAVE
    assert gaps(DESK, plan, [away], DAY0 + 8 * HOUR, DAY0 + 20 * HOUR) == ()
    assert clashes(plan, [away]) == ()
    both = [away, Leave(person="li", starts=away.starts, ends=away.ends)]
    assert on_duty("OP", PATH, [DESK], plan, both, at=at) == ()


def test_the_post_is_called_before_its_on_call_before_the_others_of_the_role() -> None:
    at = DAY0 + 9 * HOUR
    plan = [shift("wang", 8, 20), shift("li", 0, 24, kind="on_call")]
    others = {"free": Standing.UNROSTERED, "asleep": Standing.OFF_DUTY, "away": Standing.ON_LEAVE}

    def asked(shifts: list[Shift], rest: dict[str, Standing]) -> tuple[tuple[str, ...], str]:
        found = called("OP", on_duty("OP", PATH, [DESK], shifts, [], at=at), rest)
        return found.people, found.why

    assert asked(plan, others) == (("wang",), "on_duty")
    assert asked(plan[1:], others) == (("li",), "on_call")
    assert asked([], others) == (("free",), "unrostered")
    assert asked([], {"asleep": Standing.OFF_DUTY, "away": Standing.ON_LEAVE}) == ((), NOBODY)
