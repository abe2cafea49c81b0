"""What disturbs a picture and must raise nothing: rain, noise, changing light, shake, trees, headlights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike

from simulators.scenes.yard import HEIGHT, MARGIN, WIDTH

SWEEP = 4.0  # seconds a car's beam takes over the yard
CROSSING = 30.0  # seconds a cloud's shadow takes


@dataclass(frozen=True, kw_only=True, slots=True)
class Weather:
    """Disturbances of one scene; everything is off by default but a little sensor noise."""

    noise: float = 2.0  # grey levels, standard deviation
    rain: int = 0  # streaks per picture
    shake: float = 0.0  # pixels, standard deviation of a swaying mast
    light: float = 1.0  # share of daylight
    clouds: float = 0.0  # share by which slow clouds dim the whole picture
    switching: tuple[float, ...] = ()  # seconds at which the yard's light goes off and on again
    lamp: tuple[float, ...] = ()  # seconds at which a single lamp goes on and off again
    trees: float = 0.0  # pixels that branches sway
    headlights: tuple[float, ...] = ()  # seconds at which a beam sweeps over the yard
    cloud_shadow: tuple[float, ...] = ()  # seconds at which the shadow of a cloud crosses

    def names(self) -> list[str]:
        """Return the names of what is on."""
        plain = Weather()
        return [n for n in self.__dataclass_fields__ if getattr(self, n) != getattr(plain, n)]


class Sky:
    """Draws one scene's weather, in order: trees on the canvas, light, rain, shake and crop, noise."""

    def __init__(self, weather: Weather, rng: np.random.Generator) -> None:
        self.weather, self.rng = weather, rng
        size = (HEIGHT + 64, WIDTH + 64, 3)
        self._noise = rng.normal(0, weather.noise, size).astype(np.float32)
        self._sway = np.zeros(2)

    def trees(self, canvas: MatLike, t: float) -> None:
        """Draw two crowns whose clumps sway each at its own pace."""
        if not self.weather.trees:
            return
        layout = np.random.default_rng(7)
        for left, top in ((0.08, 0.1), (0.9, 0.16)):
            for _ in range(26):
                dx, dy, pace, phase, green = layout.uniform((-38, -26, 1.2, 0, 35), (38, 36, 3.2, 6.3, 95))
                gust = self.weather.trees * (0.5 + 0.5 * np.sin(t * 0.21))
                x = left * WIDTH + MARGIN + dx + gust * np.sin(t * pace + phase)
                y = top * HEIGHT + MARGIN + dy + 0.4 * gust * np.cos(t * pace * 0.8 + phase)
                cv2.circle(canvas, (int(x), int(y)), 9, (green * 0.5, green, green * 0.6), -1, cv2.LINE_AA)

    def lit(self, canvas: MatLike, t: float) -> MatLike:
        """Apply the light of second `t`."""
        w = self.weather
        gain = w.light * (1 - w.clouds * (0.5 + 0.5 * np.sin(t * 2 * np.pi / 90)))
        off = sum(1 for s in w.switching if s <= t) % 2
        canvas *= gain * (0.45 if off else 1.0)
        if sum(1 for s in w.lamp if s <= t) % 2:
            self._glow(canvas, (0.7 * WIDTH, 0.62 * HEIGHT), 70.0, 0.9)
        for begin in w.headlights:
            passed = t - begin
            if 0 <= passed < SWEEP:
                self._glow(canvas, ((0.05 + 0.25 * passed) * WIDTH, 0.75 * HEIGHT), 45.0, 1.1)
        for begin in w.cloud_shadow:
            passed = t - begin
            if 0 <= passed < CROSSING:
                self._glow(canvas, ((-0.3 + passed / 18) * WIDTH, 0.6 * HEIGHT), 90.0, -0.4)
        return canvas

    @staticmethod
    def _glow(canvas: MatLike, at: tuple[float, float], radius: float, strength: float) -> None:
        ys, xs = np.ogrid[: canvas.shape[0], : canvas.shape[1]]
        distance = ((xs - at[0] - MARGIN) ** 2 + 2.2 * (ys - at[1] - MARGIN) ** 2) / radius**2
        canvas *= (1 + strength * np.exp(-distance)).astype(np.float32)[..., None]

    def fall(self, canvas: MatLike) -> None:
        """Draw streaks of rain, new ones in every picture."""
        if not self.weather.rain:
            return
        height, width = canvas.shape[:2]
        rng = self.rng
        for x, y, length, bright in rng.uniform(
            (0, -20, 8, 150), (width, height, 26, 225), (self.weather.rain, 4)
        ):
            end = (int(x + length * 0.15), int(y + length))
            cv2.line(canvas, (int(x), int(y)), end, (bright, bright, bright), 1, cv2.LINE_AA)

    def taken(self, canvas: MatLike) -> MatLike:
        """Shake the camera, cut the picture out and add the sensor's noise; returns bytes."""
        dx = dy = 0.0
        if self.weather.shake:
            self._sway = 0.7 * self._sway + self.rng.normal(0, self.weather.shake * 0.71, 2)
            dx, dy = np.clip(self._sway, -MARGIN + 1, MARGIN - 1)
        middle = (MARGIN + WIDTH / 2 + dx, MARGIN + HEIGHT / 2 + dy)
        cut: Callable[..., MatLike] = cv2.getRectSubPix
        picture = cut(canvas, (WIDTH, HEIGHT), middle)
        y, x = self.rng.integers(0, 64, 2)
        picture = picture + self._noise[y : y + HEIGHT, x : x + WIDTH]
        bytes_: MatLike = np.clip(picture, 0, 255).astype(np.uint8)
        return bytes_
