"""What a desk fetches before its first page: small, and without map and charts."""

from __future__ import annotations

import gzip
import re

from tests.e2e.conftest import ROOT

DIST = ROOT / "console" / "web" / "dist"
MOST = 300 * 1024  # bytes, compressed


def test_the_first_page_is_small_and_holds_neither_map_nor_charts() -> None:
    page = (DIST / "index.html").read_text(encoding="utf-8")
    named = re.findall(r'(?:src|href)="/(assets/[^"]+\.(?:js|css))"', page)
    assert named
    sizes = {name: len(gzip.compress((DIST / name).read_bytes())) for name in named}
    assert sum(sizes.values()) < MOST, sizes
    assert not [name for name in named if "maplibre" in name or "echarts" in name]
