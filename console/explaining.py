"""Explanations as they are answered: an alert's chain, a device's silence, the engine's memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, LiteralString

from console.database import Connection, fetch
from devices.errors import NotFound, RuleError
from ingest.store import history, rulebook
from ingest.store.history import Span
from ingest.store.registry import load_registry
from ingest.store.sql import load
from ingest.why import why
from rules.explain import Account, Answer, Finding, tests_for
from rules.inspect import Look, look
from rules.plain_words import ANSWERS, no_events, say
from rules.texts import predicates, shipped
from rules.wording import REASON_NAMES

SQL: Final = load("console.store", "rules.sql")
_ALERTS: Final = load("console.store", "alerts.sql")
MOST_FINDINGS = 500
LONGEST = timedelta(days=7)
_DULL = frozenset({Answer.PREDICATE_FALSE, Answer.NO_SUBJECT, Answer.SEEN, Answer.ENDED})


async def chain_of(connection: Connection, alert_id: int, scope: str | None) -> dict[str, Any]:
    """Answer the chain behind one alert; raises NotFound outside the part of the tree."""
    about = {"id": alert_id, "scope": scope}
    row = await fetch(connection, SQL["explained"], about)
    if row is None:
        raise NotFound("alert", str(alert_id))
    source = row["source"] or next((t.source for t in shipped() if t.rule.id == row["rule"]), None)
    texts = _predicates(source)
    events = [r["body"] for r in await _rows(connection, _ALERTS["alert_events"], about)]
    log = [r["body"] for r in await _rows(connection, _ALERTS["alert_log"], about)]
    silences = await _rows(connection, SQL["silences_around"], row)
    handled = [stage for line in log for stage in line["detail"].get("handling", ())]
    window = next((line["detail"].get("window") for line in log if line["detail"].get("window")), None)
    return {
        "alert": alert_id,
        "code": row["code"],
        "rule": row["rule"],
        "rule_version": row["rule_version"],
        "rule_source": source,
        "reason": row["reason"],
        "values": row["explain"],
        "window": window,
        "predicates": {kind: list(asked) for kind, asked in texts.items()},
        "events": events,
        "silences": [s["body"] for s in silences],
        "handling": handled,
        "log": log,
        "words": [{"zh": zh, "en": en} for zh, en in _chain(row, texts, events, silences, handled)],
    }


async def _rows(
    connection: Connection, query: LiteralString, values: Mapping[str, Any]
) -> list[dict[str, Any]]:
    return await (await connection.execute(query, values)).fetchall()


def _predicates(source: str | None) -> Mapping[str, tuple[str, ...]]:
    try:
        return predicates(source) if source else {}
    except RuleError:
        return {}


def _chain(
    row: Mapping[str, Any],
    texts: Mapping[str, Sequence[str]],
    events: Sequence[Mapping[str, Any]],
    silences: Sequence[Mapping[str, Any]],
    handled: Sequence[Mapping[str, Any]],
) -> list[tuple[str, str]]:
    """Tell it in sentences."""
    version = row["rule_version"]
    reason_zh, reason_en = REASON_NAMES.get(row["reason"], (row["reason"], row["reason"]))
    values = ", ".join(f"{name}={value}" for name, value in row["explain"].items())
    words = [
        (
            f"规则 {row['rule']} 第 {version or '?'} 版对 {row['subject']} 产生 {row['code']}",
            f"Rule {row['rule']}, version {version or '?'}, raised {row['code']} about {row['subject']}",
        ),
        (f"原因：{reason_zh}（{values}）", f"Because: {reason_en} ({values})"),
    ]
    for event in events:
        tests = tests_for(texts, event["type"], event["data"])
        said = "; ".join(f"{t.text} ← {dict(t.figures)}" for t in tests)
        line = f"{event['at']} {event['device']} {event['type']} {event['id']}"
        words.append((f"依据：{line}（{said}）", f"Rests on {line} ({said})"))
    for stage in handled:
        zh, en = REASON_NAMES.get(stage["reason"], (stage["reason"], stage["reason"]))
        words.append((f"处置环节 {stage['stage']}：{zh}", f"Handling, {stage['stage']}: {en}"))
    for silence in silences:
        zh, en = REASON_NAMES.get(silence["reason"], (silence["reason"], silence["reason"]))
        words.append(
            (f"{silence['at'].isoformat()} 未告警：{zh}", f"{silence['at'].isoformat()} kept silent: {en}")
        )
    return words


async def why_device(connection: Connection, device: str, span: Span) -> dict[str, Any]:
    """Answer what the rules in force make of a device's events in a span."""
    book = await rulebook.load(connection)
    sources = await rulebook.sources(connection) or {t.rule.id: t.source for t in shipped()}
    texts = {rule: _predicates(source) for rule, source in sources.items()}
    account = await why(
        connection, await load_registry(connection), book.live, texts=texts, device=device, span=span
    )
    zh, en = _summary(account)
    return {
        "device": device,
        "start": span.start,
        "end": span.end,
        "events": account.events,
        "summary": {"zh": zh, "en": en},
        "findings": [_finding(f) for f in _foremost(account.findings)],
        "standing": [_finding(f) for f in account.standing],
        "deaf": [code for _, code in account.deaf],
    }


def _summary(account: Account) -> tuple[str, str]:
    if not account.events:
        return no_events()
    counts = Counter(f.answer for f in account.findings)
    parts = [(answer, n) for answer in Answer if (n := counts[answer])]
    zh = "；".join(f"{ANSWERS[answer][0]} {n} 次" for answer, n in parts)
    en = "; ".join(f"{ANSWERS[answer][1]}: {n}" for answer, n in parts)
    return f"收到 {account.events} 条消息。{zh}", f"{account.events} messages were heard. {en}"


def _foremost(findings: Sequence[Finding]) -> list[Finding]:
    """As many findings as can be read: what a rule did before what it did not, then in their order."""
    ranked = sorted(range(len(findings)), key=lambda n: (findings[n].answer in _DULL, -n))
    return [findings[n] for n in sorted(ranked[:MOST_FINDINGS])]


def _finding(finding: Finding) -> dict[str, Any]:
    zh, en = say(finding)
    return {
        "zh": zh,
        "en": en,
        "at": finding.at,
        "rule": finding.rule,
        "code": finding.code,
        "subject": finding.subject,
        "event": finding.event,
        "type": finding.type,
        "answer": finding.answer,
        "reason": finding.reason,
        "due": finding.due,
        "tests": [{"text": t.text, "figures": dict(t.figures)} for t in finding.tests],
    }


async def engine_state(
    connection: Connection, estates: Sequence[str], subjects: Sequence[str] | None
) -> dict[str, Any]:
    """Answer the engine's memory of some subjects, as the last batch left it."""
    book = await rulebook.load(connection)
    registry = await load_registry(connection)
    rules = {rule.id: rule for rule in (*book.live.rules, *book.shadows)}
    memory = await history.memory(connection, estates, subjects)
    looks = [look(rules[k.rule], k, value, registry) for k, value in memory.items() if k.rule in rules]
    judged = await fetch(connection, SQL["judged_to"])
    size = sum(one.size for one in looks)
    devices = len({one.subject for one in looks if one.subject in registry.devices})
    return {
        "judged_to": None if judged is None or judged["clock"] is None else judged["clock"].isoformat(),
        "bytes": size,
        "devices": devices,
        "bytes_per_device": round(size / devices, 1) if devices else 0.0,
        "items": [_look(one) for one in looks],
    }


def _look(one: Look) -> dict[str, Any]:
    return {
        "zh": one.zh,
        "en": one.en,
        "rule": one.rule,
        "code": one.code,
        "kind": one.kind,
        "estate": one.estate,
        "subject": one.subject,
        "standing": one.standing,
        "due": one.due,
        "memory": dict(one.memory),
        "bytes": one.size,
    }
