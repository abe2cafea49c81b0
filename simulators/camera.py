"""A camera that draws what it would see: a gate or a corridor, by day or by night, with figures.

Cheap on purpose (320 x 180, a few milliseconds) and capped per camera, so that a live
community may have pictures all the time. An event carries the picture's path, never the
picture.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from devices.model import Device
from devices.profiles.camera import CameraObject
from simulators.timeline import CHINA, Sending, seeded

WIDTH, HEIGHT = 320, 180  # pixels
_HORIZON = 70
_QUALITY = 72  # JPEG
Frame = NDArray[np.uint8]
Colour = tuple[int, int, int]  # blue, green, red
_SIZES = {"person": (16, 46), "bicycle": (34, 34), "car": (76, 38), "cat": (14, 9), "dog": (20, 14)}


def daylight(when: datetime) -> float:
    """How bright it is outside, from 0.34 (night, lamps) to 1 (noon)."""
    local = when.astimezone(CHINA)
    hour = local.hour + local.minute / 60
    return float(np.clip(np.cos((hour - 13) / 24 * 2 * np.pi) * 0.75 + 0.6, 0.34, 1.0))


def render(device: Device, when: datetime, labels: Iterable[str] = (), *, moment: float = 0.5) -> Frame:
    """Draw one picture; `moment` from 0 to 1 is how far the figures have walked."""
    rng = seeded("scene", device.id)
    indoors = not any(word in device.id for word in ("-gate-", "-court-"))
    light = 0.8 if indoors else daylight(when)
    frame = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    sky: Colour = (196, 190, 182) if indoors else (214, 186, 150)
    ground: Colour = (150, 158, 164) if indoors else (112, 118, 120)
    frame[:_HORIZON], frame[_HORIZON:] = sky, ground
    (_corridor if indoors else _gate)(frame, rng.randrange(20, 60))
    for i, label in enumerate(labels):
        _figure(frame, label, moment, seeded(device.id, when, i).random())
    noise = np.random.default_rng(int(when.timestamp())).normal(0, 5, (HEIGHT, WIDTH, 1))
    lit = np.clip(frame.astype(np.float32) * light + noise, 0, 255).astype(np.uint8)
    local = when.astimezone(CHINA)
    for text, y in ((f"{local:%Y-%m-%d %H:%M:%S}", 14), (device.id, HEIGHT - 8)):
        cv2.putText(lit, text, (6, y), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 255), 1, cv2.LINE_AA)
    return lit


def _gate(frame: Frame, offset: int) -> None:
    """A road to the gate, its pillars, beam and leaf, a hedge behind."""
    cv2.rectangle(frame, (0, _HORIZON - 18), (WIDTH, _HORIZON), (70, 110, 74), -1)
    road = np.array([(110, _HORIZON), (210, _HORIZON), (300, HEIGHT), (20, HEIGHT)], np.int32)
    cv2.fillPoly(frame, [road], (92, 94, 96))
    for x in (92, 216):
        cv2.rectangle(frame, (x, 26), (x + 14, 96), (120, 132, 168), -1)
    cv2.rectangle(frame, (84, 18), (238, 30), (60, 66, 120), -1)
    cv2.line(frame, (108, 88), (160 + offset // 4, 88), (40, 40, 210), 3)


def _corridor(frame: Frame, offset: int) -> None:
    """Walls in perspective, doors on both sides, a lamp."""
    for corner in ((0, 0), (WIDTH, 0), (0, HEIGHT), (WIDTH, HEIGHT)):
        cv2.line(frame, corner, (160, _HORIZON), (128, 132, 136), 2)
    for x, top in ((34, 34), (250, 34)):
        cv2.rectangle(frame, (x, top), (x + 36, 138), (78, 96, 130), -1)
        cv2.circle(frame, (x + 30, 90), 2, (220, 220, 220), -1)
    cv2.circle(frame, (160, 12 + offset // 8), 9, (240, 250, 255), -1)


def _figure(frame: Frame, label: str, moment: float, lane: float) -> None:
    """A figure with the box that the camera's analytics would draw around it."""
    width, height = _SIZES.get(label, (12, 12))
    x = int(40 + moment * (WIDTH - 110))
    foot = int(110 + lane * 55)
    body: Colour = (int(60 + lane * 120), 70, int(150 - lane * 80))
    if label == "person":
        cv2.circle(frame, (x + width // 2, foot - height + 6), 6, (150, 180, 215), -1)
        cv2.rectangle(frame, (x + 3, foot - height + 12), (x + width - 3, foot - 14), body, -1)
        for leg in (x + 4, x + width - 7):
            cv2.rectangle(frame, (leg, foot - 14), (leg + 3, foot), (50, 50, 60), -1)
    else:
        cv2.rectangle(frame, (x, foot - height), (x + width, foot), body, -1)
    cv2.rectangle(frame, (x - 3, foot - height - 3), (x + width + 3, foot + 3), (60, 220, 250), 1)


class Photographer:
    """Takes pictures into `folder/<device>/`; keeps the newest `keep` of each camera.

    Pictures of one camera come at least `apart` apart. The newest are kept by count: an
    operator wants those of today, and a simulator must not fill a disk.
    """

    def __init__(self, folder: Path, *, apart: timedelta = timedelta(seconds=5), keep: int = 200) -> None:
        self._folder, self._apart, self._keep = folder, apart, keep
        self._last: dict[str, datetime] = {}
        self._taken: dict[str, deque[Path]] = {}

    def take(self, device: Device, when: datetime, labels: Iterable[str], moment: float = 0.5) -> str | None:
        """Take a picture; returns its path relative to the folder, or None where it is too soon."""
        last = self._last.get(device.id)
        if last is not None and when - last < self._apart:
            return None
        self._last[device.id] = when
        name = f"{device.id}/{when.astimezone(CHINA):%Y%m%d-%H%M%S-%f}.jpg"
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        done, jpeg = cv2.imencode(".jpg", render(device, when, labels, moment=moment), [
            cv2.IMWRITE_JPEG_QUALITY, _QUALITY,
        ])  # fmt: skip
        if not done:
            return None
        part = path.with_suffix(".part")
        part.write_bytes(jpeg.tobytes())
        part.replace(path)  # whoever reads it reads all of it
        self._forget(device.id, path)
        return name

    def _forget(self, device: str, path: Path) -> None:
        """Note a new picture and delete the oldest beyond the limit."""
        if device not in self._taken:
            older = sorted(p for p in path.parent.glob("*.jpg") if p != path)
            self._taken[device] = deque(older)
        taken = self._taken[device]
        taken.append(path)
        while len(taken) > self._keep:
            taken.popleft().unlink(missing_ok=True)


def with_picture(sending: Sending, device: Device, take: Callable[..., str | None]) -> Sending:
    """The same passer-by with a picture's reference, where one could be taken."""
    message = sending.message
    if message is None or not isinstance(message.reading, CameraObject):
        return sending
    moment = {"enter": 0.25, "update": 0.5, "leave": 0.8}[message.reading.phase]
    reference = take(device, sending.when, [message.reading.label], moment)
    if reference is None:
        return sending
    reading = msgspec.structs.replace(message.reading, snapshot=reference)
    return replace(sending, message=msgspec.structs.replace(message, reading=reading))
