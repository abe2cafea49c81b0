"""Seals over the audit log: each binds a run of rows and the seal before it, so that no change stays unseen.

A changed, removed, added or reordered row changes its seal's digest; a changed or removed seal breaks
the link of the next one. Whoever could rewrite rows and all later seals is found by the newest hash:
keep it elsewhere (`shequ audit verify` prints it, a signed export holds it).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

GENESIS: Final = bytes(32)
"""What the first seal is linked to."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seal:
    """One seal; times with their zone, `digest` and `hash` are SHA-256."""

    seq: int
    sealed_at: datetime
    first_id: int
    last_id: int
    rows: int
    digest: bytes
    hash: bytes


class Flaw(StrEnum):
    """What can be wrong with the record."""

    ROWS = "rows"  # not the rows that were sealed
    LINK = "link"  # the seal does not follow from the one before
    GAP = "gap"  # a seal is missing


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One flaw, and the seal where it shows."""

    flaw: Flaw
    seal: Seal
    found_rows: int

    def __str__(self) -> str:
        seal = self.seal
        where = f"seal {seal.seq} of {seal.sealed_at.isoformat()}, rows {seal.first_id} to {seal.last_id}"
        return {
            Flaw.ROWS: f"{where}: {seal.rows} rows were sealed, {self.found_rows} are there"
            + ("" if seal.rows != self.found_rows else " and differ"),
            Flaw.LINK: f"{where}: does not follow from the seal before it",
            Flaw.GAP: f"{where}: a seal before it is missing",
        }[self.flaw]


def seal(before: Seal | None, lines: Iterable[str], ids: tuple[int, int], now: datetime) -> Seal:
    """Seal the rows with ids from the first to the last of `ids`."""
    digest, rows = digest_of(lines)
    seq = before.seq + 1 if before else 1
    previous = before.hash if before else GENESIS
    link = link_of(previous, seq=seq, ids=ids, rows=rows, digest=digest, at=now)
    return Seal(seq=seq, sealed_at=now, first_id=ids[0], last_id=ids[1], rows=rows, digest=digest, hash=link)


def digest_of(lines: Iterable[str]) -> tuple[bytes, int]:
    """Digest rows in their order, each with its length, and count them."""
    digest, rows = hashlib.sha256(), 0
    for line in lines:
        content = line.encode()
        digest.update(len(content).to_bytes(8, "big"))
        digest.update(content)
        rows += 1
    return digest.digest(), rows


def link_of(
    previous: bytes, *, seq: int, ids: tuple[int, int], rows: int, digest: bytes, at: datetime
) -> bytes:
    """Bind a seal to the one before it."""
    text = f"{seq} {at.astimezone(UTC).isoformat()} {ids[0]} {ids[1]} {rows} "
    return hashlib.sha256(previous + text.encode() + digest).digest()


def check(before: Seal | None, this: Seal, lines: Iterable[str], *, kept_since: datetime) -> list[Finding]:
    """Compare one seal with the rows that are there and with the seal before it.

    Rows older than `kept_since` may have gone by retention; their seals stay.
    """
    digest, rows = digest_of(lines)
    flaws: list[Flaw] = []
    if digest != this.digest and (this.sealed_at >= kept_since or rows > this.rows):
        flaws.append(Flaw.ROWS)
    seq = before.seq + 1 if before else 1
    previous = before.hash if before else GENESIS
    if this.seq != seq:
        flaws.append(Flaw.GAP)
    elif this.hash != link_of(
        previous,
        seq=seq,
        ids=(this.first_id, this.last_id),
        rows=this.rows,
        digest=this.digest,
        at=this.sealed_at,
    ):
        flaws.append(Flaw.LINK)
    return [Finding(flaw=flaw, seal=this, found_rows=rows) for flaw in flaws]
