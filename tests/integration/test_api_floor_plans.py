"""Floor plans over HTTP: encoded anew, pinned by share, kept within places, audited, deleted whole."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
from PIL import Image, PngImagePlugin

from tests.integration.api_desk import Desk, open_desk

SECRET = "drawn by somebody"


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database) as opened:
        yield opened


def drawing(size: tuple[int, int] = (400, 200)) -> bytes:
    """A black line on nothing, with a remark that must not be carried along."""
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, size[0] // 2, 10))
    remark, out = PngImagePlugin.PngInfo(), io.BytesIO()
    remark.add_text("Author", SECRET)
    image.save(out, "PNG", pnginfo=remark)
    return out.getvalue()


async def ask(
    desk: Desk,
    method: str,
    path: str,
    who: str = "wuye",
    *,
    body: bytes | Mapping[str, Any] | None = None,
    kind: str = "image/png",
) -> httpx.Response:
    headers = await desk.as_(who)
    address = f"/api/floor-plans/{path}"
    if isinstance(body, bytes):
        return await desk.client.request(
            method, address, content=body, headers={**headers, "Content-Type": kind}
        )
    return await desk.client.request(method, address, json=body, headers=headers)


async def test_a_plan_is_encoded_anew_on_white_and_shown_where_its_place_is(desk: Desk) -> None:
    made = await ask(desk, "PUT", "EST1-B1", body=drawing())
    assert made.status_code == 200
    assert (made.json()["width"], made.json()["height"], made.json()["pins"]) == (400, 200, [])
    shown = await desk.get("/api/floor-plans/EST1-B1/picture")
    assert shown.headers["content-type"] == "image/jpeg"
    assert SECRET.encode() not in shown.content
    picture = Image.open(io.BytesIO(shown.content)).convert("L")
    assert picture.getpixel((300, 150)) == 255  # paper, not the black behind transparency
    assert (await desk.get("/api/floor-plans", device="smoke-1")).json()["items"][0]["place"] == "EST1-B1"
    assert len((await desk.get("/api/floor-plans", place="EST1")).json()["items"]) == 1
    assert (await desk.get("/api/floor-plans", place="EST2")).json()["items"] == []


async def test_a_device_is_pinned_moved_and_taken_off_and_each_is_audited(desk: Desk) -> None:
    await ask(desk, "PUT", "EST1-B1", body=drawing())
    for x in (0.25, 0.75):
        plan = (await ask(desk, "PUT", "EST1-B1/pins/smoke-1", body={"x": x, "y": 0.5})).json()
        assert [(pin["device"], pin["x"], pin["y"]) for pin in plan["pins"]] == [("smoke-1", x, 0.5)]
    again = await ask(desk, "PUT", "EST1-B1", body=drawing((200, 200)))
    assert [pin["device"] for pin in again.json()["pins"]] == ["smoke-1"]
    assert (await ask(desk, "DELETE", "EST1-B1/pins/smoke-1")).json()["pins"] == []
    assert (await ask(desk, "DELETE", "EST1-B1/pins/smoke-1")).status_code == 404
    log = await desk.rows("SELECT action FROM audit_log WHERE action LIKE 'floor_plan.%' ORDER BY at")
    steps = [row["action"].removeprefix("floor_plan.") for row in log]
    assert steps == ["put", "pin", "pin", "put", "unpin"]


async def test_a_deleted_plan_takes_its_picture_and_pins_along(desk: Desk) -> None:
    await ask(desk, "PUT", "EST1-B1", body=drawing())
    await ask(desk, "PUT", "EST1-B1/pins/smoke-1", body={"x": 0, "y": 1})
    assert (await ask(desk, "DELETE", "EST1-B1")).status_code == 204
    assert (await ask(desk, "DELETE", "EST1-B1")).status_code == 404
    assert (await desk.get("/api/floor-plans/EST1-B1/picture")).status_code == 404
    assert await desk.rows("SELECT 1 FROM floor_plans UNION ALL SELECT 1 FROM floor_pins") == []


async def test_a_device_that_moved_away_is_on_the_plan_no_more(desk: Desk) -> None:
    await ask(desk, "PUT", "EST1-B1", body=drawing())
    await ask(desk, "PUT", "EST1-B1/pins/smoke-1", body={"x": 0.5, "y": 0.5})
    await desk.connection.execute("UPDATE devices SET place = 'EST1' WHERE id = 'smoke-1'")
    (plan,) = (await desk.get("/api/floor-plans", place="EST1-B1")).json()["items"]
    assert plan["pins"] == []
    assert (await desk.get("/api/floor-plans", device="smoke-1")).json()["items"] == [plan]


@pytest.mark.parametrize(
    ("method", "path", "who", "body", "status"),
    [
        ("PUT", "EST1-B1", "wang", drawing(), 403),  # the desk looks, the property manager changes
        ("PUT", "EST2", "wuye", drawing(), 404),
        ("PUT", "510681", "boss", drawing(), 422),  # a city has no floor
        ("PUT", "EST1", "wuye", b"<svg/>", 422),
        ("PUT", "EST1-B1/pins/smoke-1", "wuye", {"x": 1.1, "y": 0}, 422),
        ("PUT", "EST1-B1/pins/cam-1", "wuye", {"x": 0.5, "y": 0}, 404),  # hangs elsewhere
        ("PUT", "EST1-B1/pins/smoke-2", "boss", {"x": 0.5, "y": 0}, 404),
        ("GET", "EST1-B1/picture", "zhao", None, 404),
        ("DELETE", "EST1-B1", "wang", None, 403),
    ],
)
async def test_what_is_not_theirs_or_no_picture_is_refused(
    desk: Desk, method: str, path: str, who: str, body: Any, status: int
) -> None:
    await ask(desk, "PUT", "EST1-B1", "boss", body=drawing())
    assert (await ask(desk, method, path, who, body=body)).status_code == status


async def test_a_picture_that_unfolds_into_gigabytes_is_refused_by_its_header(desk: Desk) -> None:
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    refused = await ask(desk, "PUT", "EST1", body=out.getvalue())
    assert refused.status_code == 422
    assert "megapixels" in refused.text or "no readable" in refused.text


async def test_field_staff_see_the_plans_of_their_places_and_change_none(desk: Desk) -> None:
    assert (await ask(desk, "PUT", "EST1-B1", body=drawing())).status_code == 200
    listed = await desk.get("/api/floor-plans", "grid", place="EST1-B1")
    assert [plan["place"] for plan in listed.json()["items"]] == ["EST1-B1"]
    assert (await ask(desk, "GET", "EST1-B1/picture", "grid")).status_code == 200
    assert (await desk.get("/api/floor-plans", "grid", place="EST2")).status_code == 404
    assert (await ask(desk, "PUT", "EST1-B1", "grid", body=drawing())).status_code == 403
