"""What is wrong, and what has been said about it; values only, nothing here asks anybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

Words = tuple[str, str]
"""The same in Chinese and in English."""

DATABASE: Final = "database"
BROKER: Final = "broker"
SHOWN: Final = 5  # estates named in one alarm

_STOPS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "ingest": ("未被接收程序判定", "not judged by ingest"),
        "console": ("未到达值班台", "not shown by any console"),
        "duty": ("值守程序未写通知", "duty wrote no letter"),
        "sender": ("发送程序未取走通知", "the sender did not take the letter"),
    }
)
_PARTS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        DATABASE: ("数据库无响应", "the database does not answer"),
        BROKER: ("消息代理无响应", "the broker does not answer"),
        "part/duty": ("值守程序无响应", "the duty process is silent"),
        "part/ingest": ("接收程序无响应", "ingest is silent"),
        "part/quarantine": (
            "隔离区已满，新的坏消息只计数",
            "quarantine is full: bad messages are counted only",
        ),
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is wrong; `told_at` where its alarm has gone out."""

    name: str
    since: datetime
    detail: Mapping[str, Any] = field(default_factory=dict)
    told_at: datetime | None = None
    problem: str | None = None


def merge(known: Mapping[str, Finding], wrong: Iterable[Finding]) -> dict[str, Finding]:
    """What is wrong now, with what is remembered of its alarms."""
    now = {found.name: found for found in wrong}
    return {
        name: replace(found, told_at=known[name].told_at, problem=known[name].problem)
        if name in known
        else found
        for name, found in now.items()
    }


def untold(findings: Mapping[str, Finding]) -> list[Finding]:
    """Those that nobody has been told of."""
    return [found for found in findings.values() if found.told_at is None]


def over(known: Mapping[str, Finding], now: Mapping[str, Finding]) -> list[Finding]:
    """Those that somebody was told of and that are no longer wrong."""
    return [found for name, found in known.items() if name not in now and found.told_at is not None]


def alarm_words(findings: Iterable[Finding], *, ended: bool = False) -> Words:
    """One alarm for everything that is new: what, and since when."""
    told = list(findings)
    since = min(found.since for found in told).isoformat(timespec="seconds")
    zh, en = zip(*_lines(told), strict=True)
    if ended:
        return f"平台自检恢复：{'；'.join(zh)}", f"Self-check, over: {'; '.join(en)}"
    return f"平台自检告警：{'；'.join(zh)}（自 {since}）", f"Self-check: {'; '.join(en)} (since {since})"


def _lines(findings: Iterable[Finding]) -> list[Words]:
    lines: list[Words] = []
    stopped: dict[str, list[str]] = {}
    for found in findings:
        kind, _, name = found.name.partition("/")
        if kind == "canary":
            stopped.setdefault(found.detail["stops_at"], []).append(name)
        elif kind == "invariant":
            count = f"{name} = {found.detail['count']}"
            lines.append((f"{count}，应为 0", f"{count} instead of 0"))
        else:
            lines.append(_PARTS[found.name])
    for where, estates in stopped.items():
        zh, en = _STOPS[where]
        named, more = "、".join(estates[:SHOWN]), len(estates) - SHOWN
        tail_zh, tail_en = (f" 等 {len(estates)} 处", f" and {more} more") if more > 0 else ("", "")
        lines.append((f"{named}{tail_zh} 的虚拟求助{zh}", f"canary of {named}{tail_en} {en}"))
    return lines
