"""The streams to follow: which device, at which address, in which dialect (`SHEQU_STREAMS`, a TOML file)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import msgspec

from devices.adapters import dahua, hikvision
from devices.errors import SettingError
from ingest.streams.multipart import Part


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """How a make's stream is asked for, and which parts of it are news."""

    path: str  # what to GET where the address names no path
    topic: str
    wanted: Callable[[Part], bool]
    silence: float  # seconds after which a stream that says nothing at all is dead


_EVENTS = ("application/json", "text/json", "application/xml", "text/xml")


def _is_event(part: Part) -> bool:
    """Hikvision sends pictures beside its events, JSON or XML: they stay in the device."""
    return part.type in _EVENTS or (not part.type and part.body.lstrip()[:1] in (b"{", b"<"))


def _is_text(part: Part) -> bool:
    return part.type in ("text/plain", "") and bool(part.body)


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "hikvision": Kind(
            path="/ISAPI/Event/notification/alertStream",
            topic=hikvision.STREAM,
            wanted=_is_event,
            silence=60.0,
        ),
        "dahua": Kind(
            path="/cgi-bin/eventManager.cgi?action=attach&codes=[All]&heartbeat=5",
            topic=dahua.STREAM,
            wanted=_is_text,
            silence=30.0,
        ),
    }
)


class Stream(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One stream; `name` is the device's foreign name."""

    dialect: str
    name: str
    url: str
    username: str = ""
    password: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if self.dialect not in KINDS:
            raise ValueError(f"dialect {self.dialect!r} is not one of {', '.join(KINDS)}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"url {self.url!r} is not http[s]://host")
        if not re.fullmatch(r"[^/+#\x00-\x1f\x7f]{1,64}", self.name):
            raise ValueError(f"name {self.name!r} does not fit a topic level")

    @property
    def kind(self) -> Kind:
        """What is known of its make."""
        return KINDS[self.dialect]

    @property
    def address(self) -> str:
        """What to GET."""
        bare = urlsplit(self.url).path in ("", "/")
        return self.url.rstrip("/") + self.kind.path if bare else self.url

    @property
    def topic(self) -> str:
        """Where its parts are published."""
        return f"{self.kind.topic}/{self.name}"

    def __repr__(self) -> str:
        """Never show the password."""
        return f"Stream({self.dialect} {self.name} {self.url})"


class StreamFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file: `[[stream]]` tables."""

    stream: list[Stream] = msgspec.field(default_factory=list)


def read_streams(path: Path) -> tuple[Stream, ...]:
    """Read the file; raises SettingError naming what is wrong."""
    try:
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), StreamFile).stream
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as exc:
        raise SettingError("SHEQU_STREAMS", f"{path}: {exc}") from exc
    names = [(s.dialect, s.name) for s in found]
    if len(set(names)) < len(names):
        raise SettingError("SHEQU_STREAMS", f"{path}: a stream's name is there twice")
    return tuple(found)
