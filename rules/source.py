"""YAML with positions: plain values, and for each the line and column it stands at."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import accumulate
from typing import Any, ClassVar, Final

import yaml
from yaml.nodes import Node, ScalarNode, SequenceNode

from devices.errors import RuleError

Path = tuple[str | int, ...]
LARGEST = 256 * 1024  # characters of one rule file
_MOST_VALUES = 20_000
_DEEPEST = 20
_NESTING = {"[": 1, "{": 1, "]": -1, "}": -1}
_MOST_BRACKETS = 100
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]|(\[\.\.\.\])")
_STANDARD: Final = "tag:yaml.org,2002:"
_FORMS: Final = {  # plain words by YAML 1.2's core schema (12:30 and `no` are text), and dates
    "null": r"~|null|Null|NULL|",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
    "float": r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?",
    "timestamp": r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?",
}
_READ: Final[dict[str, Callable[[str], object]]] = {
    "null": lambda _: None,
    "bool": lambda text: text[0] in "tT",
    "int": lambda text: int(text, 0 if text[:2] in {"0o", "0x"} else 10),
    "float": float,
    "str": str,
}
_REFUSED: Final = {"timestamp": "a date has no meaning here; quote it if it is text"}


class _Loader(yaml.CSafeLoader):
    """Composes nodes in C, and knows what a plain word is."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}  # type: ignore[misc]  # instead of YAML 1.1's


for _kind, _form in _FORMS.items():
    _Loader.add_implicit_resolver(_STANDARD + _kind, re.compile(f"(?:{_form})$"), None)


class Source:
    """One rule file: `value` is plain data, `error` complains about a place in it."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.places: dict[Path, tuple[int, int]] = {(): (1, 1)}
        self.keys: dict[Path, tuple[int, int]] = {}
        self.blocks: set[Path] = set()  # texts that begin on a later line
        if len(text) > LARGEST:
            raise RuleError(file, 1, 1, f"a rule file has at most {LARGEST} characters, this one {len(text)}")
        if max(accumulate(_NESTING.get(c, 0) for c in text), default=0) > _MOST_BRACKETS:
            raise RuleError(
                file, 1, 1, "brackets are opened that nothing closes"
            )  # YAML takes seconds to say so
        self.value = self._plain(self._composed(text), ())

    def _composed(self, text: str) -> Node | None:
        try:
            return _Loader(text).get_single_node()
        except yaml.MarkedYAMLError as exc:
            mark = exc.problem_mark or exc.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            raise RuleError(self.file, line, column, f"not YAML: {exc.problem or exc.context}") from exc
        except (yaml.YAMLError, UnicodeError) as exc:  # a character that no YAML may hold
            problem = str(exc).partition("\n")[0][:200]
            raise RuleError(self.file, 1, 1, f"not YAML: {problem}") from exc

    def _plain(self, node: Node | None, path: Path) -> Any:
        if node is None:
            return None
        place = self.places[path] = _at(node)
        if len(self.places) > _MOST_VALUES or len(path) > _DEEPEST:
            raise RuleError(self.file, *place, "too many or too deeply nested values (repeated aliases?)")
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        if isinstance(node, SequenceNode):
            return [self._plain(item, (*path, i)) for i, item in enumerate(node.value)]
        return self._mapping(node, path)

    def _scalar(self, node: ScalarNode, path: Path) -> Any:
        place = self.places[path]
        if node.style in {'"', "'"}:
            self.places[path] = (place[0], place[1] + 1)
        elif node.style in {"|", ">"}:
            self.blocks.add(path)
        kind = node.tag.removeprefix(_STANDARD)
        if kind not in _READ:
            refusal = _REFUSED.get(kind, "write a value that begins with `!` in quotes")
            raise RuleError(self.file, *place, refusal)
        try:
            return _READ[kind](node.value)
        except ValueError as exc:
            raise RuleError(self.file, *place, f"{node.value[:50]!r} is no {kind}") from exc

    def _mapping(self, node: Node, path: Path) -> dict[str, Any]:
        plain: dict[str, Any] = {}
        for name, value in node.value:
            spot = _at(name)
            key = name.value
            if name.tag != f"{_STANDARD}str":
                raise RuleError(self.file, *spot, f"the key {key!r} must be text; write it in quotes")
            if key in plain:
                raise RuleError(self.file, *spot, f"a duplicate key: {key!r} is there already")
            self.keys[(*path, key)] = spot
            plain[key] = self._plain(value, (*path, key))
        return plain

    def error(self, path: Path, problem: str, *, offset: int = 0, key: bool = False) -> RuleError:
        """Complain about the value at `path`, or the nearest one around it; `key`: about its name."""
        if key and path in self.keys:
            line, column = self.keys[path]
        else:
            while path not in self.places:
                path = path[:-1]
            line, column = self.places[path]
        return RuleError(self.file, line, column + (0 if path in self.blocks else offset), problem)


def _at(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def path_of(complaint: str) -> tuple[str, Path]:
    """Split a msgspec complaint into its text and the path that it ends with."""
    problem, _, tail = complaint.partition(" - at `$")
    path: list[str | int] = []
    for name, index, _rest in _STEP.findall(tail.rstrip("`")):
        if name:
            path.append(name)
        elif index:
            path.append(int(index))
        else:
            break
    return problem, tuple(path)
