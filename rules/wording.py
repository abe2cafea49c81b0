"""The words that the page shows for what rules decided: Chinese, English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rules.alert import Reason
from rules.ruleset import Ruleset, Sla
from rules.sla import DEFAULTS

REASON_NAMES: Mapping[Reason, tuple[str, str]] = MappingProxyType(
    {
        Reason.CONDITION_MET: ("条件成立", "The condition was met"),
        Reason.HELD_FOR: ("状态持续超过时限", "The state lasted too long"),
        Reason.COUNT_REACHED: ("次数达到上限", "It happened too often"),
        Reason.DISTINCT_REACHED: ("不同对象数量达到上限", "Too many different ones"),
        Reason.FOLLOWED: ("先后发生", "One followed the other"),
        Reason.CHANGED_BY: ("变化过快", "It changed too much"),
        Reason.CHANGED_LESS: ("变化过小", "It hardly changed"),
        Reason.EXCESS: ("通过人数多于放行人数", "More went through than were let in"),
        Reason.SCHEDULE_OPENED: ("布防时段开始，条件仍成立", "It still held when the armed hours began"),
        Reason.ABSENT_FOR: ("超过时限没有动静", "Nothing was heard for too long"),
        Reason.STILL_TRUE: ("条件仍然成立", "The condition still holds"),
        Reason.REPEAT_INTERVAL: ("重复告警间隔已过，条件仍成立", "Still so after the repeat interval"),
        Reason.CLEARED_BY_EVENT: ("设备报告恢复", "The device reported the end of it"),
        Reason.SEEN_AGAIN: ("重新出现", "Seen or heard again"),
        Reason.QUIET_FOR: ("一段时间内未再发生", "It has not happened again for a while"),
        Reason.AWAY: ("已登记外出", "Declared away"),
        Reason.SUBJECT_GONE: ("对象已注销", "No longer registered"),
        Reason.RETAINED: ("代理保留的旧消息，不告警", "A retained message: the broker's memory, not news"),
        Reason.OUTDATED: ("已有更新的状态，不告警", "A newer state is known already"),
        Reason.NOT_ARMED: ("非布防时段，不告警", "Outside the armed hours"),
        Reason.SILENCED: ("已静默", "Silenced"),
        Reason.MAINTENANCE: ("维护时段", "Under maintenance"),
        Reason.TEST_MODE: ("设备测试中", "The device is under test"),
        Reason.DRILL: ("演练", "A drill"),
        Reason.INHIBITED: ("由上级故障引起，已抑制", "Follows from a greater trouble"),
        Reason.FLAPPING: ("频繁起落，暂时静音", "Comes and goes: muted for a while"),
        Reason.COMMON_CAUSE: (
            "同一楼栋多台设备同时失联，疑为共同原因",
            "A building's devices fell silent together: one cause",
        ),
        Reason.CORROBORATED: ("多个设备印证", "Other devices say the same"),
        Reason.RELEASED: ("抑制解除，仍未恢复", "No longer held back, and still so"),
        Reason.TOO_OLD: ("迟到的非生命安全消息，不告警", "Late, and not about life"),
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What people need to know about the alerts of one code."""

    code: str
    name_zh: str
    name_en: str
    severity: int
    roles: tuple[str, ...]
    roles_after_confirm: tuple[str, ...]
    sla: Sla
    confirm_required: bool
    ends: bool
    legal_note_zh: str
    legal_note_en: str
    note_zh: str
    note_en: str
    hazard: str = ""


def _silent(code: str, name: tuple[str, str], note: tuple[str, str]) -> Entry:
    """A part of the platform that has fallen silent."""
    return Entry(
        code=code,
        name_zh=name[0],
        name_en=name[1],
        severity=2,
        roles=("SL",),
        roles_after_confirm=(),
        sla=DEFAULTS[2],
        confirm_required=False,
        ends=True,
        legal_note_zh="",
        legal_note_en="",
        note_zh=note[0],
        note_en=note[1],
        hazard="device",
    )


SILENT: Mapping[str, Entry] = MappingProxyType(
    {
        "duty": _silent(
            "SYS-001",
            ("平台值守程序无响应", "The platform's duty process is silent"),
            ("时限、升级与自动派单均已停止。", "Limits, escalations and automatic dispatch have stopped."),
        ),
        "ingest": _silent(
            "SYS-002",
            ("平台接收程序无响应", "The platform hears no device"),
            (
                "设备消息留在消息代理中，新的告警不会出现。请检查接收程序与消息代理，并派人巡查。",
                "Messages wait in the broker, no new alert appears. Check ingest and broker, send patrols.",
            ),
        ),
        "watch": _silent(
            "SYS-003",
            ("平台自检程序无响应", "The platform's own watch is silent"),
            (
                "虚拟求助已停发，平台故障可能无人知晓。",
                "No virtual call for help is sent: failures of the platform may go unnoticed.",
            ),
        ),
    }
)
"""What no rule says: the platform about itself."""


def entries(ruleset: Ruleset) -> Mapping[str, Entry]:
    """List the codes of a ruleset, and the platform's own.

    Where several rules share a code, the first one speaks for it.
    """
    return MappingProxyType(
        {
            code: Entry(
                code=code,
                name_zh=rule.name_zh,
                name_en=rule.name_en,
                severity=rule.severity,
                roles=rule.roles,
                roles_after_confirm=rule.roles_after_confirm,
                sla=rule.sla,
                confirm_required=rule.confirm_required,
                ends=rule.ends,
                legal_note_zh=rule.legal_note_zh,
                legal_note_en=rule.legal_note_en,
                note_zh=rule.note_zh,
                note_en=rule.note_en,
                hazard=rule.hazard,
            )
            for code, rule in ruleset.by_code.items()
        }
        | {entry.code: entry for entry in SILENT.values()}
    )
