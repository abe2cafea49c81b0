"""One walk over every page: each look of each page is free of faults that a machine can see."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Final

import pytest
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from simulators.stack import Stack
from tests.e2e.axe import breaches, equip, listener, misplaced, untranslated
from tests.e2e.conftest import PATIENCE, Platform, move_in, picture, standing
from tests.e2e.content import Content, furnish
from tests.e2e.views import View, rounds, routes, views

pytestmark = pytest.mark.browser
SETTLED: Final = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
TRAVEL: Final = "path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')) }"
WEAR: Final = """([lang, theme]) => {
    localStorage.setItem('shequ.locale', lang)
    localStorage.setItem('shequ.theme', theme)
    document.documentElement.dataset.theme = theme
    if (document.documentElement.lang.slice(0, 2) === lang) return true
    const offered = document.querySelector('[data-testid=lang-switch]')
    offered?.click()
    return offered !== null
}"""
NO_MAP: Final = """{
    const own = HTMLCanvasElement.prototype.getContext
    HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
        return kind.startsWith('webgl') ? null : own.call(this, kind, ...more)
    }
}"""


@dataclass(frozen=True, kw_only=True)
class Look:
    """How somebody may see a page."""

    lang: str
    theme: str
    size: ViewportSize
    axe: bool = False
    kept: str = ""  # its pictures are named PAGE-KEPT


LARGE, DESK, LAPTOP, PHONE = (
    ViewportSize(width=w, height=h) for w, h in ((3840, 2160), (1920, 1080), (1366, 768), (390, 844))
)
USUAL: Final = (  # both languages, both themes, each width
    Look(lang="zh", theme="light", size=DESK, axe=True, kept="zh-desk"),
    Look(lang="en", theme="dark", size=PHONE, axe=True, kept="en-phone"),
    Look(lang="en", theme="light", size=LAPTOP),
)
PICTURED: Final = (  # `make screenshots` has the time to cross them
    *USUAL,
    Look(lang="zh", theme="dark", size=LAPTOP),
    Look(lang="zh", theme="light", size=PHONE, kept="zh-phone"),
    Look(lang="en", theme="dark", size=DESK, kept="en-desk"),
)
LOOKS: Final = PICTURED if "SCREENSHOTS" in os.environ else USUAL
FROM_AFAR: Final = Look(lang="zh", theme="dark", size=LARGE, kept="zh-large")


@dataclass(frozen=True, kw_only=True)
class Walk:
    """A platform with something on every page."""

    platform: Platform
    content: Content


@pytest.fixture(scope="module")
def walk(stack: Stack, migrated_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """Furnish the one estate of a platform that nobody else uses: administrators see all there is."""
    with standing(stack, migrated_template, tmp_path_factory.mktemp("walk"), 1) as stand:
        platform = stand.portal.call(move_in, stand)
        yield Walk(platform=platform, content=stand.portal.call(furnish, platform))


def test_every_route_is_walked() -> None:
    assert {view.route for view in views()} == routes()


@pytest.mark.parametrize("line", list(rounds()), ids=lambda line: f"{line[0].who or 'nobody'}-{line[0].name}")
async def test_every_page_in_every_look(walk: Walk, browser: Browser, line: tuple[View, ...]) -> None:
    faults: list[str] = []
    async with visitor(browser, walk.platform, line[0].who, faults) as page:
        before = ""
        for view in line:
            said = len(faults)
            await go(page, walk, view, anew=view.fresh or view.route == before)
            before = view.route
            for look in (*LOOKS, *([FROM_AFAR] if view.large else [])):
                kind = f"{look.lang} {look.theme} {look.size['width']}"
                faults += [f"{kind}: {fault}" for fault in await seen(page, view, look)]
            own = f"status of {view.answers} " if view.answers else None
            faults[said:] = [f"{view.name}: {f}" for f in faults[said:] if own is None or own not in f]
    assert not faults, "\n" + "\n".join(faults)


async def test_after_the_walk_the_platform_finds_nothing_wrong_with_itself(
    walk: Walk, browser: Browser
) -> None:
    async with visitor(browser, walk.platform, "operator", []) as page:
        await page.goto(f"{walk.platform.address}/selfcheck")
        counts = page.get_by_test_id("invariant")
        await expect(counts.first).to_be_visible()
        bad = await page.locator('[data-testid="invariant"][data-bad="true"]').all_inner_texts()
    assert bad == []


@asynccontextmanager
async def visitor(browser: Browser, platform: Platform, who: str, faults: list[str]) -> AsyncIterator[Page]:
    """A page of somebody, or of nobody yet; what the browser complains of is a fault."""
    context = await browser.new_context(
        viewport=DESK, timezone_id="Asia/Shanghai", locale="zh-CN", reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE * 1000)
    await context.add_init_script(listener())
    await context.add_init_script(NO_MAP)
    page = await context.new_page()
    home = (platform.address, f"blob:{platform.address}", "data:")
    page.on("console", lambda said: faults.append(f"console: {said.text}") if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("request", lambda r: None if r.url.startswith(home) else faults.append(f"asks outside: {r.url}"))
    await page.goto(f"{platform.address}/{'field' if who == 'grid' else ''}")
    if who:
        await page.get_by_test_id("login-user").fill(platform.login(who))
        await page.get_by_test_id("login-password").fill(platform.passwords[who])
        await page.get_by_test_id("login-submit").click()
        await expect(page.get_by_test_id("login-submit")).to_have_count(0)
    yield page
    await context.close()


def shown(page: Page, name: str) -> Locator:
    """What is to be seen of a test id: closed dialogs have theirs too."""
    return page.get_by_test_id(name).filter(visible=True).first


async def go(page: Page, walk: Walk, view: View, *, anew: bool) -> None:
    """Open a view as pages.toml says; `anew` where it must forget another view of the same page."""
    path = view.path.format(**asdict(walk.content))
    await page.set_viewport_size(DESK)
    await (page.goto(walk.platform.address + path) if anew else page.evaluate(TRAVEL, path))
    for press in view.presses:
        where = press if press.startswith("[") else f'[data-testid="{press}"]'
        await page.locator(where).first.click()
    if view.reason:
        await shown(page, "confirm-reason").fill(view.reason)
        await shown(page, "confirm-go").click()
    await expect(shown(page, view.sign)).to_be_visible()
    await page.mouse.move(0, 0)  # what the pointer rests on is drawn in another colour
    await equip(page)


async def seen(page: Page, view: View, look: Look) -> list[str]:
    """Dress the page and look for faults."""
    await page.set_viewport_size(look.size)
    if not await page.evaluate(WEAR, [look.lang, look.theme]):  # the wall has no switch
        await page.reload()
        await expect(shown(page, view.sign)).to_be_visible()
        await equip(page)
    await page.evaluate(SETTLED)
    if look.kept:
        await shown(page, view.sign).scroll_into_view_if_needed()
        await picture(page, f"{view.name}-{look.kept}")
    faults = await misplaced(page)
    faults += await untranslated(page) if look.lang == "en" else []
    return faults + (await breaches(page) if look.axe else [])
