"""Faults change what is on the wire, never what is true, and the ledger keeps exact count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from devices.codec import decode
from devices.errors import DecodeError
from devices.reading import State
from simulators.drill import plan_drill
from simulators.faults import FaultKind, parse_faults
from simulators.timeline import Kind, Ledger, Sending

START = datetime(2026, 11, 23, 8, tzinfo=UTC)


def _plan(faults: str) -> list[Sending]:
    return list(plan_drill(7, 2, 30, faults, START).timeline)


def test_fault_lists_are_read() -> None:
    assert parse_faults("all") == frozenset(FaultKind)
    assert parse_faults("none") == parse_faults("") == frozenset()
    assert parse_faults("drop, duplicate") == {FaultKind.DROP, FaultKind.DUPLICATE}
    with pytest.raises(ValueError, match="unknown fault flod"):
        parse_faults("flod")


@pytest.mark.parametrize("faults", ["none", "all", *FaultKind])
def test_same_seed_same_timeline(faults: str) -> None:
    assert plan_drill(7, 2, 30, faults, START) == plan_drill(7, 2, 30, faults, START)


@pytest.mark.parametrize("faults", ["all", *FaultKind])
def test_no_fault_changes_what_is_expected(faults: str) -> None:
    assert plan_drill(7, 2, 30, faults, START).expected == plan_drill(7, 2, 30, "none", START).expected


def test_scripted_messages_survive_every_fault() -> None:
    plan = plan_drill(7, 2, 30, "all", START)
    sent = {s.key for s in plan.timeline if s.kind is Kind.SAY}
    assert {s.key for scene in plan.scenes for s in scene.sendings if s.message} <= sent


def test_dropped_telemetry_is_gone_and_no_two_heartbeats_in_a_row() -> None:
    before, after = _plan("none"), _plan("drop")
    sent = {s.key for s in after}
    gone = [s for s in before if s.key not in sent]
    assert len(gone) > 100
    beats: dict[str, list[bool]] = {}
    for s in before:
        if s.message and isinstance(s.message.reading, State):
            beats.setdefault(s.device, []).append(s.key in sent)
    assert all(a or b for kept in beats.values() for a, b in pairwise(kept))


def test_a_lost_message_is_sent_again_within_seconds_and_in_order() -> None:
    after = _plan("drop")
    lost = [s for s in after if s.kind is Kind.LOSE]
    assert lost
    for s in lost:
        (again,) = (x for x in after if x.key == s.key and x.kind is Kind.SAY)
        assert timedelta(0) < again.when - s.when <= timedelta(seconds=10)
        assert again.message == s.message
    for device in {s.device for s in lost}:
        told = [s.message.at for s in after if s.device == device and s.kind is Kind.SAY and s.message]
        assert told == sorted(told)


def test_copies_are_the_same_bytes_and_come_later() -> None:
    after = _plan("duplicate")
    copies = [s for s in after if s.copy]
    assert len(copies) > 50
    first = {s.key: s for s in after if not s.copy}
    for s in copies:
        assert s.wire() == first[s.key].wire()
        assert s.when > first[s.key].when
    assert max(s.when - first[s.key].when for s in copies) > timedelta(hours=2)


def test_skewed_clocks_keep_within_their_bounds_and_off_the_mortal() -> None:
    plan = plan_drill(7, 2, 30, "clock_skew", START)
    off = {s.device: s.message.at - s.when for s in plan.timeline if s.message and s.message.at != s.when}
    assert min(off.values()) >= -timedelta(minutes=30)
    assert max(off.values()) <= timedelta(minutes=20)
    assert min(off.values()) < timedelta(0) < max(off.values())
    assert not off.keys() & {e.subject for e in plan.expected if e.code.startswith("DEV")}


def test_every_malformed_message_is_refused_for_its_reason() -> None:
    plan = plan_drill(7, 2, 30, "malformed", START)
    raw = [s for s in plan.timeline if s.kind is Kind.RAW]
    assert len({s.wire() for s in raw}) == len(raw) >= 30
    for s in raw:
        with pytest.raises(DecodeError) as caught:
            decode(*s.wire(), received_at=s.when, registry=plan.community.registry)
        assert caught.value.fault is s.blame


def test_a_flood_is_one_devices() -> None:
    burst = [s for s in _plan("flood") if s.source == "flood"]
    assert len(burst) >= 300
    assert len({s.device for s in burst}) == 1


def test_old_alarms_are_superseded_before_they_come() -> None:
    plan = plan_drill(7, 2, 30, "replay", START)
    told = {s.message.id: s for s in plan.timeline if s.source == "replay" and s.message}
    for newer, older in (("old-clear", "old-alarm"), ("old-shut", "old-open")):
        assert told[newer].device == told[older].device
        assert told[newer].when < told[older].when
        new, old = told[newer].message, told[older].message
        assert new is not None
        assert old is not None
        assert old.at < new.at
    (kept,) = plan.retained
    assert kept.retain
    assert kept.device not in {e.subject for e in plan.expected}


def test_the_ledger_counts_each_message_once() -> None:
    plan = plan_drill(7, 2, 30, "all", START)
    ledger = Ledger(expected_alerts=plan.expected)
    for s in plan.timeline:
        if s.kind in (Kind.SAY, Kind.RAW):
            ledger.record(s, 1.0, 2.0)
    said = {s.key for s in plan.timeline if s.kind is Kind.SAY}
    assert ledger.published == len(said) == len(ledger.keys) == sum(ledger.by_source.values())
    assert ledger.copies == sum(s.copy for s in plan.timeline)
    assert ledger.expected_quarantine == sum(s.kind is Kind.RAW for s in plan.timeline)
    assert set(ledger.sent_at) == {e.trigger for e in plan.expected if e.trigger}


def test_a_ledger_may_forget() -> None:
    plan = plan_drill(7, 1, 30, "none", START)
    short, off = Ledger(keep=10), Ledger(keep=0)
    for s in plan.timeline:
        if s.kind is Kind.SAY:
            short.record(s, 0, 0)
            off.record(s, 0, 0)
    assert (len(short.keys), len(off.keys)) == (10, 0)
    assert short.published == off.published > 10
