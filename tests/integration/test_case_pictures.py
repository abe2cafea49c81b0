"""Pictures that a case rests on outlive the camera's days while the case is open or held, and no longer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from console.case_pictures import in_step
from ingest.camera.archive import Archive
from ingest.camera.privacy import Privacy
from ingest.camera.store import open_store
from tests.integration.api_desk import Desk, open_desk

FOLDER = "EST1/cam-1/20260520"
NAMES = ("120000-000-intrusion-t1", "120500-000-intrusion-t2", "121000-000-intrusion-t3")
LATER = datetime(2026, 8, 1, tzinfo=UTC)
KEEP = timedelta(days=30)
CASE = """
INSERT INTO incidents (case_code, state, severity, code, estate, place, opened_by)
VALUES (%(code)s, 'dispatched', 2, 'SEC-007', 'EST1', 'EST1', 'w') RETURNING id
"""
EVIDENCE = """
WITH e AS (
    INSERT INTO events (device, id, at, estate, type, data, received_at)
    VALUES ('cam-1', %(name)s, '2026-05-20 12:00+08', 'EST1', 'camera.object',
        jsonb_build_object('snapshot', %(ref)s::text), '2026-05-20 12:00+08') RETURNING device, id, at
), linked AS (UPDATE alerts SET incident_id = %(incident)s WHERE id = %(alert)s)
INSERT INTO alert_evidence (alert_id, device, event_id, at) SELECT %(alert)s, device, id, at FROM e
"""


async def by_hand(*_: object) -> None:
    """The console's own rounds come by the clock; here they come when the test says so."""


@pytest.fixture
async def desk(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr("console.app.keep_pictures", by_hand)
    (tmp_path / FOLDER).mkdir(parents=True)
    for name in NAMES:
        (tmp_path / FOLDER / f"{name}.jpg").write_bytes(b"picture")
        (tmp_path / FOLDER / f"{name}.webm").write_bytes(b"clip")
    async with open_desk(database, snapshots=str(tmp_path)) as desk:
        yield desk


@pytest.fixture
def days_pass(tmp_path: Path) -> Any:
    """The camera's node deletes what is older than its days; answers which pictures are left."""
    archive = Archive(open_store(tmp_path), "EST1", "cam-1", Privacy())

    def expire() -> list[str]:
        archive.expire(LATER, KEEP)
        folder = tmp_path / FOLDER
        left = {path.stem for path in folder.glob("*.jpg")}
        assert {path.stem for path in folder.glob("*.webm")} == left  # each with its clip
        return sorted(left)

    return expire


async def case(desk: Desk, code: str, name: str, ref: str | None = None) -> int:
    """A case whose alert rests on a camera's event with a picture."""
    found = await (await desk.connection.execute(CASE, {"code": code})).fetchall()
    alert = await desk.alert(code="SEC-007", severity=2)  # on nothing yet
    picture = ref or f"{FOLDER}/{name}.jpg"
    row = {"name": name, "ref": picture, "incident": found[0]["id"], "alert": alert}
    await desk.connection.execute(EVIDENCE, row)
    return int(found[0]["id"])


async def round_(desk: Desk) -> tuple[int, int]:
    """One round of the console's task."""
    store = desk.app.state.pictures
    made: tuple[int, int] = await desk.app.state.database.write(lambda c: in_step(c, store))
    return made


async def close(desk: Desk, number: int) -> None:
    await desk.connection.execute(
        "UPDATE incidents SET state = 'closed', closed_at = now() WHERE id = %s", [number]
    )


async def test_open_and_held_cases_spare_their_pictures_until_both_are_over(
    desk: Desk, days_pass: Any, tmp_path: Path
) -> None:
    one = await case(desk, "C-1", NAMES[0])
    assert await round_(desk) == (1, 0)
    assert await round_(desk) == (0, 0)
    assert days_pass() == [NAMES[0]]  # what no case rests on goes in its days
    state = (await desk.get(f"/api/snapshot-state/{FOLDER}/{NAMES[0]}.jpg")).json()
    assert (state["hold"]["by"], state["hold"]["reason"]) == ("platform", "C-1")

    wish = {"hold": True, "reason": "court asks"}
    assert (await desk.post(f"/api/incidents/{one}/hold", wish, "sun")).status_code == 200
    await close(desk, one)
    assert await round_(desk) == (0, 0)
    assert days_pass() == [NAMES[0]]
    wish = {"hold": False, "reason": "court is done"}
    assert (await desk.post(f"/api/incidents/{one}/hold", wish, "sun")).status_code == 200
    assert await round_(desk) == (0, 1)
    assert days_pass() == []
    assert list((tmp_path / FOLDER).glob("*.hold")) == []


async def test_a_persons_own_hold_and_another_case_outlast_the_case(desk: Desk, days_pass: Any) -> None:
    first, second = await case(desk, "C-1", NAMES[0]), await case(desk, "C-2", NAMES[1])
    shared = await case(desk, "C-3", "again", f"{FOLDER}/{NAMES[1]}.jpg")
    wish = {"ref": f"{FOLDER}/{NAMES[0]}.jpg", "hold": True, "reason": "police case 12"}
    assert (await desk.post("/api/snapshot-holds", wish, "sun")).status_code == 200
    assert await round_(desk) == (3, 0)
    for number in (first, second):
        await close(desk, number)
    assert await round_(desk) == (0, 2)
    assert days_pass() == [NAMES[0], NAMES[1]]
    released = {**wish, "hold": False, "reason": "given back"}
    assert (await desk.post("/api/snapshot-holds", released, "sun")).status_code == 200
    assert days_pass() == [NAMES[1]]
    await close(desk, shared)
    assert await round_(desk) == (0, 1)
    assert days_pass() == []


@pytest.mark.parametrize(
    "ref",
    [
        "EST2/cam-2/20260520/120000-000-x.jpg",
        "EST1/cam-1/../../etc/120000-000-x.jpg",
        f"{FOLDER}/../120000-000-x.jpg",
        f"{FOLDER}/passwd",
        f"EST1/cam-1/20260520/120000-000-{'x' * 300}.jpg",
        "EST1/cam-1/view.jpg",
    ],
)
async def test_a_camera_marks_its_own_pictures_only(desk: Desk, tmp_path: Path, ref: str) -> None:
    await case(desk, "C-1", NAMES[0], ref)
    assert await round_(desk) == (0, 0)
    assert list(tmp_path.rglob("*.hold")) == []
