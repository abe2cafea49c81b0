"""The simulated community is repeatable, complete and fits the contract."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from devices.model import NAME, PlaceKind
from simulators.community import build, patient, silence_limit

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def test_same_seed_same_community() -> None:
    assert build(7, 3, now=NOW) == build(7, 3, now=NOW)


def test_other_seed_other_community() -> None:
    assert build(7, 3, now=NOW) != build(8, 3, now=NOW)


def test_an_estate_does_not_change_when_others_are_added() -> None:
    one, three = build(7, 1, now=NOW), build(7, 3, now=NOW)
    assert one.devices == tuple(d for d in three.devices if d.estate == "e1")


@pytest.mark.parametrize("estates", [1, 3, 40])
def test_codes_are_unique_and_fit_a_topic_level(estates: int) -> None:
    community = build(7, estates, now=NOW)
    codes = [p.code for p in community.places]
    ids = [d.id for d in community.devices]
    assert len(set(codes)) == len(codes)
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(NAME, name) for name in (*codes, *ids))
    assert len({r.ref for r in community.residents}) == len(community.residents)


def test_the_tree_is_whole() -> None:
    community = build(7, 20, now=NOW)
    known = {p.code: p for p in community.places}
    for place in community.places:
        assert place.path[-1] == place.code
        assert all(code in known for code in place.path)
        if place.parent:
            assert known[place.parent].path == place.path[:-1]
    registry = community.registry
    for device in community.devices:
        assert registry.within(device.place, PlaceKind.ESTATE) == device.estate
        assert device.x is not None
        assert device.y is not None
    for cared in community.cared:
        assert known[cared.place].kind is PlaceKind.ROOM


def test_a_default_estate_has_the_promised_size() -> None:
    community = build(7, 1, now=NOW)
    assert 35 <= len(community.devices) <= 55
    assert len(community.residents) == 120
    assert {d.profile for d in community.devices} == {
        "access_gate", "camera", "door_contact", "smoke_sensor", "sos_button"
    }  # fmt: skip


def test_size_scales() -> None:
    small, large = build(7, 1, size=0.3, now=NOW), build(7, 1, size=3, now=NOW)
    assert len(small.devices) < 30
    assert len(large.devices) > 90
    assert len(large.residents) == 360


def test_buildings_lie_inside_the_estate_and_apart() -> None:
    community = build(7, 1, size=2, now=NOW)
    (estate,) = (p for p in community.places if p.kind is PlaceKind.ESTATE)
    width, height = estate.outline[2]
    boxes = [(p.outline[0], p.outline[2]) for p in community.places if p.kind is PlaceKind.BUILDING]
    for (x0, y0), (x1, y1) in boxes:
        assert 0 < x0 < x1 < width
        assert 0 < y0 < y1 < height
    for i, (low, high) in enumerate(boxes):
        for other_low, other_high in boxes[:i]:
            assert high[0] < other_low[0] or other_high[0] < low[0] or (
                high[1] < other_low[1] or other_high[1] < low[1]
            )  # fmt: skip


def test_one_person_may_have_been_unseen_for_long() -> None:
    community = build(7, 1, now=NOW, unseen=timedelta(hours=23))
    assert [NOW - c.since for c in community.cared[:2]] == [timedelta(hours=23), timedelta(0)]


def test_a_patient_community_allows_longer_silences() -> None:
    community = patient(build(7, 1, now=NOW), gate=timedelta(hours=3), camera=timedelta(hours=2))
    limits = {d.profile: silence_limit(d) for d in community.devices}
    assert limits["access_gate"] == timedelta(hours=3)
    assert limits["camera"] == timedelta(hours=2)
    assert limits["smoke_sensor"] == timedelta(hours=24)
