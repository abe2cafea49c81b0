"""The scenes of the camera benchmark, each a function of its seed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

from simulators.scenes.actors import Actor, Bag, Car, Spot, Thrown, Walker, Way
from simulators.scenes.scene import Scene, Trouble
from simulators.scenes.weather import Weather
from simulators.timeline import seeded

YARD: list[Spot] = [(0.5, 0.5), (0.98, 0.5), (0.98, 0.97), (0.5, 0.97)]
LANE: list[Spot] = [(0.05, 0.98), (0.28, 0.42), (0.46, 0.42), (0.4, 0.98)]
DOOR = {"name": "door", "a": (0.72, 0.42), "b": (0.72, 0.97)}


FACADE = ({"name": "facade", "points": [(0, 0), (1, 0), (1, 1), (0, 1)], "watch": []},)


def yard(*watch: str, **more: Any) -> dict[str, Any]:
    """Return the yard as a zone that watches for those things."""
    return {"name": "yard", "points": YARD, "watch": list(watch), **more}


def lane(**more: Any) -> dict[str, Any]:
    """Return the fire lane."""
    return {"name": "lane", "points": LANE, "watch": ["blocking"], "left_after": 30.0, **more}


EVERYTHING = (
    yard(
        "intrusion",
        "loitering",
        "crowd",
        "left",
        "fast",
        loiter_after=30.0,
        left_after=30.0,
        crowd=5,
        fast=1.8,
    ),
    lane(),
)


def across(rng: random.Random, begin: float, speed: float | None = None) -> Walker:
    """Return somebody who walks over the yard, one way or the other."""
    y = rng.uniform(0.6, 0.92)
    corners: tuple[Spot, ...] = ((1.12, y), (0.42, y + rng.uniform(-0.04, 0.04)), (0.42, 1.3))
    if rng.choice((True, False)):
        corners = ((0.42, 1.3), (0.42, y), (1.12, y))
    size = 0.09 + 0.24 * (y - 0.36) / 0.64
    pace = speed if speed is not None else rng.uniform(0.7, 1.0)  # own heights per second
    return Walker(
        way=Way(corners=corners, begin=begin, speed=pace * size * 270 / 480), seed=rng.randrange(10**6)
    )


def away(rng: random.Random, begin: float) -> Walker:
    """Return somebody who passes outside every zone and line, at the far side of the road."""
    y = rng.uniform(0.42, 0.47)
    return Walker(
        way=Way(corners=((-0.05, y), (1.05, y)), begin=begin, speed=0.05), seed=rng.randrange(10**6)
    )


def walkers(seed: int, weather: Weather | None = None, name: str = "walkers") -> Scene:
    """People cross the yard and its line, one after the other."""
    rng = seeded("walkers", seed)
    begin, people = 6.0, []
    for _ in range(6):
        person = across(rng, begin)
        people.append(person)
        begin += 1.5 / person.way.speed
    zones = (yard("intrusion"),)
    return Scene(
        name=name, seed=seed, duration=begin + 5, actors=tuple(people), zones=zones, lines=(DOOR,),
        weather=weather or Weather(),
    )  # fmt: skip


def loiterer(seed: int) -> Scene:
    """Somebody goes to and fro in the yard; others pass."""
    rng = seeded("loiter", seed)
    y = rng.uniform(0.65, 0.85)
    turns = [(0.58 + 0.3 * (n % 2), y + rng.uniform(-0.05, 0.05)) for n in range(9)]
    person = Walker(
        way=Way(corners=((1.1, y), *turns, (1.1, y)), begin=6, speed=0.055), seed=rng.randrange(10**6)
    )
    zones = (yard("loitering", loiter_after=25.0),)
    return Scene(name="loitering", seed=seed, duration=70, actors=(person,), zones=zones)


def crowd(seed: int) -> Scene:
    """Seven people gather, stay a while and go."""
    rng = seeded("crowd", seed)
    people = []
    for n in range(7):
        x, y = 0.56 + 0.055 * n, rng.uniform(0.6, 0.9)
        mill = [(x + rng.uniform(-0.03, 0.03), y + rng.uniform(-0.03, 0.03)) for _ in range(14)]
        corners = ((1.08, y), *mill, (1.08, y))
        people.append(Walker(way=Way(corners=corners, begin=5 + n, speed=0.045), seed=rng.randrange(10**6)))
    zones = (yard("crowd", crowd=5, person_height=0.22),)
    return Scene(name="crowd", seed=seed, duration=60, actors=tuple(people), zones=zones)


def few(seed: int) -> Scene:
    """Three people meet: no crowd."""
    rng = seeded("few", seed)
    people = tuple(across(rng, 6 + 3 * n) for n in range(3))
    return Scene(
        name="few", seed=seed, duration=50, actors=people, zones=(yard("crowd", crowd=6, person_height=0.22),)
    )


def runner(seed: int) -> Scene:
    """People walk, one runs."""
    rng = seeded("runner", seed)
    people = (across(rng, 6), across(rng, 34, speed=rng.uniform(2.3, 3.0)))
    return Scene(name="fast", seed=seed, duration=50, actors=people, zones=(yard("fast", fast=1.7),))


def left_bag(seed: int) -> Scene:
    """Somebody passes, a bag remains, later it is gone; others pass in front of it."""
    rng = seeded("bag", seed)
    x, y = rng.uniform(0.58, 0.9), rng.uniform(0.62, 0.85)
    carrier = Walker(
        way=Way(corners=((0.45, 1.3), (0.45, y), (1.1, y)), begin=4, speed=0.08), seed=rng.randrange(10**6)
    )
    put = next(
        (t / 10 for t in range(40, 400) if (s := carrier.foot(t / 10)) and s[0] >= x and s[1] <= y + 0.01),
        20.0,
    )
    bag = Bag(spot=(x, y), begin=put, end=put + 75, seed=seed)
    people: tuple[Actor, ...] = (bag, carrier, across(rng, put + 8), across(rng, put + 50))
    return Scene(
        name="left", seed=seed, duration=put + 95, actors=people, zones=(yard("left", left_after=30.0),)
    )


def parked_car(seed: int) -> Scene:
    """A car stops in the fire lane, stands, and leaves; another only passes through."""
    rng = seeded("car", seed)
    spot = (rng.uniform(0.24, 0.28), rng.uniform(0.72, 0.85))
    stays = Car(spot=spot, arrive=8, park=13, leave=88, seed=seed)
    brief = Car(spot=spot, arrive=106, park=111, leave=119, seed=seed + 1)
    return Scene(name="blocking", seed=seed, duration=135, actors=(stays, brief), zones=(lane(),))


def thrown(seed: int, weather: Weather | None = None, name: str = "falling") -> Scene:
    """Things fall down a facade."""
    rng = seeded("thrown", seed)
    things = tuple(
        Thrown(
            top=(rng.uniform(0.15, 0.85), rng.uniform(0.12, 0.5)),
            begin=6 + 8.0 * n, pull=rng.uniform(0.3, 0.8),
            drift=rng.uniform(-0.05, 0.05), size=rng.uniform(4, 9), seed=seed * 10 + n,
        )
        for n in range(6)
    )  # fmt: skip
    return Scene(
        name=name, seed=seed, duration=56, rate=15, facade=True, actors=things, zones=FACADE,
        weather=weather or Weather(),
    )  # fmt: skip


def broken(seed: int, state: str) -> Scene:
    """The camera fails for 45 s and recovers."""
    rng = seeded("broken", seed)
    trouble = Trouble(state=state, start=30, end=75)
    return Scene(
        name=f"scene:{state}", seed=seed, duration=95, troubles=(trouble,), zones=EVERYTHING,
        actors=tuple(away(rng, t) for t in (3.0, 40.0)),
    )  # fmt: skip


def demo(seed: int) -> Scene:
    """Half an hour of a yard: people cross it, and a car blocks the fire lane for ten minutes."""
    rng = seeded("demo", seed)
    car = Car(spot=(0.26, 0.78), arrive=30, park=35, leave=635, seed=seed)
    people = tuple(across(rng, 15 + 27.0 * n) for n in range(62))
    zones = (yard("intrusion", "crowd", crowd=5), {**lane(), "name": "fire-lane", "left_after": 5.0})
    return Scene(
        name="demo", seed=seed, duration=1_800, actors=(car, *people), zones=zones,
        lines=({**DOOR, "name": "gate-line"},), weather=Weather(trees=4, noise=3),
    )  # fmt: skip


_DISTURBED: dict[str, Callable[[random.Random, float], Weather]] = {
    "calm": lambda _r, _d: Weather(),
    "rain": lambda r, _d: Weather(rain=r.randrange(60, 220), noise=3, light=0.8),
    "night noise": lambda r, _d: Weather(light=0.25, noise=r.uniform(8, 13)),
    "switching": lambda r, d: Weather(switching=_times(r, d, 25), noise=3),
    "lamp": lambda r, d: Weather(light=0.55, lamp=_times(r, d, 25), noise=3),
    "shake": lambda r, _d: Weather(shake=r.uniform(1, 3.5)),
    "trees": lambda r, _d: Weather(trees=r.uniform(4, 10)),
    "clouds": lambda r, d: Weather(clouds=r.uniform(0.2, 0.5), cloud_shadow=_times(r, d, 60)),
    "headlights": lambda r, d: Weather(light=0.35, noise=6, headlights=_times(r, d, 20)),
    "storm": lambda r, d: Weather(
        rain=120, shake=2, trees=9, noise=5, light=0.5, clouds=0.3, switching=_times(r, d, 80)
    ),
}
DISTURBANCES = tuple(_DISTURBED)


def _times(rng: random.Random, duration: float, apart: float) -> tuple[float, ...]:
    count = max(2, int(duration / apart))
    return tuple(10 + apart * n + rng.uniform(0, apart * 0.6) for n in range(count))


def disturbed(seed: int, kind: str, duration: float = 120.0, *, facade: bool = False) -> Scene:
    """Only a disturbance, with every analytic on: nothing may be raised."""
    rng = seeded(kind, seed)
    weather = _DISTURBED[kind](rng, duration)
    zones = (
        ({"name": "facade", "points": [(0, 0), (1, 0), (1, 1), (0, 1)], "watch": []},)
        if facade
        else EVERYTHING
    )
    return Scene(
        name=f"{kind} (facade)" if facade else kind, seed=seed, duration=duration, weather=weather,
        zones=zones,
        lines=() if facade else (DOOR,), facade=facade, rate=15 if facade else 5,
    )  # fmt: skip


def eventful(seeds: range) -> list[Scene]:
    """Return the scenes in which something happens, for each seed."""
    scenes = []
    for seed in seeds:
        scenes += [walkers(seed), loiterer(seed), crowd(seed), few(seed), runner(seed), left_bag(seed)]
        scenes += [parked_car(seed), thrown(seed)]
        scenes.append(walkers(seed, Weather(rain=80, noise=3, light=0.8), "walkers in rain"))
        scenes.append(walkers(seed, Weather(light=0.3, noise=7), "walkers at night"))
        scenes.append(walkers(seed, Weather(shake=1.5, trees=6), "walkers, shake and trees"))
        scenes.append(thrown(seed, Weather(noise=4, light=0.6, clouds=0.2), "falling at dusk"))
        scenes += [broken(seed, s) for s in ("dark", "covered", "blurred", "moved", "frozen", "lost")]
    return scenes


def disturbances(seeds: range, duration: float) -> list[Scene]:
    """Return the scenes in which nothing happens but disturbances, for each seed."""
    yards = [disturbed(seed, kind, duration) for seed in seeds for kind in DISTURBANCES]
    towers = [
        disturbed(seed, kind, duration / 4, facade=True)
        for seed in seeds
        for kind in ("calm", "rain", "night noise", "shake", "clouds", "switching")
    ]
    return yards + towers


def catalogue(seed: int) -> dict[str, Scene]:
    """Return one scene of each kind under a name that fits into an address."""
    scenes = eventful(range(seed, seed + 1)) + disturbances(range(seed, seed + 1), 120.0)
    return {re.sub(r"[^a-z]+", "-", scene.name).strip("-"): scene for scene in scenes}
