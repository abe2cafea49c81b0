"""The stages' notes, found by what they are and by estate: no stage looks through a whole county's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from devices.model import Registry
from rules.handling.case import Case, Hush, Note, Passed
from rules.outcome import MemoryKey
from rules.ruleset import Rule

_NONE: Mapping[MemoryKey, Note] = MappingProxyType({})


class Notes:
    """Notes by key."""

    def __init__(self, notes: Mapping[MemoryKey, Note]) -> None:
        self._all: dict[MemoryKey, Note] = {}
        self._parts: dict[tuple[str, str], dict[MemoryKey, Note]] = {}  # by kind and estate
        for key, note in notes.items():
            self.put(key, note)

    def __len__(self) -> int:
        return len(self._all)

    def get(self, key: MemoryKey) -> Note | None:
        """One note, if there is one."""
        return self._all.get(key)

    def of(self, kind: str, estate: str) -> Mapping[MemoryKey, Note]:
        """All notes of a kind in an estate."""
        return self._parts.get((kind, estate), _NONE)

    def items(self) -> Iterable[tuple[MemoryKey, Note]]:
        """All notes."""
        return self._all.items()

    def put(self, key: MemoryKey, note: Note) -> bool:
        """Keep a note; whether it is news."""
        if self._all.get(key) == note:
            return False
        self._all[key] = note
        self._parts.setdefault((key.rule, key.estate), {})[key] = note
        return True

    def drop(self, key: MemoryKey) -> bool:
        """Forget a note; whether there was one."""
        if self._all.pop(key, None) is None:
            return False
        self._parts[key.rule, key.estate].pop(key, None)
        return True


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What the stages may look at."""

    registry: Registry
    rules: Mapping[str, Rule]
    notes: Notes
    hushes: tuple[Hush, ...] = ()


Stage = Callable[[Case, Facts], Passed]
