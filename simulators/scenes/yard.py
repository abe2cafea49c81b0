"""The still part of a scene: ground, buildings, windows, a road; drawn once per seed."""

from __future__ import annotations

import cv2
import numpy as np
from cv2.typing import MatLike

WIDTH, HEIGHT = 480, 270  # pixels
MARGIN = 16  # pixels drawn around the picture, so that a shaken camera sees something there
HORIZON = 0.36  # share of the height


def texture(rng: np.random.Generator, height: int, width: int, grain: int, strength: float) -> MatLike:
    """Return smooth random texture around zero, in grey levels."""
    coarse = rng.normal(0, strength, (height // grain + 2, width // grain + 2)).astype(np.float32)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def draw_yard(seed: int) -> MatLike:
    """Draw ground, a facade with windows, a road and kerbs; floats, with margins."""
    rng = np.random.default_rng([seed, 1])
    height, width = HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN
    horizon = int(height * HORIZON)
    base = np.empty((height, width, 3), np.float32)
    base[:horizon] = rng.uniform(120, 175, 3)
    base[horizon:] = rng.uniform(95, 130) + rng.uniform(-8, 8, 3)
    base += texture(rng, height, width, 3, 7)[..., None] + texture(rng, height, width, 40, 9)[..., None]
    _windows(base, rng, horizon)
    road = np.array(
        [(width * 0.02, height), (width * 0.3, horizon), (width * 0.42, horizon), (width * 0.36, height)]
    )
    cv2.fillPoly(base, [road.astype(np.int32)], tuple(float(v) for v in rng.uniform(70, 90, 3)))
    for x in range(0, width, 34):  # paving
        cv2.line(base, (x, horizon), (int(x * 1.6 - 0.3 * width), height), (84, 86, 88), 1, cv2.LINE_AA)
    cv2.line(base, (0, horizon), (width, horizon), (60, 60, 62), 2)
    return np.clip(base, 0, 255)


def _windows(base: MatLike, rng: np.random.Generator, horizon: int) -> None:
    for x in range(12, base.shape[1] - 30, 44):
        for y in range(8, horizon - 24, 34):
            dark = rng.uniform(40, 90)
            cv2.rectangle(base, (x, y), (x + 24, y + 20), (dark + 12, dark + 6, dark), -1)
            cv2.rectangle(base, (x, y), (x + 24, y + 20), (190, 190, 190), 1)


def draw_facade(seed: int) -> MatLike:
    """Draw a tower's facade as seen by a camera on the ground that looks up; sky at the top."""
    rng = np.random.default_rng([seed, 2])
    height, width = HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN
    base = np.empty((height, width, 3), np.float32)
    base[:] = rng.uniform(150, 185, 3)
    base += texture(rng, height, width, 3, 5)[..., None] + texture(rng, height, width, 50, 8)[..., None]
    sky = height // 10
    base[:sky] = (225, 205, 190)
    for y in range(sky + 6, height - 8, 22):
        for x in range(20, width - 40, 52):
            dark = rng.uniform(50, 100)
            cv2.rectangle(base, (x, y), (x + 30, y + 14), (dark + 14, dark + 6, dark), -1)
    return np.clip(base, 0, 255)
