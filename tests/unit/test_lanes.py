"""What is about life overtakes; the broker is answered in its own order all the same."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from devices.profile import Message
from devices.profiles import PROFILES
from devices.profiles.door_contact import Contact
from devices.profiles.smoke_sensor import Smoke
from ingest.lanes import Lanes
from ingest.message import RawMessage

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)


def message(mid: int, *, urgent: bool, session: int = 1) -> RawMessage:
    family, reading = (
        ("smoke_sensor", Smoke(alarm=True)) if urgent else ("door_contact", Contact(state="open"))
    )
    payload = PROFILES[family].encode(Message(id=str(mid), at=NOW, reading=reading))
    return RawMessage(
        topic="t", payload=payload, received_at=NOW, retained=False, again=False, session=session, mid=mid
    )


def test_a_smoke_alarm_behind_a_backlog_is_the_next_batch_alone() -> None:
    lanes = Lanes()
    for mid in range(1, 1001):
        lanes.put(message(mid, urgent=False))
    lanes.put(message(1001, urgent=True))
    assert [m.mid for m in lanes.take(500)] == [1001]
    assert [m.mid for m in lanes.take(500)] == list(range(1, 501))


def test_a_flood_of_urgent_messages_starves_nobody() -> None:
    lanes = Lanes()
    lanes.put(message(1, urgent=False))
    taken: list[int] = []
    for mid in (2, 3):
        lanes.put(message(mid, urgent=True))
        taken += [m.mid for m in lanes.take(10)]
    assert taken == [2, 3, 1]


def test_a_new_connection_owes_the_old_one_no_answer() -> None:
    lanes = Lanes()
    lanes.put(message(1, urgent=False))
    lanes.take(1)
    lanes.renew(1)
    lanes.put(message(7, urgent=False, session=2))
    assert list(lanes.answer(lanes.take(1))) == [7]


def test_what_a_lost_connection_brought_is_still_written_and_in_a_batch_of_its_own() -> None:
    lanes = Lanes()
    lanes.put(message(1, urgent=False))
    lanes.put(message(2, urgent=False))
    lanes.renew(1)  # the broker was killed: it may have forgotten both
    lanes.put(message(1, urgent=False, session=2))
    assert [(m.session, m.mid) for m in lanes.take(10)] == [(1, 1), (1, 2)]
    assert [(m.session, m.mid) for m in lanes.take(10)] == [(2, 1)]


def test_a_connection_that_comes_and_goes_never_keeps_more_than_two_windows() -> None:
    lanes = Lanes()
    for session in range(1, 50):
        for mid in range(1, 11):
            lanes.put(message(mid, urgent=mid % 2 == 0, session=session))
        assert len(lanes) <= 20
        lanes.renew(session)
    assert len(lanes) == 10


@given(
    urgent=st.lists(st.booleans(), max_size=40),
    steps=st.lists(st.integers(1, 7), min_size=40, max_size=40),
)
def test_everything_is_taken_once_and_answered_in_order_of_arrival(
    urgent: list[bool], steps: list[int]
) -> None:
    lanes = Lanes()
    for mid, hurry in enumerate(urgent, start=1):
        lanes.put(message(mid, urgent=hurry))
    taken: list[int] = []
    answered: list[int] = []
    for most in steps:
        batch = lanes.take(most)
        taken += [m.mid for m in batch]
        answered += lanes.answer(batch)
        assert set(answered) <= set(taken)
    everything = list(range(1, len(urgent) + 1))
    assert sorted(taken) == everything
    assert answered == everything
    for kind in (True, False):  # within a lane, order is kept
        lane = [mid for mid in taken if urgent[mid - 1] is kind]
        assert lane == sorted(lane)


def test_a_rush_takes_what_is_about_life_of_one_connection_and_leaves_the_rest() -> None:
    lanes = Lanes()
    for mid, urgent, session in ((1, True, 1), (2, False, 1), (3, True, 1), (1, True, 2)):
        lanes.put(message(mid, urgent=urgent, session=session))
    assert [m.mid for m in lanes.rush(1)] == [1]
    assert [(m.mid, m.session) for m in lanes.rush(9)] == [(3, 1)]
    assert [(m.mid, m.session) for m in lanes.rush(9)] == [(1, 2)]
    assert lanes.rush(9) == []
    assert [m.mid for m in lanes.take(9)] == [2]
    assert list(lanes.answer([message(3, urgent=True), message(1, urgent=True)])) == [1]  # 2 comes before 3
