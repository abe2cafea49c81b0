"""The desk: hands signals to the stages one by one, and keeps the stages' notes between them.

Notes are saved as the engine's memory is, in the same transaction, under keys that no rule
has; so a restart forgets neither what holds back nor what is muted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from devices.errors import InternalError
from devices.model import Registry
from rules.alert import Signal
from rules.handling.case import Case, Flaps, Holder, Hush, Note, Speakers
from rules.handling.notes import Facts, Notes
from rules.handling.stages import FLAP_MUTE, HANDLE
from rules.outcome import MemoryKey
from rules.ruleset import Rule

KEEP = timedelta(hours=1)  # notes about what is over
_DECODER: msgspec.json.Decoder[Note] = msgspec.json.Decoder(Note)


class Desk:
    """All estates' notes, and what the stages look at."""

    def __init__(
        self, rules: Mapping[str, Rule], registry: Registry, notes: Mapping[MemoryKey, Note]
    ) -> None:
        self.rules = rules
        self.registry = registry
        self.hushes: tuple[Hush, ...] = ()
        self._notes = Notes(notes)
        self._swept: datetime | None = None

    def handle(self, said: Iterable[tuple[Signal, int]]) -> tuple[list[Case], dict[MemoryKey, Note | None]]:
        """Take signals in order; answers the cases and the notes that changed."""
        cases: list[Case] = []
        changed: dict[MemoryKey, Note | None] = {}
        facts = Facts(registry=self.registry, rules=self.rules, hushes=self.hushes, notes=self._notes)
        for signal, times in said:
            passed = HANDLE(Case(signal=signal, times=times), facts)
            cases.append(passed.case)
            self._keep(passed.notes, changed)
            self._sweep(signal.at, changed)
        return cases, changed

    def _keep(self, notes: Mapping[MemoryKey, Note | None], changed: dict[MemoryKey, Note | None]) -> None:
        for key, note in notes.items():
            news = self._notes.drop(key) if note is None else self._notes.put(key, note)
            if news:
                changed[key] = note

    def _sweep(self, at: datetime, changed: dict[MemoryKey, Note | None]) -> None:
        """Forget, at most every quarter of an hour, what can no longer matter: the notes stay few."""
        if self._swept is not None and at - self._swept < KEEP / 4:
            return
        self._swept = at
        old = {key: None for key, note in self._notes.items() if _over(note, at)}
        self._keep(old, changed)


def _over(note: Note, at: datetime) -> bool:
    if isinstance(note, Holder):
        return False  # it ends with its alert
    if isinstance(note, Flaps):
        return (note.muted_until or max(note.raised, default=at) + FLAP_MUTE) + KEEP < at
    return max(note.devices.values(), default=at) + KEEP < at


def is_note(key: MemoryKey) -> bool:
    """Whether a stored memory is a note of the desk's."""
    return key.rule.startswith("~")


def encode_note(note: Note) -> bytes:
    """Write a note as JSON."""
    return msgspec.json.encode(note)


def decode_note(raw: bytes) -> Note:
    """Read back what `encode_note` wrote; raises InternalError for anything else."""
    try:
        return _DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise InternalError(f"a stored note cannot be read: {exc}") from exc


__all__ = ["Desk", "Speakers", "decode_note", "encode_note", "is_note"]
