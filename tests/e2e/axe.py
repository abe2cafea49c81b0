"""axe-core in the page: no serious breach of WCAG 2.2 AA."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from playwright.async_api import Page

_SCRIPT: Final = Path(__file__).parent.parent.parent / "console/web/node_modules/axe-core/axe.min.js"
_RUN: Final = "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
_GRAVE: Final = ("serious", "critical")


async def accessible(page: Page) -> None:
    """Fail where axe finds something serious, naming it and where it is."""
    await page.mouse.move(0, 0)  # what the pointer rests on is drawn in another colour
    await page.evaluate(_SCRIPT.read_text(encoding="utf-8"))
    answer = await page.evaluate(_RUN)
    found = [
        (v["id"], n["html"][:200]) for v in answer["violations"] if v["impact"] in _GRAVE for n in v["nodes"]
    ]
    assert found == []


async def fits(page: Page) -> None:
    """Nothing is cut off at the side."""
    size = page.viewport_size
    assert size is not None
    assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"]
