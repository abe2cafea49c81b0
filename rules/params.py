"""Parameters of a rule: the numbers that a property manager may set, named in the file.

`params` gives each its shipped value, `$name` stands for it anywhere in the rule: as a whole
value it keeps its kind, within a predicate it is written as a literal. So a predicate
stays one text, checked as a whole, and nothing but a literal can be put into it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from rules.source import Path, Source

_NAME = re.compile(r"\$([A-Za-z_]\w*)")
_UNTOUCHED = ("params", "examples", "names", "note", "legal_note")


def fill_in(source: Source, path: Path, params: Mapping[str, Any]) -> Any:
    """The plain data of one rule with its parameters filled in; raises RuleError."""
    rule = source.value
    for step in path:
        rule = rule[step]
    if not isinstance(rule, dict):
        return rule
    own = rule.get("params", {})
    if not isinstance(own, dict):
        return rule  # msgspec says what is wrong with it
    for name, value in params.items():
        _check(source, path, own, name, value)
    values = {**own, **params}
    return {
        **{
            key: part if key in _UNTOUCHED else _fill(source, (*path, key), part, values)
            for key, part in rule.items()
        },
        **({"params": values} if values else {}),
    }


def _check(source: Source, path: Path, own: Mapping[str, Any], name: str, value: Any) -> None:
    """An override must name a parameter, and be of its kind."""
    if name not in own:
        known = ", ".join(own) or "none"
        raise source.error((*path, "params"), f"there is no parameter {name!r}; known: {known}")
    before = own[name]
    if before is None or value is None:
        return
    numbers = isinstance(before, int | float) and isinstance(value, int | float)
    same = type(before) is type(value) or (
        numbers and not isinstance(before, bool) and not isinstance(value, bool)
    )
    if not same:
        wanted = type(before).__name__
        problem = f"parameter {name!r} is a {wanted} such as {before!r}, not {value!r}"
        raise source.error((*path, "params", name), problem)


def _fill(source: Source, path: Path, part: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(part, dict):
        return {key: _fill(source, (*path, key), value, values) for key, value in part.items()}
    if isinstance(part, list):
        return [_fill(source, (*path, i), value, values) for i, value in enumerate(part)]
    if not isinstance(part, str) or "$" not in part:
        return part
    for match in _NAME.finditer(part):
        if match[1] not in values:
            known = ", ".join(values) or "none"
            raise source.error(path, f"unknown parameter ${match[1]}; known: {known}", offset=match.start())
    whole = _NAME.fullmatch(part)
    if whole is not None:
        return values[whole[1]]
    return _NAME.sub(lambda match: _literal(values[match[1]]), part)


def _literal(value: Any) -> str:
    """Write a value as CEL does."""
    if isinstance(value, list):
        return "[" + ", ".join(_literal(v) for v in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    return repr(value) if isinstance(value, int | float) else json.dumps(str(value))
