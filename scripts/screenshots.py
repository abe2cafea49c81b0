#!/usr/bin/env python3
"""Pictures of every page, in both languages, for a desk and for a phone: docs/screenshots/PAGE-LANG-SIZE.png.

Starts nothing: give it the address of a running `shequ up` and a login that sees everything, an admin's.
    .venv/bin/python scripts/screenshots.py http://127.0.0.1:8000 admin
The password is asked for, or read from SHEQU_PASSWORD.
"""

from __future__ import annotations

import argparse
import getpass
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, ViewportSize, sync_playwright
from playwright.sync_api import TimeoutError as Late

OUT = Path(__file__).parent.parent / "docs" / "screenshots"
SIZES = {"desk": (1920, 1080), "phone": (390, 844)}
LANGUAGES = ("zh", "en")
LARGEST = 250_000  # bytes; a page that takes more is shown on a smaller desk
SMALLER: tuple[ViewportSize, ...] = ({"width": 1600, "height": 900}, {"width": 1366, "height": 768})
CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CAMERA = "e1-fire-lane-cam"  # the camera of `make up` that a node watches
# page: path, what to press before the picture ("[…]": a CSS selector, all else test ids), what must be there
PAGES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "watch": ("/watch", (), "alert-queue"),
    "map": ("/watch", ("picture-map",), "map"),
    "wall": ("/wall", (), "wall-trend"),
    "why": ("/watch", ("alert-row", "why-open"), "why-chain"),
    "case-new": ("/incidents/new", (), "new-case"),
    "incidents": ("/incidents", ("incidents-all",), "incidents-all"),
    "case": ("/incidents", ("incidents-all", "incident-row"), "incident-clocks"),
    "devices": ("/devices", (), "device-row"),
    "device": ("/device/{device}", (), "device-path"),
    "device-health": ("/device/{device}?tab=health", (), "health-link"),
    "device-config": ("/device/{device}?tab=config", (), "config-status"),
    "device-commands": ("/device/{device}?tab=commands", (), "tab-commands"),
    "camera-zones": ("/device/{camera}?tab=camera", ("draw-load",), "draw-shape"),
    "case-picture": (
        "/watch",
        ('[data-testid="alert-row"][data-code="FIRE-005"]', "snapshot-look"),
        "snapshot",
    ),  # three minutes after `make up`
    "device-why": ("/device/{device}?tab=why", ("whynot-ask",), "whynot-answer"),
    "import": ("/devices/import", (), "template-csv"),
    "enrolment": ("/devices/enrolment", (), "enrol-pending"),
    "labels": ("/devices/labels", (), "label-form"),
    "rollouts": ("/devices/rollouts", (), "rollout-new"),
    "rules": ("/rules", (), "rule-row"),
    "rule": ("/rules/FIRE-001", (), "rule-sentence"),
    "rule-edit": ("/rules/SEC-010?tab=edit", (), "rule-valid"),
    "rule-backtest": ("/rules/SEC-010?tab=backtest", ("backtest-run",), "backtest-report"),
    "rule-versions": ("/rules/SEC-010?tab=versions", (), "rule-diff"),
    "thresholds": ("/thresholds", (), "threshold-rule"),
    "quiet": ("/quiet", ("quiet-new",), "quiet-form"),
    "organisation": ("/organisation", (), "place-tree"),
    "people": ("/organisation/people", (), "person-row"),
    "roster": ("/organisation/roster", (), "roster-week"),
    "resources": ("/organisation/resources", (), "resource-row"),
    "privacy": ("/organisation/privacy", (), "request-form"),
    "plans": ("/organisation/plans", (), "plan-row"),
    "plan": ("/organisation/plans/fire-smoke", (), "plan-readable"),
    "case-advice": ("/watch", ("alert-row", "advice-open"), "advised"),
    "kpi": ("/kpi", (), "kpi-board"),
    "report": ("/kpi/report", (), "report"),
    "repairs": ("/kpi/repairs", (), "needs-me"),
    "points": ("/kpi/points?tab=rules", (), "points-csv"),
    "ratings": ("/kpi/ratings", (), "ratings-most"),
    "goals": ("/kpi/goals", (), "target-new"),
    "goals-points": ("/kpi/goals?tab=coverage", ("point-new",), "point-form"),
    "verify": ("/kpi/verify", (), "verify-file"),
    "delivery": ("/delivery", (), "channel-card"),
    "delivery-channel": ("/delivery", ("channel-new",), "channel-form"),
    "delivery-letters": ("/delivery?tab=letters", (), "letters-state"),
    "delivery-tests": ("/delivery?tab=tests", (), "tab-tests"),
    "quarantine": ("/quarantine", (), "nav-quarantine"),
    "inspector": ("/inspector?estate=e1", (), "heard"),
    "simulation": ("/simulation", (), "simulation-traffic"),
    "api-explorer": ("/api-explorer", (), "api-explorer"),
}


@contextmanager
def signed_in(
    browser: Browser, *, address: str, user: str, password: str, size: str, language: str
) -> Iterator[Page]:
    """A page of somebody who signed in and chose a language."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, timezone_id="Asia/Shanghai", locale="zh-CN"
    )
    context.add_init_script(f"localStorage.setItem('shequ.locale', '{language}')")
    page = context.new_page()
    page.goto(f"{address}/login")
    page.get_by_test_id("login-user").fill(user)
    page.get_by_test_id("login-password").fill(password)
    page.get_by_test_id("login-submit").click()
    page.get_by_test_id("nav-devices").wait_for()
    if page.get_by_test_id("start-shift").count():
        page.get_by_test_id("start-shift").first.click()
    yield page
    context.close()


def take(page: Page, *, url: str, presses: tuple[str, ...], sign: str, out: Path) -> None:
    """Go there, press, wait for the sign, and keep the picture."""
    page.goto(url)
    for press in presses:
        found = page.locator(press) if press.startswith("[") else page.get_by_test_id(press)
        found.first.click(timeout=10_000)
    page.get_by_test_id(sign).first.wait_for(timeout=60_000)
    page.wait_for_timeout(500)  # lists behind the sign
    page.get_by_test_id(sign).first.scroll_into_view_if_needed()
    before = page.viewport_size
    page.screenshot(path=out)
    for smaller in SMALLER:
        if out.stat().st_size <= LARGEST:
            break
        page.set_viewport_size(smaller)
        page.wait_for_timeout(200)
        page.screenshot(path=out)
    if before is not None:
        page.set_viewport_size(before)


def run(
    playwright: Playwright, *, address: str, user: str, password: str, device: str, only: list[str]
) -> int:
    """Take them all; answers how many failed."""
    chromium = shutil.which("chromium")
    browser = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM))
    failed = 0
    for language in LANGUAGES:
        for size in SIZES:
            with signed_in(
                browser, address=address, user=user, password=password, size=size, language=language
            ) as page:
                device = device or first_device(page, address)
                for name, (path, presses, sign) in PAGES.items():
                    if only and name not in only:
                        continue
                    out = OUT / f"{name}-{language}-{size}.png"
                    try:
                        take(
                            page,
                            url=address + path.format(device=device, camera=CAMERA),
                            presses=presses,
                            sign=sign,
                            out=out,
                        )
                    except Late as exc:
                        failed += 1
                        sys.stderr.write(f"{out.name}: {str(exc).splitlines()[0]}\n")
    browser.close()
    return failed


def first_device(page: Page, address: str) -> str:
    """A smoke sensor to show."""
    page.goto(f"{address}/devices")
    page.get_by_test_id("device-q").fill("smoke")
    page.wait_for_timeout(1500)
    row = page.get_by_test_id("device-row").first
    row.wait_for(timeout=30_000)
    return row.get_attribute("data-device-id") or ""


def main() -> int:
    """Read the arguments and take the pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("address")
    parser.add_argument("user")
    parser.add_argument("--device", default="", help="id of the device to show; else the first smoke sensor")
    parser.add_argument("pages", nargs="*", help="only these pages")
    asked = parser.parse_args()
    password = os.environ.get("SHEQU_PASSWORD") or getpass.getpass()
    OUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        return min(
            1,
            run(
                playwright,
                address=asked.address.rstrip("/"),
                user=asked.user,
                password=password,
                device=asked.device,
                only=asked.pages,
            ),
        )


if __name__ == "__main__":
    sys.exit(main())
