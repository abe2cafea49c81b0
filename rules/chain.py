"""A case's record as a chain of hashes: each entry seals the one before, so a change is found and named.

An entry has two hashes. `digest` covers what happened (its body, with a salt); `hash` covers the entry's
head, the digest and the hash before. A copy may therefore show a body with personal data masked: its digest
can no longer be checked against the body, but the chain still holds, and the seal of the copy covers what is
shown instead. ingest/store/dossier.sql writes the same form; tests/integration/test_dossier.py holds the two
together.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

FIRST = "0" * 64
"""What the first entry of a case names as the hash before it."""


class Flaw(StrEnum):
    """What is wrong with a chain."""

    GAP = "gap"  # an entry is missing, or two have changed places
    PREV = "prev"  # it does not name the hash of the entry before
    HASH = "hash"  # its head was changed
    BODY = "body"  # what it says was changed
    SHOWN = "shown"  # what this copy shows was changed
    SEAL = "seal"  # the copy is not as it was when it was made
    FILE = "file"  # an enclosed file was changed or is missing
    SOURCE = "source"  # the database's tables no longer say what the entry recorded
    UNRECORDED = "unrecorded"  # the tables say something that no entry recorded


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is wrong, at an entry (0: with the whole)."""

    seq: int
    flaw: Flaw
    about: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry; `salt` is None where the body is masked."""

    seq: int
    kind: str
    ref: str
    at: str
    salt: str | None
    body: Mapping[str, Any]
    digest: str
    prev: str
    hash: str

    @property
    def name(self) -> str:
        """What a person calls it."""
        return f"entry {self.seq} ({self.kind} {self.ref})"


def canonical(value: Any) -> str:
    """Write JSON in its one form: keys in code point order, no blanks, the database's numbers."""
    match value:
        case Mapping():
            members = (f"{_text(key)}:{canonical(value[key])}" for key in sorted(value))
            return "{" + ",".join(members) + "}"
        case str():
            return _text(value)
        case Sequence():
            return "[" + ",".join(canonical(item) for item in value) + "]"
        case Decimal():
            return format(value, "f")
        case float():
            return format(Decimal(repr(value)), "f")
        case _:
            return json.dumps(value)


def sha256(words: str) -> str:
    """Hash a text."""
    return hashlib.sha256(words.encode()).hexdigest()


def digest_of(salt: str, body: Mapping[str, Any]) -> str:
    """Hash what happened."""
    return sha256(salt + canonical(body))


def hash_of(case: int, entry: Entry) -> str:
    """Hash an entry's head, which holds the digest of its body and the hash before it."""
    head = {"case": case, "seq": entry.seq, "kind": entry.kind, "ref": entry.ref, "at": entry.at}
    return sha256(canonical({**head, "digest": entry.digest, "prev": entry.prev}))


def check(case: int, entries: Iterable[Entry]) -> tuple[Finding, ...]:
    """Follow the chain and name every entry that does not fit."""
    found: list[Finding] = []
    before, expected = FIRST, 1
    for entry in entries:
        if entry.seq != expected:
            found.append(_finding(entry, Flaw.GAP, f"entry {expected} should stand here"))
        if entry.prev != before:
            found.append(_finding(entry, Flaw.PREV, "does not continue the entry before"))
        if entry.salt is not None and digest_of(entry.salt, entry.body) != entry.digest:
            found.append(_finding(entry, Flaw.BODY, "what it says was changed"))
        if hash_of(case, entry) != entry.hash:
            found.append(_finding(entry, Flaw.HASH, "its head was changed"))
        before, expected = entry.hash, entry.seq + 1
    return tuple(found)


def _finding(entry: Entry, flaw: Flaw, about: str) -> Finding:
    return Finding(seq=entry.seq, flaw=flaw, about=f"{entry.name}: {about}")


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
