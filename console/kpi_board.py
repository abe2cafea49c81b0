"""The indicators of a place and a period, with those of the places right below it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from console.auth import Caller
from console.database import Database
from console.problems import Invalid
from devices.errors import NotFound
from ingest.store.sql import load
from rules.kpis import ACCEPT_LIMIT, ARRIVE_LIMIT, CLOSE_LIMIT, KPIS, Kpi

SQL: Final = load("console.store", "kpi_board.sql")
CHINA: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
_LONGEST: Final = timedelta(days=400)
_LEVELS: Final = (1, 2, 3, 4)
_WORST: Final = 20  # rows of a ranking
LIMITS: Final[Mapping[str, list[timedelta | None]]] = {  # by severity, as the query takes them
    "accept_limits": [ACCEPT_LIMIT.get(level) for level in _LEVELS],
    "arrive_limits": [ARRIVE_LIMIT.get(level) for level in _LEVELS],
    "close_limits": [CLOSE_LIMIT.get(level) for level in _LEVELS],
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """From `start` to before `end`; what is not yet due is judged as of `as_of`."""

    start: datetime
    end: datetime
    as_of: datetime

    @property
    def params(self) -> dict[str, datetime]:
        """As a query takes it."""
        return {"start": self.start, "end": self.end, "as_of": self.as_of}


def period_of(month: str | None, start: datetime | None, end: datetime | None, now: datetime) -> Period:
    """A month of the county's calendar (this one, unless said otherwise), or any span up to 400 days.

    Raises Invalid for what is neither.
    """
    if start is not None or end is not None:
        if start is None or end is None or month is not None:
            raise Invalid({"start": "give a month, or both a start and an end"})
        if start.tzinfo is None or end.tzinfo is None:
            raise Invalid({"start": "give both times with their offset"})
        if not timedelta(0) < end - start <= _LONGEST:
            raise Invalid({"end": f"the end lies after the start, by {_LONGEST.days} days at most"})
        return Period(start=start, end=end, as_of=now)
    word = month or f"{now.astimezone(CHINA):%Y-%m}"
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", word):
        raise Invalid({"month": "write a month as 2026-11"})
    first = datetime.strptime(word, "%Y-%m").replace(tzinfo=CHINA)
    return Period(start=first, end=(first + timedelta(days=32)).replace(day=1), as_of=now)


async def node_of(database: Database, caller: Caller, node: str | None) -> tuple[str, list[dict[str, Any]]]:
    """The place a board is about (the caller's own, unless said otherwise) and the way to it.

    Raises NotFound outside the caller's places.
    """
    if node is None:
        root = await database.row(SQL["root"], {"scope": caller.scope})
        if root is None:
            raise NotFound("place", "root")
        node = str(root["code"])
    row = await database.row(SQL["node"], {"node": node, "scope": caller.scope})
    if row is None:
        raise NotFound("place", node)
    return node, row["path"]


async def board(database: Database, node: str, period: Period) -> list[dict[str, Any]]:
    """Every indicator of a place, its target, and the same of each place right below."""
    rows = await database.rows(SQL["board"], {"node": node, **period.params, **LIMITS})
    targets = {row["kpi"]: row for row in await database.rows(SQL["targets"], {"node": node})}
    own, below = rows[0], rows[1:]
    return [
        {
            **_words(kpi),
            **_target(kpi, targets.get(kpi.id)),
            **figure(kpi, own["figures"], targets.get(kpi.id)),
            "children": [
                {
                    "code": row["code"],
                    "kind": row["kind"],
                    "name_zh": row["name_zh"],
                    "name_en": row["name_en"],
                    **figure(kpi, row["figures"], targets.get(kpi.id)),
                }
                for row in below
            ],
        }
        for kpi in KPIS.values()
    ]


def figure(
    kpi: Kpi, figures: Mapping[str, list[Any]], target: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """An indicator's value with what it was made of, and whether it is good enough."""
    numerator, denominator = figures[kpi.id]
    value = kpi.value(numerator, denominator)
    goal = target["target"] if target else kpi.target
    return {
        "value": value,
        "numerator": numerator,
        "denominator": denominator,
        "met": kpi.met(value, goal),
    }


async def rankings(database: Database, node: str, period: Period) -> dict[str, list[dict[str, Any]]]:
    """Which rules and which devices were wrong most often."""
    about = {"node": node, **period.params, "limit": _WORST}
    return {name: await database.rows(SQL[name], about) for name in ("false_by_rule", "false_by_device")}


async def month_in_figures(database: Database, node: str, period: Period) -> dict[str, Any]:
    """What the monthly report shows beside the indicators."""
    about = {"node": node, **period.params}
    counted_out = await database.row(SQL["counted_out"], about)
    lists = {name: await database.rows(SQL[name], about) for name in ("by_day", "by_code", "by_severity")}
    return {**lists, "counted_out": counted_out}


HEADING: Final = (
    "指标编号", "指标", "Indicator", "单位", "地点编码", "地点", "Place",
    "数值", "分子", "分母", "目标", "达标", "公式",
)  # fmt: skip


def lines(node: Mapping[str, Any], kpis: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """The board as rows of a sheet: the place itself, then those below it, indicator by indicator."""
    for kpi in kpis:
        for place in (
            {**node, **{name: kpi[name] for name in ("value", "numerator", "denominator", "met")}},
            *kpi["children"],
        ):
            value = None if place["value"] is None else round(place["value"], 2)
            met = {True: "是", False: "否", None: ""}[place["met"]]
            yield (
                kpi["id"], kpi["name_zh"], kpi["name_en"], kpi["unit"], place["code"], place["name_zh"],
                place["name_en"], value, place["numerator"], place["denominator"], kpi["target"], met,
                kpi["formula_zh"],
            )  # fmt: skip


def _words(kpi: Kpi) -> dict[str, Any]:
    return {
        "id": kpi.id,
        "name_zh": kpi.zh,
        "name_en": kpi.en,
        "formula_zh": kpi.formula_zh,
        "formula_en": kpi.formula_en,
        "unit": kpi.unit,
        "better": kpi.better,
    }


def _target(kpi: Kpi, said: Mapping[str, Any] | None) -> dict[str, Any]:
    if said is None:
        return {"target": kpi.target, "target_source": kpi.source}
    return {"target": said["target"], "target_source": said["source"]}
