"""The chain of a dossier finds every change; masking takes out what is personal and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rules.chain import FIRST, Entry, Flaw, canonical, check, digest_of, hash_of
from rules.masking import MASK, mask

CASE = 7
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
BODIES = st.lists(st.dictionaries(st.text(min_size=1), JSON, max_size=4), min_size=1, max_size=6)


def chained(bodies: list[dict[str, Any]]) -> list[Entry]:
    entries: list[Entry] = []
    for seq, body in enumerate(bodies, 1):
        salt, prev = f"salt-{seq}", entries[-1].hash if entries else FIRST
        entry = Entry(
            seq=seq, kind="move", ref=str(seq), at="2026-01-01T00:00:00+00:00", salt=salt, body=body,
            digest=digest_of(salt, body), prev=prev, hash="",
        )  # fmt: skip
        entries.append(replace(entry, hash=hash_of(CASE, entry)))
    return entries


@given(value=JSON)
def test_the_one_form_is_json_and_survives_being_read(value: Any) -> None:
    text = canonical(value)
    assert canonical(json.loads(text, parse_float=Decimal)) == text


@given(bodies=BODIES)
def test_a_chain_as_written_is_whole(bodies: list[dict[str, Any]]) -> None:
    assert check(CASE, chained(bodies)) == ()
    assert check(CASE + 1, chained(bodies)) != ()


@given(bodies=BODIES, data=st.data())
def test_any_change_is_found_and_its_entry_named(bodies: list[dict[str, Any]], data: st.DataObject) -> None:
    entries = chained(bodies)
    n = data.draw(st.integers(0, len(entries) - 1))
    field = data.draw(st.sampled_from(("kind", "ref", "at", "salt", "digest", "prev", "hash", "body")))
    changed: Any = {"body": {**entries[n].body, "~": "?"}}.get(field) or getattr(entries[n], field) + "?"
    change: Any = {field: changed}
    entries[n] = replace(entries[n], **change)
    found = check(CASE, entries)
    assert found
    assert found[0].seq == n + 1


@given(bodies=BODIES, data=st.data())
def test_a_missing_or_moved_entry_is_found(bodies: list[dict[str, Any]], data: st.DataObject) -> None:
    entries = chained([*bodies, {"last": True}])
    n = data.draw(st.integers(0, len(entries) - 2))
    assert Flaw.GAP in {finding.flaw for finding in check(CASE, entries[:n] + entries[n + 1 :])}


def test_what_is_personal_is_masked_wherever_it_is_repeated() -> None:
    body = {
        "data": {"person_ref": "P-17", "door": 3},
        "subject": "at/P-17",
        "note": "call 13812345678",
        "x": None,
    }
    assert mask(body) == {
        "data": {"person_ref": MASK, "door": 3},
        "subject": f"at/{MASK}",
        "note": f"call {MASK}",
        "x": None,
    }


def test_what_is_not_personal_stays() -> None:
    body = {"action": "close", "reason": "误报", "detail": {"org": "PM"}, "n": [1, 2.5]}
    assert mask(body) == body
