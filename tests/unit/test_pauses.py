"""What stands is walked no more, and garbage made later is still found."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from ingest.pauses import THRESHOLDS, settle


class Knot:
    """An object that holds itself."""

    def __init__(self) -> None:
        self.self = self


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_what_stands_is_walked_no_more() -> None:
    standing = Knot()
    settle()
    assert not any(thing is standing for thing in gc.get_objects())
    assert len(gc.get_objects()) < gc.get_freeze_count()


def test_cycles_made_later_are_found_without_being_asked_for() -> None:
    settle()
    first = weakref.ref(Knot())
    kept: list[list[int]] = []
    while first() is not None and len(kept) < 10 * THRESHOLDS[0]:  # what other threads drop counts against it
        kept.append([len(kept)])
    assert first() is None
