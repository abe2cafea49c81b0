"""Devices that speak foreign dialects: a transformation of a plan that leaves its truth as it was.

Some devices of each family are given to a dialect that has words for everything they say in the
plan; the rest stay native. What is written goes through the same adapters that ingest reads with,
so the ledger knows the very ids that must be stored. Three things differ from native devices:

* Messages without id and time (`stamped` false) cannot be told from their like. Copies of them
  would be new events by right, so they are not sent; old alarms sent as news, neither. Their
  keys in the ledger are counted: `<content>#1`, `#2`, ... as are the stored ones (`numbered`).
* A dialect may drop what no rule looks at (`_LOST`), such as a score.
* They have no connection of their own: a bridge speaks for them, and tells when they are gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from devices.adapter import SITE, Encode, Wire
from devices.adapters import ADAPTERS, zigbee2mqtt
from devices.codec import arrived, spoken, translate
from devices.event import Event
from devices.model import Device, Registry
from devices.profile import Message
from devices.profiles.camera import CameraObject, CameraScene
from devices.reading import Availability, Reading, State
from simulators.community import Community
from simulators.timeline import BACKGROUND, CHINA, Expected, Kind, Sending, seeded
from simulators.traffic import order
from simulators.trouble import malformed_foreign

_NATIVE_SHARE = 0.25  # of the devices that could speak otherwise
_LOST = frozenset({"density", "voice", "lat", "lon", "rssi", "firmware", "count", "snapshot", "score"})
_HEALTHY = 20.0  # per cent: a battery above this need not be told
_NO_TIME = datetime(2000, 1, 1, tzinfo=CHINA)  # a link has none
Key = tuple[str, str]


def _same(reading: Reading) -> Reading:
    return reading


def _picture(reading: Reading) -> Reading:
    """A camera's heartbeat is the health of its picture."""
    return CameraScene(state="normal") if isinstance(reading, State) else reading


def _own(device: Device) -> str:
    return device.id


def _entity(device: Device) -> str:
    """A name as Home Assistant makes them, ending in what it is."""
    kind = {"smoke_sensor": "smoke", "door_contact": "contact", "sos_button": "sos"}[device.profile]
    return f"{device.id.replace('-', '_')}_{kind}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Tongue:
    """A dialect as simulated devices speak it."""

    dialect: str
    encode: Encode
    families: tuple[str, ...]
    stamped: bool = True  # its messages carry an id or a time
    rewrite: Callable[[Reading], Reading] = _same
    name: Callable[[Device], str] = _own


def _tongue(dialect: str, *families: str, **more: object) -> Tongue:
    values = {"dialect": dialect, "encode": ADAPTERS[dialect].encode, "families": families, **more}
    return Tongue(**values)  # type: ignore[arg-type]


_SENSORS = ("smoke_sensor", "sos_button", "door_contact")
TONGUES = (
    _tongue("zigbee2mqtt", *_SENSORS),
    _tongue("zigbee2mqtt", *_SENSORS, encode=zigbee2mqtt.encode_unstamped, stamped=False),
    _tongue("frigate", "camera", stamped=False, rewrite=_picture),
    _tongue("onvif", "camera"),
    _tongue("hikvision", "access_gate"),
    _tongue("hikvision", "camera", rewrite=_picture),
    _tongue("dahua", "camera", rewrite=_picture),
    _tongue("homeassistant", *_SENSORS, stamped=False, name=_entity),
    _tongue("tasmota", "door_contact", stamped=False),
    _tongue("esphome", *_SENSORS, stamped=False),
)


def parse_dialects(text: str) -> tuple[str, ...]:
    """Read `all`, `none` or a list; ValueError names what is unknown."""
    words = [w.strip() for w in text.split(",") if w.strip() and w.strip() != "none"]
    if "all" in words:
        return tuple(ADAPTERS)
    unknown = sorted(set(words) - set(ADAPTERS))
    if unknown:
        raise ValueError(f"unknown dialect {', '.join(unknown)}: all, none, {', '.join(ADAPTERS)}")
    return tuple(words)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mixed:
    """The parts of a plan that dialects change."""

    community: Community
    timeline: tuple[Sending, ...]
    expected: tuple[Expected, ...]


def mix(
    plan: Mixed, dialects: tuple[str, ...], *, native: frozenset[str], malformed: bool, seed: int
) -> Mixed:
    """Let some devices of a native plan speak dialects; those of `native` do not."""
    community, told = plan.community, plan.timeline
    by_device: dict[str, list[Sending]] = {}
    for s in told:
        if s.kind is not Kind.RAW:
            by_device.setdefault(s.device, []).append(s)
    spoken_by = _assign(community, by_device, dialects, native, seed)
    devices = tuple(_enrol(d, spoken_by.get(d.id)) for d in community.devices)
    registry = Registry.of(devices=devices)
    writer = _Writer(registry, spoken_by)
    said = [new for s in told if (new := writer.write(s)) is not None]
    if malformed:
        names = {d.id: spoken_by[d.id].name(d) for d in devices if d.id in spoken_by}
        said = sorted([*said, *malformed_foreign(devices, names, told, seed)], key=order)
    return Mixed(
        community=replace(community, devices=devices),
        timeline=tuple(said),
        expected=tuple(
            replace(e, trigger=writer.keys.get(e.trigger, e.trigger)) if e.trigger else e
            for e in plan.expected
        ),
    )


def _enrol(device: Device, tongue: Tongue | None) -> Device:
    if tongue is None:
        return device
    name = tongue.name(device)
    return replace(device, dialect=tongue.dialect, foreign_name=None if name == device.id else name)


def _assign(
    community: Community,
    by_device: Mapping[str, list[Sending]],
    dialects: tuple[str, ...],
    native: frozenset[str],
    seed: int,
) -> dict[str, Tongue]:
    """Choose, device by device, the dialect that has been given out least and can say it all."""
    given: Counter[int] = Counter()
    found: dict[str, Tongue] = {}
    rng = seeded(seed, "dialects")
    for device in rng.sample(community.devices, len(community.devices)):
        keep = rng.random() < _NATIVE_SHARE
        able = [
            n
            for n, tongue in enumerate(TONGUES)
            if tongue.dialect in dialects
            and device.profile in tongue.families
            and device.id not in native
            and _can(tongue, device, by_device.get(device.id, []))
        ]
        if not able or (keep and all(given[n] for n in able)):
            continue
        chosen = min(able, key=lambda n: given[n])
        given[chosen] += 1
        found[device.id] = TONGUES[chosen]
    return found


def _can(tongue: Tongue, device: Device, sendings: Iterable[Sending]) -> bool:
    """Whether a dialect has words for everything a device says in the plan."""
    return all(
        (tongue.stamped or s.source not in ("replay", "flood"))
        and (s.message is None or _faithful(s, project(tongue, device, s.message)))
        for s in sendings
    )


def project(tongue: Tongue, device: Device, message: Message) -> Reading | None:
    """What is left of a message on the other side of a dialect; None where it has no word for it."""
    wire = tongue.encode(tongue.name(device), tongue.rewrite(message.reading), message.at)
    if wire is None:
        return None
    (said,) = ADAPTERS[tongue.dialect].read(wire.topic, wire.payload)
    return said.reading


def _faithful(sending: Sending, after: Reading | None) -> bool:
    """Whether nothing is lost that a rule could look at; passers-by of no story may lose their label."""
    reading = sending.message.reading if sending.message else None
    if isinstance(reading, State) and after is not None:
        low = reading.battery is not None and reading.battery <= _HEALTHY
        return not low or (isinstance(after, State) and after.battery == reading.battery)
    if after is None or reading is None or after.type != reading.type:
        return False
    if isinstance(reading, CameraObject) and sending.source == BACKGROUND:
        return True
    kept = after.fields()
    return all(name in _LOST or kept.get(name) == value for name, value in reading.fields().items())


class _Writer:
    """Writes sendings in their device's dialect and keeps account of the keys."""

    def __init__(self, registry: Registry, tongues: Mapping[str, Tongue]) -> None:
        self._registry, self._tongues = registry, tongues
        self._seen: Counter[Key] = Counter()
        self.keys: dict[Key, Key] = {}  # native -> foreign

    def write(self, s: Sending) -> Sending | None:
        """The same sending in its device's dialect; None for a copy that could not be known as one."""
        tongue = self._tongues.get(s.device)
        if tongue is None or s.kind is Kind.RAW:
            return s
        device = self._registry.devices[s.device]
        if s.message is None:
            return replace(s, farewell=self._farewell(tongue, device))
        wire = tongue.encode(tongue.name(device), tongue.rewrite(s.message.reading), s.message.at)
        assert wire is not None, "_can has tried it"  # noqa: S101 - a plan is checked before it is played
        wire = _sited(wire, device)
        where = spoken(wire.topic)
        assert where is not None, wire.topic  # noqa: S101 - as above
        (event,) = translate(where, wire.payload, received_at=s.when, registry=self._registry)
        assert isinstance(event, Event), event  # noqa: S101 - as above
        if arrived(event.id):
            if s.copy:
                return None
            if s.kind is Kind.SAY:
                self._seen[s.device, event.id] += 1
            id_, copy = f"{event.id}#{self._seen[s.device, event.id]}", False
        else:
            id_, copy = event.id, s.copy or bool(self._seen[s.device, event.id])
            self._seen[s.device, event.id] += s.kind is Kind.SAY
        if s.kind is Kind.SAY:
            self.keys.setdefault(s.key, (s.device, id_))
        message = Message(id=id_, at=s.message.at, reading=event.reading)
        return replace(s, message=message, copy=copy, retain=wire.retain, foreign=wire)

    @staticmethod
    def _farewell(tongue: Tongue, device: Device) -> tuple[Wire, Wire] | None:
        """What a bridge says when a device is gone, and when it is back."""
        words = [
            tongue.encode(tongue.name(device), Availability(online=online), _NO_TIME)
            for online in (False, True)
        ]
        gone, back = words
        return None if gone is None or back is None else (_sited(gone, device), _sited(back, device))


def _sited(wire: Wire, device: Device) -> Wire:
    """Every other estate's gateway says which estate it is."""
    if wire.topic.startswith("shequ-platform/") or seeded(device.estate, "site").random() < 0.5:  # noqa: PLR2004
        return wire
    return Wire(f"{SITE}/{device.estate}/{wire.topic}", wire.payload, wire.retain)


def numbered(stored: Iterable[Key]) -> Iterator[Key]:
    """Stored keys as the ledger counts them: what has no id and time of its own by its content, in order."""
    seen: Counter[Key] = Counter()
    for device, id_ in stored:
        content = id_.split(".", 1)[0]
        if not arrived(content):
            yield device, id_
            continue
        seen[device, content] += 1
        yield device, f"{content}#{seen[device, content]}"
