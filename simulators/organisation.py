"""The people of a simulated community: grids, leaders, guards, police, families, shifts, resources.

All names are invented. Phone numbers begin with 100, which no mobile network in China uses, so that
nobody's phone can ring.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from devices.model import Place, PlaceKind
from devices.organisation import Grid, GridKind, Person, Post, Resource, Shift, ShiftKind
from simulators.community import Community
from simulators.timeline import seeded

ZONE = ZoneInfo("Asia/Shanghai")
NEIGHBOUR = Place(  # named in the county's plan as a region to work with
    code="510113", kind=PlaceKind.CITY, name_zh="青白江区", name_en="Qingbaijiang", path=("510113",)
)
ORIGIN = (30.9771, 104.2822)  # 广汉, roughly: the first estate's south-west corner
_SPACING = 0.004  # degrees between estates
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹"
    "彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石"
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰健斌红波"
    "宇浩凯林燕玲建国梅春花志飞晓东海宁思远雨欣嘉怡子涵"
)
_DAYS = range(-1, 7)  # of shifts, counted from today
_THREE = ((8, 16), (16, 24), (24, 32))  # local hours from midnight; above 24: the next day
_TWO = ((8, 20), (20, 32))


@dataclass(frozen=True, kw_only=True, slots=True)
class Organisation:
    """Everything that is to be saved; `origins` are estate, latitude, longitude."""

    grids: tuple[Grid, ...]
    people: tuple[Person, ...]
    posts: tuple[Post, ...]
    shifts: tuple[Shift, ...]
    resources: tuple[Resource, ...]
    origins: tuple[tuple[str, float, float], ...]


@dataclass(slots=True)
class _Staff:
    """Gives out names, numbers, posts and turns, the same ones for the same seed."""

    rng: Random
    today: datetime
    people: list[Person] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    shifts: list[Shift] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def hire(
        self,
        id_: str,
        role: str,
        place: str,
        org: str | None,
        *skills: str,
        grid: str | None = None,
        cares_for: str | None = None,
    ) -> str:
        """Invent somebody; answers the id."""
        self.people.append(
            Person(
                id=id_,
                name=self._name(),
                roles=(role,),
                place=place,
                skills=skills,
                phone=f"100{len(self.people) + 1:08d}",
                org=org,
                grid=grid,
                cares_for=cares_for,
            )
        )
        return id_

    def man(
        self,
        post: Post,
        people: Sequence[str],
        spans: Sequence[tuple[int, int]] = _THREE,
        kind: ShiftKind = ShiftKind.DUTY,
    ) -> None:
        """Turn people through the spans of each day."""
        if post not in self.posts:
            self.posts.append(post)
        for date in (self.today + timedelta(days=day) for day in _DAYS):
            for n, (start, end) in enumerate(spans):
                turn = (date.toordinal() * len(spans) + n) % len(people)
                starts, ends = date + timedelta(hours=start), date + timedelta(hours=end)
                self.shifts.append(
                    Shift(post=post.code, person=people[turn], kind=kind, starts=starts, ends=ends)
                )

    def _name(self) -> str:
        while True:
            name = self.rng.choice(_SURNAMES) + "".join(self.rng.sample(_GIVEN, self.rng.choice((1, 2))))
            if name not in self.used:
                self.used.add(name)
                return name


def organise(community: Community, *, now: datetime) -> Organisation:
    """Staff a community: its centre, communities, estates, buildings; a week of shifts around `now`."""
    today = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    staff = _Staff(seeded(community.seed, "organisation"), today)
    grids = tuple(_grids(community))
    for place in community.places:
        if place.kind is PlaceKind.CITY:
            _centre(staff, place)
        elif place.kind is PlaceKind.COMMUNITY:
            _community(staff, place)
        elif place.kind is PlaceKind.ESTATE:
            _estate(staff, place, next((g.code for g in grids if place.code in g.places), None))
            _neighbours(staff, community, place)
    staff.hire("qbj-1", "FS", NEIGHBOUR.code, "青白江区应急联动组", "fire", "drone")
    staff.hire("qbj-2", "AP", NEIGHBOUR.code, "青白江区应急联动组", "first_aid")
    return Organisation(
        grids=grids,
        people=tuple(staff.people),
        posts=tuple(staff.posts),
        shifts=tuple(staff.shifts),
        resources=tuple(_resources(community)),
        origins=tuple(
            (estate, ORIGIN[0] + n // 4 * _SPACING, ORIGIN[1] + n % 4 * _SPACING)
            for n, estate in enumerate(community.estates)
        ),
    )


def _post(code: str, names: tuple[str, str], role: str, place: str, minimum: int = 1) -> Post:
    return Post(code=code, name_zh=names[0], name_en=names[1], role=role, place=place, minimum=minimum)


def _centre(staff: _Staff, city: Place) -> None:
    """The governance centre: operators round the clock, two shift leaders, partners of the city."""
    desk = [staff.hire(f"op-{n}", "OP", city.code, "综治中心") for n in range(1, 7)]
    lead = [staff.hire(f"sl-{n}", "SL", city.code, "综治中心") for n in (1, 2)]
    staff.man(_post("centre-desk", ("综治中心值班台", "Centre desk"), "OP", city.code), desk)
    staff.man(_post("centre-lead", ("综治中心带班", "Shift leader"), "SL", city.code), lead, _TWO)
    partners = (
        ("URBAN", "城管中心", "mediation"),
        ("GAS", "燃气公司", "gas"),
        ("LIFT", "电梯维保公司", "lift"),
    )
    for role, org, skill in partners:
        for n in (1, 2):
            staff.hire(f"{role.lower()}-{n}", role, city.code, org, skill)


def _community(staff: _Staff, place: Place) -> None:
    """A community: office, police, auxiliary police, a micro fire station with two on duty."""
    code, zh, en = place.code, place.name_zh, place.name_en
    staff.hire(f"{code}-office", "COMMUNITY", code, f"{zh}居委会", "mediation")
    staff.hire(f"{code}-ap", "AP", code, "派出所")
    police = [staff.hire(f"{code}-cp-{n}", "CP", code, "派出所") for n in (1, 2)]
    fire = [
        staff.hire(f"{code}-fs-{n}", "FS", code, f"{zh}微型消防站", "fire", ("first_aid", "gas")[n % 2])
        for n in range(1, 7)
    ]
    station = _post(f"{code}-fs", (f"{zh}微型消防站", f"{en} micro fire station"), "FS", code, 2)
    staff.man(station, fire[:3])
    staff.man(station, fire[3:])
    staff.man(_post(f"{code}-cp", (f"{zh}警务室", f"{en} police room"), "CP", code), police, _TWO)


def _estate(staff: _Staff, place: Place, grid: str | None) -> None:
    """An estate: grid workers, a gatehouse that is never empty, maintenance by day and on call."""
    code, zh, en = place.code, place.name_zh, place.name_en
    skills = (("first_aid", "elder_care"), ("mediation",))
    workers = [
        staff.hire(f"{code}-gw-{n + 1}", "GW", code, "网格服务站", *skills[n], grid=grid) for n in (0, 1)
    ]
    trades = ("electric", "water", "gas", "first_aid", "electric")
    guards = [staff.hire(f"{code}-pm-{n}", "PM", code, f"{zh}物业", trades[n - 1]) for n in range(1, 6)]
    mender = [staff.hire(f"{code}-mt", "MT", code, "智安维保公司", "electric")]
    day = Post(
        code=f"{code}-gw",
        name_zh=f"{zh}网格值守",
        name_en=f"{en} grid duty",
        role="GW",
        place=code,
        opens=time(8),
        closes=time(20),
    )
    staff.man(day, workers, ((8, 20),))
    staff.man(day, workers[::-1], ((20, 32),), ShiftKind.ON_CALL)
    staff.man(_post(f"{code}-pm", (f"{zh}物业门岗", f"{en} gatehouse"), "PM", code), guards)
    trade = Post(
        code=f"{code}-mt",
        name_zh=f"{zh}设备维保",
        name_en=f"{en} maintenance",
        role="MT",
        place=code,
        opens=time(9),
        closes=time(18),
    )
    staff.man(trade, mender, ((9, 18),))
    staff.man(trade, mender, ((18, 33),), ShiftKind.ON_CALL)


def _neighbours(staff: _Staff, community: Community, place: Place) -> None:
    """Leaders of buildings, units and the courtyard, volunteers, families of those looked after."""
    code, own = place.code, "楼栋自治小组"
    for inner in (p for p in community.places if code in p.path):
        if inner.kind is PlaceKind.BUILDING:
            staff.hire(f"{inner.code}-bl", "BL", inner.code, own)
        elif inner.kind is PlaceKind.UNIT:
            staff.hire(f"{inner.code}-ul", "UL", inner.code, own)
    staff.hire(f"{code}-cl", "CL", code, "院落自治小组")
    for n in range(1, 5):
        staff.hire(f"{code}-vol-{n}", "VOL", code, "志愿服务队", *(("first_aid",) if n == 1 else ()))
    for n, one in enumerate((c for c in community.cared if c.estate == code), start=1):
        staff.hire(f"{code}-fam-{n}", "FAM", one.place, None, cares_for=one.person)


def _grids(community: Community) -> Iterator[Grid]:
    """One base grid per estate and a special one per community, numbered as they lie."""
    seen: dict[str, int] = {}
    for estate in (p for p in community.places if p.kind is PlaceKind.ESTATE):
        parent = estate.path[-2]
        n = seen[parent] = seen.get(parent, 0) + 1
        inner = [p for p in community.places if estate.code in p.path]
        yield Grid(
            code=f"{parent}{n:03d}",
            kind=GridKind.BASE,
            community=parent,
            name_zh=f"第{n}网格（{estate.name_zh}）",
            name_en=f"Grid {n} ({estate.name_en})",
            households=sum(p.kind is PlaceKind.ROOM for p in inner),
            places=(estate.code, *(p.code for p in inner if p.kind is PlaceKind.BUILDING)),
            alt_codes={"local": f"G-{estate.code}"},
        )
    for parent in seen:
        yield Grid(
            code=f"{parent}901",
            kind=GridKind.SPECIAL,
            community=parent,
            name_zh="专属网格（卫生服务站）",
            name_en="Special grid (health station)",
        )


_STOCK: tuple[tuple[PlaceKind, str, str, str, str, int], ...] = (
    (PlaceKind.ESTATE, "aed", "aed", "AED（南门岗亭）", "AED (south gate)", 1),
    (PlaceKind.ESTATE, "kit", "first_aid_kit", "物业急救箱", "Property first-aid kit", 1),
    (PlaceKind.ESTATE, "sand", "sandbag", "防汛沙袋", "Sandbags", 60),
    (PlaceKind.UNIT, "ext", "extinguisher", "灭火器箱", "extinguishers", 4),
    (PlaceKind.BUILDING, "hyd", "hydrant", "室外消火栓", "hydrant", 1),
    (PlaceKind.COMMUNITY, "van", "vehicle", "微型消防车", "mini fire engine", 1),
    (PlaceKind.COMMUNITY, "pump", "pump", "排水泵", "water pump", 2),
)


def _resources(community: Community) -> Iterator[Resource]:
    """What stands where: a row of the stock list for every place of its kind."""
    for place in community.places:
        x, y = place.outline[0] if place.outline else (None, None)
        own = place.kind in (PlaceKind.UNIT, PlaceKind.BUILDING, PlaceKind.COMMUNITY)
        for kind, suffix, what, zh, en, quantity in _STOCK:
            if kind is place.kind:
                yield Resource(
                    id=f"{place.code}-{suffix}",
                    kind=what,
                    name_zh=f"{place.name_zh}{zh}" if own else zh,
                    name_en=f"{place.name_en} {en}" if own else en,
                    place=place.code,
                    quantity=quantity,
                    x=x,
                    y=y,
                )
