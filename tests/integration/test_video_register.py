"""Pictures leave a unit for a while, to whom it is said, and every look says under which grant."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import cv2
import httpx
import numpy as np
import psycopg
import pytest

from ingest.clock import system_clock
from tests.integration.api_desk import Desk, open_desk

FOLDER = "EST1/cam-1/20260520"
PICTURE = f"{FOLDER}/120000-000-intrusion-t1.jpg"
CLIP = f"{FOLDER}/120000-000-intrusion-t1.webm"
LATER = f"{FOLDER}/140000-000-intrusion-t2.jpg"
WHY = {"reason": "案件 12 走访"}


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    (tmp_path / FOLDER).mkdir(parents=True)
    for name in (PICTURE, CLIP, LATER, "EST1/cam-1/view.jpg"):
        (tmp_path / name).write_bytes(b"bytes of " + name.encode())
    async with open_desk(database, snapshots=str(tmp_path)) as desk:
        await desk.connection.execute(
            "INSERT INTO people (id, name, roles, org, place, user_name)"
            " VALUES ('p-zhao', '赵', '{CP}', 'CP', 'EST2', 'zhao')"
        )
        yield desk


def wish(**other: Any) -> dict[str, Any]:
    until = (system_clock() + timedelta(days=3)).isoformat()
    about = {"device": "cam-1", "unit": "CP", "place": "EST2", "reason": "协查", "expires_at": until}
    times = {"recorded_from": "2026-05-20T19:30:00+08:00", "recorded_until": "2026-05-20T20:30:00+08:00"}
    return {**about, **times, **other}


async def granted(desk: Desk, **other: Any) -> int:
    answer = await desk.post("/api/picture-grants", wish(**other), "sun")
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def look(desk: Desk, ref: str, who: str = "zhao") -> int:
    return (await desk.get(f"/api/snapshots/{ref}", who, **WHY)).status_code


async def test_a_unit_sees_what_its_grant_says_and_every_look_names_the_grant(desk: Desk) -> None:
    assert await look(desk, PICTURE) == 404
    number = await granted(desk)
    [open_] = (await desk.get("/api/picture-grants/mine", "zhao")).json()["items"]
    assert (open_["id"], open_["device"]) == (number, "cam-1")
    listed = (await desk.get(f"/api/picture-grants/{number}/pictures", "zhao")).json()
    assert listed == {"refs": [CLIP, PICTURE], "more": False}
    assert [await look(desk, ref) for ref in (PICTURE, CLIP)] == [200, 200]
    assert (await desk.get(f"/api/snapshot-state/{PICTURE}", "zhao")).json()["clip"] is True
    rows = await desk.rows("SELECT who, unit, what, reason, grant_id FROM picture_access ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [
        ("zhao", "CP", "picture", "案件 12 走访", number),
        ("zhao", "CP", "clip", "案件 12 走访", number),
    ]
    [row] = (await desk.get("/api/picture-grants", "sun")).json()["items"]
    assert (row["looks"], row["state"], row["by"]) == (2, "open", "sun")


async def test_what_the_grant_does_not_say_is_not_there(desk: Desk) -> None:
    await granted(desk, what=["picture"])
    for ref in (CLIP, LATER, "EST1/cam-1/view.jpg", "cam-1/x.jpg"):
        assert await look(desk, ref) == 404, ref
    assert (await desk.get(f"/api/snapshots/{PICTURE}", "zhao")).status_code == 422  # no reason, no image
    await desk.connection.execute("UPDATE users SET role = 'shift_leader' WHERE name = 'zhao'")
    hold = {"ref": PICTURE, "hold": True, "reason": "ours now"}
    assert (await desk.post("/api/snapshot-holds", hold, "zhao")).status_code == 404


async def test_one_picture_opens_itself_and_its_clip_only(desk: Desk) -> None:
    number = await granted(desk, ref=LATER)
    assert [await look(desk, ref) for ref in (LATER, PICTURE)] == [200, 404]
    assert (await desk.get(f"/api/picture-grants/{number}/pictures", "zhao")).json()["refs"] == [LATER]


STRANGERS: Final = (  # what makes a grant another unit's or yesterday's, and how that is undone
    ("UPDATE people SET org = 'GW'", "UPDATE people SET org = 'CP'"),
    ("UPDATE people SET place = 'EST1'", "UPDATE people SET place = 'EST2'"),
    ("UPDATE people SET active = false", "UPDATE people SET active = true"),
    (
        "UPDATE picture_grants SET at = at - INTERVAL '9 days', expires_at = now() - INTERVAL '1 second'",
        "UPDATE picture_grants SET expires_at = now() + INTERVAL '1 hour'",
    ),
)


async def test_another_unit_another_place_and_a_later_day_see_nothing(desk: Desk) -> None:
    number = await granted(desk)
    for change, back in STRANGERS:
        await desk.connection.execute(change)
        assert await look(desk, PICTURE) == 404, change
        assert (await desk.get("/api/picture-grants/mine", "zhao")).json()["items"] == []
        assert (await desk.get(f"/api/picture-grants/{number}/pictures", "zhao")).status_code == 404
        await desk.connection.execute(back)
        assert await look(desk, PICTURE) == 200, back


async def test_a_withdrawn_grant_ends_at_once_and_says_why(desk: Desk) -> None:
    number = await granted(desk)
    path = f"/api/picture-grants/{number}/withdraw"
    assert (await desk.post(path, {"reason": "done"}, "wang")).status_code == 403
    gone = (await desk.post(path, {"reason": "案件已结"}, "sun")).json()
    assert (gone["state"], gone["withdrawn_by"], gone["withdrawn_why"]) == ("withdrawn", "sun", "案件已结")
    assert await look(desk, PICTURE) == 404
    assert (await desk.post(path, {"reason": "again"}, "sun")).status_code == 409
    acts = await desk.rows("SELECT action, detail FROM audit_log WHERE action LIKE 'picture.%%' ORDER BY id")
    assert [(row["action"], row["detail"]["grant"]) for row in acts] == [
        ("picture.grant", number),
        ("picture.withdraw", number),
    ]


async def test_a_grant_that_makes_no_sense_says_what_to_mend(desk: Desk) -> None:
    far = (system_clock() + timedelta(days=400)).isoformat()
    for wrong, field in (
        ({"expires_at": far}, "expires_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"recorded_until": "2026-05-20T10:00:00+08:00"}, "recorded_until"),
        ({"ref": "EST2/cam-9/20260520/1.jpg"}, "ref"),
        ({"place": "nowhere"}, "place"),
    ):
        answer = await desk.post("/api/picture-grants", wish(**wrong), "sun")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert (await desk.post("/api/picture-grants", wish(device="smoke-1"), "sun")).status_code == 404


ORGAN: Final = {
    "organ": "广汉市公安局", "document": "广公调证字〔2026〕12号",
    "basis": "刑事诉讼法第五十四条", "device": "cam-1",
    "recorded_from": "2026-05-20T19:30:00+08:00", "recorded_until": "2026-05-20T20:30:00+08:00",
    "officers": [{"name": "王建国", "badge": "0612345"}, {"name": "李卫东", "badge": "0612346"}],
}  # fmt: skip


def shot() -> bytes:
    frame = np.full((180, 320, 3), 90, np.uint8)
    frame[40:80, 200:260] = np.random.default_rng(1).integers(0, 255, (40, 60, 3)).astype(np.uint8)
    return cv2.imencode(".jpg", frame)[1].tobytes()


async def exported(desk: Desk, who: str = "sun", **other: Any) -> httpx.Response:
    wish = {"ref": PICTURE, "reason": "移交证据", "recipient": ORGAN["organ"], **other}
    return await desk.post("/api/picture-exports", wish, who)


async def test_an_export_is_masked_and_its_row_holds_the_hash_of_what_was_handed_out(
    desk: Desk, tmp_path: Path
) -> None:
    (tmp_path / PICTURE).write_bytes(shot())
    (tmp_path / CLIP).unlink()
    await desk.connection.execute(
        "INSERT INTO device_config (device, version, hash, data, by_whom)"
        " VALUES ('cam-1', 1, 'h', %s, 'boss')",
        ['{"masks": [[[0, 0], [0.2, 0], [0.2, 0.2], [0, 0.2]]]}'],
    )
    answer = await exported(desk, regions=[[0.6, 0.2, 0.25, 0.3]])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    shown = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert shown[5:30, 5:55].max() < 20  # the mask of the camera's settings
    assert shown[45:75, 205:255].std() < 35  # what somebody drew: noise before, a few flat cells now
    sha = hashlib.sha256(answer.content).hexdigest()
    [row] = (await desk.get("/api/picture-exports", "shen", sha256=sha)).json()["items"]
    assert (row["who"], row["recipient"], row["reason"]) == ("sun", ORGAN["organ"], "移交证据")
    assert row["hidden"] == {"cover": "heads", "masks": 1, "regions": 1, "faces": False}
    assert row["original"] == hashlib.sha256(shot()).hexdigest()
    assert (await desk.get("/api/picture-exports", "sun", sha256="0" * 64)).json()["items"] == []
    looks = await desk.rows("SELECT what, reason FROM picture_access")
    assert looks == [{"what": "export", "reason": "移交证据"}]
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        await desk.connection.execute("UPDATE picture_exports SET recipient = 'nobody'")


async def test_nothing_is_handed_out_without_right_row_or_readable_footage(
    desk: Desk, tmp_path: Path
) -> None:
    assert (await exported(desk, "wang")).status_code == 403
    assert (await exported(desk, ref="EST1/cam-1/view.jpg")).status_code == 422
    assert (await exported(desk)).status_code == 403  # these bytes are no picture
    (tmp_path / PICTURE).write_bytes(shot())
    (tmp_path / CLIP).unlink()
    await desk.connection.execute("ALTER TABLE picture_exports ADD CHECK (reason <> 'refuse')")
    assert (await exported(desk, reason="refuse")).status_code == 503
    assert await desk.rows("SELECT FROM picture_access UNION ALL SELECT FROM picture_exports") == []


async def test_a_state_organ_gets_what_its_paper_says_once_a_second_person_agreed(
    desk: Desk, tmp_path: Path
) -> None:
    (tmp_path / PICTURE).write_bytes(shot())
    (tmp_path / LATER).write_bytes(shot())
    (tmp_path / CLIP).unlink()
    made = await desk.post("/api/organ-requests", ORGAN, "wang")
    assert made.status_code == 201, made.text
    number = made.json()["id"]
    assert made.json()["officers"] == ["王**", "李**"]
    assert (await desk.post("/api/organ-requests", ORGAN, "sun")).status_code == 409
    assert (await exported(desk, request=number)).json()["errors"][0]["field"] == "request"
    decision = f"/api/organ-requests/{number}/decision"
    yes = {"state": "approved", "answer": "手续齐全"}
    assert (await desk.post(decision, yes, "wang")).status_code == 403
    await desk.connection.execute("UPDATE users SET role = 'shift_leader' WHERE name = 'wang'")
    own = await desk.post(decision, yes, "wang")
    assert (own.status_code, own.json()["why"]) == (403, "own_request")
    assert (await desk.post(decision, yes, "sun")).json()["decided_by"] == "sun"
    assert (await desk.post(decision, yes, "sun")).status_code == 409
    assert (await exported(desk, request=number, recipient="某公司")).status_code == 422
    assert (await exported(desk, request=number, ref=LATER)).status_code == 422
    assert (await exported(desk, request=number)).status_code == 200
    [row] = (await desk.get("/api/organ-requests", "sun")).json()["items"]
    assert (row["state"], row["handed"], row["document"]) == ("approved", 1, ORGAN["document"])
    told = await desk.reveal(f"/api/organ-requests/{number}/officers", "sun", reason="回执")
    assert (told["officer.1"], told["badge.2"]) == ("王建国", "0612346")
    dump = "".join(str(r) for r in await desk.rows("SELECT * FROM personal.organ_requests, audit_log"))
    assert "王建国" not in dump
    assert "0612345" not in dump


async def test_one_officer_and_one_badge_twice_are_refused(desk: Desk) -> None:
    [first, _] = ORGAN["officers"]
    assert (await desk.post("/api/organ-requests", {**ORGAN, "officers": [first]}, "sun")).status_code == 422
    twice = await desk.post("/api/organ-requests", {**ORGAN, "officers": [first, first]}, "sun")
    assert twice.json()["errors"][0]["field"] == "officers"


async def test_a_plate_is_masked_wherever_an_event_is_listed(desk: Desk) -> None:
    await desk.connection.execute(
        "INSERT INTO events (device, id, at, estate, type, data, received_at) VALUES"
        " ('smoke-1', 'g1', now(), 'EST1', 'gate.pass', '{\"plate\": \"川F12345\"}', now())"
    )
    number = await desk.alert()
    for path in ("/api/devices/smoke-1", f"/api/alerts/{number}"):
        text = (await desk.get(path, "sun")).text
        assert "川F****5" in text, path
        assert "川F12345" not in text, path
    assert await desk.reveal("/api/devices/smoke-1/events/g1/plate", reason="消防通道挪车") == {
        "plate": "川F12345"
    }
