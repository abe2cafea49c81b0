"""The rulebook as people use it: checked, drafted, tried on the past, put in force; for HTTP and command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from console.problems import Invalid
from devices.errors import Conflict, NotFound, RuleError
from ingest.replay import backtest
from ingest.store import history, rulebook
from ingest.store.history import Connection, Span
from ingest.store.registry import load_registry
from rules.backtest import MOST_EXAMPLES, Raised, Report
from rules.fault_words import in_chinese
from rules.ruleset import Rule, parse
from rules.texts import only

DAYS = timedelta(days=30)
LONGEST = timedelta(days=92)
WHERE = "rule"  # what complaints call a text that came without a file


def check(source: str, file: str = WHERE) -> dict[str, Any]:
    """Read a text: its rules, or where it is wrong and what to write instead."""
    try:
        rules = parse(source, file)
    except RuleError as exc:
        return {"ok": False, "rules": [], "errors": [told(exc)]}
    return {"ok": True, "rules": [rule.id for rule in rules], "errors": []}


def told(exc: RuleError) -> dict[str, Any]:
    """Say where a text is wrong and what to write instead, in both languages."""
    return {
        "line": exc.line,
        "column": exc.column,
        "problem": exc.problem,
        "problem_zh": in_chinese(exc.problem),
    }


def fault_of(exc: RuleError) -> Invalid:
    """A wrong text as a refused request."""
    return Invalid({f"source:{exc.line}:{exc.column}": exc.problem})


def span_of(
    start: datetime | None, end: datetime | None, now: datetime, *, most: timedelta = LONGEST
) -> Span:
    """The span that is asked for; raises Invalid for one that is none, or too long."""
    until = min(end, now) if end is not None else now
    since = start if start is not None else until - min(DAYS, most)
    if since.tzinfo is None or until.tzinfo is None:
        raise Invalid({"start": "write a time with its offset, as in 2026-03-01T00:00:00+08:00"})
    if not timedelta(0) < until - since <= most:
        raise Invalid({"start": f"must lie before the end, by at most {most.days} days"})
    return Span(start=since, end=until)


async def try_out(connection: Connection, candidate: Rule, span: Span, scope: str | None) -> Report:
    """Back-test a rule in the caller's part of the place tree, beside the version in force."""
    estates = None if scope is None else await history.estates_of(connection, scope)
    live = await live_rule(connection, candidate.id)
    part = Span(start=span.start, end=span.end, estates=estates)
    return await backtest(connection, await load_registry(connection), part, candidate, live)


async def live_rule(connection: Connection, rule: str) -> Rule | None:
    """The version in force, if there is one."""
    try:
        row = await rulebook.find(connection, rule, None)
    except NotFound:
        return None
    return only(row["source"], rulebook.name(rule, row["version"]))


async def stored_rule(connection: Connection, rule: str, version: int | None) -> Rule:
    """One version; without a number the newest there is. Raises NotFound."""
    row = await rulebook.find(connection, rule, version or await rulebook.newest(connection, rule))
    return only(row["source"], rulebook.name(rule, row["version"]))


def report_body(report: Report) -> dict[str, Any]:
    """A report as it is answered."""
    parts: dict[str, Sequence[Raised]] = {
        name: getattr(report, name)
        for name in ("would", "live", "stored", "confirmed", "false", "fresh", "missed", "spared")
    }
    shown = {n: [hit(a) for a in parts[n][:MOST_EXAMPLES]] for n in ("missed", "spared", "false", "fresh")}
    return {
        "rule": report.rule,
        "start": report.start,
        "end": report.end,
        "events": report.events,
        "sentence_zh": report.sentence_zh,
        "sentence_en": report.sentence_en,
        "counts": {name: len(part) for name, part in parts.items()},
        "days": {day: dict(counts) for day, counts in report.days.items()},
        **shown,
    }


def hit(alert: Raised) -> dict[str, Any]:
    """An alert of a back-test as it is answered."""
    return {name: value for name, value in asdict(alert).items() if name not in ("rule", "evidence")}


class Turnstile:
    """One back-test at a time: it costs a core."""

    def __init__(self) -> None:
        self._busy = False

    def __enter__(self) -> None:
        if self._busy:
            raise Conflict("another back-test is running: try again when it is done")
        self._busy = True

    def __exit__(self, *_: object) -> None:
        self._busy = False
