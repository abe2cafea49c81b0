"""Findings in plain words, Chinese and English, for people who do not read rule files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta, timezone
from types import MappingProxyType
from typing import Any

from rules.explain import Answer, Finding, Test
from rules.wording import REASON_NAMES

LOCAL = timezone(timedelta(hours=8))

ANSWERS: Mapping[Answer, tuple[str, str]] = MappingProxyType(
    {
        Answer.RAISED: ("产生告警", "it raised an alert"),
        Answer.COUNTED: ("告警已存在，计一次", "one more hit of the alert that stands"),
        Answer.CLEARED: ("告警条件解除", "the alert's condition ended"),
        Answer.KEPT_SILENT: ("条件成立但不告警", "the condition matched, and it kept silent"),
        Answer.WAITING: ("已布防，正在计时", "armed: its time is running"),
        Answer.REMEMBERED: ("已计入，尚未达到条件", "remembered: more of it is needed"),
        Answer.SEEN: ("有动静，重新计时", "a sign of life: the silence starts anew"),
        Answer.ENDED: ("状态结束，无告警可解除", "the state is over; there was no alert to end"),
        Answer.PREDICATE_FALSE: ("条件不成立", "the predicate is false"),
        Answer.NO_SUBJECT: ("未指向已登记的对象", "it names nobody whom this rule looks after"),
        Answer.FAILED: ("规则无法判断此消息", "the rule could not judge it"),
    }
)


def say(finding: Finding) -> tuple[str, str]:
    """Write one finding as a sentence, in Chinese and in English."""
    zh, en = ANSWERS[finding.answer]
    when = finding.at.astimezone(LOCAL).strftime("%m-%d %H:%M:%S")
    what = f"{finding.type} {finding.event}" if finding.event is not None else ""
    zh = f"{when} {finding.code} {what or '（时间到）'}：{zh}"
    en = f"{when} {finding.code} {what or '(time)'}: {en}"
    if finding.reason is not None:
        reason_zh, reason_en = REASON_NAMES.get(finding.reason, (finding.reason, finding.reason))
        zh, en = f"{zh}，原因：{reason_zh}", f"{en}, because: {reason_en}"
    if finding.due is not None and finding.answer in (Answer.WAITING, Answer.SEEN, Answer.REMEMBERED):
        due = finding.due.astimezone(LOCAL).strftime("%m-%d %H:%M:%S")
        zh, en = f"{zh}，等到 {due}", f"{en}, waiting until {due}"
    if finding.tests:
        zh = f"{zh}（{'；'.join(_test(t, absent='未上报') for t in finding.tests)}）"
        en = f"{en} ({'; '.join(_test(t, absent='not reported') for t in finding.tests)})"
    return zh, en


def _test(test: Test, *, absent: str) -> str:
    figures = ", ".join(f"{name}={absent if v is None else _plain(v)}" for name, v in test.figures.items())
    return f"{test.text} ← {figures}" if figures else test.text


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def no_events() -> tuple[str, str]:
    """What to say where the device said nothing at all."""
    return (
        "该时段内没有收到此设备的任何消息：请检查设备是否在线、消息是否在隔离区",
        "Nothing was heard of this device in that time: look whether it is online, and into the quarantine",
    )


def nobody_listens(code: str) -> tuple[str, str]:
    """What to say of a rule that hears none of the types that came."""
    return f"{code}：不监听该设备上报的消息类型", f"{code}: listens to none of the types this device sent"
