"""Names and ground plans: a town's spine, an estate's buildings, units, floors, rooms and gates."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from devices.model import Place, PlaceKind

GATES = (("s", "南门", "South gate"), ("n", "北门", "North gate"), ("car", "车行门", "Vehicle gate"))
DEVICE_NAMES = {
    "access_gate": ("门禁", "access gate"),
    "camera": ("摄像机", "camera"),
    "smoke_sensor": ("烟感", "smoke sensor"),
    "sos_button": ("一键求助", "help button"),
    "door_contact": ("防火门磁", "fire door contact"),
}
_FLOORS = 6
_ROOMS = 2  # on each floor of a unit
_UNITS = 2  # in each building
_LENGTH, _DEPTH = 60.0, 14.0  # metres, a building
_ROAD = 26.0  # metres between rows
_ELDERS = 6  # rooms with a help button, per estate at size 1

_TOWNS = (("清河街道", "Qinghe"), ("云栖镇", "Yunqi"), ("石亭镇", "Shiting"), ("锦带街道", "Jindai"))
_COMMUNITIES = (
    ("和风社区", "Hefeng"),
    ("桂花社区", "Guihua"),
    ("新桥社区", "Xinqiao"),
    ("东林社区", "Donglin"),
)
_FIRST = ("金雁", "锦绣", "桂语", "清溪", "翠竹", "望江", "春晖", "和顺", "芙蓉", "银杏")
_FIRST_EN = (
    "Jinyan",
    "Jinxiu",
    "Guiyu",
    "Qingxi",
    "Cuizhu",
    "Wangjiang",
    "Chunhui",
    "Heshun",
    "Furong",
    "Yinxing",
)
_SECOND = ("苑", "家园", "花园", "雅居", "小区", "新村", "府", "里", "庭", "湾")
_SECOND_EN = ("Court", "Homes", "Garden", "Residence", "Estate", "Village", "House", "Lane", "Yard", "Bay")


@dataclass(frozen=True, slots=True)
class Room:
    """A room, a unit's entrance or a gate: a named spot with a position in metres."""

    code: str
    name_zh: str
    name_en: str
    x: float
    y: float


@dataclass(slots=True)
class Plan:
    """The ground plan of one estate."""

    code: str
    name_zh: str
    name_en: str
    width: float = 0.0
    height: float = 0.0
    buildings: list[tuple[int, float, float]] = field(default_factory=list)  # number, x, y of its corner
    units: list[Room] = field(default_factory=list)
    rooms: list[Room] = field(default_factory=list)
    gates: list[Room] = field(default_factory=list)
    elder_rooms: list[Room] = field(default_factory=list)


def spine(n: int) -> tuple[tuple[str, ...], list[Place]]:
    """The places above estate number `n`: their codes, and the places themselves."""
    community, town = (n - 1) // 4, (n - 1) // 16
    zh, en = _TOWNS[town % len(_TOWNS)]
    czh, cen = _COMMUNITIES[community % len(_COMMUNITIES)]
    codes = ("510681", f"510681{town + 101}", f"510681{town + 101}{community % 4 + 1:03d}")
    kinds = (PlaceKind.CITY, PlaceKind.TOWN, PlaceKind.COMMUNITY)
    names = (("广汉市", "Guanghan"), (zh, f"{en} Town"), (czh, f"{cen} Community"))
    return codes, [
        Place(code=codes[i], kind=kinds[i], name_zh=names[i][0], name_en=names[i][1], path=codes[: i + 1])
        for i in range(3)
    ]


def estate_plan(n: int, size: float, rng: Random) -> Plan:
    """Draw estate number `n`: rows of two buildings, a road between, gates at the edge."""
    i, j = (n - 1) % 10, (n - 1 + (n - 1) // 10 * 3) % 10
    plan = Plan(f"e{n}", _FIRST[i] + _SECOND[j], f"{_FIRST_EN[i]} {_SECOND_EN[j]}")
    count = max(1, round(rng.choice((3, 4)) * size))
    rows = -(-count // 2)
    plan.width, plan.height = 180.0, 30 + rows * (_DEPTH + _ROAD)
    for b in range(count):
        x, y = 20.0 + b % 2 * (_LENGTH + 20), 25 + b // 2 * (_DEPTH + _ROAD)
        plan.buildings.append((b + 1, x, y))
        for u in range(1, _UNITS + 1):
            _unit(plan, b + 1, u, x + (u - 1) * _LENGTH / _UNITS, y)
    spots = ((plan.width / 2, 0.0), (plan.width / 2, plan.height), (plan.width, plan.height / 2))
    plan.gates += [
        Room(f"{plan.code}-gate-{side}", zh, en, *spots[k]) for k, (side, zh, en) in enumerate(GATES)
    ]
    plan.elder_rooms += rng.sample(plan.rooms, min(len(plan.rooms), max(1, round(_ELDERS * size))))
    plan.elder_rooms.sort(key=lambda r: r.code)
    return plan


def _unit(plan: Plan, b: int, u: int, x: float, y: float) -> None:
    """Add a unit and its rooms."""
    code, width = f"{plan.code}-b{b}-u{u}", _LENGTH / _UNITS
    zh, en = f"{b}栋{u}单元", f"Building {b} unit {u}"
    plan.units.append(Room(code, zh, en, x + width / 2, y))
    for floor in range(1, _FLOORS + 1):
        for door in range(1, _ROOMS + 1):
            name = f"{floor:02d}{door:02d}"
            spot = (x + (door - 0.5) * width / _ROOMS, y + _DEPTH / 2)
            plan.rooms.append(Room(f"{code}-{name}", f"{zh}{floor}{door:02d}室", f"{en} room {name}", *spot))


def estate_places(plan: Plan, above: tuple[str, ...]) -> list[Place]:
    """Turn a plan into places, widest first."""
    estate = (*above, plan.code)

    def place(kind: PlaceKind, tail: tuple[str, ...], zh: str, en: str, **more: object) -> Place:
        path = (*estate, *tail)
        outline, level = more.get("outline", ()), more.get("level")
        return Place(
            code=path[-1], kind=kind, name_zh=zh, name_en=en, path=path,
            outline=outline if isinstance(outline, tuple) else (),
            level=level if isinstance(level, int) else None,
        )  # fmt: skip

    whole = _box(0, 0, plan.width, plan.height)
    places = [place(PlaceKind.ESTATE, (), plan.name_zh, plan.name_en, outline=whole)]
    for gate in plan.gates:
        box = _box(gate.x - 4, gate.y - 1.5, 8, 3)
        places.append(place(PlaceKind.GATE, (gate.code,), gate.name_zh, gate.name_en, outline=box))
    for b, x, y in plan.buildings:
        building = f"{plan.code}-b{b}"
        box = _box(x, y, _LENGTH, _DEPTH)
        places.append(place(PlaceKind.BUILDING, (building,), f"{b}栋", f"Building {b}", outline=box))
        for unit in (u for u in plan.units if u.code.startswith(f"{building}-")):
            box = _box(unit.x - _LENGTH / _UNITS / 2, y, _LENGTH / _UNITS, _DEPTH)
            tail = (building, unit.code)
            places.append(place(PlaceKind.UNIT, tail, unit.name_zh, unit.name_en, outline=box))
            for level in range(1, _FLOORS + 1):
                floor = (*tail, f"{unit.code}-f{level}")
                zh, en = f"{unit.name_zh}{level}层", f"{unit.name_en} floor {level}"
                places.append(place(PlaceKind.FLOOR, floor, zh, en, level=level))
                places += [
                    place(PlaceKind.ROOM, (*floor, r.code), r.name_zh, r.name_en, level=level)
                    for r in plan.rooms
                    if r.code.startswith(f"{unit.code}-{level:02d}")
                ]
    return places


def _box(x: float, y: float, width: float, depth: float) -> tuple[tuple[float, float], ...]:
    """A rectangle, counter-clockwise from its south-west corner."""
    return ((x, y), (x + width, y), (x + width, y + depth), (x, y + depth))
