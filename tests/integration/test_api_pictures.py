"""Pictures of cameras are looked at for a reason, by people of the estate, and never without a row."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest

from tests.integration.api_desk import Desk, open_desk

PICTURE = "EST1/cam-1/20260520/120000-000-intrusion-t1.jpg"
CLIP = "EST1/cam-1/20260520/120000-000-intrusion-t1.webm"
WHY = {"reason": "check the smoke alarm"}


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    day = tmp_path / "EST1" / "cam-1" / "20260520"
    day.mkdir(parents=True)
    (tmp_path / PICTURE).write_bytes(b"\xff\xd8picture")
    (tmp_path / CLIP).write_bytes(b"clip")
    (day.parent / "view.jpg").write_bytes(b"\xff\xd8view")
    (day.parent / "config.json").write_bytes(b"{}")
    async with open_desk(database, snapshots=str(tmp_path)) as desk:
        yield desk


async def rows(desk: Desk) -> list[tuple[object, ...]]:
    found = await desk.rows(
        "SELECT who, unit, device, what, reason, alert_id, source FROM picture_access ORDER BY id"
    )
    return [tuple(row.values()) for row in found]


async def test_a_picture_shown_is_a_row_of_who_unit_what_why_when(desk: Desk) -> None:
    number = await desk.alert()
    answer = await desk.get(f"/api/snapshots/{PICTURE}", **WHY, alert=number)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.content == b"\xff\xd8picture"
    assert answer.headers["cache-control"] == "no-store"  # a copy kept by the browser has no row
    clip = await desk.get(f"/api/snapshots/{CLIP}", "wuye", reason="演练复核")
    assert (clip.status_code, clip.headers["content-type"]) == (200, "video/webm")
    view = await desk.get("/api/snapshots/EST1/cam-1/view.jpg", "wuye", reason="draw zones")
    assert view.status_code == 200
    assert await rows(desk) == [
        ("wang", "operator", "cam-1", "picture", "check the smoke alarm", number, "203.0.113.7"),
        ("wuye", "property", "cam-1", "clip", "演练复核", None, "203.0.113.7"),
        ("wuye", "property", "cam-1", "view", "draw zones", None, "203.0.113.7"),
    ]


@pytest.mark.parametrize("reason", [None, "", "   ", "x"])
async def test_without_a_reason_there_is_no_image_and_no_row(desk: Desk, reason: str | None) -> None:
    why = {} if reason is None else {"reason": reason}
    answer = await desk.get(f"/api/snapshots/{PICTURE}", **why)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "reason"
    assert await rows(desk) == []


async def test_no_row_no_image(desk: Desk) -> None:
    await desk.connection.execute("ALTER TABLE picture_access ADD CHECK (reason <> 'refuse')")
    answer = await desk.get(f"/api/snapshots/{PICTURE}", reason="refuse")
    assert answer.status_code >= 500
    assert b"picture" not in answer.content.replace(b"picture_access", b"")
    assert await rows(desk) == []


@pytest.mark.parametrize("who", ["zhao"])
async def test_elsewhere_there_is_no_such_picture(desk: Desk, who: str) -> None:
    for path in (PICTURE, CLIP, "EST1/cam-1/view.jpg", "cam-1/x.jpg"):
        assert (await desk.get(f"/api/snapshots/{path}", who, **WHY)).status_code == 404
        assert (await desk.get(f"/api/snapshot-state/{path}", who)).status_code == 404
    assert (await desk.client.get(f"/api/snapshots/{PICTURE}?reason=because")).status_code == 401
    assert await rows(desk) == []


@pytest.mark.parametrize(
    "path", ["EST1/cam-1/config.json", "EST2/cam-1/view.jpg", "EST1/view.jpg", "EST1/cam-1//view.jpg"]
)
async def test_what_is_no_picture_of_a_camera_is_not_there(desk: Desk, path: str) -> None:
    assert (await desk.get(f"/api/snapshots/{path}", **WHY)).status_code == 404


async def test_an_alert_of_another_estate_is_not_written_down_as_the_purpose(desk: Desk) -> None:
    number = await desk.alert(estate="EST2", place="EST2", device="smoke-2")
    assert (await desk.get(f"/api/snapshots/{PICTURE}", "wuye", **WHY, alert=number)).status_code == 200
    assert (await rows(desk))[0][5] is None


async def test_a_hold_is_written_beside_the_picture_and_ends_with_a_reason(
    desk: Desk, tmp_path: Path
) -> None:
    marker = (tmp_path / PICTURE).with_suffix(".hold")
    wish = {"ref": PICTURE, "hold": True, "reason": "police case 12"}
    assert (await desk.post("/api/snapshot-holds", wish)).status_code == 403
    answer = await desk.post("/api/snapshot-holds", wish, "sun", key="h1")
    assert (answer.status_code, answer.json()["hold"]["by"]) == (200, "sun")
    assert json.loads(marker.read_bytes()) == {"by": "sun", "reason": "police case 12"}
    assert (await desk.post("/api/snapshot-holds", wish, "sun", key="h1")).status_code == 200
    assert (await desk.post("/api/snapshot-holds", wish, "sun")).status_code == 409
    state = (await desk.get(f"/api/snapshot-state/{PICTURE}")).json()
    assert (state["picture"], state["clip"], state["hold"]["reason"]) == (True, True, "police case 12")
    ended = await desk.post("/api/snapshot-holds", {**wish, "hold": False, "reason": "case closed"}, "sun")
    assert ended.json()["hold"] is None
    assert not marker.exists()
    assert [(row[0], row[3], row[4]) for row in await rows(desk)] == [
        ("sun", "hold", "police case 12"),
        ("sun", "release", "case closed"),
    ]


async def test_the_register_is_for_leaders_pages_and_stays(desk: Desk) -> None:
    for n in range(3):
        await desk.get(f"/api/snapshots/{PICTURE}", reason=f"round {n}")
    assert (await desk.get("/api/picture-access")).status_code == 403
    first = (await desk.get("/api/picture-access", "sun", device="cam-1", limit=2)).json()
    assert [row["reason"] for row in first["items"]] == ["round 2", "round 1"]
    rest = (await desk.get("/api/picture-access", "sun", cursor=first["next"], limit=2)).json()
    assert ([row["reason"] for row in rest["items"]], rest["next"]) == (["round 0"], None)
    assert first["items"][0].keys() == {
        "id", "at", "who", "unit", "device", "what", "ref", "reason", "alert", "grant",
    }  # fmt: skip
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        await desk.connection.execute("UPDATE picture_access SET reason = 'nothing'")
