"""What the registry wants of a camera: the retained `…/config` message becomes settings, or a reason why not.

Whatever the registry does not mention is as the node's own file says. The last configuration that was
applied is remembered on disk, so that a node that starts while the broker is away keeps its masks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from devices.errors import SettingError
from devices.reading import State
from ingest.camera.settings import Camera, check_camera

REMEMBERED: Final = "config.json"
_REASON: Final = 250  # characters
_SAME: Final = (
    "zones", "lines", "masks", "ignore", "armed", "frame_rate", "sensitivity", "min_size", "falling",
    "blur_people",
)  # fmt: skip
_KEEP: Final[Mapping[str, str]] = {
    "keep_days": "days",
    "clips": "clips",
    "clip_before_s": "before",
    "clip_after_s": "after",
}
_LINK: Final = frozenset({"heartbeat_s", "report_battery"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """A configuration as it came."""

    version: int
    hash: str
    data: Mapping[str, Any]

    def answer(self, failed: str | None = None) -> State:
        """Say what became of it."""
        return State(
            config_version=self.version,
            config_hash=self.hash,
            config_status="failed" if failed else "applied",
            config_reason=_printable(failed) if failed else None,
        )


class _Message(msgspec.Struct, frozen=True):
    version: int
    hash: str
    data: dict[str, Any]


def read(payload: bytes) -> Wish:
    """Read a message; raises SettingError where it is none."""
    try:
        message = msgspec.json.decode(payload, type=_Message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise SettingError("config", str(exc)) from exc
    return Wish(version=message.version, hash=message.hash, data=message.data)


def wished(camera: Camera, data: Mapping[str, Any]) -> Camera:
    """Return the camera's settings with what is wanted in place; raises SettingError naming the key."""
    unknown = sorted(set(data) - {*_SAME, *_KEEP, *_LINK})
    if unknown:
        raise SettingError("config", f"this node does not know {', '.join(unknown)}")
    document = msgspec.to_builtins(camera)
    document |= {name: data[name] for name in _SAME if name in data}
    document["keep"] |= {own: data[name] for name, own in _KEEP.items() if name in data}
    if "heartbeat_s" in data:
        document["heartbeat"] = data["heartbeat_s"]
    try:
        made = msgspec.convert(document, Camera)
    except msgspec.ValidationError as exc:
        raise SettingError("config", str(exc)) from exc
    check_camera("config", "$", made)
    return made


def remember(home: Path, wish: Wish) -> None:
    """Keep what was applied, readable for the node's user only."""
    home.mkdir(parents=True, exist_ok=True)
    part = home / f"{REMEMBERED}.part"
    part.write_bytes(msgspec.json.encode({"version": wish.version, "hash": wish.hash, "data": wish.data}))
    part.chmod(0o600)
    part.replace(home / REMEMBERED)


def remembered(home: Path, camera: Camera, complain: Callable[[str], None]) -> Camera:
    """Return the settings as they were last wanted; what cannot be read is complained of and left out."""
    file = home / REMEMBERED
    if not file.is_file():
        return camera
    try:
        return wished(camera, read(file.read_bytes()).data)
    except (SettingError, OSError) as exc:
        complain(f"{file}: {exc}")
        return camera


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:_REASON]
