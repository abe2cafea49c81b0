"""Many devices in a real browser: letting in, labels, orders, groups, roll-outs, a sheet of five hundred."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import LiteralString

import aiomqtt
import cv2
import httpx
import numpy as np
import psycopg
import pytest
from playwright.async_api import Browser, FilePayload, Locator, Page, expect

from console.reference import ROOT
from ingest.clock import system_clock
from simulators.answer import answer_orders
from tests.e2e.axe import accessible
from tests.e2e.conftest import PATIENCE, Platform, chromium, picture, signed_in
from tests.e2e.test_device_pages import go
from tests.e2e.test_operator import DESK

pytestmark = pytest.mark.browser


@asynccontextmanager
async def obedient(platform: Platform, *, stubborn: frozenset[str] = frozenset()) -> AsyncIterator[None]:
    """Devices that do as they are told; the stubborn ones refuse."""
    ready, login, at = asyncio.Event(), platform.stack.gateway, platform.stack.broker
    work = answer_orders(
        at.host, at.port, (login.username, login.password), system_clock, stubborn=stubborn, ready=ready
    )
    task = asyncio.create_task(work, name="devices")
    await ready.wait()
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def fill_in(page: Page, platform: Platform, device: str) -> str:
    """The rest of the form; answers the estate."""
    estate = platform.community.devices[0].estate
    await page.get_by_test_id("device-id").fill(device)
    await page.get_by_test_id("device-estate").select_option(estate)
    await page.get_by_test_id("device-name-zh").fill("新装设备")
    return estate


async def test_a_stranger_that_knocks_is_let_in_and_speaks_with_the_login_that_was_shown(
    platform: Platform, browser: Browser
) -> None:
    estate = platform.community.devices[0].estate
    topic = f"shequ/v1/{estate}/new-smoke/event"
    said = {"id": "1", "at": system_clock().isoformat(), "type": "smoke", "data": {"alarm": False}}
    async with platform.gateway() as gateway, signed_in(browser, platform, "property", size=DESK) as page:
        await gateway.publish(topic, json.dumps(said), qos=1)
        await go(page, platform, "/devices/enrolment")
        row = page.locator('[data-testid="enrol-row"][data-device="new-smoke"]')
        async with asyncio.timeout(PATIENCE):
            while not await row.count():
                await page.reload()
                await page.wait_for_timeout(300)
        await accessible(page)
        await row.get_by_test_id("enrol-approve").click()
        await expect(page.get_by_test_id("device-id")).to_have_value("new-smoke")
        await expect(page.get_by_test_id("device-profile")).to_have_value("smoke_sensor")
        await page.get_by_test_id("device-name-zh").fill("新烟感")
        await page.get_by_test_id("pin-plan").click()
        await expect(page.get_by_test_id("pin-x")).not_to_have_value("")
        await accessible(page)
        await picture(page, "approve-zh-desk")
        await page.get_by_test_id("device-submit").click()
        password = page.get_by_test_id("credentials-password")
        await expect(password).to_be_visible()
        at = platform.stack.broker
        secret, me = await password.inner_text(), "new-smoke"
        async with aiomqtt.Client(at.host, at.port, username=me, password=secret, identifier=me) as device:
            for n in range(2, 4):
                await device.publish(topic, json.dumps({**said, "id": str(n)}), qos=1)
        await go(page, platform, "/device/new-smoke")
        active = page.locator('[data-testid="device-page"][data-lifecycle="active"]')
        async with asyncio.timeout(PATIENCE):
            while not await active.count():
                await page.reload()
                await page.wait_for_timeout(1000)


async def test_labels_are_printed_scanned_and_claimed(platform: Platform, browser: Browser) -> None:
    async with signed_in(browser, platform, "property", size=DESK) as page:
        await go(page, platform, "/devices/labels")
        await page.get_by_test_id("label-profile").select_option("sos_button")
        await page.get_by_test_id("label-serials").fill("SN-1\nSN-2\n\nSN-3\n")
        await accessible(page)
        await page.get_by_test_id("label-make").click()
        labels = page.locator(".made [data-testid=label]")
        await expect(labels).to_have_count(3)
        await accessible(page)
        await picture(page, "labels-zh-desk")
        code = await labels.first.get_by_test_id("label-code").inner_text()
        pixels = await labels.first.get_by_test_id("qr").screenshot(scale="device")
        seen = cv2.imdecode(np.frombuffer(pixels, np.uint8), cv2.IMREAD_COLOR)
        assert seen is not None
        read, _, _ = cv2.QRCodeDetector().detectAndDecode(cv2.resize(seen, None, fx=4, fy=4, interpolation=0))
        assert read == f"shequ:claim:{code}"
        await page.emulate_media(media="print")
        await expect(page.locator(".print-only [data-testid=label]")).to_have_count(3)
        await expect(page.locator("#app")).to_be_hidden()
        await page.emulate_media(media="screen")
        async with httpx.AsyncClient(base_url=platform.address, timeout=60) as client:
            claim = {"code": code, "serial": "SN-1"}
            assert (await client.post("/api/enrolment/claim", json=claim)).status_code == 202
            await go(page, platform, "/devices/enrolment")
            await page.get_by_test_id("enrol-row").get_by_test_id("enrol-approve").click()
            await fill_in(page, platform, "sos-by-label")
            await page.get_by_test_id("device-submit").click()
            await expect(page.get_by_test_id("device-let-in")).to_be_visible()
            collected = await client.post("/api/enrolment/claim", json=claim)
        assert collected.json()["credentials"]["username"] == "sos-by-label"


async def held_up(label: Locator, camera: Path) -> None:
    """Let the camera see a printed label, at some distance, turned a little and not quite sharp."""
    pixels = await label.screenshot()
    seen = cv2.imdecode(np.frombuffer(pixels, np.uint8), cv2.IMREAD_COLOR)
    assert seen is not None
    scene = np.full((720, 1280, 3), 90, np.uint8)
    high, wide = seen.shape[:2]
    scene[200 : 200 + high, 300 : 300 + wide] = seen
    turn = cv2.getRotationMatrix2D((640.0, 360.0), 12.0, 1.4)
    frame = cv2.GaussianBlur(cv2.warpAffine(scene, turn, (1280, 720)), (3, 3), 0)
    done, jpeg = cv2.imencode(".jpg", frame)
    assert done
    await asyncio.to_thread(camera.write_bytes, jpeg.tobytes())


async def test_a_printed_label_adds_its_device_by_camera_by_picture_and_by_hand(
    platform: Platform, tmp_path: Path
) -> None:
    camera = tmp_path / "camera.mjpeg"
    fake = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    async with (
        chromium(*fake, f"--use-file-for-fake-video-capture={camera}") as browser,
        signed_in(browser, platform, "property", size=DESK) as page,
        httpx.AsyncClient(base_url=platform.address, timeout=60) as client,
    ):
        await go(page, platform, "/devices/labels")
        await page.get_by_test_id("label-profile").select_option("sos_button")
        await page.get_by_test_id("label-serials").fill("SN-A\nSN-B\n")
        await page.get_by_test_id("label-make").click()
        labels = page.locator(".made [data-testid=label]")
        await expect(labels).to_have_count(2)
        codes = await labels.get_by_test_id("label-code").all_inner_texts()
        await held_up(labels.nth(0), camera)
        photo = await labels.nth(1).screenshot()

        await page.locator("nav a[href='/devices/scan']").click()  # from a page that may use no camera
        await page.get_by_test_id("scan-camera").click()
        await expect(page.get_by_test_id("device-serial")).to_have_value("SN-A")
        await expect(page.get_by_test_id("device-profile")).to_have_value("sos_button")
        await fill_in(page, platform, "sos-seen")
        await page.get_by_test_id("device-submit").click()
        await expect(page.get_by_test_id("device-let-in")).to_be_visible()
        collected = await client.post("/api/enrolment/claim", json={"code": codes[0], "serial": "SN-A"})
        assert collected.json()["credentials"]["username"] == "sos-seen"

        await go(page, platform, "/devices/scan")
        await accessible(page)
        await picture(page, "scan-zh-desk")
        file: FilePayload = {"name": "label.png", "mimeType": "image/png", "buffer": photo}
        await page.get_by_test_id("scan-file").set_input_files(file)
        await expect(page.get_by_test_id("device-serial")).to_have_value("SN-B")

        await page.reload()
        await expect(page.get_by_test_id("scan-typed")).to_be_focused()
        await page.keyboard.type(codes[0].lower())
        await page.keyboard.press("Enter")  # as a hand scanner does
        await expect(page.get_by_test_id("scan-known")).to_contain_text("sos-seen")


async def test_a_device_of_another_make_is_found_on_its_bridge_and_let_in(
    platform: Platform, browser: Browser
) -> None:
    estate = platform.community.devices[0].estate
    sample = json.loads((ROOT / "tests/samples/zigbee2mqtt/bridge-devices.json").read_text())
    async with platform.gateway() as gateway, signed_in(browser, platform, "property", size=DESK) as page:
        bridge = f"via/{estate}/zigbee2mqtt/bridge/devices"
        await gateway.publish(bridge, json.dumps(sample["payload"]), qos=1)
        await go(page, platform, "/devices/enrolment")
        row = page.locator('[data-testid="enrol-row"][data-device="bed-sos"]')
        async with asyncio.timeout(PATIENCE):
            while not await row.count():
                await page.reload()
                await page.wait_for_timeout(300)
        await row.get_by_test_id("enrol-approve").click()
        await expect(page.get_by_test_id("dialect")).to_have_value("zigbee2mqtt")
        await expect(page.get_by_test_id("foreign-name")).to_have_value("bed-sos")
        await fill_in(page, platform, "bed-sos-1")
        await page.get_by_test_id("device-submit").click()
        await expect(page.get_by_test_id("device-let-in")).to_be_visible()
        await go(page, platform, "/device/bed-sos-1")
        await expect(page.get_by_test_id("device-page")).to_contain_text("zigbee2mqtt")
        await expect(page.get_by_test_id("device-page")).to_contain_text("bed-sos")
        await page.get_by_test_id("facts-edit").click()
        await expect(page.get_by_test_id("pin-plan")).to_be_visible()
        await accessible(page)
        await page.get_by_test_id("dialect").select_option("")
        await page.get_by_test_id("facts-save").click()
        await expect(page.get_by_test_id("facts-edit")).to_be_visible()
        await expect(page.get_by_test_id("device-page")).not_to_contain_text("zigbee2mqtt")


CHORES: LiteralString = """
INSERT INTO hushes (kind, scope, author, reason, ends_at)
VALUES ('test', %(device)s, 'w', '试报', now() + INTERVAL '3 days');
INSERT INTO repair_orders (estate, place, device, rule, kind, facts, moved_by)
SELECT estate, place, id, 'fire-smoke', 'clean', '{"false_alarms": 3, "days": 30}', 'platform'
FROM devices WHERE id = %(device)s;
INSERT INTO enrolments (kind, device, estate, profile)
SELECT 'knock', 'new-' || id, estate, 'smoke_sensor' FROM devices WHERE id = %(device)s;
INSERT INTO people (id, name, roles, place)
SELECT 'nobody-' || id, '张三', '{PM}', estate FROM devices WHERE id = %(device)s;
INSERT INTO rollouts (name, state, reason, stages, max_failed, stage_wait_s, data, created_by)
VALUES ('夜间静音', 'stopped', 'too many failed', '{100}', 1, 60, '{}', 'w');
INSERT INTO rollout_devices (rollout, device, stage) SELECT max(id), %(device)s, 0 FROM rollouts;
UPDATE devices SET maintenance_due = current_date - 1 WHERE id = %(device)s
"""


async def test_what_is_to_be_done_today_leads_to_the_very_row(platform: Platform, browser: Browser) -> None:
    device = platform.community.devices[0].id
    async with await psycopg.AsyncConnection.connect(platform.database, autocommit=True) as connection:
        for statement in CHORES.split(";\n"):
            await connection.execute(statement, {"device": device} if "%(device)s" in statement else None)
    async with signed_in(browser, platform, "property", size=DESK) as page:
        for kind in ("rollout", "test_mode", "repair", "enrolment"):
            await go(page, platform, "/today")
            await page.locator(f"[data-kind={kind}]").get_by_test_id("chore").first.click()
            row = page.locator("[data-row][aria-current=true]")
            await expect(row).to_have_count(1)
            await expect(row).to_be_in_viewport()
        for kind, place in (("maintenance", "device-page"), ("contact", "person-card")):
            await go(page, platform, "/today")
            await page.locator(f"[data-kind={kind}]").get_by_test_id("chore").first.click()
            await expect(page.get_by_test_id(place)).to_be_visible()
        await go(page, platform, "/today")
        await expect(page.locator("[data-kind=maintenance]")).to_be_visible()
        await accessible(page)
        await picture(page, "today-zh-desk")
        await page.set_viewport_size({"width": 390, "height": 844})
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390
        await picture(page, "today-zh-phone")


async def test_a_door_is_opened_from_afar_and_the_order_is_on_record(
    platform: Platform, browser: Browser, database: str
) -> None:
    gate, smoke = (platform.community.family(f)[0] for f in ("access_gate", "smoke_sensor"))
    async with obedient(platform), signed_in(browser, platform, "operator", size=DESK) as page:
        for device, command in (
            (gate, "open_door"),
            (smoke, "mute_siren"),
            (smoke, "self_test"),
            (smoke, "reboot"),
        ):
            await go(page, platform, f"/device/{device.id}?tab=commands")
            await page.get_by_test_id(f"command-{command}").click()
            await page.get_by_test_id("confirm-reason").fill("居民忘带卡")
            await accessible(page)
            await page.get_by_test_id("confirm-go").click()
            row = page.get_by_test_id("command-row").first
            await expect(row).to_have_attribute("data-state", "done")
            await expect(row).to_contain_text("居民忘带卡")
        await picture(page, "commands-zh-desk")
        await page.get_by_test_id("tab-history").click()
        await expect(page.get_by_test_id("history-row").first).to_be_visible()
    async with await psycopg.AsyncConnection.connect(database) as connection:
        asked = "SELECT actor, count(*) FROM audit_log WHERE action = 'device.command' GROUP BY actor"
        assert await (await connection.execute(asked)).fetchall() == [(platform.login("operator"), 4)]


async def test_a_group_is_made_and_changed_and_a_rollout_stops_on_failures(
    platform: Platform, browser: Browser
) -> None:
    sensors = platform.community.family("smoke_sensor")
    estate, bad = sensors[0].estate, frozenset(d.id for d in sensors)
    async with (
        obedient(platform, stubborn=bad),
        signed_in(browser, platform, "property", size=DESK) as page,
    ):
        await go(page, platform, "/devices/rollouts")
        await page.get_by_test_id("group-new").click()
        await page.get_by_test_id("group-code").fill("smokes")
        await page.get_by_test_id("group-name").fill("烟感")
        await page.get_by_test_id("group-estate").select_option(estate)
        await page.get_by_test_id("group-profile").select_option("smoke_sensor")
        await page.get_by_test_id("group-save").click()
        row = page.locator('[data-testid="group-row"][data-group="smokes"]')
        await expect(row).to_contain_text(f"{len(sensors)} 台")
        await row.get_by_test_id("group-edit").click()
        await page.get_by_test_id("group-name").fill("烟感一组")
        await page.get_by_test_id("group-form").get_by_role("checkbox").first.uncheck()
        await accessible(page)
        await page.get_by_test_id("group-save").click()
        await expect(row).to_contain_text(f"{len(sensors) - 1} 台")
        await expect(row).to_contain_text("烟感一组")

        await page.get_by_test_id("rollout-new").click()
        await page.get_by_test_id("rollout-name").fill("提高灵敏度")
        await page.get_by_test_id("rollout-start").click()
        rollout = page.get_by_test_id("rollout").first
        await expect(rollout).to_have_attribute("data-state", "stopped")
        await accessible(page)
        await picture(page, "rollouts-zh-desk")
        await rollout.get_by_test_id("rollout-cancel").click()
        await page.get_by_test_id("confirm-go").last.click()
        await expect(rollout).to_have_attribute("data-state", "cancelled")
        await row.get_by_test_id("group-drop").click()
        await page.locator("dialog[open]").get_by_test_id("confirm-go").click()
        await expect(row).to_have_count(0)


async def test_five_hundred_devices_with_ten_bad_rows_are_refused_row_by_row_then_imported_whole(
    platform: Platform, browser: Browser
) -> None:
    place = next(p for p in platform.community.places if p.kind == "unit").code
    head = "id,place,profile,name_zh,serial,gateway,dialect\n"
    rows = [f"many-{n},{place},smoke_sensor,烟感{n},M-{n},," for n in range(500)]
    spoiled = {
        7: f"many 7,{place},smoke_sensor,烟感,M-7,,",
        41: "many-41,nowhere,smoke_sensor,烟感,M-41,,",
        99: f"many-99,{place},toaster,烟感,M-99,,",
        150: f"many-149,{place},smoke_sensor,烟感,M-150,,",
        151: f"many-151,{place},smoke_sensor,烟感,M-0,,",
        260: f"many-260,{place},smoke_sensor,烟感,M-260,no-such-gateway,",
        301: f"many-301,{place},smoke_sensor,烟感,M-301,,klingon",
        377: f"many-377,{place},,烟感,M-377,,",
        444: "many-444,,smoke_sensor,烟感,M-444,,",
        499: f"health,{place},smoke_sensor,烟感,M-499,,",
    }
    bad = [spoiled.get(n, row) for n, row in enumerate(rows)]
    async with signed_in(browser, platform, "property", size=DESK) as page:
        await go(page, platform, "/devices/import")
        chooser = page.get_by_test_id("import-file")

        async def choose(name: str, lines: list[str]) -> None:
            content = (head + "\n".join(lines) + "\n").encode()
            await chooser.set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})

        await choose("bad.csv", bad)
        await expect(page.get_by_test_id("import-preview")).to_have_attribute("data-bad", "10")
        faults = page.get_by_test_id("import-error")
        told = {}
        for n in range(await faults.count()):
            told[int(await faults.nth(n).get_attribute("data-row") or 0)] = await faults.nth(n).inner_text()
        assert sorted(told) == [n + 2 for n in sorted(spoiled)]  # the heading is row 1
        assert "klingon" in told[303]
        assert "没有这个地点" in told[43]
        await expect(page.get_by_test_id("import-go")).to_have_count(0)
        await accessible(page)
        await picture(page, "import-500-zh-desk")
        await page.goto(f"{platform.address}/devices")
        await page.get_by_test_id("device-q").fill("many-")
        await expect(page.get_by_test_id("device-row")).to_have_count(0)  # nothing half imported
        await go(page, platform, "/devices/import")
        await choose("good.csv", rows)
        await page.get_by_test_id("import-accounts").uncheck()
        await page.get_by_test_id("import-go").click()
        await expect(page.get_by_test_id("import-done")).to_contain_text("500")
