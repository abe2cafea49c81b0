"""A device's papers, checked: the same words for the page, the command line and an imported sheet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from devices.adapters import ADAPTERS
from devices.model import NAME
from devices.profiles import PROFILES
from devices.registry.national_id import national_id_problem
from devices.registry.siting import WATCHES, siting_problem

NETWORKS = ("xueliang", "tianwang", "huiyan", "estate")
LEGAL_BASES = ("art7_public", "art9_other", "private")
DEFAULT_BASIS, DEFAULT_RETENTION_DAYS = "art9_other", 30
RETENTION: Mapping[str, tuple[int, int]] = {
    "art7_public": (30, 180),  # 条例 art. 17: at least 30; key targets against terror 90 and more (反恐法 32)
    "art9_other": (1, 90),  # the shortest that the purpose needs (个保法 19)
    "private": (1, 30),
}
"""Days a camera keeps what it saw, least and most, by its legal basis (docs/adr/045-retention.md)."""
LONGEST_TEXT = 100
MOST_CALLEES = 10

TEXTS = ("name_zh", "name_en", "make", "model", "serial", "owner_unit", "purpose", "installed_by")
FIELDS = (
    *("id", "place", "profile", *TEXTS[:5], "owner_unit", "network", "gb28181_id", "gateway", "dialect"),
    *(
        "foreign_name",
        "legal_basis",
        "retention_days",
        "purpose",
        "x",
        "y",
        "offline_after_s",
        "installed_at",
        "installed_by",
        "maintenance_due",
        "callees",
    ),
)
"""The fields of a device's papers, in the order of the sheet."""

_BOUNDS: Mapping[str, tuple[float, float]] = {
    "x": (-10_000, 10_000),
    "y": (-10_000, 10_000),
    "offline_after_s": (1, 31_536_000),
    "retention_days": (1, 180),
}
_RESERVED = frozenset({"health", "import", "export"})  # words of the HTTP address /api/devices/{word}
_EARLIEST, _LATEST = date(2000, 1, 1), date(2100, 12, 31)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field, and how to mend it; `zh` says both in Chinese."""

    field: str
    problem: str
    mend: str
    zh: tuple[str, str]

    def __str__(self) -> str:
        return f"{self.problem}: {self.mend}"


@dataclass(frozen=True, slots=True)
class Site:
    """A place as far as siting goes: its estate, and a use around it that forbids cameras."""

    estate: str | None
    forbidding_use: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A registered device, as far as another's papers can clash with it."""

    estate: str
    gateway: str | None = None
    retired: bool = False


@dataclass(kw_only=True)
class Known:
    """What papers are checked against; `claim` adds to it, so that rows of one sheet clash too."""

    places: Mapping[str, Site] = field(default_factory=dict)
    devices: dict[str, Standing] = field(default_factory=dict)
    national_ids: dict[str, str] = field(default_factory=dict)  # id -> device
    serials: dict[tuple[str, str], str] = field(default_factory=dict)  # (make, serial) -> device
    foreign: dict[tuple[str, str, str], str] = field(
        default_factory=dict
    )  # (estate, dialect, name) -> device
    people: frozenset[str] = frozenset()  # whom one may name to be called

    def claim(self, papers: Mapping[str, Any]) -> None:
        """Take a device's names, so that no later one has them."""
        site = self.places.get(papers["place"])
        self.devices[papers["id"]] = Standing((site and site.estate) or "", papers.get("gateway"))
        if papers.get("dialect"):
            self.foreign[(site and site.estate) or "", papers["dialect"], called(papers)] = papers["id"]
        if papers.get("gb28181_id"):
            self.national_ids[papers["gb28181_id"]] = papers["id"]
        if papers.get("serial"):
            self.serials[papers.get("make") or "", papers["serial"]] = papers["id"]


def called(papers: Mapping[str, Any]) -> str:
    """What a device's dialect calls it: its foreign name, or its id."""
    return str(papers.get("foreign_name") or papers.get("id"))


def complete(papers: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what follows from the rest: names of the family, and a camera's legal defaults."""
    full: dict[str, Any] = {**dict.fromkeys(FIELDS), **papers}
    profile = PROFILES.get(str(full["profile"]))
    if profile is not None:
        full["name_zh"] = full["name_zh"] or profile.name_zh
        full["name_en"] = full["name_en"] or profile.name_en
    if full["profile"] in WATCHES:
        full["legal_basis"] = full["legal_basis"] or DEFAULT_BASIS
        full["retention_days"] = full["retention_days"] or DEFAULT_RETENTION_DAYS
    return full


def problems(papers: Mapping[str, Any], known: Known, *, fresh: bool) -> list[Problem]:
    """Everything that is wrong with a device's papers; `fresh` where it is not registered yet."""
    found = [problem for check in _CHECKS for problem in check(papers, known)]
    if fresh:
        found.extend(_taken(papers, known))
    return found


def _id(papers: Mapping[str, Any], _: Known) -> Iterator[Problem]:
    if not papers.get("id"):
        yield Problem(
            "id",
            "the device has no id",
            "write one: it is also its name on the broker",
            ("没有设备编号", "请填写，它也是接入代理的用户名"),
        )
    elif papers["id"] in _RESERVED:
        yield Problem(
            "id",
            f"{papers['id']!r} is a word of the platform's own",
            "take another id",
            ("这是平台的保留字", "换一个编号"),
        )
    elif not re.fullmatch(NAME, str(papers["id"])):
        yield Problem(
            "id",
            f"{str(papers['id'])[:64]!r} is no id",
            "use 1 to 64 letters, digits, - and _",
            ("编号不合规", "用 1 至 64 个字母、数字、- 或 _"),
        )


def _taken(papers: Mapping[str, Any], known: Known) -> Iterator[Problem]:
    held = known.devices.get(str(papers.get("id")))
    if held is not None:
        what = "was retired, and its id stays its own" if held.retired else "exists already"
        zh = "已退役设备的编号不再使用" if held.retired else "编号已被占用"
        yield Problem("id", f"device {papers['id']!r} {what}", "take another id", (zh, "换一个编号"))


def _family(papers: Mapping[str, Any], _: Known) -> Iterator[Problem]:
    if papers.get("profile") not in PROFILES:
        said = f"there is no family {str(papers['profile'])[:64]!r}" if papers.get("profile") else "no family"
        yield Problem(
            "profile",
            said,
            f"take one of {', '.join(PROFILES)}",
            ("没有这个设备类型", f"从中选一个：{'、'.join(each.name_zh for each in PROFILES.values())}"),
        )


def _place(papers: Mapping[str, Any], known: Known) -> Iterator[Problem]:
    code = papers.get("place")
    if not code:
        yield Problem(
            "place",
            "the device has no place",
            "write the code of a place in the estate",
            ("没有填写位置编码", "填写小区内的一个地点编码"),
        )
        return
    site = known.places.get(str(code))
    if site is None:
        yield Problem(
            "place",
            f"there is no place {str(code)[:64]!r}",
            "take a code from the second table of the template (XLSX)",
            ("没有这个地点", "从模板（XLSX）的「地点」表中取编码"),
        )
    elif site.estate is None:
        yield Problem(
            "place",
            f"{code!r} lies in no estate",
            "take an estate or a place inside one",
            ("该地点不属于任何小区", "选小区或小区内的地点"),
        )
    elif trouble := siting_problem(str(papers.get("profile")), site.forbidding_use):
        yield Problem(
            "place", trouble, "put it elsewhere", ("条例第八条：此类场所禁止安装摄像设备", "换一个地点")
        )


def _texts(papers: Mapping[str, Any], _: Known) -> Iterator[Problem]:
    for name in TEXTS:
        value = papers.get(name)
        if value is not None and (len(value) > LONGEST_TEXT or _CONTROL.search(value)):
            yield Problem(
                name,
                "the text is too long or holds control characters",
                f"at most {LONGEST_TEXT} characters",
                ("文字过长或含控制字符", f"至多 {LONGEST_TEXT} 个字"),
            )


def _choices(papers: Mapping[str, Any], _: Known) -> Iterator[Problem]:
    for name, choices in (("network", NETWORKS), ("legal_basis", LEGAL_BASES)):
        value = papers.get(name)
        if value is not None and value not in choices:
            yield Problem(
                name,
                f"{str(value)[:64]!r} is none",
                f"take one of {', '.join(choices)}",
                ("没有这个选项", f"从中选一个：{'、'.join(choices)}"),
            )


def _numbers(papers: Mapping[str, Any], _: Known) -> Iterator[Problem]:
    for name, (least, most) in _BOUNDS.items():
        value = papers.get(name)
        if value is not None and not least <= value <= most:
            yield Problem(
                name,
                f"{value:g} is out of bounds",
                f"between {least:g} and {most:g}",
                ("超出范围", f"{least:g} 至 {most:g}"),
            )
    if (papers.get("x") is None) != (papers.get("y") is None):
        yield Problem(
            "x", "a pin has both x and y", "write both, or neither", ("坐标要成对", "X、Y 都填，或都不填")
        )
    installed = papers.get("installed_at")
    if isinstance(installed, datetime) and installed.tzinfo is None:
        yield Problem(
            "installed_at",
            "the time has no offset",
            "write 2026-05-01T09:00:00+08:00, or the date",
            ("时间没有时区", "写成 2026-05-01T09:00:00+08:00，或只写日期"),
        )
    due = papers.get("maintenance_due")
    if isinstance(due, date) and not _EARLIEST <= due <= _LATEST:
        yield Problem(
            "maintenance_due",
            f"{due.isoformat()} is no year of ours",
            f"between {_EARLIEST.isoformat()} and {_LATEST.isoformat()}",
            ("日期超出范围", f"{_EARLIEST.isoformat()} 至 {_LATEST.isoformat()}"),
        )


def _callees(papers: Mapping[str, Any], known: Known) -> Iterator[Problem]:
    wanted = papers.get("callees") or ()
    strangers = [who for who in wanted if who not in known.people]
    if strangers:
        yield Problem(
            "callees",
            f"there is nobody {str(strangers[0])[:64]!r} in the list of people",
            "add the person first, or take an id from the list",
            ("名册中没有这个人员编号", "先在名册中登记，或改用名册中的编号"),
        )
    elif len(set(wanted)) < len(wanted) or len(wanted) > MOST_CALLEES:
        yield Problem(
            "callees",
            "somebody is named twice, or there are too many",
            f"each one once, at most {MOST_CALLEES}, who is called first in front",
            ("人员重复或过多", f"每人只写一次，至多 {MOST_CALLEES} 人，先联系的写在前面"),
        )


def lawful(basis: str | None, days: float) -> bool:
    """Whether a camera of this legal basis may keep that many days."""
    least, most = RETENTION.get(basis or "", (days, days))  # another basis is a fault of its own
    return least <= days <= most


def _recording(papers: Mapping[str, Any], _: Known) -> Iterator[Problem]:
    days, basis = papers.get("retention_days"), papers.get("legal_basis")
    if papers.get("profile") not in WATCHES:
        for name in ("legal_basis", "retention_days"):
            if papers.get(name) is not None:
                yield Problem(name, "only cameras have one", "leave it empty", ("只有摄像机才填", "留空"))
    elif isinstance(basis, str) and days is not None and not lawful(basis, days):
        least, most = RETENTION[basis]
        yield Problem(
            "retention_days",
            f"{days} days are outside what {basis} allows",
            f"between {least} and {most} (条例 art. 17, 个保法 art. 19)",
            (f"{days} 天不在许可范围", f"此类摄像机 {least} 至 {most} 天（条例第十七条，个保法第十九条）"),
        )


def _national_id(papers: Mapping[str, Any], known: Known) -> Iterator[Problem]:
    value = papers.get("gb28181_id")
    if value is None:
        return
    if trouble := national_id_problem(str(value), str(papers.get("profile"))):
        yield Problem(
            "gb28181_id",
            trouble,
            "correct it, as text and not as a number",
            ("国标编号不合规", "应为 20 位、类型码相符，按文本填写"),
        )
    elif (holder := known.national_ids.get(value)) not in (None, papers.get("id")):
        yield Problem(
            "gb28181_id",
            f"device {holder!r} has this id",
            "each device has its own",
            (f"与设备 {holder} 重复", "每台设备各有其号"),
        )


def _serial(papers: Mapping[str, Any], known: Known) -> Iterator[Problem]:
    if papers.get("serial") is None:
        return
    holder = known.serials.get((papers.get("make") or "", papers["serial"]))
    if holder not in (None, papers.get("id")):
        yield Problem(
            "serial",
            f"device {holder!r} has this make and serial",
            "is it the same device?",
            (f"与设备 {holder} 的厂家和序列号相同", "是否同一台设备？"),
        )


def _gateway(papers: Mapping[str, Any], known: Known) -> Iterator[Problem]:
    name = papers.get("gateway")
    if name is None:
        return
    parent = known.devices.get(name)
    site = known.places.get(str(papers.get("place")))
    if name == papers.get("id"):
        yield Problem(
            "gateway", "a device is not its own gateway", "leave it empty", ("设备不能以自己为网关", "留空")
        )
    elif parent is None or parent.retired:
        yield Problem(
            "gateway",
            f"there is no device {str(name)[:64]!r}",
            "register the gateway first",
            ("没有这个网关", "先登记网关"),
        )
    elif site is not None and parent.estate != site.estate:
        yield Problem(
            "gateway",
            f"{name!r} stands in another estate",
            "take a gateway of the same estate",
            ("网关在另一个小区", "选同一小区的网关"),
        )
    elif parent.gateway is not None:
        yield Problem(
            "gateway",
            f"{name!r} speaks through {parent.gateway!r} itself",
            "name that one",
            (f"它自己经 {parent.gateway} 接入", "填写上一级网关"),
        )


def _dialect(papers: Mapping[str, Any], known: Known) -> Iterator[Problem]:
    dialect, name = papers.get("dialect"), papers.get("foreign_name")
    if dialect is None:
        if name is not None:
            yield Problem(
                "foreign_name",
                "only a device of another make has one",
                "name its dialect, too",
                ("填了方言内名称却没有方言", "同时填写接入方言"),
            )
        return
    adapter = ADAPTERS.get(dialect)
    if adapter is None:
        yield Problem(
            "dialect",
            f"there is no dialect {str(dialect)[:64]!r}",
            f"take one of {', '.join(ADAPTERS)}",
            ("没有这种方言", f"从中选一个：{'、'.join(ADAPTERS)}"),
        )
        return
    if papers.get("profile") in PROFILES and papers["profile"] not in adapter.families:
        said = f"{dialect} does not speak for a {papers['profile']}"
        zh = ("该方言不支持此设备类型", f"支持：{'、'.join(adapter.families)}")
        yield Problem("dialect", said, f"it does for {', '.join(adapter.families)}", zh)
    if name is not None and not re.fullmatch(r"[^/+#\x00-\x1f\x7f]{1,64}", name):
        yield Problem(
            "foreign_name",
            f"{name[:64]!r} fits no topic",
            "1 to 64 characters without /, + and #",
            ("名称不能用作主题", "1 至 64 个字，不含 /、+、#"),
        )
    site = known.places.get(str(papers.get("place")))
    holder = known.foreign.get(((site and site.estate) or "", dialect, called(papers)))
    if holder not in (None, papers.get("id")):
        yield Problem(
            "foreign_name",
            f"device {holder!r} has this name in {dialect}",
            "each device has its own",
            (f"与设备 {holder} 重复", "每台设备各有其名"),
        )


_CHECKS: tuple[Callable[[Mapping[str, Any], Known], Iterator[Problem]], ...] = (
    _id,
    _family,
    _place,
    _texts,
    _choices,
    _numbers,
    _callees,
    _recording,
    _national_id,
    _serial,
    _gateway,
    _dialect,
)
