"""Seals find every change of what they cover."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from console.audit_chain import Flaw, Seal, check, digest_of, seal

NOW = datetime(2026, 5, 4, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=1)
lines = st.lists(st.text(max_size=20), min_size=1, max_size=8)


def chain(batches: list[list[str]]) -> list[Seal]:
    """Seal the batches one after the other."""
    seals: list[Seal] = []
    first = 1
    for batch in batches:
        ids = (first, first + len(batch) - 1)
        seals.append(seal(seals[-1] if seals else None, batch, ids, NOW))
        first += len(batch)
    return seals


def flaws(seals: list[Seal], batches: list[list[str]], *, kept_since: datetime = LONG_AGO) -> set[Flaw]:
    """Check a whole chain."""
    before: Seal | None = None
    found: set[Flaw] = set()
    for this, batch in zip(seals, batches, strict=True):
        found |= {finding.flaw for finding in check(before, this, batch, kept_since=kept_since)}
        before = this
    return found


@given(st.lists(lines, min_size=1, max_size=4))
def test_what_was_not_touched_is_whole(batches: list[list[str]]) -> None:
    assert flaws(chain(batches), batches) == set()


@given(st.lists(lines, min_size=1, max_size=4), st.data())
def test_a_changed_row_is_found(batches: list[list[str]], data: st.DataObject) -> None:
    seals = chain(batches)
    batch = data.draw(st.sampled_from(range(len(batches))))
    row = data.draw(st.sampled_from(range(len(batches[batch]))))
    other = data.draw(st.text(max_size=20).filter(lambda text: text != batches[batch][row]))
    changed = [list(each) for each in batches]
    changed[batch][row] = other
    assert flaws(seals, changed) == {Flaw.ROWS}


@given(st.lists(lines, min_size=1, max_size=4), st.data())
def test_a_removed_row_is_found(batches: list[list[str]], data: st.DataObject) -> None:
    seals = chain(batches)
    batch = data.draw(st.sampled_from(range(len(batches))))
    row = data.draw(st.sampled_from(range(len(batches[batch]))))
    changed = [list(each) for each in batches]
    del changed[batch][row]
    assert flaws(seals, changed) == {Flaw.ROWS}


@given(st.lists(lines, min_size=1, max_size=4), st.data())
def test_reordered_rows_are_found(batches: list[list[str]], data: st.DataObject) -> None:
    flat = [line for batch in batches for line in batch]
    shuffled = (
        data.draw(st.permutations(flat).filter(lambda order: order != flat)) if len(set(flat)) > 1 else None
    )
    if shuffled is None:
        return
    rest = iter(shuffled)
    changed = [[next(rest) for _ in batch] for batch in batches]
    assert flaws(chain(batches), changed) == {Flaw.ROWS}


def test_rows_joined_or_split_otherwise_are_found() -> None:
    assert digest_of(["ab", "c"])[0] != digest_of(["a", "bc"])[0]
    assert digest_of(["abc"])[0] != digest_of(["ab", "c"])[0]


@given(st.lists(lines, min_size=3, max_size=5))
def test_a_missing_seal_is_found(batches: list[list[str]]) -> None:
    seals = chain(batches)
    assert Flaw.GAP in flaws([seals[0], *seals[2:]], [batches[0], *batches[2:]])
    assert Flaw.GAP in flaws(seals[1:], batches[1:])


@given(st.lists(lines, min_size=2, max_size=4), st.data())
def test_a_rewritten_seal_breaks_the_chain(batches: list[list[str]], data: st.DataObject) -> None:
    """Whoever changes a row and makes its seal fit again breaks the link of the next one."""
    seals = chain(batches)
    at = data.draw(st.sampled_from(range(len(batches) - 1)))
    changed = [list(each) for each in batches]
    changed[at][0] += "!"
    seals[at] = seal(seals[at - 1] if at else None, changed[at], (seals[at].first_id, seals[at].last_id), NOW)
    assert flaws(seals, changed) == {Flaw.LINK}


def test_a_moved_time_is_found() -> None:
    (only,) = chain([["a"]])
    assert flaws([replace(only, sealed_at=NOW + timedelta(seconds=1))], [["a"]]) == {Flaw.LINK}


def test_rows_gone_by_retention_are_no_flaw_but_changed_ones_are_more_rows_never() -> None:
    (only,) = chain([["a", "b"]])
    after = NOW + timedelta(days=1)
    assert flaws([only], [[]], kept_since=after) == set()
    assert flaws([only], [["a", "b", "c"]], kept_since=after) == {Flaw.ROWS}
    assert flaws([only], [[]], kept_since=NOW) == {Flaw.ROWS}
