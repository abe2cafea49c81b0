"""Photos of a case: what comes in, what is left of it, and who may look."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from console.photo_files import sweep_files
from tests.integration.api_desk import Desk
from tests.integration.field_desk import open_field

SECRET = "GPS says 30.98N 104.28E"


@pytest.fixture
def room(tmp_path: Path) -> Path:
    return tmp_path / "photos"


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_field(database, tmp_path) as desk:
        yield desk


def photo(kind: str = "JPEG", size: tuple[int, int] = (400, 300), *, turned: bool = False) -> bytes:
    image = Image.radial_gradient("L").resize(size).convert("RGB")
    exif = Image.Exif()
    exif[0x010E] = SECRET
    exif[0x8825] = {1: "N", 2: (30.0, 58.0, 0.0)}
    if turned:
        exif[0x0112] = 6
    out = io.BytesIO()
    image.save(out, kind, exif=exif)
    return out.getvalue()


async def case(desk: Desk, **alert: Any) -> int:
    number = await desk.alert(**alert)
    answer = await desk.post(f"/api/alerts/{number}/actions", {"action": "dispatch", "org": "GW"})
    return int(answer.json()["incident_id"])


async def send(
    desk: Desk,
    incident: int,
    body: bytes,
    *,
    who: str = "grid",
    kind: str = "image/jpeg",
    key: str | None = None,
    **query: Any,
) -> httpx.Response:
    headers = await desk.as_(who) | {"Content-Type": kind} | ({"Idempotency-Key": key} if key else {})
    return await desk.client.post(
        f"/api/incidents/{incident}/attachments", content=body, headers=headers, params=query
    )


async def test_a_photo_is_kept_without_what_the_camera_wrote_into_it(desk: Desk, room: Path) -> None:
    incident = await case(desk)
    assert SECRET.encode() in photo()
    row = (await send(desk, incident, photo(turned=True), lat=30.98, lon=104.28)).json()
    assert (row["width"], row["height"], row["media_type"]) == (300, 400, "image/jpeg")
    assert (row["lat"], row["lon"], row["by_whom"]) == (30.98, 104.28, "grid")
    [file] = [path for path in room.rglob("*") if path.is_file()]
    assert file.name == f"{row['sha256']}.jpg"
    stored = file.read_bytes()
    assert hashlib.sha256(stored).hexdigest() == row["sha256"]
    assert SECRET.encode() not in stored
    with Image.open(file) as image:
        assert not image.getexif()
    shown = await desk.get(f"/api/attachments/{row['id']}")
    assert (shown.content, shown.headers["content-type"]) == (stored, "image/jpeg")
    looked = await desk.rows("SELECT actor FROM audit_log WHERE action = 'view_attachment'")
    assert [line["actor"] for line in looked] == ["wang"]


async def test_every_photo_is_on_the_record_once(desk: Desk) -> None:
    incident = await case(desk)
    first = await send(desk, incident, photo(), key="k1")
    again = await send(desk, incident, photo(), key="k1")
    other = await send(desk, incident, photo(), key="k2")
    assert (first.status_code, again.json(), other.json()["id"]) == (201, first.json(), first.json()["id"])
    detail = (await desk.get(f"/api/incidents/{incident}")).json()
    rows = [line for line in detail["log"] if line["action"] == "attach"]
    assert [row["detail"]["sha256"] for row in rows] == [first.json()["sha256"]]
    assert [line["seq"] for line in detail["log"]] == list(range(1, len(detail["log"]) + 1))
    listed = (await desk.get(f"/api/incidents/{incident}/attachments")).json()["items"]
    assert listed == [first.json()]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<svg onload='x'/>", "image/svg+xml"),
        (b"\xff\xd8\xff\xe0 not really", "image/jpeg"),
        (b"", "image/png"),
        (photo("PNG"), "image/jpeg"),
        (photo()[:900], "image/jpeg"),
    ],
)
async def test_what_is_no_photo_is_refused(desk: Desk, room: Path, body: bytes, kind: str) -> None:
    incident = await case(desk)
    assert (await send(desk, incident, body, kind=kind)).status_code == 422
    assert not room.exists()


async def test_a_small_file_that_unfolds_into_too_many_pixels_is_refused(desk: Desk) -> None:
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG", optimize=True)
    assert len(out.getvalue()) < 100_000
    refused = await send(desk, await case(desk), out.getvalue(), kind="image/png")
    assert "50 megapixels" in refused.json()["detail"]


async def test_too_many_bytes_are_refused(desk: Desk) -> None:
    assert (await send(desk, await case(desk), bytes(13 * 1024 * 1024))).status_code == 413


async def test_large_photos_become_smaller(desk: Desk) -> None:
    row = (await send(desk, await case(desk), photo("WEBP", (4000, 3000)), kind="image/webp")).json()
    assert (row["width"], row["height"]) == (2560, 1920)


async def test_outside_ones_places_there_are_no_photos(desk: Desk, room: Path) -> None:
    incident = await case(desk, estate="EST2", place="EST2", device="smoke-2")
    assert (await send(desk, incident, photo())).status_code == 404
    assert not room.exists()
    row = (await send(desk, incident, photo(), who="wang")).json()
    assert (await desk.get(f"/api/attachments/{row['id']}", "grid")).status_code == 404
    assert (await desk.get(f"/api/incidents/{incident}/attachments", "grid")).status_code == 404
    assert (await desk.get("/api/attachments/..%2F..%2Fetc%2Fpasswd")).status_code in {404, 422}


async def test_whoever_only_tries_rules_attaches_nothing(desk: Desk) -> None:
    assert (await send(desk, await case(desk), photo(), who="dev")).status_code == 403


async def test_times_that_cannot_be_true_are_flagged(desk: Desk) -> None:
    incident = await case(desk)
    row = (await send(desk, incident, photo(), taken_at="2020-01-01T00:00:00+08:00")).json()
    assert row["flags"] == ["too_old"]
    assert row["taken_at"][:4] != "2020"
    assert (await send(desk, incident, photo(), lat=95, lon=1)).status_code == 422
    assert (await send(desk, incident, photo(), order=10**6)).status_code == 422


async def test_a_file_that_no_case_names_any_more_goes_with_a_proof(desk: Desk, room: Path) -> None:
    assert (await send(desk, await case(desk), photo())).status_code == 201
    [file] = room.rglob("*.jpg")
    os.utime(file, (0, 0))
    database = desk.app.state.database
    assert await sweep_files(database, room) == 0
    await desk.connection.execute("DELETE FROM attachments")
    young = file.with_name(f"{'b' * 64}.jpg")
    young.write_bytes(b"its row is on its way")
    assert await sweep_files(database, room) == 1
    assert (file.exists(), young.exists()) == (False, True)
    [proof] = await desk.rows("SELECT class, what, rows FROM retention_proofs")
    assert proof == {"class": "photos", "what": "files", "rows": 1}


async def test_a_leader_holds_a_case_for_a_reason_and_lets_it_go(desk: Desk) -> None:
    path = f"/api/incidents/{await case(desk)}/hold"
    assert (await desk.get(path)).json() == {"hold": None}
    wish = {"hold": True, "reason": "民事诉讼"}
    assert (await desk.post(path, wish, "wang")).status_code == 403
    held = (await desk.post(path, wish, "sun")).json()["hold"]
    assert (held["by"], held["reason"]) == ("sun", "民事诉讼")
    assert (await desk.post(path, wish, "sun")).status_code == 409
    assert (await desk.get(path, "zhao")).status_code == 404
    ended = {"hold": False, "reason": "判决生效"}
    assert (await desk.post(path, ended, "sun")).json() == {"hold": None}
    assert (await desk.post(path, ended, "sun")).status_code == 409
    acts = await desk.rows("SELECT action, detail FROM audit_log WHERE action LIKE 'case.%%' ORDER BY id")
    assert [(row["action"], row["detail"]["reason"]) for row in acts] == [
        ("case.hold", "民事诉讼"),
        ("case.release", "判决生效"),
    ]
