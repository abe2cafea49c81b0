"""What grows is told from what is merely restless."""

from __future__ import annotations

from random import Random
from xml.etree import ElementTree as ET

import pytest

from console.slope import Series, growing, plot, slope

RNG = Random(7)  # noqa: S311 - a repeatable test
TIMES = [5.0 * n for n in range(200)]
FLAT: Series = [(t, 100 + RNG.gauss(0, 5)) for t in TIMES]
LEAK: Series = [(t, 100 + t * 0.05 + RNG.gauss(0, 5)) for t in TIMES]
WARMS_UP: Series = [(t, min(100.0, 20 + t)) for t in TIMES]
SPIKES: Series = [(t, 100 if n % 17 else 900) for n, t in enumerate(TIMES)]
SHRINKS: Series = [(t, 200 - t * 0.1) for t in TIMES]
CALM = [FLAT, WARMS_UP, SPIKES, SHRINKS]


@pytest.mark.parametrize("series", CALM, ids=["flat", "warms", "spikes", "shrinks"])
def test_what_does_not_grow_is_not_accused(series: Series) -> None:
    assert not growing(series, 0.1)


def test_a_leak_behind_noise_is_found() -> None:
    assert growing(LEAK, 0.1)
    assert slope(LEAK) == pytest.approx(0.05, rel=0.1)


def test_a_staircase_of_handles_is_found() -> None:
    assert growing([(t, 40.0 + n // 20) for n, t in enumerate(TIMES)], 0.05)


def test_a_few_points_say_nothing() -> None:
    assert not growing(LEAK[:8], 0.0)
    assert slope([]) == slope([(1.0, 2.0)]) == 0.0


def test_the_page_is_well_formed_and_shows_every_series() -> None:
    page = ET.fromstring(plot({"a <b>": FLAT, "empty": [], "leak": LEAK}))  # noqa: S314 - our own
    lines = [e for e in page.iter() if e.tag.endswith("polyline")]
    assert [len(line.attrib["points"].split()) for line in lines] == [200, 0, 200]
