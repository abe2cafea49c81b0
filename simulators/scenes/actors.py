"""What moves in a scene: people, cars, bags, thrown things; each knows where it is at any second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from cv2.typing import MatLike

from simulators.scenes.yard import HEIGHT, HORIZON, MARGIN, WIDTH

Spot = tuple[float, float]
"""A point in shares of the picture."""


class Actor(Protocol):
    """Something that is drawn and that the ground truth follows."""

    @property
    def kind(self) -> str:
        """Return what it is: person, car, bag, thrown."""

    def foot(self, t: float) -> Spot | None:
        """Return where it touches the ground at second `t`, in shares of the picture, if it is there."""

    def draw(self, canvas: MatLike, t: float) -> None:
        """Draw it, shadow first."""


def person_height(y: float) -> float:
    """Return a person's height at foot line `y`, both in shares of the picture's height."""
    return 0.09 + 0.24 * max(0.0, (y - HORIZON) / (1 - HORIZON))


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """A walk along corners at a constant speed in shares of the width per second, pausing at none."""

    corners: tuple[Spot, ...]
    begin: float
    speed: float

    def at(self, t: float) -> Spot | None:
        """Return the place at second `t`; None before the first corner and after the last."""
        gone = (t - self.begin) * self.speed
        if gone < 0:
            return None
        for a, b in zip(self.corners, self.corners[1:], strict=False):
            length = float(np.hypot(b[0] - a[0], (b[1] - a[1]) * HEIGHT / WIDTH))
            if gone <= length:
                share = gone / length if length else 1.0
                return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
            gone -= length
        return None


def pixel(spot: Spot) -> tuple[int, int]:
    """Return the canvas pixel of a spot."""
    return round(spot[0] * WIDTH) + MARGIN, round(spot[1] * HEIGHT) + MARGIN


def shade(
    canvas: MatLike, centre: tuple[int, int], axes: tuple[int, int], angle: float, depth: float
) -> None:
    """Darken a soft ellipse: a cast shadow."""
    reach = max(axes) + 4
    top, left = max(0, centre[1] - reach), max(0, centre[0] - reach)
    part = canvas[top : centre[1] + reach, left : centre[0] + reach]
    if not part.size:
        return
    mask = np.zeros(part.shape[:2], np.float32)
    cv2.ellipse(mask, (centre[0] - left, centre[1] - top), axes, angle, 0, 360, (1.0,), -1)
    part[:] = part * (1 - depth * cv2.GaussianBlur(mask, (5, 5), 0))[..., None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Walker:
    """A person who walks a way; `seed` decides clothes and build."""

    way: Way
    seed: int
    shadow: float = 0.4  # share of light that the shadow takes
    kind: str = "person"

    def foot(self, t: float) -> Spot | None:
        """Where the feet are."""
        return self.way.at(t)

    def draw(self, canvas: MatLike, t: float) -> None:
        """Draw head, trunk and swinging legs."""
        spot = self.foot(t)
        if spot is None:
            return
        rng = np.random.default_rng([self.seed, 3])
        x, y = pixel(spot)
        h = person_height(spot[1]) * HEIGHT * rng.uniform(0.9, 1.1)
        w = h * rng.uniform(0.26, 0.34)
        if self.shadow:
            shade(
                canvas,
                (int(x + h * 0.32), int(y - h * 0.04)),
                (int(h * 0.36), max(2, int(w * 0.3))),
                -8,
                self.shadow,
            )
        coat, trousers = (
            tuple(float(v) for v in rng.choice([30, 50, 170, 215]) + rng.uniform(-20, 20, 3)) for _ in "ab"
        )
        swing = np.sin(t * 9 + self.seed) * w * 0.45
        for leg in (swing, -swing):
            cv2.line(
                canvas,
                (x, int(y - h * 0.45)),
                (int(x + leg), y),
                trousers,
                max(2, int(w * 0.34)),
                cv2.LINE_AA,
            )
        cv2.rectangle(
            canvas, (int(x - w / 2), int(y - h * 0.86)), (int(x + w / 2), int(y - h * 0.4)), coat, -1
        )
        cv2.circle(canvas, (x, int(y - h * 0.92)), max(2, int(h * 0.085)), (140, 165, 200), -1, cv2.LINE_AA)


@dataclass(frozen=True, kw_only=True, slots=True)
class Car:
    """A car that drives in, stands from `park` to `leave` and drives off; `spot` is where it stands."""

    spot: Spot
    arrive: float
    park: float
    leave: float
    seed: int
    kind: str = "car"

    def foot(self, t: float) -> Spot | None:
        """Where the wheels are."""
        x, y = self.spot
        if self.arrive <= t < self.park:
            return x, y - 0.25 * (self.park - t) / (self.park - self.arrive)
        if self.park <= t < self.leave:
            return self.spot
        if self.leave <= t < self.leave + 5:
            return x, y + 0.16 * (t - self.leave)
        return None

    def draw(self, canvas: MatLike, t: float) -> None:
        """Draw body, roof, glass and wheels."""
        spot = self.foot(t)
        if spot is None:
            return
        rng = np.random.default_rng([self.seed, 4])
        x, y = pixel(spot)
        h = int(person_height(spot[1]) * HEIGHT * 0.85)
        w = int(h * 1.5)
        shade(canvas, (x, y), (w // 2 + 4, max(3, h // 6)), 0, 0.5)
        paint = tuple(float(v) for v in rng.choice([35, 190, 225]) + rng.uniform(-15, 15, 3))
        cv2.rectangle(canvas, (x - w // 2, y - int(h * 0.6)), (x + w // 2, y - h // 8), paint, -1)
        cv2.rectangle(canvas, (x - w // 3, y - h), (x + w // 3, y - int(h * 0.55)), paint, -1)
        cv2.rectangle(
            canvas, (x - w // 4, y - int(h * 0.92)), (x + w // 4, y - int(h * 0.62)), (60, 50, 45), -1
        )
        for wheel in (x - w // 3, x + w // 3):
            cv2.circle(canvas, (wheel, y - h // 8), max(2, h // 8), (20, 20, 20), -1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bag:
    """A thing put down at `begin` and taken away at `end`."""

    spot: Spot
    begin: float
    end: float
    seed: int
    kind: str = "bag"

    def foot(self, t: float) -> Spot | None:
        """Where it stands."""
        return self.spot if self.begin <= t < self.end else None

    def draw(self, canvas: MatLike, t: float) -> None:
        """Draw a box with a handle."""
        if self.foot(t) is None:
            return
        rng = np.random.default_rng([self.seed, 5])
        x, y = pixel(self.spot)
        h = int(person_height(self.spot[1]) * HEIGHT * 0.4)
        paint = tuple(float(v) for v in rng.choice([25, 200]) + rng.uniform(-20, 20, 3))
        shade(canvas, (x + h // 3, y), (h // 2, max(2, h // 6)), 0, 0.4)
        cv2.rectangle(canvas, (x - int(h * 0.55), y - h), (x + int(h * 0.55), y), paint, -1)
        cv2.ellipse(canvas, (x, y - h), (h // 4, h // 4), 0, 180, 360, (90, 90, 90), 2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Thrown:
    """Something that falls down a facade from `top`; `pull` in picture heights per second squared."""

    top: Spot
    begin: float
    pull: float
    drift: float  # shares of the width per second
    size: float  # pixels
    seed: int
    kind: str = "thrown"

    @property
    def lands(self) -> float:
        """When it leaves the picture."""
        return self.begin + float(np.sqrt(2 * (1.02 - self.top[1]) / self.pull))

    def foot(self, t: float) -> Spot | None:
        """Where it is."""
        passed = t - self.begin
        if passed < 0 or t > self.lands:
            return None
        return self.top[0] + self.drift * passed, self.top[1] + 0.5 * self.pull * passed * passed

    def draw(self, canvas: MatLike, t: float) -> None:
        """Draw a small tumbling thing."""
        spot = self.foot(t)
        if spot is None:
            return
        dark = float(np.random.default_rng([self.seed, 6]).choice([15, 35, 240]))
        radius = max(1, round(self.size / 2))
        axes = (radius, max(1, round(radius * (0.7 + 0.3 * np.sin(t * 20)))))
        cv2.ellipse(canvas, pixel(spot), axes, t * 400 % 360, 0, 360, (dark, dark, dark), -1, cv2.LINE_AA)
