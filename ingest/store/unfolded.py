"""What this process' batches put into the journal of the engine's memory and is not folded yet.

The database could read the newest word on each subject out of the journal, but it would have to read every
word for it, and most are stale by then. Who wrote them knows the newest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from ingest.store import sql
from rules.engine import MemoryKey

Q: Final = sql.load("ingest.store", "queries.sql")

Words = dict[MemoryKey, bytes | None]  # the memory as JSON; None: forgotten
_FORGOTTEN: Final = b"null"


class _Change(msgspec.Struct, frozen=True):
    """One word as the journal writes it."""

    estate: str
    rule: str
    subject: str
    memory: msgspec.Raw

    @property
    def word(self) -> bytes | None:
        """The memory as JSON; None where it was forgotten."""
        memory = bytes(self.memory)
        return None if memory == _FORGOTTEN else memory


_CHANGES: Final = msgspec.json.Decoder(list[_Change])


@dataclass(slots=True)
class Unfolded:
    """The newest words, and the rows of the journal that held them.

    `sure` says that no other row of the journal is ours. It is not after a commit whose answer was lost,
    nor before this process has folded once: then the journal itself is read.
    """

    words: Words = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)
    sure: bool = False

    def committed(self, row: int, words: Words) -> None:
        """Take note of a row that stands."""
        self.words.update(words)
        self.rows.append(row)

    def take(self) -> Unfolded:
        """Hand out all of it, and begin anew: whoever takes it folds it, or gives it back."""
        taken = Unfolded(self.words, self.rows, self.sure)
        self.words, self.rows, self.sure = {}, [], True
        return taken

    def give_back(self, taken: Unfolded) -> None:
        """It may not have been folded: put it under what came since, and look into the journal next time."""
        self.words = {**taken.words, **self.words}
        self.rows = [*taken.rows, *self.rows]
        self.sure = False


async def fold(connection: AsyncConnection[Any], taken: Unfolded) -> None:
    """Fold in the open transaction: what was taken, if that is all there is; else what the journal says.

    Two foldings must not overtake each other, so the lock comes first, in a statement of its own. Another
    process that read the journal has folded our rows too, and perhaps newer ones: then nothing of what was
    taken may be written.
    """
    await connection.execute(Q["lock_fold"])
    if not (taken.sure and await _untouched(connection, taken.rows)):
        taken = await _read(connection)
    await connection.execute(Q["fold_words"], {"rows": taken.rows, "words": encoded(taken.words)})


async def _untouched(connection: AsyncConnection[Any], rows: list[int]) -> bool:
    """Whether nobody has folded any of these rows."""
    found = await (await connection.execute(Q["count_journal"], {"rows": rows})).fetchone()
    return found == (len(rows),)


async def _read(connection: AsyncConnection[Any]) -> Unfolded:
    """Read the whole journal, whoever wrote it: the newest word on each subject."""
    read = Unfolded()
    for number, changes in await (await connection.execute(Q["read_journal"])).fetchall():
        words = _CHANGES.decode(changes)
        read.committed(number, {MemoryKey(c.estate, c.rule, c.subject): c.word for c in words})
    return read


def encoded(words: Words) -> str:
    """A JSON array of what changed, as the journal holds it."""
    return msgspec.json.encode([_Change(*key, _raw(memory)) for key, memory in words.items()]).decode()


def _raw(memory: bytes | None) -> msgspec.Raw:
    return msgspec.Raw(_FORGOTTEN if memory is None else memory)
