"""What a live viewer is shown: the newest picture, and none at all rather than an old one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import msgspec
import numpy as np

from ingest.camera.node import STALE, CameraDesk
from ingest.camera.settings import NodeSettings

NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)


async def test_an_old_picture_does_not_pass_for_a_live_one(tmp_path: Path) -> None:
    document = {
        "broker": {"host": "127.0.0.1"},
        "folder": str(tmp_path),
        "cameras": [{"device": "cam-1", "estate": "E1", "password": "", "url": "none.mp4"}],
    }
    settings = msgspec.convert(document, NodeSettings)
    desk = CameraDesk(settings.cameras[0], settings, lambda: NOW)
    assert desk.shown_live("wang") is None  # nothing has come yet
    desk.watch.look(np.full((270, 480, 3), 90, np.uint8), monotonic())
    assert (desk.shown_live("wang") or b"").startswith(b"\xff\xd8")
    desk.watch.latest_at -= STALE + 1
    assert desk.shown_live("wang") is None
