"""What faults add to a timeline: floods, bytes for the quarantine, cut connections, old alarms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from types import MappingProxyType

import msgspec

from devices.errors import Fault
from devices.model import Device
from devices.profile import MAX_PAYLOAD
from devices.profiles.access_gate import GateDoor, GatePass
from devices.profiles.camera import CameraObject
from devices.profiles.smoke_sensor import Smoke
from simulators.community import Community
from simulators.timeline import FLOOD, Kind, Sending, say, seeded

_BURST = 300  # messages
_ROUNDS = 3  # of each kind of malformed message
_FOREIGN_ROUNDS = 2  # of each kind and dialect
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
    camera = _free(community, "camera", busy, rng)
    if camera is None:
        return []
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

    long_ago, shortly_before = when - timedelta(hours=2), when - timedelta(minutes=20)
    told = []
    sensor = _free(community, "smoke_sensor", busy, rng)
    if sensor is not None:
        clear, alarm = Smoke(alarm=False), Smoke(alarm=True, density=7.0)
        told.append(say(sensor, shortly_before, clear, "old-clear", source=REPLAYED))
        told.append(say(sensor, when, alarm, "old-alarm", at=long_ago, source=REPLAYED))
    gate = _free(community, "access_gate", busy, rng)
    if gate is not None:
        shut = GateDoor(state="closed")
        refused = GatePass(direction="in", method="face", result="denied")
        told.append(say(gate, shortly_before, shut, "old-shut", source=REPLAYED))
        told.append(say(gate, when, GateDoor(state="open"), "old-open", at=long_ago, source=REPLAYED))
        told += [
            say(gate, when + timedelta(seconds=i), refused, f"old-denied-{i}", at=at, source=REPLAYED)
            for i, at in enumerate(long_ago + timedelta(seconds=5 * i) for i in range(7))
        ]
    return told


def _free(community: Community, profile: str, busy: frozenset[str], rng: Random) -> Device | None:
    """Choose a device that plays in no scenario, if there is one."""
    found = [d for d in community.family(profile) if d.id not in busy]
    return rng.choice(found) if found else None


def retained_alarm(
    community: Community, start: datetime, busy: frozenset[str], rng: Random
) -> Sending | None:
    """Choose an alarm that the broker has kept since before the platform subscribed."""
    sensor = _free(community, "smoke_sensor", busy, rng)
    if sensor is None:
        return None
    reading = Smoke(alarm=True, density=9.0)
    told = say(sensor, start, reading, "retained-alarm", at=start - timedelta(hours=1), source=REPLAYED)
    return replace(told, retain=True)


_BROKEN: Mapping[str, tuple[tuple[str, bytes, Fault], ...]] = MappingProxyType(
    {
        "zigbee2mqtt": (
            ("zigbee2mqtt/{name}", b'{"battery": ', Fault.NOT_JSON),
            ("zigbee2mqtt/{name}", b'{"smoke": "yes", "n": %d}', Fault.BAD_SHAPE),
            ("zigbee2mqtt/nobody-%d", b'{"smoke": true}', Fault.UNKNOWN_DEVICE),
        ),
        "frigate": (
            ("frigate/events", b'{"type": "new", "n": %d}', Fault.BAD_SHAPE),
            ("frigate/nobody-%d/status/detect", b"online", Fault.UNKNOWN_DEVICE),
        ),
        "onvif": (("{name}/onvif-ej/VideoSource/MotionAlarm/&1", b"<xml %d/>", Fault.NOT_JSON),),
        "tasmota": (("stat/{name}/SWITCH1", b'{"Switch1": "TOGGLE", "n": %d}', Fault.BAD_SHAPE),),
        "esphome": (("esphome/{name}/binary_sensor/smoke/state", b"MAYBE%d", Fault.BAD_SHAPE),),
        "homeassistant": (("homeassistant/sensor/nobody_%d_battery/state", b"80", Fault.UNKNOWN_DEVICE),),
    }
)


def malformed_foreign(
    devices: Iterable[Device], names: Mapping[str, str], told: Sequence[Sending], seed: int
) -> Iterator[Sending]:
    """Foreign bytes that belong in quarantine, between others' messages, all different."""
    rng = seeded(seed, "malformed-dialects")
    moments = [s.when for s in told[len(told) // 10 : -len(told) // 10]]
    by_dialect: dict[str, list[Device]] = {}
    for device in devices:
        if device.dialect is not None:
            by_dialect.setdefault(device.dialect, []).append(device)
    for dialect, speakers in by_dialect.items():
        for n in range(_FOREIGN_ROUNDS):
            for topic, raw, blame in _BROKEN.get(dialect, ()):
                device = rng.choice(speakers)
                yield Sending(
                    when=rng.choice(moments),
                    estate=device.estate,
                    device=device.id,
                    kind=Kind.RAW,
                    source=MALFORMED,
                    topic=topic.replace("%d", str(n)).replace("{name}", names[device.id]),
                    raw=raw.replace(b"%d", str(n).encode()),
                    blame=blame,
                )
