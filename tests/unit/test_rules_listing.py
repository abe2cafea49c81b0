"""The catalogue's reference page is as the data is."""

from __future__ import annotations

from pathlib import Path

from rules.listing import listing
from rules.ruleset import load_catalogue

PAGE = Path(__file__).parents[2] / "docs/reference/catalogue.md"


def test_the_page_is_fresh() -> None:
    fresh = "write it again: rules.listing.listing(load_catalogue())"
    assert PAGE.read_text("utf-8") == listing(load_catalogue()), fresh
