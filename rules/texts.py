"""The text of rules: a file taken apart into one text per rule, and what a text asks of whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from devices.errors import RuleError
from devices.profiles import READINGS
from rules.condition import ANY
from rules.ruleset import Rule, parse
from rules.source import Source

_HEAD = "rules:\n"
_ITEM = "  - "  # how a rule of the catalogue begins


@dataclass(frozen=True, slots=True)
class Text:
    """One rule, with the rule file that says just this rule."""

    rule: Rule
    source: str


def split(text: str, file: str) -> tuple[Text, ...]:
    """Take a rule file apart; raises RuleError where it is wrong, or a rule leans on its neighbour."""
    rules = parse(text, file)
    lines = text.splitlines()
    starts = [rule.line - 1 for rule in rules]
    ends = [*starts[1:], len(lines)]
    found: list[Text] = []
    for rule, start, end in zip(rules, starts, ends, strict=True):
        source = _HEAD + _trimmed(lines[start:end]) if len(rules) > 1 else text
        try:
            alone = parse(source, file)
        except RuleError as exc:
            problem = (
                f"rule {rule.id!r} cannot stand alone ({exc.problem}): write it in block style, no anchors"
            )
            raise RuleError(file, rule.line, 1, problem) from exc
        if [r.id for r in alone] != [rule.id]:
            raise RuleError(file, rule.line, 1, f"begin rule {rule.id!r} on a line of its own")
        found.append(Text(rule, source))
    return tuple(found)


@lru_cache(512)
def only(text: str, file: str) -> Rule:
    """Read a text that must hold exactly one rule; raises RuleError."""
    rules = parse(text, file)
    if len(rules) != 1:
        raise RuleError(file, 1, 1, f"one rule at a time is wanted here, this text holds {len(rules)}")
    return rules[0]


@cache
def shipped() -> tuple[Text, ...]:
    """The catalogue that comes with the platform, rule by rule."""
    return tuple(part for name, text in _files() for part in split(text, name))


def shipped_sources() -> set[str]:
    """The texts of `shipped`, found without compiling anything: every start of ingest compares them."""
    found: set[str] = set()
    for _, text in _files():
        lines = text.splitlines()
        starts = [n for n, line in enumerate(lines) if line.startswith(_ITEM)]
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            found.add(_HEAD + _trimmed(lines[start:end]) if len(starts) > 1 else text)
    return found


def _files() -> list[tuple[str, str]]:
    folder = resources.files("rules") / "catalogue"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    return [(f.name, f.read_text("utf-8")) for f in files]


@lru_cache(512)  # an operator who asks why waits for no YAML twice
def predicates(source: str) -> Mapping[str, tuple[str, ...]]:
    """What a rule's text asks of each event type, in its own words."""
    value = Source(source, "").value
    rules = value.get("rules") if isinstance(value, dict) else None
    asked: dict[str, list[str]] = {}
    for rule in rules or ():
        for kind, text in _asked(rule.get("condition") if isinstance(rule, dict) else None):
            if text not in asked.setdefault(kind, []):
                asked[kind].append(text)
    return MappingProxyType({kind: tuple(texts) for kind, texts in asked.items()})


def _asked(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, list):
        for item in node:
            yield from _asked(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if (key in READINGS or key == ANY) and isinstance(value, str | bool):
                yield key, value if isinstance(value, str) else str(value).lower()
            else:
                yield from _asked(value)


def _trimmed(lines: list[str]) -> str:
    """Without the blank and comment lines at the end: they introduce the next rule."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return "\n".join(lines[:end]) + "\n"
