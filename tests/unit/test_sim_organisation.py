"""The staff of a simulated community: complete, repeatable, and nobody's real number."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from devices.organisation import GRID_CODE, RESOURCES, ROLES, SKILLS, ShiftKind, grid_problems
from rules.roster import clashes, gaps
from simulators.community import build
from simulators.organisation import Organisation, organise

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
COMMUNITY = build(1, 2, now=NOW)


@pytest.fixture
def made() -> Organisation:
    return organise(COMMUNITY, now=NOW)


def test_the_same_seed_makes_the_same_people(made: Organisation) -> None:
    assert organise(COMMUNITY, now=NOW) == made
    assert organise(build(2, 2, now=NOW), now=NOW).people != made.people


def test_every_word_used_is_one_of_ours_and_every_place_exists(made: Organisation) -> None:
    places = {place.code for place in COMMUNITY.places} | {"510113"}
    for person in made.people:
        assert set(person.roles) <= set(ROLES)
        assert set(person.skills) <= set(SKILLS)
        assert person.place in places
    assert {resource.kind for resource in made.resources} <= set(RESOURCES)
    assert {resource.place for resource in made.resources} <= places
    assert {post.place for post in made.posts} <= places
    assert {place for grid in made.grids for place in grid.places} <= places


def test_nobodys_phone_can_ring(made: Organisation) -> None:
    phones = [person.phone or "" for person in made.people]
    assert all(re.fullmatch(r"100\d{8}", phone) for phone in phones)
    assert len(set(phones)) == len(phones)


def test_every_estate_has_its_grid_its_workers_and_a_family_for_each_who_is_looked_after(
    made: Organisation,
) -> None:
    kinds = {place.code: place.kind.value for place in COMMUNITY.places}
    for grid in made.grids:
        assert re.fullmatch(GRID_CODE, grid.code)
        assert grid_problems(grid.code, grid.community, kinds[grid.community]) == {}
    for estate in COMMUNITY.estates:
        grid = next(one for one in made.grids if estate in one.places)
        assert [p.grid for p in made.people if p.place == estate and "GW" in p.roles] == [grid.code] * 2
    assert {p.cares_for for p in made.people if p.cares_for} == {one.person for one in COMMUNITY.cared}


def test_today_no_post_is_empty_and_nobody_is_planned_twice(made: Organisation) -> None:
    assert clashes(made.shifts, []) == ()
    for post in made.posts:
        assert gaps(post, made.shifts, [], NOW, NOW + timedelta(days=5)) == (), post.code
    assert {shift.kind for shift in made.shifts} == {ShiftKind.DUTY, ShiftKind.ON_CALL}
