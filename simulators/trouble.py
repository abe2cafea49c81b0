"""What faults add to a timeline: floods, bytes for the quarantine, cut connections, old alarms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

import msgspec

from devices.errors import Fault
from devices.model import Device
from devices.profile import MAX_PAYLOAD
from devices.profiles.access_gate import GateDoor, GatePass
from devices.profiles.camera import CameraObject
from devices.profiles.smoke_sensor import Smoke
from simulators.community import Community
from simulators.timeline import FLOOD, Kind, Sending, say

_BURST = 300  # messages
_ROUNDS = 3  # of each kind of malformed message
_CUTS = 12
REPLAYED = "replay"
MALFORMED = "malformed"


def _moment(start: datetime, end: datetime, rng: Random) -> datetime:
    """Some time in the middle nine tenths."""
    span = (end - start).total_seconds()
    return start + timedelta(milliseconds=round(rng.uniform(0.05, 0.95) * span * 1000))


def flood(
    community: Community, start: datetime, end: datetime, busy: frozenset[str], rng: Random
) -> list[Sending]:
    """One camera that nobody needs sends a burst of updates."""
    camera = rng.choice([d for d in community.family("camera") if d.id not in busy])
    when = _moment(start, end, rng)
    return [
        say(
            camera,
            when + timedelta(milliseconds=20 * i),
            CameraObject(track="swarm", label="bird", phase="update", score=0.6, count=i),
            f"flood-{i}",
            source=FLOOD,
        )
        for i in range(_BURST)
    ]


def cuts(
    community: Community, start: datetime, end: datetime, mortal: frozenset[str], rng: Random
) -> list[Sending]:
    """Some connections break and come back."""
    healthy = [d for d in community.devices if d.id not in mortal]
    return [
        Sending(
            when=_moment(start, end, rng), estate=d.estate, device=d.id, kind=Kind.CUT, source="reconnect"
        )
        for d in rng.sample(healthy, min(_CUTS, len(healthy)))
    ]


def malformed(
    community: Community, start: datetime, end: datetime, mortal: frozenset[str], rng: Random
) -> list[Sending]:
    """Every way in which bytes can belong in quarantine, a few times each, all different."""
    smoke = [d for d in community.family("smoke_sensor") if d.id not in mortal]
    found = []
    for n in range(_ROUNDS):
        device = rng.choice(smoke)
        when = _moment(start, end, rng)
        found += [
            Sending(
                when=when + timedelta(seconds=i),
                estate=device.estate,
                device=device.id,
                kind=Kind.RAW,
                source=MALFORMED,
                topic=topic,
                raw=raw,
                blame=blame,
            )
            for i, (topic, raw, blame) in enumerate(_broken(community, device, when, n))
        ]
    return found


def _broken(
    community: Community, device: Device, when: datetime, n: int
) -> Iterator[tuple[str, bytes, Fault]]:
    """Yield topic, bytes and blame."""
    topic = f"shequ/v1/{device.estate}/{device.id}/event"

    def envelope(at: datetime = when, **more: object) -> bytes:
        whole = {"id": f"bad-{n}", "at": at.isoformat(), "type": "smoke", "data": {"alarm": False}} | more
        return msgspec.json.encode(whole)

    yield topic, b'{"id": "bad-%d", "at": ' % n, Fault.NOT_JSON
    yield topic, envelope()[: 30 + n], Fault.NOT_JSON
    yield topic, b"\xff\xfe\x00%d" % n, Fault.NOT_JSON
    yield topic, envelope(data={"alarm": "yes"}), Fault.BAD_SHAPE
    yield topic, envelope(id=""), Fault.BAD_SHAPE
    yield topic, envelope(at=when.replace(tzinfo=None)), Fault.BAD_SHAPE
    yield topic, envelope(type="weather"), Fault.BAD_SHAPE
    yield topic, b'{"pad": "%d%s"}' % (n, b"x" * MAX_PAYLOAD), Fault.TOO_LARGE
    absurd = envelope(at=when - timedelta(days=400), type="state", data={})
    yield topic.replace("/event", "/state"), absurd, Fault.CLOCK_OUT_OF_RANGE
    yield f"shequ/v1/{device.estate}/nobody-{n}/event", envelope(), Fault.UNKNOWN_DEVICE
    if len(community.estates) > 1:
        other = next(e for e in community.estates if e != device.estate)
        yield f"shequ/v1/{other}/{device.id}/event", envelope(), Fault.WRONG_PLACE


def replay(
    community: Community, start: datetime, end: datetime, busy: frozenset[str], rng: Random
) -> list[Sending]:
    """Old alarms sent as if they were news; none may page."""
    early = start + (end - start) / 4  # the alarms of hours ago are from after the start
    when = _moment(early, end, rng)

    def free(profile: str, ending: str = "") -> Device:
        return rng.choice(
            [d for d in community.family(profile) if d.id not in busy and d.id.endswith(ending)]
        )

    sensor, gate = free("smoke_sensor"), free("access_gate", "-car")
    clear, alarm = Smoke(alarm=False), Smoke(alarm=True, density=7.0)
    long_ago = when - timedelta(hours=2)
    told = [
        say(sensor, when - timedelta(minutes=20), clear, "old-clear", source=REPLAYED),
        say(sensor, when, alarm, "old-alarm", at=long_ago, source=REPLAYED),
        say(gate, when, GateDoor(state="open"), "old-open", at=long_ago, source=REPLAYED),
        say(
            gate,
            when + timedelta(seconds=9),
            GateDoor(state="closed"),
            "old-closed",
            at=long_ago + timedelta(minutes=12),
            source=REPLAYED,
        ),
    ]
    for i in range(7):
        reading = GatePass(direction="in", method="plate", result="denied")
        at = long_ago + timedelta(seconds=5 * i)
        told.append(
            say(gate, when + timedelta(seconds=i), reading, f"old-denied-{i}", at=at, source=REPLAYED)
        )
    return told


def retained_alarm(community: Community, start: datetime, busy: frozenset[str], rng: Random) -> Sending:
    """An alarm that the broker has kept since before the platform subscribed."""
    sensor = rng.choice([d for d in community.family("smoke_sensor") if d.id not in busy])
    reading = Smoke(alarm=True, density=9.0)
    at = start - timedelta(hours=1)
    told = say(sensor, start, reading, "retained-alarm", at=at, source=REPLAYED)
    return Sending(
        when=start,
        estate=told.estate,
        device=told.device,
        profile=told.profile,
        message=told.message,
        source=REPLAYED,
        retain=True,
    )
