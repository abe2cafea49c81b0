"""The pages of the console and their views (console/web/pages.toml), and what the router says there is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from tests.e2e.conftest import ROOT

_WEB: Final = ROOT / "console" / "web"
_ROUTERS: Final = (_WEB / "src" / "router.ts", _WEB / "src" / "field" / "routes.ts")
_NAMES: Final = re.compile(r"^export type (?:Route|Field)\w* = (.+)$", re.MULTILINE)
_AT_ONCE: Final = 6  # pages of one test


@dataclass(frozen=True, kw_only=True)
class View:
    """One line of pages.toml."""

    name: str
    route: str
    path: str
    who: str
    sign: str
    presses: tuple[str, ...] = ()
    reason: str = ""
    answers: int = 0
    fresh: bool = False
    large: bool = False
    slow: bool = False


def views() -> Iterator[View]:
    """Read them in order."""
    table = tomllib.loads((_WEB / "pages.toml").read_text(encoding="utf-8"))
    for name, line in table.items():
        yield View(name=name, **{**line, "presses": tuple(line.get("presses", ()))})


def routes() -> set[str]:
    """Return the names that TypeScript lets a route have."""
    unions = [_NAMES.findall(file.read_text(encoding="utf-8")) for file in _ROUTERS]
    return {name.strip("' ") for (union,) in unions for name in union.split("|")}


def rounds() -> Iterator[tuple[View, ...]]:
    """Views that one login walks in one go: a test each, short enough to be run beside others."""
    walked = [view for view in views() if not view.slow]
    for _, same in groupby(sorted(walked, key=lambda view: view.who), key=lambda view: view.who):
        line = tuple(same)
        yield from (line[n : n + _AT_ONCE] for n in range(0, len(line), _AT_ONCE))
