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
        await expect(fire).to_have_count(1)
        await expect(fire).to_have_attribute("data-severity", "1")
        await expect(page.get_by_test_id("banner-urgent")).to_be_visible()
        await expect(page.get_by_test_id("banner-urgent")).to_have_attribute("data-ringing", "true")

        await say(gateway, smoke, "2", Smoke(alarm=True, density=9.0))  # the same fire is no second alarm
        await fire.click()
        await expect(page.get_by_test_id("alert-detail")).to_contain_text("烟感报警")
        await expect(page.get_by_test_id("event-row")).to_have_count(2)
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
        await expect(call).to_have_count(1)
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
        await expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")
        await expect(page.get_by_test_id("queue-count")).to_be_visible()
        await platform.kill_console()
        await say(gateway, smoke, "1", Smoke(alarm=True))
        fire = page.locator('[data-testid="alert-row"][data-code="FIRE-001"]')
        await expect(fire).to_have_count(1)
        await expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")


async def test_a_page_whose_code_cannot_be_fetched_opens_when_it_can(
    platform: Platform, browser: Browser
) -> None:
    async with signed_in(browser, platform, "operator", size=DESK) as page:
        await expect(page.get_by_test_id("queue-count")).to_be_visible()
        await page.route("**/assets/DevicesPage-*.js", lambda route: route.abort(), times=1)
        await page.get_by_test_id("nav-devices").click()
        await expect(page.get_by_test_id("device-q")).to_be_visible()


OPEN_ALERT = """
INSERT INTO alerts
    (fingerprint, rule, code, severity, estate, place, subject, device, reason, first_seen, last_seen)
VALUES (gen_random_uuid()::text, 'r', %s, %s, %s, %s, %s, %s, 'condition_met', now(), now())
"""


async def test_three_alarms_at_once_are_worked_off_by_keys_alone(
    platform: Platform, browser: Browser
) -> None:
    """The banner rings until the last is taken; what is searched for stands in the address.

    None of them is a fire: a fire would go to 119 after a minute, and a slow machine needs longer.
    """
    about = (("smoke_sensor", "SEC-012"), ("sos_button", "CARE-005"), ("access_gate", "SEC-001"))
    async with await psycopg.AsyncConnection.connect(platform.database, autocommit=True) as connection:
        for family, code in about:
            device = platform.community.family(family)[0]
            row = (code, 1, device.estate, device.place, device.id, device.id)
            await connection.execute(OPEN_ALERT, row)
    async with signed_in(browser, platform, "operator", size=DESK) as page:
        await page.get_by_test_id("start-shift").click()
        press, rows, banner = (
            page.keyboard.press,
            page.get_by_test_id("alert-row"),
            page.get_by_test_id("banner-urgent"),
        )
        await expect(rows).to_have_count(3)
        for left in (3, 2, 1):
            await expect(banner).to_contain_text(f"{left} 条")
            await expect(banner).to_have_attribute("data-ringing", "true")
            await expect(rows.nth(3 - left)).to_have_attribute("aria-current", "true")
            await press("a")
            await expect(rows.nth(3 - left)).not_to_have_attribute("data-state", "open")
            await press("j")
        await expect(banner).to_have_count(0)
        await press("d")
        await expect(page.get_by_test_id("incident-panel")).to_be_visible()
        await press("k")
        await expect(rows.nth(1)).to_have_attribute("aria-current", "true")
        await press("c")
        await expect(page.get_by_test_id("close-submit")).to_be_visible()
        await press("Escape")
        await expect(page.get_by_test_id("close-submit")).to_have_count(0)
        await press("/")
        await expect(page.get_by_test_id("filter-q")).to_be_focused()
        await page.keyboard.type("CARE")
        await expect(rows).to_have_count(1)
        assert "q=CARE" in page.url
        await press("Escape")
        await press("?")
        await expect(page.get_by_test_id("help")).to_be_visible()
        await picture(page, "keys-zh-desk")


async def test_two_operators_share_a_queue(platform: Platform, browser: Browser) -> None:
    """Each sees what the other has open; several rows are taken at once; a filter is kept under a name.

    The gravest is no fire: a fire would go to 119 after a minute, and a slow machine needs longer.
    """
    smoke, door = (platform.community.family(name)[0] for name in ("smoke_sensor", "access_gate"))
    async with await psycopg.AsyncConnection.connect(platform.database, autocommit=True) as connection:
        for device, code, severity in ((smoke, "SEC-012", 1), (door, "SEC-005", 3), (door, "SEC-001", 3)):
            about = (code, severity, device.estate, device.place, device.id, device.id)
            await connection.execute(OPEN_ALERT, about)
    async with (
        signed_in(browser, platform, "operator", size=DESK) as page,
        signed_in(browser, platform, "second", size=DESK) as other,
    ):
        rows = page.get_by_test_id("alert-row")
        await expect(rows).to_have_count(3)
        # both begin at the gravest: each reads who else is there
        await expect(page.get_by_test_id("held-by-other")).to_be_visible()
        await expect(other.get_by_test_id("held-by-other")).to_be_visible()
        await expect(page.get_by_test_id("case-history")).to_be_visible()
        await picture(page, "held-zh-desk")
        await other.keyboard.press("j")
        await expect(page.get_by_test_id("held-by-other")).to_have_count(0)
        await expect(rows.nth(1).get_by_test_id("row-held")).to_be_visible()

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
        await expect(fire).to_have_count(1)
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
        await expect(page.get_by_test_id("credentials")).to_be_visible()
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
        await expect(page.locator('[data-testid="alert-row"][data-code="FIRE-001"]')).to_have_count(1)


async def test_map_and_wall_show_the_alert_without_asking_anybody_outside(
    platform: Platform, browser: Browser
) -> None:
    estate, smoke = platform.community.estates[0], platform.community.family("smoke_sensor")[0]
    async with await psycopg.AsyncConnection.connect(platform.database, autocommit=True) as connection:
        anchor = "INSERT INTO place_anchors VALUES (%s, 30.98, 104.28) ON CONFLICT (place) DO NOTHING"
        await connection.execute(anchor, (estate,))
    async with platform.gateway() as gateway, signed_in(browser, platform, "operator", size=DESK) as page:
        await say(gateway, smoke, "1", Smoke(alarm=True, density=6.5))
        await expect(page.locator('[data-testid="alert-row"][data-code="FIRE-001"]')).to_have_count(1)
        await page.get_by_test_id("picture-map").click()
        drawn = page.get_by_test_id("map")
        await expect(drawn).to_have_attribute("data-ready", "true")
        await expect(drawn).to_have_attribute("data-alerts", re.compile("[1-9]"))  # of silent devices too
        await page.goto(f"{platform.address}/wall")
        urgent = page.locator('[data-testid="wall-count"][data-severity="1"]')
        await expect(urgent).to_have_text("1")
        await expect(page.locator('[data-testid="wall-alert"].sev-1')).to_have_count(1)
        await expect(page.get_by_test_id("map")).to_have_attribute("data-ready", "true")
        await accessible(page)
        await picture(page, "wall-zh-desk")
        await page.goto(f"{platform.address}/watch")
        await page.get_by_test_id("theme-switch").click()
        await expect(page.locator("html")).to_have_attribute("data-theme", "light")
        await accessible(page)
        await picture(page, "map-light-zh-desk")
