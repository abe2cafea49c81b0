"""A scene: seeded frames with their seconds, and the truth of what happens in them.

The truth is computed from the actors' own ways and the scene's zones, never from pixels, and by code
that the camera node does not share.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from cv2.typing import MatLike

from simulators.scenes.actors import Actor, Car, Spot, Thrown, Walker, person_height
from simulators.scenes.weather import Sky, Weather
from simulators.scenes.yard import HEIGHT, WIDTH, draw_facade, draw_yard

STEP = 0.1  # seconds between looks at the truth
ENTER = 0.8  # seconds in a zone that make an intrusion
FAST_FOR = 1.0  # seconds a run lasts at least
GAP = 2.0  # seconds that do not split a stay
CROWD_FOR = 4.0  # seconds a crowd lasts at least


@dataclass(frozen=True, kw_only=True, slots=True)
class Truth:
    """What happens: `behaviour` (or `scene:<state>`) in `zone`, to be noticed from `start` to `end`."""

    behaviour: str
    zone: str | None
    start: float
    end: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """The camera itself fails: `state` from `start` to `end` (seconds)."""

    state: str
    start: float
    end: float


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One camera: `duration` seconds at `rate` frames per second; zones and lines as the node reads them."""

    name: str
    seed: int
    duration: float
    rate: float = 5.0
    facade: bool = False
    actors: tuple[Actor, ...] = ()
    weather: Weather = field(default_factory=Weather)
    troubles: tuple[Trouble, ...] = ()
    zones: tuple[dict[str, Any], ...] = ()
    lines: tuple[dict[str, Any], ...] = ()

    def frames(self) -> Iterator[tuple[float, MatLike | None]]:
        """Yield (second, picture); None where the stream is lost."""
        rng = np.random.default_rng([self.seed, 9])
        sky, base = Sky(self.weather, rng), background(self.seed, facade=self.facade)
        other, frozen = turned(base, self.seed), None
        for n in range(int(self.duration * self.rate)):
            t = n / self.rate
            trouble = next((x.state for x in self.troubles if x.start <= t < x.end), None)
            canvas = (other if trouble == "moved" else base).copy()
            sky.trees(canvas, t)
            for actor in sorted(self.actors, key=lambda a: (a.foot(t) or (0, 0))[1]):
                actor.draw(canvas, t)
            canvas = sky.lit(canvas, t)
            sky.fall(canvas)
            picture = _failing(canvas, trouble, sky)
            if trouble == "frozen":
                frozen = picture if frozen is None else frozen
                picture = frozen
            yield t, picture

    def truths(self) -> list[Truth]:
        """Return everything that happens, in order of time."""
        found = [
            Truth(behaviour=f"scene:{x.state}", zone=None, start=x.start, end=x.end) for x in self.troubles
        ]
        for zone in self.zones:
            found += self._in_zone(zone)
        for line in self.lines:
            found += self._over(line)
        zone_name = self.zones[0]["name"] if self.zones else None
        found += [
            Truth(behaviour="falling", zone=zone_name, start=a.begin, end=a.lands)
            for a in self.actors
            if isinstance(a, Thrown)
        ]
        return sorted(found, key=lambda x: x.start)

    def _times(self) -> Iterator[float]:
        return (n * STEP for n in range(int(self.duration / STEP)))

    def _in_zone(self, zone: dict[str, Any]) -> Iterator[Truth]:
        watch = zone["watch"]
        for actor in self.actors:
            for begin, end in self._stays(actor, zone["points"]):
                yield from _stay(actor, zone, begin, end, watch)
        if "crowd" in watch:
            walkers = [a for a in self.actors if isinstance(a, Walker)]
            full = [
                t
                for t in self._times()
                if sum(_inside(zone["points"], a.foot(t)) for a in walkers) >= zone["crowd"]
            ]
            for begin, end in _spans(full):
                if end - begin >= CROWD_FOR:
                    yield Truth(behaviour="crowd", zone=zone["name"], start=begin, end=end)

    def _stays(self, actor: Actor, points: list[Spot]) -> list[tuple[float, float]]:
        return _spans([t for t in self._times() if _inside(points, actor.foot(t))])

    def _over(self, line: dict[str, Any]) -> Iterator[Truth]:
        (ax, ay), (bx, by) = line["a"], line["b"]
        for actor in self.actors:
            if isinstance(actor, Thrown):
                continue
            last: float | None = None
            for t in self._times():
                foot = actor.foot(t)
                if foot is None:
                    last = None
                    continue
                cross = (bx - ax) * (foot[1] - ay) - (by - ay) * (foot[0] - ax)
                share = ((foot[0] - ax) * (bx - ax) + (foot[1] - ay) * (by - ay)) / (
                    (bx - ax) ** 2 + (by - ay) ** 2
                )
                if last is not None and last * cross < 0 and 0 <= share <= 1:
                    way = "in" if cross > 0 else "out"
                    yield Truth(behaviour=f"crossing_{way}", zone=line["name"], start=t, end=t + 1)
                last = cross or last


@lru_cache(maxsize=8)
def background(seed: int, *, facade: bool) -> MatLike:
    """Draw, or remember, the still part of a scene."""
    return draw_facade(seed) if facade else draw_yard(seed)


def turned(base: MatLike, seed: int) -> MatLike:
    """Return the same place seen by a camera that was pushed: turned, nearer and elsewhere."""
    rng = np.random.default_rng([seed, 10])
    turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), float(rng.uniform(6, 14)), 1.15)
    turn[:, 2] = turn[:, 2] + rng.uniform(30, 70, 2)
    return cv2.warpAffine(base, turn, base.shape[1::-1], borderMode=cv2.BORDER_REFLECT)


def _failing(canvas: MatLike, trouble: str | None, sky: Sky) -> MatLike | None:
    """Take the picture with a failing camera."""
    if trouble == "lost":
        return None
    if trouble == "dark":
        canvas = canvas * 0.03
    elif trouble == "covered":
        small = cv2.resize(canvas, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
        canvas = cv2.resize(cv2.GaussianBlur(small, (0, 0), 7.5), canvas.shape[1::-1]) * 0.1 + np.float32(55)
    elif trouble == "blurred":
        canvas = cv2.GaussianBlur(canvas, (0, 0), 6)
    return sky.taken(canvas.astype(np.float32))


def _stay(actor: Actor, zone: dict[str, Any], begin: float, end: float, watch: list[str]) -> Iterator[Truth]:
    name, lasted = zone["name"], end - begin
    if actor.kind in ("person", "car"):
        if "intrusion" in watch and lasted >= ENTER:
            yield Truth(behaviour="intrusion", zone=name, start=begin, end=end)
        if "loitering" in watch and lasted >= zone["loiter_after"]:
            yield Truth(behaviour="loitering", zone=name, start=begin + zone["loiter_after"], end=end)
        middle = actor.foot((begin + end) / 2)
        if "fast" in watch and isinstance(actor, Walker) and middle and lasted >= FAST_FOR:
            pace = actor.way.speed * WIDTH / (person_height(middle[1]) * HEIGHT)
            if pace > zone["fast"]:
                yield Truth(behaviour="fast", zone=name, start=begin, end=end)
    still = (actor.park, actor.leave) if isinstance(actor, Car) else (begin, end)
    for behaviour, kind in (("left", "bag"), ("blocking", "car")):
        if behaviour in watch and actor.kind == kind and still[1] - still[0] >= zone["left_after"] + 5:
            yield Truth(behaviour=behaviour, zone=name, start=still[0] + zone["left_after"], end=still[1])


def _inside(points: list[Spot], foot: Spot | None) -> bool:
    """Say whether a spot lies in a polygon (even-odd rule)."""
    if foot is None or not (0 <= foot[0] <= 1 and 0 <= foot[1] <= 1):
        return False
    x, y = foot
    odd = False
    for (ax, ay), (bx, by) in zip(points, [*points[1:], points[0]], strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            odd = not odd
    return odd


def _spans(times: list[float]) -> list[tuple[float, float]]:
    """Join seconds that follow each other (gaps up to 2 s) into spans."""
    spans: list[tuple[float, float]] = []
    for t in times:
        if spans and t - spans[-1][1] <= GAP:
            spans[-1] = (spans[-1][0], t)
        else:
            spans.append((t, t))
    return spans
