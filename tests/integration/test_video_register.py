"""Pictures leave a unit for a while, to whom it is said, and every look says under which grant."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

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
