"""What messages say: templates in Chinese and English, and no more of a person than must be.

A short message crosses other people's machines and lies open on a table: it names estate and
building, never the flat and never the resident (domain.md f). Only `outside`, the call to those
who must find the door (119, 120, police), names the whole address. Numbers that look like a phone's
or an identity card's are masked even in words somebody typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from devices.errors import UndeliverableError

ZONE: Final = ZoneInfo("Asia/Shanghai")
SEVERITY: Final[Mapping[int, tuple[str, str]]] = MappingProxyType(
    {1: ("紧急", "Urgent"), 2: ("重要", "Important"), 3: ("一般", "Ordinary"), 4: ("提示", "Notice")}
)
DRILL: Final = ("【演练】", "[DRILL] ")
_IDENTITY: Final = re.compile(r"(?<!\d)\d{6}(?:19|20)\d{9}[\dXx](?!\d)")
_MOBILE: Final = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")

TEMPLATES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "alert": (
            "{severity}告警：{what}，{where}，{at}。请立即处理。{note}",
            "{severity} alert: {what}, {where}, {at}. Please act now. {note}",
        ),
        "cleared": ("告警解除：{what}，{where}。{note}", "Alert over: {what}, {where}. {note}"),
        "order": (
            "派单 {case}：{severity}，{what}，{where}。请在手机端签收。{note}",
            "Order {case}: {severity}, {what}, {where}. Please accept it on your phone. {note}",
        ),
        "urge": ("催办 {case}：{what}，{where}。{note}", "Reminder {case}: {what}, {where}. {note}"),
        "supervise": ("督办 {case}：{what}，{where}。{note}", "Supervision {case}: {what}, {where}. {note}"),
        "escalate": (
            "升级 {case}：{severity}，{what}，{where}，已超时限。{note}",
            "Escalated {case}: {severity}, {what}, {where}, past its time limit. {note}",
        ),
        "care": (
            "关爱提醒：{what}，{where}，{at}。请联系确认。{note}",
            "Care call: {what}, {where}, {at}. Please get in touch. {note}",
        ),
        "page": ("{note}：{what}，{where}，{at}。", "{note}: {what}, {where}, {at}."),
        "clock": ("{note}：案件 {case}，{what}，{where}。", "{note}: case {case}, {what}, {where}."),
        "plan": ("【{case}】{where}：{note}", "[{case}] {where}: {note}"),
        "help": (
            "【{case}】现场请求支援：{where}。{note}",
            "[{case}] Help wanted on the spot: {where}. {note}",
        ),
        "outside": ("{note}：{what}，{address}，{at}。", "{note}: {what}, {address}, {at}."),
        "platform": ("平台自检异常：{note}。", "The platform itself: {note}."),
        "moved": ("案件 {case} 进展：{state}。{note}", "Case {case}: {state}. {note}"),
        "test": (
            "通道测试，请回复 {code} 或打开 {link} 确认收到。",
            "Channel test: reply {code} or open {link} to say that it arrived.",
        ),
    }
)


_WORDS: Final = ("severity", "what", "where", "address", "at", "case", "state", "note", "code", "link")


def minimal(text: str) -> str:
    """Mask what looks like an identity card's or a mobile phone's number."""
    return _MOBILE.sub(r"\1****\2", _IDENTITY.sub("******", text))


def facts_to_values(
    facts: Mapping[str, Any] | None, names: Mapping[str, tuple[str, str]], tongue: int
) -> dict[str, str]:
    """Turn the row about an alert or case into words; `tongue` is 0 for Chinese, 1 for English."""
    empty = dict.fromkeys(_WORDS, "")
    if facts is None:
        return empty
    parts = {part: facts[f"{part}_{('zh', 'en')[tongue]}"] for part in ("estate", "building", "place")}
    gap = ("", " ")[tongue]
    return {
        **empty,
        "severity": SEVERITY[facts["severity"]][tongue],
        "what": names.get(facts["code"], (facts["code"], facts["code"]))[tongue],
        "where": gap.join(filter(None, (parts["estate"], parts["building"]))),
        "address": gap.join(dict.fromkeys(filter(None, parts.values()))),
        "at": facts["at"].astimezone(ZONE).strftime("%m-%d %H:%M"),
        "case": facts["case_code"] or "",
        "state": facts["state"],
    }


def compose(
    body: Mapping[str, Any],
    facts: Mapping[str, Any] | None,
    names: Mapping[str, tuple[str, str]],
    *,
    language: str,
    drill: bool,
) -> tuple[str, str]:
    """Answer subject and text of a letter.

    A value may be given in both languages: `{"zh": …, "en": …}`. Raises UndeliverableError for a
    template there is not.
    """
    tongue = 1 if language == "en" else 0
    template = body.get("template")
    if template is None:
        text = str(body.get("text", ""))
    elif template in TEMPLATES:
        given = {k: _said(v, tongue) for k, v in dict(body.get("values", {})).items()}
        text = TEMPLATES[template][tongue].format_map({**facts_to_values(facts, names, tongue), **given})
    else:
        raise UndeliverableError(f"there is no template {template!r}")
    text = minimal(text).strip()
    if drill and not text.startswith(
        tuple(mark.strip() for mark in DRILL)
    ):  # whoever wrote it may have said so
        text = DRILL[tongue] + text
    subject = minimal(str(body.get("subject") or text))
    if drill and not subject.startswith(DRILL[tongue].strip()):
        subject = DRILL[tongue] + subject
    return subject[:120], text


def _said(value: Any, tongue: int) -> str:
    return str(value[("zh", "en")[tongue]] if isinstance(value, Mapping) else value)
