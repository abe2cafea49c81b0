"""Ring, newest picture, privacy, archive, outbox, discovery and detector: each alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from devices.errors import SettingError
from devices.profile import Message
from devices.profiles.camera import PROFILE, CameraObject, CameraScene
from ingest.camera.analyser import Analyser
from ingest.camera.detector import OnnxDetector
from ingest.camera.discovery import addresses
from ingest.camera.link import Outbox
from ingest.camera.privacy import Privacy
from ingest.camera.ring import Ring, Shot
from ingest.camera.settings import Camera, Model, Zone
from ingest.camera.shape import Box, Frame
from ingest.camera.source import Newest

NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)


def picture(width: int = 320, height: int = 180) -> Frame:
    return np.random.default_rng(1).integers(0, 255, (height, width, 3)).astype(np.uint8)


def jpeg(width: int = 320, height: int = 180) -> bytes:
    return cv2.imencode(".jpg", picture(width, height))[1].tobytes()


def test_the_ring_is_bounded_by_time_and_by_bytes() -> None:
    ring = Ring(10.0, 1000)
    for n in range(40):
        ring.add(Shot(float(n), b"x" * 50, ()))
    assert [s.at for s in ring.between(0, 100)] == [float(n) for n in range(29, 40)]
    ring.add(Shot(40.0, b"x" * 900, ()))
    assert ring.bytes <= 1000
    assert ring.between(40, 40)


def test_a_picture_nobody_took_is_replaced_and_counted() -> None:
    newest = Newest()
    for n in range(3):
        newest.put(picture(), float(n))
    held = newest.take(0)
    assert held is not None
    assert held[1] == 2.0
    assert newest.dropped == 2
    assert newest.take(0) is None


def test_masks_heads_and_nothing_else_are_hidden() -> None:
    frame = picture()
    privacy = Privacy([[(0, 0), (0.2, 0), (0.2, 0.2), (0, 0.2)]])
    shown = privacy.apply(frame, [Box(0.5, 0.4, 0.1, 0.5)])
    assert not shown[:30, :50].any()
    head = shown[72:100, 160:192]
    assert len(np.unique(head.reshape(-1, 3), axis=0)) <= 36  # flat cells
    assert np.array_equal(shown[140:, 200:], frame[140:, 200:])
    assert np.array_equal(frame, picture())


async def test_a_full_outbox_gives_up_updates_first() -> None:
    outbox = Outbox(3)
    phases: list[CameraObject] = [
        CameraObject(track="t", label="moving", phase=phase, score=0.5)
        for phase in ("enter", "update", "leave", "enter")
    ]
    messages = [Message(id=str(n), at=NOW, reading=reading) for n, reading in enumerate(phases)]
    for message in messages:
        outbox.add("event", message)
    got = []
    for _ in range(3):
        _, message = await outbox.next()
        outbox.done(message)
        got.append(message.id)
    assert got == ["0", "2", "3"]
    assert outbox.dropped == 1


def test_the_contract_carries_behaviour_and_frozen_and_still_reads_older_messages() -> None:
    for reading in (
        CameraObject(track="t1", label="moving", phase="enter", score=0.5, behaviour="falling"),
        CameraObject(track="t1", label="moving", phase="enter", score=0.5),
        CameraScene(state="frozen"),
    ):
        message = Message(id="1", at=NOW, reading=reading)
        assert PROFILE.decode(PROFILE.encode(message)) == message


def test_discovery_reads_addresses_and_survives_nonsense() -> None:
    answer = b"<d:XAddrs>http://10.0.0.9/onvif/device_service urn:x</d:XAddrs><XAddrs>https://b/</XAddrs>"
    assert addresses(answer) == ["http://10.0.0.9/onvif/device_service", "https://b/"]
    assert addresses(b"\xff<XAddrs>") == []


def bright_box_model(file: Path) -> None:
    """Write a model that reports one box (x 8 to 24, y 8 to 40 of 64) whose score is the picture's mean."""
    values = [[[8.0, 8.0, 24.0, 40.0]]]
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], axes=[1, 2, 3], keepdims=1),
        helper.make_node("Reshape", ["mean", "row"], ["score"]),
        helper.make_node("Concat", ["box", "score", "kind"], ["output"], axis=2),
    ]
    constants = [
        helper.make_tensor("box", TensorProto.FLOAT, [1, 1, 4], np.array(values).ravel()),
        helper.make_tensor("kind", TensorProto.FLOAT, [1, 1, 1], [1.0]),
        helper.make_tensor("row", TensorProto.INT64, [3], [1, 1, 1]),
    ]
    graph = helper.make_graph(
        nodes,
        "bright",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, 64, 64])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, 6])],
        constants,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(file))


def owned(file: Path, names: dict[str, str]) -> Model:
    """Return the settings of a model with two classes of the owner's own names."""
    return Model(file=str(file), labels=("veh", "行人"), names=names, size=64, score=0.5)


def test_an_owners_model_names_what_is_tracked(tmp_path: Path) -> None:
    file = tmp_path / "tiny.onnx"
    bright_box_model(file)
    detector = OnnxDetector(owned(file, {"veh": "car", "行人": "person"}))
    bright = np.full((64, 64, 3), 200, np.uint8)
    ((box, label, score),) = detector.find(bright)
    assert (label, box) == ("person", Box(8, 8, 16, 32))
    assert score == pytest.approx(200 / 255, abs=0.01)
    assert detector.find(np.zeros((64, 64, 3), np.uint8)) == []
    assert OnnxDetector(owned(file, {"veh": "car", "行人": "ignore"})).find(bright) == []
    with pytest.raises(SettingError, match="there is no file"):
        OnnxDetector(owned(tmp_path / "none.onnx", {"veh": "car", "行人": "person"}))


class Walking:
    """A detector that sees a person walk to the right."""

    def __init__(self) -> None:
        self.calls = 0

    def find(self, frame: Frame) -> list[tuple[Box, str, float]]:
        """Say where the person is now."""
        assert frame.size
        self.calls += 1
        return [(Box(10.0 + 4 * self.calls, 90, 20, 60), "person", 0.8)]


def test_a_detectors_labels_go_through_the_same_tracking_and_zones() -> None:
    camera = Camera(
        device="c", estate="e", password="", url="u",
        zones=(Zone(name="z", points=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))),),
    )  # fmt: skip
    analyser, frame = Analyser(camera, detector=Walking()), picture()
    outcomes = [o for n in range(40) for o in analyser.see(frame, n / 5)]
    entered = [o for o in outcomes if getattr(o, "phase", None) == "enter"]
    assert [(o.label, o.zone, o.score) for o in entered] == [("person", "z", 0.8)]  # type: ignore[union-attr]
