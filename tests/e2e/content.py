"""A platform with something on every page, for the walk over all of them."""

from __future__ import annotations

import asyncio
import io
import json
from dataclasses import dataclass
from datetime import timedelta

import httpx
import psycopg
from PIL import Image, ImageDraw
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from console.accounts import create_user
from console.commands.staffing import staff
from console.permissions import Role
from devices.profiles.camera import CameraObject
from devices.profiles.smoke_sensor import Smoke
from devices.profiles.sos_button import Sos
from devices.reading import Fault
from ingest.clock import system_clock
from ingest.deliver.outbox import Channel, Letter, post
from tests.e2e.conftest import PATIENCE, Platform
from tests.e2e.office import Office, a_case, raise_alert
from tests.e2e.test_operator import say

MORE_PEOPLE = {"security": Role.SECURITY_ADMIN, "auditor": Role.AUDITOR, "grid": Role.FIELD}
PASSWORD = "nine brown otters swim"


@dataclass(frozen=True, kw_only=True)
class Content:
    """What the paths of pages.toml name."""

    estate: str
    device: str
    camera: str
    order: int


async def furnish(platform: Platform) -> Content:
    """Put people, alarms, cases, letters and wishes into the test's estate."""
    estate, device = platform.estate, platform.community.family("smoke_sensor")[0]
    async with await psycopg.AsyncConnection.connect(
        platform.database, row_factory=dict_row, autocommit=True
    ) as connection:
        for name, role in MORE_PEOPLE.items():
            platform.passwords[name] = PASSWORD
            scope = estate if role is Role.FIELD else None
            await create_user(connection, name, PASSWORD, role, scope=scope)
    async with await psycopg.AsyncConnection.connect(platform.database) as connection:
        logins = {
            platform.login("operator"): "op-1",
            platform.login("second"): "op-2",
            "grid": f"{estate}-gw-1",
        }
        await staff(connection, platform.community, logins, platform.vault)
    await _speak(platform)
    office = Office(platform)
    try:
        incident, _ = await a_case(office, platform)
        order = await _work(office, platform, device.id, incident)
    finally:
        await office.close()
    await _letters(platform, incident)
    await _floor(platform, device.id)
    camera = platform.community.family("camera")[0].id
    return Content(estate=estate, device=device.id, camera=camera, order=order)


async def _speak(platform: Platform) -> None:
    """Devices raise alarms, a stranger knocks, somebody talks nonsense; wait until it is all there."""
    smokes = platform.community.family("smoke_sensor")
    button = platform.community.family("sos_button")[0]
    cameras = platform.community.family("camera")
    topic = f"shequ/v1/{platform.estate}"
    knock = {"id": "1", "at": system_clock().isoformat(), "type": "smoke", "data": {"alarm": False}}
    async with platform.gateway() as gateway:
        await say(gateway, smokes[0], "w1", Smoke(alarm=True, density=6.5))
        await say(gateway, button, "w1", Sos(action="pressed"))
        await say(gateway, cameras[0], "w1", Fault(code="tamper", active=True))
        for camera in cameras:
            ref = f"{camera.estate}/{camera.id}/20260520/a.jpg"
            (platform.pictures / ref).parent.mkdir(parents=True)
            for picture in (ref, f"{camera.estate}/{camera.id}/view.jpg"):
                (platform.pictures / picture).write_bytes(_drawing("JPEG"))
            seen = CameraObject(track="1", label="car", phase="enter", score=0.9, snapshot=ref)
            await say(gateway, camera, "w2", seen)
        await gateway.publish(f"{topic}/new-smoke/event", json.dumps(knock), qos=1)
        await gateway.publish(f"{topic}/{smokes[2].id}/event", b'{"type": "smoke", "da', qos=1)
    there = "SELECT (SELECT count(*) FROM alerts) AS alerts, (SELECT count(*) FROM quarantine) AS aside"
    async with (
        await psycopg.AsyncConnection.connect(platform.database, autocommit=True) as connection,
        asyncio.timeout(PATIENCE),
    ):
        while True:
            alerts, aside = await (await connection.execute(there)).fetchone() or (0, 0)
            if alerts >= 3 and aside >= 1:
                return
            await asyncio.sleep(0.1)


async def _work(office: Office, platform: Platform, device: str, incident: int) -> int:
    """The centre's own wishes, each of a kind that some page lists; answers an order that waits outside."""
    estate, now = platform.estate, system_clock()
    alert, _ = await raise_alert(platform)
    wish = {"action": "dispatch", "org": "GW"}
    sent = (await office.post(f"/api/alerts/{alert}/actions", wish))["incident_id"]
    quiet = {
        "kind": "maintenance",
        "scope": device,
        "reason": "更换电源",
        "ends_at": (now + timedelta(days=1)).isoformat(),
    }
    group = {"code": "smokes", "estate": estate, "name_zh": "烟感", "name_en": "Smoke", "devices": [device]}
    await office.post("/api/device-groups", group, "property")
    rollout = {"name": "提高灵敏度", "group": "smokes", "data": {}, "stages": [100], "max_failed": 1}
    points = {
        "holder": "张三",
        "holder_kind": "volunteer",
        "place": estate,
        "rule": "elder_visit",
        "reason": "探访三楼老人",
    }
    await office.post("/api/hushes", quiet, "admin")
    await office.post("/api/rollouts", rollout, "property")
    await office.post("/api/points", points, "property")
    await office.post(
        "/api/kpi/targets",
        {"kpi": "rating_response", "place": estate, "target": 60, "source": "考核"},
        "admin",
    )
    async with await psycopg.AsyncConnection.connect(platform.database, autocommit=True) as connection:
        await connection.execute(
            "INSERT INTO ratings (incident_id, score, words, given_by, actor)"
            " VALUES (%s, 4, '来得快', 'resident', 'link:1')",
            [incident],
        )
        cursor = await connection.execute("SELECT id FROM orders WHERE incident_id = %s", [sent])
        (order,) = await cursor.fetchone() or (0,)
    return int(order)


async def _letters(platform: Platform, incident: int) -> None:
    """A channel with a letter that nobody took."""
    (platform.secrets / "hook-sign").write_text("oak-and-otter", encoding="utf-8")
    async with await psycopg.AsyncConnection.connect(
        platform.database, autocommit=True, row_factory=dict_row
    ) as connection:
        await connection.execute(
            "INSERT INTO endpoints (code, channel, driver, name_zh, name_en, settings)"
            " VALUES ('partner', 'webhook', 'http', '合作单位', 'Partner', %s)",
            [Jsonb({"url": "http://127.0.0.1:9/hook", "sign_secret": "hook-sign"})],
        )
        await post(
            connection, [Letter(f"walk-{incident}", Channel.WEBHOOK, "partner", {"text": "请协助疏散"})]
        )


async def _floor(platform: Platform, device: str) -> None:
    """A plan of the place where a device is, and the device on it."""
    place = next(d.place for d in platform.community.devices if d.id == device)
    login = {"username": platform.login("property"), "password": platform.passwords["property"]}
    async with httpx.AsyncClient(base_url=platform.address, timeout=60) as client:
        answer = await client.post("/api/token", data=login)
        bearer = {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}
        path, picture = f"/api/floor-plans/{place}", {"Content-Type": "image/png"}
        (await client.put(path, content=_drawing("PNG"), headers=bearer | picture)).raise_for_status()
        pin = await client.put(f"{path}/pins/{device}", json={"x": 0.3, "y": 0.4}, headers=bearer)
        pin.raise_for_status()


def _drawing(kind: str) -> bytes:
    """Two rooms."""
    image = Image.new("RGB", (900, 600), "white")
    for box in ((20, 20, 430, 580), (450, 20, 880, 580)):
        ImageDraw.Draw(image).rectangle(box, outline="black", width=8)
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()
