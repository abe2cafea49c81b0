"""YAML with positions: plain values, and for each the line and column it stands at."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq, TaggedScalar
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    FoldedScalarString,
    LiteralScalarString,
    SingleQuotedScalarString,
)

from devices.errors import RuleError

Path = tuple[str | int, ...]
LARGEST = 256 * 1024  # characters of one rule file
_MOST_VALUES = 20_000
_DEEPEST = 20
_NESTING = {"[": 1, "{": 1, "]": -1, "}": -1}
_MOST_BRACKETS = 100
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]|(\[\.\.\.\])")


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
        self.value = self._plain(self._load(text), (), (1, 1))

    def _load(self, text: str) -> Any:
        yaml = YAML(typ="rt", pure=True)
        yaml.preserve_quotes = True  # only to know that the text begins one column later
        try:
            return yaml.load(text)
        except MarkedYAMLError as exc:
            mark = exc.problem_mark or exc.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            problem = str(exc.problem or exc.context or "cannot be read").partition("\n")[0]
            raise RuleError(self.file, line, column, f"not YAML: {problem}") from exc
        except Exception as exc:
            # ruamel.yaml leaks ValueError, AttributeError, RecursionError and more on odd input
            problem = str(exc).partition("\n")[0][:200]
            raise RuleError(self.file, 1, 1, f"not YAML: {problem or type(exc).__name__}") from exc

    def _plain(self, node: Any, path: Path, place: tuple[int, int]) -> Any:
        self.places[path] = place
        if len(self.places) > _MOST_VALUES or len(path) > _DEEPEST:
            raise RuleError(self.file, *place, "too many or too deeply nested values (repeated aliases?)")
        if isinstance(node, TaggedScalar):
            raise RuleError(self.file, *place, "write a value that begins with `!` in quotes")
        if isinstance(node, CommentedMap):
            return self._mapping(node, path, place)
        if isinstance(node, CommentedSeq):
            return [self._plain(item, (*path, i), _at(node.lc.item(i), place)) for i, item in enumerate(node)]
        return self._scalar(node, path, place)

    def _scalar(self, node: Any, path: Path, place: tuple[int, int]) -> Any:
        if isinstance(node, DoubleQuotedScalarString | SingleQuotedScalarString):
            self.places[path] = (place[0], place[1] + 1)
        elif isinstance(node, LiteralScalarString | FoldedScalarString):
            self.blocks.add(path)
        if node is None:
            return None
        if type(node).__name__ == "ScalarBoolean":  # an int in disguise where an anchor is on it
            return bool(node)
        for kind in (bool, int, float, str):
            if isinstance(node, kind):
                return kind(node)
        raise RuleError(
            self.file, *place, f"a {type(node).__name__} has no meaning here; quote it if it is text"
        )

    def _mapping(self, node: CommentedMap, path: Path, place: tuple[int, int]) -> dict[str, Any]:
        plain: dict[str, Any] = {}
        for key, value in node.items():
            spot = _at(node.lc.key(key), place) if key in node.lc.data else place
            if not isinstance(key, str):
                raise RuleError(self.file, *spot, f"the key {key!r} must be text; write it in quotes")
            self.keys[(*path, str(key))] = spot
            where = _at(node.lc.value(key), spot) if key in node.lc.data else spot
            plain[str(key)] = self._plain(value, (*path, str(key)), where)
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


def _at(mark: Any, otherwise: tuple[int, int]) -> tuple[int, int]:
    return (mark[0] + 1, mark[1] + 1) if mark else otherwise


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
