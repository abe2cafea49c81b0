"""What the cameras of `shequ drill --cameras` see, and what must come of it: one table of stories."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from devices.model import Device
from simulators.scenes.actors import Car, Walker, Way
from simulators.scenes.catalogue import DOOR, LANE, crowd, disturbed, loiterer, yard
from simulators.scenes.scene import Scene

ARRIVES: Final = 20.0  # seconds after a stream begins: the node is configured and has learnt by then
STANDS: Final = 10.0  # seconds until a camera tells of what stands, or loiters
LONG: Final = 600.0  # seconds of a scene: longer than any drill, so that nothing is seen twice
APART: Final = 3.0  # seconds between two who come through on one pass
BAD: Final[Mapping[str, str]] = {"wind": "trees", "rain": "rain", "shake": "shake"}
Squeeze = tuple[str, str, str | int]
"""Rule, parameter and value in the drill's estates: nobody waits two minutes."""
SQUEEZED: Final[Sequence[Squeeze]] = (
    ("FIRE-005", "after", "5s"),
    ("SEC-003", "after", "5s"),
    ("SEC-004", "within", "20s"),
    ("SEC-008", "after", "5s"),
    ("SEC-008", "people", 5),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """A scene, the code it must raise (none: nothing may come), and whether somebody has a pass."""

    scene: Scene
    code: str | None = None
    passes: bool = False


def parked(seed: int) -> Story:
    """A car stops in the fire lane and stays."""
    car = Car(spot=(0.26, 0.78), arrive=ARRIVES, park=ARRIVES + 5, leave=LONG, seed=seed)
    lane = {"name": "fire-lane", "points": LANE, "watch": ["blocking"], "left_after": STANDS}
    return Story(
        scene=Scene(name="parked", seed=seed, duration=LONG, actors=(car,), zones=(lane,)), code="FIRE-005"
    )


def followed(seed: int) -> Story:
    """Somebody opens a gate, and somebody else comes in behind."""
    corners = ((1.12, 0.8), (0.42, 0.8), (0.42, 1.3))
    people = tuple(
        Walker(way=Way(corners=corners, begin=ARRIVES + n * APART, speed=0.12), seed=seed + n) for n in (0, 1)
    )
    line = {**DOOR, "name": "gate-line", "direction": "both"}
    scene = Scene(name="followed", seed=seed, duration=LONG, actors=people, lines=(line,))
    return Story(scene=scene, code="SEC-004", passes=True)


def waiting(seed: int) -> Story:
    """Somebody goes to and fro at the entrance."""
    zone = yard("loitering", loiter_after=STANDS) | {"name": "entrance"}
    return Story(scene=_later(loiterer(seed), zone), code="SEC-003")


def gathering(seed: int) -> Story:
    """Seven people gather."""
    return Story(scene=_later(crowd(seed), yard("crowd", crowd=5) | {"name": "square"}), code="SEC-008")


def _later(scene: Scene, zone: dict[str, object]) -> Scene:
    actors = tuple(
        replace(one, way=replace(one.way, begin=one.way.begin + ARRIVES))
        for one in scene.actors
        if isinstance(one, Walker)
    )
    return replace(scene, duration=LONG, actors=actors, zones=(zone,))


def quiet(seed: int) -> Story:
    """Nothing but weather."""
    kinds = list(BAD.values())
    return Story(scene=disturbed(500 + seed, kinds[seed // 2 % len(kinds)], LONG))


EVENTS: Final[Sequence[Callable[[int], Story]]] = (parked, followed, waiting, gathering)


def stories(cameras: Sequence[Device], gates: Sequence[Device]) -> list[Story]:
    """Give every second camera an event, in turns, and the others weather; followed is who has a gate."""
    doors = {gate.place for gate in gates}
    told = []
    for n, camera in enumerate(cameras):
        event = EVENTS[n // 2 % len(EVENTS)]
        if event is followed and camera.place not in doors:
            event = parked
        told.append(quiet(n) if n % 2 else event(n))
    return told
