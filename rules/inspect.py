"""The engine's memory, read: what a rule remembers of a subject, why it is armed, what it waits for.

Also what becomes of that memory when a rule changes: it is kept where the new version
judges the same kind of condition for the same kind of subject, and thrown away where not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from devices.model import Registry
from rules.outcome import MemoryKey
from rules.ruleset import Rule
from rules.subject import named
from rules.window import Memory, encode_memory

SHADOW = "~"  # joins a rule's id and its version where a version is judged in the shadow


class Carry(StrEnum):
    """What becomes of a rule's memory when another version takes its place."""

    KEPT = "kept"
    RESTARTED = "restarted"
    NOTHING = "nothing"  # there was none


@dataclass(frozen=True, slots=True)
class Choice:
    """The stated choice, with its reason."""

    carry: Carry
    zh: str
    en: str


def layers(rule: Rule) -> tuple[str, ...]:
    """The kind of a rule's condition, and what it is wrapped in: armed hours, waiting for the watermark."""
    found: list[str] = []
    condition: Any = rule.condition
    while condition is not None:
        found.append(type(condition).__name__.lower())
        condition = getattr(condition, "inner", None)
    return tuple(found)


def kind_of(rule: Rule) -> str:
    """The kind of a rule's condition, as rule files call it."""
    return layers(rule)[-1]


def core(memory: Memory) -> Any:
    """What the innermost condition remembers; None where it has heard nothing yet."""
    found: Any = memory
    while found is not None and hasattr(found, "inner"):
        found = found.inner
    return found


def choose(old: Rule | None, new: Rule) -> Choice:
    """Say what becomes of the memory of `old` when `new` takes its place."""
    if old is None:
        return Choice(Carry.NOTHING, "此前未生效，从头开始", "It was not in force before: it starts afresh")
    kind, was = kind_of(new), kind_of(old)
    if layers(new) != layers(old):
        return Choice(
            Carry.RESTARTED,
            "条件类型已改变，记忆清空；已有告警留待人工关闭",
            f"The kind of condition changed ({was} to {kind}): its memory "
            "starts afresh, open alerts are left to people",
        )
    if new.subject is not old.subject:
        return Choice(
            Carry.RESTARTED,
            "判断对象已改变，记忆清空；已有告警留待人工关闭",
            f"It judges per {new.subject} and no more per {old.subject}: its memory starts afresh, "
            "open alerts are left to people",
        )
    return Choice(
        Carry.KEPT,
        "条件类型与对象相同，记忆保留，时限按新版本重算",
        "Same kind of condition and of subject: its memory is kept, its waits are counted anew",
    )


def carry_over(
    old: Mapping[str, Rule], new: Iterable[Rule], memory: Mapping[MemoryKey, Memory]
) -> tuple[dict[MemoryKey, Memory], list[MemoryKey]]:
    """Part a memory into what goes on and what is forgotten; `old` holds the rules that changed."""
    now = {rule.id: rule for rule in new}
    kept: dict[MemoryKey, Memory] = {}
    gone: list[MemoryKey] = []
    for key, value in memory.items():
        rule, before = now.get(key.rule), old.get(key.rule)
        if rule is None or (before is not None and choose(before, rule).carry is Carry.RESTARTED):
            gone.append(key)
        else:
            kept[key] = value
    return kept, gone


def dues(
    rules: Iterable[Rule], registry: Registry, memory: Mapping[MemoryKey, Memory]
) -> dict[MemoryKey, datetime | None]:
    """Work out when each memory must be looked at again, by the rules as they are now."""
    known = {rule.id: rule for rule in rules}
    found: dict[MemoryKey, datetime | None] = {}
    for key, value in memory.items():
        rule = known.get(key.rule)
        if rule is None or not isinstance(value, rule.condition.remembers):
            continue
        subject = named(registry, rule.subject, key.subject)
        if subject is not None:
            found[key] = rule.condition.due(value, subject)
    return found


class Standing(StrEnum):
    """How a rule stands towards a subject."""

    FIRED = "fired"  # it has raised, and what it raised has not ended
    WAITING = "waiting"  # it will act at its due time unless something comes between
    ARMED = "armed"  # it waits for an event


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What one rule knows about one subject."""

    rule: str
    code: str
    kind: str
    estate: str
    subject: str
    standing: Standing
    due: datetime | None
    memory: Mapping[str, Any]
    size: int  # bytes, as stored
    zh: str
    en: str


_PLAIN: Mapping[Standing, tuple[str, str]] = {
    Standing.FIRED: ("已触发，等待恢复", "Fired; it waits for the end of it"),
    Standing.WAITING: ("条件已开始满足，正在计时", "The condition has begun; its time is running"),
    Standing.ARMED: ("已布防，等待下一条消息", "Armed; it waits for the next message"),
}
_DUE: Mapping[tuple[str, Standing], tuple[str, str]] = {
    ("held", Standing.WAITING): ("若状态持续到 {due} 则告警", "it raises at {due} if the state still holds"),
    ("absence", Standing.WAITING): (
        "若到 {due} 仍无动静则告警",
        "it raises at {due} if nothing is heard until then",
    ),
    ("absence", Standing.FIRED): ("{due} 升级或重复", "it goes on to the next step, or repeats, at {due}"),
    ("count", Standing.FIRED): ("若到 {due} 未再发生则解除", "it is over at {due} if nothing more comes"),
}


def look(rule: Rule, key: MemoryKey, memory: Memory, registry: Registry) -> Look:
    """Describe one memory."""
    subject = named(registry, rule.subject, key.subject)
    fits = isinstance(memory, rule.condition.remembers)
    due = rule.condition.due(memory, subject) if subject is not None and fits else None
    fired = bool(getattr(memory, "fired", False))
    standing = Standing.FIRED if fired else Standing.WAITING if due is not None else Standing.ARMED
    kind = kind_of(rule)
    zh, en = _PLAIN[standing]
    least = _least(rule)
    if (
        kind == "count"
        and standing is not Standing.FIRED
        and (hits := len(getattr(core(memory), "hits", ())))
    ):
        zh, en = (
            f"{zh}；窗口内已有 {hits} 次，需 {least} 次",
            f"{en}; it remembers {hits} of the {least} it takes",
        )
    if due is not None:
        more_zh, more_en = _DUE.get((kind, standing), ("下次检查 {due}", "it looks again at {due}"))
        moment = due.isoformat()
        zh, en = f"{zh}；{more_zh.format(due=moment)}", f"{en}; {more_en.format(due=moment)}"
    if queued := len(getattr(memory, "events", ())):
        zh, en = f"{zh}；{queued} 条消息待按时序处理", f"{en}; {queued} messages wait to be put in order"
    raw = encode_memory(memory)
    return Look(
        rule=rule.id,
        code=rule.code,
        kind=kind,
        estate=key.estate,
        subject=key.subject,
        standing=standing,
        due=due,
        memory=msgspec.json.decode(raw),
        size=len(raw),
        zh=zh,
        en=en,
    )


def _least(rule: Rule) -> int | None:
    """How many a count takes."""
    condition: Any = rule.condition
    while hasattr(condition, "inner"):
        condition = condition.inner
    least: int | None = getattr(condition, "least", None)
    return least
