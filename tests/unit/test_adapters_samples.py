"""Every adapter reads its samples as they are meant, is documented, and listens to nothing of another's."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console.reference import ROOT
from devices.adapter import Adapter, Said
from devices.adapters import ADAPTERS
from devices.codec import spoken, subscriptions
from devices.errors import DecodeError
from devices.profiles import PROFILES

FACES = {
    "faceFeature": "/9j/4AAQ",
    "facePicture": "/9j/4AAQ",
    "idCardNo": "51068119900101",
    "cardHolder": "王五",
}
SAMPLES = sorted((ROOT / "tests/samples").glob("*/*.json"))


def load(path: Path) -> tuple[Adapter, dict[str, Any], bytes]:
    """A sample, and its payload as bytes."""
    sample = json.loads(path.read_text(encoding="utf-8"))
    payload = sample["payload"]
    return (
        ADAPTERS[path.parent.name],
        sample,
        payload.encode() if isinstance(payload, str) else msgspec.json.encode(payload),
    )


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_sample_says_what_it_says(path: Path) -> None:
    adapter, sample, payload = load(path)
    if "error" in sample:
        with pytest.raises(DecodeError) as caught:
            adapter.read(sample["topic"], payload)
        assert caught.value.fault == sample["error"]
        return
    said = adapter.read(sample["topic"], payload)
    assert [(s.reading.type, s.reading.fields()) for s in said] == [
        (want["type"], _whole(one, want["data"])) for one, want in zip(said, sample["says"], strict=True)
    ]
    for one, want in zip(said, sample["says"], strict=True):
        _matches(one, want)
    if "proposes" in sample:
        assert adapter.propose is not None
        found = adapter.propose(sample["topic"], payload)
        assert [{k: getattr(p, k) for k in sample["proposes"][0]} for p in found] == sample["proposes"]


def _whole(said: Said, data: dict[str, Any]) -> dict[str, Any]:
    """Sample data leave defaults out."""
    return msgspec.convert(data, type(said.reading)).fields()


def _matches(said: Said, want: dict[str, Any]) -> None:
    for key in want.keys() & {"address", "id", "replay"}:
        assert getattr(said, key) == want[key]
    if "at" in want:
        assert said.at == (datetime.fromisoformat(want["at"]) if want["at"] else None)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_sample_set_aside_keeps_no_name_number_or_picture(path: Path) -> None:
    adapter, _, payload = load(path)
    kept = adapter.quarantine(payload)
    if adapter.dialect in ("frigate", "hikvision", "dahua"):
        for private in ("Wang Wu", "王五", "0012345678", "川F12345", "/9j/4AAQ", "p-0042"):
            assert private.encode() not in kept
    else:
        assert kept == payload


def test_samples_hold_what_must_not_be_kept_and_some_with_faces_are_read() -> None:
    """Else the two tests around this one would prove nothing."""
    payloads = b"".join(load(path)[2] for path in SAMPLES)
    for private in ("Wang Wu", "王五", "0012345678", "川F12345", "/9j/4AAQ", "p-0042"):
        assert private.encode() in payloads or json.dumps(private)[1:-1].encode() in payloads, private
    read: dict[str, int] = {}
    for path in SAMPLES:
        adapter, sample, payload = load(path)
        if payload[:1] == b"{" and "error" not in sample:
            whole = {**json.loads(payload), **FACES}
            said = adapter.read(sample["topic"], json.dumps(whole, ensure_ascii=False).encode())
            read[adapter.dialect] = read.get(adapter.dialect, 0) + len(said)
    assert all(read.get(dialect) for dialect in ("frigate", "hikvision")), read


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_is_read_of_a_sample_holds_no_name_number_picture_or_feature(path: Path) -> None:
    adapter, sample, payload = load(path)
    if payload[:1] == b"{" and isinstance(whole := json.loads(payload), dict):
        payload = json.dumps({**whole, **FACES}, ensure_ascii=False).encode()
    try:
        read = repr(adapter.read(sample["topic"], payload))
    except DecodeError:
        return  # set aside: the test above
    for private in ("Wang Wu", "王五", "0012345678", "川F12345", "/9j/4AAQ", "51068119900101"):
        assert private not in read


def test_every_dialect_has_its_file_its_samples_and_its_line_in_the_reference() -> None:
    files = {p.stem for p in (ROOT / "devices/adapters").glob("*.py")} - {"__init__"}
    assert files == {a.decode.__module__.rpartition(".")[2] for a in ADAPTERS.values()}
    assert {path.parent.name for path in SAMPLES} == set(ADAPTERS)
    page = (ROOT / "docs/reference/adapters.md").read_text(encoding="utf-8")
    for adapter in ADAPTERS.values():
        assert f"`{adapter.dialect}`" in page
        assert set(adapter.families) <= set(PROFILES)


def test_every_sample_is_marked_as_made_by_hand_or_recorded() -> None:
    assert [p.name for p in SAMPLES if not json.loads(p.read_text(encoding="utf-8")).get("made")] == []


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_samples_topic_is_subscribed_once_and_is_nobody_elses(path: Path) -> None:
    adapter, sample, _ = load(path)
    topics = [sample["topic"], *([f"via/tuoshui/{sample['topic']}"] if adapter.transport == "mqtt" else [])]
    for topic in topics:
        assert len([f for f in subscriptions() if _fits(f, topic)]) == 1, "a broker may deliver it twice"
        assert [a.dialect for a in ADAPTERS.values() if a.match(sample["topic"])] == [adapter.dialect]
        found = spoken(topic)
        assert found is not None
        assert found.adapter is adapter


def _fits(pattern: str, topic: str) -> bool:
    """MQTT's topic filters."""
    wanted, levels = pattern.split("/"), topic.split("/")
    for n, level in enumerate(wanted):
        if level == "#":
            return True
        if n >= len(levels) or level not in ("+", levels[n]):
            return False
    return len(wanted) == len(levels)
