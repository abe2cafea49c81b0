"""Predicates: CEL over one reading, lowered to plain Python where the shape is simple.

A predicate sees `data`, the fields of the reading. A field that the device left out is
absent: whatever needs its value does not match, `has(data.x)` asks for it. Comparisons,
`!data.x`, `in` and their combinations by `&&` and `||` become Python closures (some
100 ns instead of several µs); tests/unit/test_rules_predicate.py holds both to the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, get_type_hints

from devices.errors import ConfigError, Fault, Stage
from devices.reading import Reading
from rules.condition import Predicate
from rules.lowering import TOKEN, NotSimpleError, kind_of, lower

_BINDERS = {"all", "exists", "exists_one", "map", "filter"}  # CEL macros that bind a name of their own
_LONGEST = 2000  # characters; beyond this it is no predicate that a person reads


class BadPredicate(Exception):
    """The text is no predicate for this type of reading; `offset` is where, counted from 0."""

    def __init__(self, problem: str, offset: int = 0) -> None:
        self.problem, self.offset = problem, offset
        super().__init__(problem)


class RuleFailed(ConfigError):
    """A rule could not judge an event that it was written for."""

    stage = Stage.JUDGE
    fault = Fault.RULE_FAILED

    def __init__(self, source: str, problem: str, rule: str = "") -> None:
        self.source, self.problem, self.rule = source, problem, rule
        self.detail = f"rule {rule or '?'}: `{source}`: {problem}"
        super().__init__(self.detail)


def compile_predicate(source: str, reading: type[Reading]) -> Predicate:
    """Make a function of the predicate; raises BadPredicate."""
    if len(source) > _LONGEST:
        raise BadPredicate(f"a predicate has at most {_LONGEST} characters, this one {len(source)}")
    program = _parse(source)
    _check_names(source, program, reading)
    slow = _by_cel(source, program)
    _try_out(slow, reading)
    try:
        return lower(source, reading)
    except NotSimpleError:
        return slow


def by_cel(source: str) -> Predicate:
    """Evaluate by CEL alone: the truth that the lowered closures are tested against."""
    return _by_cel(source, _parse(source))


def _parse(source: str) -> Any:
    import cel  # noqa: PLC0415 - it brings a command line of its own, half a second that only compiling is worth

    try:
        return cel.compile(source)
    except Exception as exc:
        found = re.search(r"<input>:(\d+):(\d+): (.*)", str(exc))
        if found is None:
            raise BadPredicate(f"not a CEL expression: {exc}") from exc
        offset = int(found[2]) - 1 if found[1] == "1" else 0
        raise BadPredicate(f"not a CEL expression: {found[3]}", offset) from exc


def _by_cel(source: str, program: Any) -> Predicate:
    run = program.execute

    def evaluate(reading: Reading) -> bool:
        try:
            answer = run({"data": reading.fields()})
        except KeyError:
            return False  # a field that the device left out
        except Exception as exc:
            raise RuleFailed(source, str(exc).partition("\n")[0][:200]) from exc
        if answer is True or answer is False:
            return bool(answer)
        raise RuleFailed(source, f"the answer is {type(answer).__name__}, not true or false")

    return evaluate


def _check_names(source: str, program: Any, reading: type[Reading]) -> None:
    """Every name must be known: `data`, its fields, and what a macro binds."""
    tokens = [(m.lastgroup, m[m.lastgroup or 0], m.start(m.lastgroup or 0)) for m in TOKEN.finditer(source)]
    words = [t[1] for t in tokens]
    bound = {words[i + 2] for i in range(len(words) - 2) if words[i] in _BINDERS and words[i + 1] == "("}
    fields = reading.__struct_fields__
    for i, (_, word, _offset) in enumerate(tokens[:-2]):
        if word != "data" or (i and words[i - 1] == "."):
            continue
        follower, (group, name, offset) = words[i + 1], tokens[i + 2]
        if follower == "." and group == "name":
            field = name
        elif follower == "[" and group == "string":
            field = name[1:-1]
        else:
            continue
        if field not in fields:
            raise BadPredicate(
                f"`{reading.type}` has no field {field!r}{did_you_mean(field, fields)}", offset
            )
    unknown = sorted(set(program.variables()) - {"data"} - bound)
    if unknown:
        offset = next((t[2] for t in tokens if t[1] == unknown[0]), 0)
        raise BadPredicate(f"unknown name {unknown[0]!r}: a predicate sees `data` only, as in data.x", offset)


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """End a complaint with the nearest known word, or with all of them."""
    near = get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"


def _try_out(evaluate: Predicate, reading: type[Reading]) -> None:
    """Evaluate on full sample readings, so that a mixed-up type is found before any event is."""
    hints = get_type_hints(reading)
    for index in (0, -1):
        sample = {name: _sample(hints[name], index) for name in reading.__struct_fields__}
        try:
            evaluate(reading(**sample))
        except RuleFailed as exc:
            raise BadPredicate(exc.problem) from exc


def _sample(hint: Any, index: int) -> Any:
    kind, literals = kind_of(hint)
    if literals:
        return literals[index]
    return {bool: index == 0, float: 1.0, int: 1, str: "a"}[kind]
