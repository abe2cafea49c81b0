"""The page of a dossier for people: one HTML file that opens and prints anywhere, without a script."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape
from types import MappingProxyType
from typing import Any, Final

from rules.chain import canonical
from rules.incident import ACTION_NAMES, STATE_NAMES, Action, State
from rules.masking import MASK

_KINDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "move": ("办理", "Move"),
        "order": ("派单", "Order"),
        "alert": ("告警", "Alert"),
        "rule": ("规则版本", "Rule version"),
        "event": ("设备消息", "Device event"),
        "message": ("通知", "Message"),
        "photo": ("照片", "Photo"),
        "view": ("查看", "Viewed"),
        "verdict": ("结论", "Verdict"),
        "rating": ("评价", "Rating"),
        "link": ("家属链接", "Family link"),
    }
)
_TOLD: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "order": ("org", "person", "role", "state"),
        "alert": (
            "code",
            "rule",
            "rule_version",
            "state",
            "severity",
            "place",
            "device",
            "reason",
            "outcome",
        ),
        "rule": ("rule", "version", "origin", "author"),
        "event": ("device", "type", "data", "at"),
        "message": ("channel", "party", "state", "reason"),
        "photo": ("sha256", "taken_at", "by_whom"),
        "view": ("actor", "action", "detail"),
        "verdict": ("outcome", "cause", "state", "closed_at"),
        "rating": ("score", "words", "given_by"),
        "link": ("relation", "created_by", "revoked_by"),
    }
)
"""What the page says of an entry; everything else stands in the details below it."""

_STYLE: Final = """
body{font:14px/1.5 system-ui,'Noto Sans CJK SC','Microsoft YaHei',sans-serif}
body{margin:2em auto;max-width:62em;color:#111}
h1{font-size:1.5em}table{border-collapse:collapse;width:100%}
td,th{border-bottom:1px solid #ccc;padding:.4em .6em;text-align:left;vertical-align:top}
th{background:#f3f3f3}code,pre{font:12px/1.4 ui-monospace,monospace;
overflow-wrap:anywhere;white-space:pre-wrap}small{color:#555}img{max-width:16em;max-height:12em}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2em 1em}dt{color:#555}dd{margin:0}
tr{break-inside:avoid}@media print{details{display:none}body{margin:0}}
"""


def render(
    case: Mapping[str, Any],
    exported: Mapping[str, Any],
    entries: Sequence[Mapping[str, Any]],
    photos: Collection[str],
) -> str:
    """Write the page."""
    title = f"案件卷宗 {case['code']}"
    place = " / ".join(str(step["name_zh"]) for step in case["path"])
    masked = "是 yes" if exported["personal"] else f"否：以 {MASK} 代替 no"
    facts = (
        ("案件编号 Case", case["code"]),
        ("类型 Kind", case["kind"]),
        ("地点 Place", place),
        ("已结案 Closed", "是 yes" if case["closed"] else "否 no"),
        ("导出人 Exported by", exported["by"]),
        ("导出理由 Reason", exported["reason"]),
        ("导出时间 Exported at", exported["at"]),
        ("含个人信息 Personal data", masked),
        ("条目数 Entries", len(entries)),
        ("链尾 Head", entries[-1]["hash"] if entries else ""),
    )
    rows = "\n".join(_row(entry, photos) for entry in entries)
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in facts)
    return (
        f'<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1><dl>{listed}</dl>"
        "<p><small>校验 verify: <code>shequ dossier verify FILE</code></small></p>"
        "<table><thead><tr><th>#</th><th>时间 At</th><th>类别 Kind</th><th>内容 What</th></tr></thead>"
        f"<tbody>\n{rows}\n</tbody></table></body></html>\n"
    )


def _row(entry: Mapping[str, Any], photos: Collection[str]) -> str:
    zh, en = _KINDS.get(entry["kind"], (entry["kind"], entry["kind"]))
    body = entry["body"]
    told = escape(_sentence(entry["kind"], body))
    picture = str(body.get("sha256", ""))
    if entry["kind"] == "photo" and picture in photos:
        told += f'<br><img src="photos/{escape(picture)}.jpg" alt="{escape(zh)}">'
    details = escape(canonical(body))
    return (
        f"<tr><td>{entry['seq']}</td><td><small>{escape(entry['at'][:19])}Z</small></td>"
        f"<td>{escape(zh)}<br><small>{escape(en)}</small></td><td>{told}"
        f"<details><summary><small><code>{escape(entry['hash'][:16])}</code></small></summary>"
        f"<pre>{details}</pre></details></td></tr>"
    )


def _sentence(kind: str, body: Mapping[str, Any]) -> str:
    return " · ".join(_move(body) if kind == "move" else _told(kind, body))


def _move(body: Mapping[str, Any]) -> Iterator[str]:
    action = str(body.get("action", ""))
    yield ACTION_NAMES[Action(action)][0] if action in {str(a) for a in Action} else action
    yield str(body.get("actor", ""))
    state = str(body.get("to_state", ""))
    yield f"→ {STATE_NAMES[State(state)][0] if state in {str(s) for s in State} else state}"
    if body.get("reason"):
        yield str(body["reason"])


def _told(kind: str, body: Mapping[str, Any]) -> Iterator[str]:
    for name in _TOLD.get(kind, ()):
        value = body.get(name)
        if value not in (None, "", [], {}):
            yield f"{name}: {value if isinstance(value, str) else canonical(value)}"
