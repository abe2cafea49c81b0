"""What an operator does at 3 a.m., in a real browser on the real platform."""

from __future__ import annotations

import re
from datetime import timedelta

import aiomqtt
import psycopg
import pytest
from playwright.async_api import Browser, expect

from devices.model import Device
from devices.profile import Message
from devices.profiles import PROFILES
from devices.profiles.smoke_sensor import Smoke
from devices.profiles.sos_button import Sos
from devices.reading import Reading
from ingest.clock import system_clock
from tests.e2e.axe import accessible
from tests.e2e.conftest import Platform, picture, signed_in

DESK = (1920, 1080)
PHONE = (390, 844)
SOON = 10_000  # milliseconds; how fast it really is, `make bench` says

pytestmark = pytest.mark.browser


async def say(gateway: aiomqtt.Client, device: Device, id_: str, reading: Reading) -> None:
    """Publish one message as a device would."""
    payload = PROFILES[device.profile].encode(Message(id=id_, at=system_clock(), reading=reading))
    await gateway.publish(f"shequ/v1/{device.estate}/{device.id}/event", payload, qos=1)


async def test_a_fire_from_the_first_smoke_to_the_dispatched_case(
    platform: Platform, browser: Browser
) -> None:
    smoke = platform.community.family("smoke_sensor")[0]
    async with platform.gateway() as gateway, signed_in(browser, platform, "operator", size=DESK) as page:
        await page.get_by_test_id("start-shift").click()
        await say(gateway, smoke, "1", Smoke(alarm=True, density=6.5))
        fire = page.locator('[data-testid="alert-row"][data-code="FIRE-001"]')
        await expect(fire).to_have_count(1, timeout=SOON)
        await expect(fire).to_have_attribute("data-severity", "1")
        await expect(page.get_by_test_id("banner-urgent")).to_be_visible()
        await expect(page.get_by_test_id("banner-urgent")).to_have_attribute("data-ringing", "true")

        await say(gateway, smoke, "2", Smoke(alarm=True, density=9.0))  # the same fire is no second alarm
        await fire.click()
        await expect(page.get_by_test_id("alert-detail")).to_contain_text("烟感报警")
        await expect(page.get_by_test_id("event-row")).to_have_count(2, timeout=SOON)
        await expect(fire).to_have_count(1)
        await expect(page.locator('[data-testid="sketch-marker"][data-focused="true"]')).to_be_visible()
        await picture(page, "alert-zh-desk")

        await page.get_by_test_id("action-acknowledge").click()
        await expect(page.get_by_test_id("banner-urgent")).to_have_count(0)
        await page.get_by_test_id("action-dispatch").click()
        moves = page.get_by_test_id("incident-log-row")
        await expect(moves).to_have_count(4)
        assert [await moves.nth(n).get_attribute("data-to-state") for n in range(4)] == [
            "reported",
            "accepted",
            "assessed",
            "dispatched",
        ]
        case = await page.get_by_test_id("incident-panel").inner_text()
        assert re.search(r"\b510681\d{8}01\d{6}\b", case)
        await picture(page, "incident-zh-desk")
        await page.get_by_test_id("incident-action-acknowledge").click()
        await expect(page.get_by_test_id("incident-panel")).to_have_attribute("data-state", "acknowledged")


async def test_a_help_call_is_closed_with_an_outcome(platform: Platform, browser: Browser) -> None:
    button = platform.community.family("sos_button")[0]
    async with platform.gateway() as gateway, signed_in(browser, platform, "operator", size=DESK) as page:
        await say(gateway, button, "1", Sos(action="pressed"))
        call = page.locator('[data-testid="alert-row"][data-code="SOS-001"]')
        await expect(call).to_have_count(1, timeout=SOON)
        await call.click()
        await page.get_by_test_id("action-close").click()
        await page.get_by_test_id("outcome-false_alarm").click()
        await page.get_by_test_id("close-cause").select_option("misuse")
        await page.get_by_test_id("close-note").fill("误触，已电话核实")
        await page.get_by_test_id("close-submit").click()
        await expect(call).to_have_count(0)


async def test_the_page_speaks_english_too_and_remembers(platform: Platform, browser: Browser) -> None:
    async with signed_in(browser, platform, "operator", size=DESK) as page:
        await page.get_by_test_id("lang-switch").click()
        await expect(page.get_by_test_id("nav-incidents")).to_have_text("Incidents")
        await page.reload()
        await expect(page.get_by_test_id("nav-incidents")).to_have_text("Incidents")


async def test_a_console_that_was_cut_off_says_so_and_misses_nothing(
    platform: Platform, browser: Browser
) -> None:
    smoke = platform.community.family("smoke_sensor")[1]
    async with platform.gateway() as gateway, signed_in(browser, platform, "operator", size=DESK) as page:
        await expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live", timeout=SOON)
        await expect(page.get_by_test_id("queue-count")).to_be_visible(timeout=SOON)
        await platform.kill_console()
        await say(gateway, smoke, "1", Smoke(alarm=True))
        fire = page.locator('[data-testid="alert-row"][data-code="FIRE-001"]')
        await expect(fire).to_have_count(1, timeout=30_000)
        await expect(page.get_by_test_id("connection")).to_have_attribute(
            "data-state", "live", timeout=30_000
        )


async def test_a_page_whose_code_cannot_be_fetched_opens_when_it_can(
    platform: Platform, browser: Browser
) -> None:
    async with signed_in(browser, platform, "operator", size=DESK) as page:
        await expect(page.get_by_test_id("queue-count")).to_be_visible(timeout=SOON)
        await page.route("**/assets/DevicesPage-*.js", lambda route: route.abort(), times=1)
        await page.get_by_test_id("nav-devices").click()
        await expect(page.get_by_test_id("device-q")).to_be_visible(timeout=SOON)


OPEN_ALERT = """
INSERT INTO alerts
    (fingerprint, rule, code, severity, estate, place, subject, device, reason, first_seen, last_seen)
VALUES (gen_random_uuid()::text, 'r', %s, %s, %s, %s, %s, %s, 'condition_met', now(), now())
"""


async def test_two_operators_share_a_queue(platform: Platform, browser: Browser) -> None:
    """Each sees what the other has open; several rows are taken at once; a filter is kept under a name."""
    smoke, door = (platform.community.family(name)[0] for name in ("smoke_sensor", "access_gate"))
    async with await psycopg.AsyncConnection.connect(platform.database, autocommit=True) as connection:
        for device, code, severity in ((smoke, "FIRE-001", 1), (door, "SEC-005", 3), (door, "SEC-001", 3)):
            about = (code, severity, device.estate, device.place, device.id, device.id)
            await connection.execute(OPEN_ALERT, about)
    async with (
        signed_in(browser, platform, "operator", size=DESK) as page,
        signed_in(browser, platform, "second", size=DESK) as other,
    ):
        rows = page.get_by_test_id("alert-row")
        await expect(rows).to_have_count(3, timeout=SOON)
        # both begin at the gravest: each reads who else is there
        await expect(page.get_by_test_id("held-by-other")).to_be_visible(timeout=SOON)
        await expect(other.get_by_test_id("held-by-other")).to_be_visible(timeout=SOON)
        await expect(page.get_by_test_id("case-history")).to_be_visible()
        await picture(page, "held-zh-desk")
        await other.keyboard.press("j")
        await expect(page.get_by_test_id("held-by-other")).to_have_count(0, timeout=SOON)
        await expect(rows.nth(1).get_by_test_id("row-held")).to_be_visible(timeout=SOON)

        for key in ("x", "j", "x", "a"):
            await page.keyboard.press(key)
        await expect(page.get_by_test_id("bulk")).to_contain_text("1 级 1 条")
        await expect(page.get_by_test_id("bulk-row")).to_have_count(1)
        await accessible(page)
        await picture(page, "bulk-zh-desk")
        await page.get_by_test_id("bulk-go").click()
        await expect(rows.nth(1)).to_have_attribute("data-state", "acknowledged")
        await expect(rows.nth(0)).to_have_attribute("data-state", "open")

        await page.get_by_test_id("filter-severity").select_option("3")
        await page.get_by_test_id("view-save").click()
        await page.get_by_test_id("view-name").fill("三级")
        await page.get_by_test_id("view-go").click()
        await expect(page.get_by_test_id("view-drop")).to_be_visible()
        await page.get_by_test_id("filter-clear").click()
        await expect(rows).to_have_count(3)
        await page.get_by_test_id("view-pick").select_option(label="三级")
        await expect(rows).to_have_count(2)
        assert "severity=3" in page.url


async def test_a_phone_shows_list_then_case_and_cuts_nothing_off(
    platform: Platform, browser: Browser
) -> None:
    smoke = platform.community.family("smoke_sensor")[2]
    async with platform.gateway() as gateway, signed_in(browser, platform, "operator", size=PHONE) as page:
        await say(gateway, smoke, "1", Smoke(alarm=True))
        fire = page.locator('[data-testid="alert-row"][data-code="FIRE-001"]')
        await expect(fire).to_have_count(1, timeout=SOON)
        await picture(page, "queue-zh-phone")
        await fire.click()
        await expect(page.get_by_test_id("alert-detail")).to_be_visible()
        await picture(page, "alert-zh-phone")
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


async def test_a_property_manager_adds_a_device_that_can_speak_at_once(
    platform: Platform, browser: Browser
) -> None:
    room = next(p for p in platform.community.places if p.kind == "room")
    name = f"new-{platform.stack.broker.port}-{int(timedelta(days=1).total_seconds())}"
    async with signed_in(browser, platform, "property", size=DESK) as page:
        await page.get_by_test_id("nav-devices").click()
        await page.get_by_test_id("device-add").click()
        await page.get_by_test_id("device-id").fill(name)
        await page.get_by_test_id("device-profile").select_option("smoke_sensor")
        await page.get_by_test_id("device-estate").select_option(platform.community.estates[0])
        await page.get_by_test_id("device-place").select_option(room.code)
        await page.get_by_test_id("device-name-zh").fill("新烟感")
        await page.get_by_test_id("device-name-en").fill("New smoke sensor")
        await page.get_by_test_id("device-submit").click()
        await expect(page.get_by_test_id("credentials")).to_be_visible(timeout=SOON)
        await picture(page, "device-added-zh-desk")
        user = await page.get_by_test_id("credentials-username").inner_text()
        password = await page.get_by_test_id("credentials-password").inner_text()
    broker = platform.stack.broker
    async with aiomqtt.Client(
        broker.host, broker.port, username=user.strip(), password=password.strip(), identifier=user.strip()
    ) as device:
        payload = PROFILES["smoke_sensor"].encode(
            Message(id="1", at=system_clock(), reading=Smoke(alarm=True))
        )
        await device.publish(f"shequ/v1/{platform.community.estates[0]}/{name}/event", payload, qos=1)
    async with signed_in(browser, platform, "operator", size=DESK) as page:
        await expect(page.locator('[data-testid="alert-row"][data-code="FIRE-001"]')).to_have_count(
            1, timeout=SOON
        )


async def test_map_and_wall_show_the_alert_without_asking_anybody_outside(
    platform: Platform, browser: Browser
) -> None:
    estate, smoke = platform.community.estates[0], platform.community.family("smoke_sensor")[0]
    async with await psycopg.AsyncConnection.connect(platform.database, autocommit=True) as connection:
        anchor = "INSERT INTO place_anchors VALUES (%s, 30.98, 104.28) ON CONFLICT (place) DO NOTHING"
        await connection.execute(anchor, (estate,))
    async with platform.gateway() as gateway, signed_in(browser, platform, "operator", size=DESK) as page:
        await say(gateway, smoke, "1", Smoke(alarm=True, density=6.5))
        await expect(page.locator('[data-testid="alert-row"][data-code="FIRE-001"]')).to_have_count(
            1, timeout=SOON
        )
        await page.get_by_test_id("picture-map").click()
        drawn = page.get_by_test_id("map")
        await expect(drawn).to_have_attribute("data-ready", "true", timeout=3 * SOON)
        await expect(drawn).to_have_attribute("data-alerts", "1")
        await page.goto(f"{platform.address}/wall")
        urgent = page.locator('[data-testid="wall-count"][data-severity="1"]')
        await expect(urgent).to_have_text("1", timeout=SOON)
        await expect(page.get_by_test_id("wall-alert")).to_have_count(1, timeout=SOON)
        await expect(page.get_by_test_id("map")).to_have_attribute("data-ready", "true", timeout=3 * SOON)
        await accessible(page)
        await picture(page, "wall-zh-desk")
        await page.goto(f"{platform.address}/watch")
        await page.get_by_test_id("theme-switch").click()
        await expect(page.locator("html")).to_have_attribute("data-theme", "light")
        await accessible(page)
        await picture(page, "map-light-zh-desk")
