"""Faults on demand: a pure transformation of a timeline that leaves its truth exactly as it was.

What each does, and why the expected alerts stay the same:

drop        Every eighth or so unimportant background message (a heartbeat, never two in a row
            of one device; a passer-by; a stranger's or a car's granted pass) is never sent and
            never counted. A scripted message is lost before its PUBACK; the device, which
            speaks QoS 1, sends it again some seconds later and holds back what follows it.
duplicate   The same id again: at once, minutes or hours later. Counts once, pages never again.
            A device that will die is left out: its copy would be a sign of life.
reorder     A heartbeat, a passer-by or a granted pass arrives up to 8 minutes late, after what
            came later. Doors keep their order: between `open` and `closed` the truth lies in
            seconds, finer than the drill's clock steps.
clock_skew  Gates and contacts run up to 20 min ahead: such a device is judged at arrival, which
            is when it really happened. Cameras, smoke sensors and buttons run up to 30 min
            behind: their events come `late`, and of those only smoke and help page, which they
            must (design law 4). Cameras and sensors that will die or run low are left out,
            because their truth rests on device time.
flood       A camera sends hundreds of updates within seconds. Harmless, but a token bucket may
            discard some: `Ledger.by_source["flood"]` counts them apart.
malformed   Through the gateway account: not JSON, cut off, wrong shape, unknown type, too large,
            absurd clock, unknown device, wrong estate. Each belongs in quarantine once.
reconnect   Connections break without a farewell (the last will speaks) and come back.
replay      Old alarms that must not page: a smoke alarm and an open gate of two hours ago after a
            newer all-clear and a newer `closed` of the same device, a gate's upload of old
            refusals (late, and not about life), and a retained alarm, which `prepare_broker`
            leaves with the broker before the platform subscribes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from types import MappingProxyType

import msgspec

from devices.profiles.access_gate import GatePass
from devices.profiles.camera import CameraObject
from devices.reading import State
from simulators.community import Community
from simulators.timeline import BACKGROUND, Kind, Sending, seeded
from simulators.traffic import order
from simulators.trouble import cuts, flood, malformed, replay

_DROPPED = 0.12
_LOST = 0.4  # of the scripted messages
_RESENT = (3_000, 10_000)  # ms later; five refusals 4 s apart must still arrive within half a minute
_COPIED = 0.05
_LATE_COPY = (timedelta(seconds=2), timedelta(minutes=3), timedelta(hours=5))
_REORDERED = 0.06
_REORDER_BY = 480.0  # seconds, less than the 10 min after which an event counts as late
_SKEWED = 0.12  # share of the devices that may be skewed
_AHEAD = (360, 1200)  # seconds
_BEHIND = (660, 1800)  # seconds


class FaultKind(StrEnum):
    """What can be made to go wrong."""

    DROP = "drop"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    CLOCK_SKEW = "clock_skew"
    FLOOD = "flood"
    MALFORMED = "malformed"
    RECONNECT = "reconnect"
    REPLAY = "replay"


def parse_faults(text: str) -> frozenset[FaultKind]:
    """Read `all`, `none` or a comma-separated list; ValueError names what is unknown."""
    words = {w.strip() for w in text.split(",") if w.strip()} - {"none"}
    if "all" in words:
        return frozenset(FaultKind)
    unknown = words - set(FaultKind)
    if unknown:
        raise ValueError(f"unknown fault {', '.join(sorted(unknown))}: all, none, {', '.join(FaultKind)}")
    return frozenset(FaultKind(w) for w in words)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """What faults need to know so as not to touch the truth.

    `cared` are the people, `mortal` the devices whose truth is their silence or their
    battery, `busy` all devices that play in a scenario.
    """

    community: Community
    start: datetime
    end: datetime
    cared: frozenset[str] = frozenset()
    mortal: frozenset[str] = frozenset()
    busy: frozenset[str] = frozenset()


def apply_faults(
    timeline: Iterable[Sending], kinds: frozenset[FaultKind], ground: Ground, seed: int
) -> list[Sending]:
    """Return the timeline as it looks with these faults, in time order."""
    sendings = sorted(timeline, key=order)
    for kind, fault in _CHAIN.items():
        if kind in kinds:
            sendings = sorted(fault(sendings, ground, seeded(seed, "fault", kind)), key=order)
    return sendings


def _plain(s: Sending, ground: Ground) -> bool:
    """Whether a message is background that no truth rests on."""
    reading = s.message.reading if s.message else None
    if s.source != BACKGROUND or s.device in ground.mortal:
        return False
    if isinstance(reading, GatePass):
        return reading.result == "granted" and reading.person_ref not in ground.cared
    return isinstance(reading, (State, CameraObject))


def _drop(sendings: list[Sending], ground: Ground, rng: Random) -> list[Sending]:
    """Lose background for good, and scripted messages until they are sent again."""
    kept: list[Sending] = []
    missing: set[str] = set()  # devices whose last heartbeat was dropped
    held: dict[str, datetime] = {}  # devices that wait for a PUBACK, until then
    for s in sendings:
        beat = s.message is not None and isinstance(s.message.reading, State)
        if _plain(s, ground) and s.device not in held and rng.random() < _DROPPED:
            if not beat:
                continue
            if s.device not in missing:
                missing.add(s.device)
                continue
        if beat:
            missing.discard(s.device)
        again = max(s.when, held.get(s.device, s.when))
        if s.source != BACKGROUND and s.message and again == s.when and rng.random() < _LOST:
            kept.append(replace(s, kind=Kind.LOSE))
            again += timedelta(milliseconds=rng.randrange(*_RESENT))
        if again > s.when:
            held[s.device] = again
        kept.append(replace(s, when=again))
    return kept


def _duplicate(sendings: list[Sending], ground: Ground, rng: Random) -> list[Sending]:
    """Send some messages again, unchanged, soon or much later."""
    copies = []
    for s in sendings:
        share = _COPIED if s.source == BACKGROUND else 0.5
        if s.kind is Kind.SAY and s.message and s.device not in ground.mortal and rng.random() < share:
            delay = rng.choice(_LATE_COPY) * rng.uniform(0.5, 1.5)
            delay = timedelta(seconds=round(delay.total_seconds(), 3))
            if s.when + delay < ground.end:
                copies.append(replace(s, when=s.when + delay, copy=True))
    return sendings + copies


def _reorder(sendings: list[Sending], ground: Ground, rng: Random) -> list[Sending]:
    """Let some messages arrive after what came later."""

    def late(s: Sending) -> Sending:
        if not _plain(s, ground) or s.copy or rng.random() >= _REORDERED:
            return s
        when = s.when + timedelta(milliseconds=rng.randrange(5_000, int(_REORDER_BY * 1000)))
        return replace(s, when=when) if when < ground.end else s

    return [late(s) for s in sendings]


def _skew(sendings: list[Sending], ground: Ground, rng: Random) -> list[Sending]:
    """Set some devices' clocks wrong, each by the same amount throughout."""
    off: dict[str, timedelta] = {}
    for device in ground.community.devices:
        if device.id in ground.mortal or rng.random() >= _SKEWED:
            continue
        if device.profile == "smoke_sensor" and device.id in ground.busy:
            continue  # two sensors of one building are compared by their own clocks (FIRE-009)
        ahead = device.profile in ("access_gate", "door_contact")
        off[device.id] = timedelta(seconds=rng.randrange(*_AHEAD) if ahead else -rng.randrange(*_BEHIND))

    def skew(s: Sending) -> Sending:
        by = off.get(s.device)
        if by is None or s.message is None:
            return s
        return replace(s, message=msgspec.structs.replace(s.message, at=s.message.at + by))

    return [skew(s) for s in sendings]


_Fault = Callable[[list[Sending], Ground, Random], list[Sending]]
_CHAIN: Mapping[FaultKind, _Fault] = MappingProxyType(
    {
        FaultKind.CLOCK_SKEW: _skew,
        FaultKind.REPLAY: lambda s, g, rng: s + replay(g.community, g.start, g.end, g.busy, rng),
        FaultKind.DROP: _drop,
        FaultKind.REORDER: _reorder,
        FaultKind.DUPLICATE: _duplicate,
        FaultKind.FLOOD: lambda s, g, rng: s + flood(g.community, g.start, g.end, g.busy, rng),
        FaultKind.MALFORMED: lambda s, g, rng: s + malformed(g.community, g.start, g.end, g.mortal, rng),
        FaultKind.RECONNECT: lambda s, g, rng: s + cuts(g.community, g.start, g.end, g.mortal, rng),
    }
)
