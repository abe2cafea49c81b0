"""What a page is measured by: axe-core (WCAG 2.2 AA), and where its parts stand."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from playwright.async_api import Page

_SCRIPT: Final = Path(__file__).parent.parent.parent / "console/web/node_modules/axe-core/axe.min.js"
_HERE: Final = Path(__file__).parent
_RUN: Final = """axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    resultTypes: ['violations'],
    preload: false,
})"""
_GRAVE: Final = ("serious", "critical")


async def accessible(page: Page) -> None:
    """Fail where axe finds something serious, naming it and where it is."""
    await page.mouse.move(0, 0)  # what the pointer rests on is drawn in another colour
    await equip(page)
    assert await breaches(page, grave=True) == []


async def equip(page: Page) -> None:
    """Give the page axe, where it has none since it was loaded."""
    if await page.evaluate("typeof axe === 'undefined'"):
        await page.evaluate(_SCRIPT.read_text(encoding="utf-8"))


async def breaches(page: Page, *, grave: bool = False) -> list[str]:
    """What axe finds in an equipped page, and where."""
    answer = await page.evaluate(_RUN)
    return [
        f"{found['id']}: {node['html'][:200]}"
        for found in answer["violations"]
        if not grave or found["impact"] in _GRAVE
        for node in found["nodes"]
    ]


async def fits(page: Page) -> None:
    """Nothing is cut off at the side."""
    size = page.viewport_size
    assert size is not None
    assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"]


async def misplaced(page: Page) -> list[str]:
    """What is wrong with the layout: outside the window, cut off, on top of one another."""
    faults: list[str] = await page.evaluate((_HERE / "layout.js").read_text(encoding="utf-8"))
    return faults


def listener() -> str:
    """Return a script to be run before the page's own: `untranslated` needs what it keeps."""
    return (_HERE / "listener.js").read_text(encoding="utf-8")


async def untranslated(page: Page) -> list[str]:
    """Chinese in a page that is read in English, where it is not somebody's own words."""
    faults: list[str] = await page.evaluate((_HERE / "untranslated.js").read_text(encoding="utf-8"))
    return faults
