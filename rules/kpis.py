"""What a centre is measured by: one table of indicators with their formulas, units and targets.

The words of a formula stand here, its query in console/store/kpi_board.sql under the same id; the two are
read side by side and a test recomputes each in plain Python. Targets are those of the county plan where it
names one (domain.md section g); `None` where it names none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType


class Unit(StrEnum):
    """What a figure counts."""

    PERCENT = "percent"
    SECONDS = "seconds"
    COUNT = "count"
    PER_GRID = "per_grid"  # for each 500 households, the largest a grid should be


_FACTORS: Mapping[Unit, int] = MappingProxyType({Unit.PERCENT: 100, Unit.PER_GRID: 500})


class Better(StrEnum):
    """Which way is good."""

    HIGH = "high"
    LOW = "low"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kpi:
    """An indicator: its numerator over its denominator, times its unit's factor; a count is its numerator."""

    id: str
    zh: str
    en: str
    formula_zh: str
    formula_en: str
    unit: Unit
    better: Better
    target: float | None = None
    source: str = ""

    def value(self, numerator: float | None, denominator: int) -> float | None:
        """Work the figure out; None where there is nothing to count."""
        if numerator is None or (self.unit is not Unit.COUNT and denominator == 0):
            return None
        factor = _FACTORS.get(self.unit)
        return float(numerator) if factor is None else factor * numerator / denominator

    def met(self, value: float | None, target: float | None) -> bool | None:
        """Say whether a target is reached; None where either is missing."""
        if value is None or target is None:
            return None
        return value >= target if self.better is Better.HIGH else value <= target

    def problem_with(self, target: float) -> str | None:
        """Say what is wrong with a target: the plan itself prints 1000 % once."""
        if target < 0:
            return "a target is not negative"
        if self.unit is Unit.PERCENT and target > 100:  # noqa: PLR2004 - per cent
            return f"{target:g} is no percentage: take 0 to 100"
        return None


ACCEPT_LIMIT: Mapping[int, timedelta] = MappingProxyType(
    {1: timedelta(minutes=1), 2: timedelta(minutes=5), 3: timedelta(minutes=30), 4: timedelta(hours=8)}
)
ARRIVE_LIMIT: Mapping[int, timedelta] = MappingProxyType(
    {1: timedelta(minutes=15), 2: timedelta(minutes=30), 3: timedelta(hours=4)}
)
CLOSE_LIMIT: Mapping[int, timedelta] = MappingProxyType(
    {1: timedelta(hours=2), 2: timedelta(hours=24), 3: timedelta(hours=72), 4: timedelta(days=7)}
)
"""Limits by severity (domain.md section c) for cases that have no clock of their own."""

_PLAN = "广汉市城乡基层治理“十四五”规划"
_COHORT_ZH = "本期受理、未并案、未不予受理、非演练的案件"
_COHORT_EN = "cases accepted in the period, without merged, rejected and drill cases"
_WAIT_ZH = "自首个告警（无告警则自登记）起，{}的秒数，取{}分位"
_WAIT_EN = "seconds from the first alert (or the registration) until {}, {}th percentile"


def _waits() -> tuple[Kpi, ...]:
    steps = (
        ("accept", "受理用时", "Time to accept", "至受理", "accepted"),
        ("arrive", "到场用时", "Time to arrive", "至首次到场", "the first arrival"),
        ("close", "办结用时", "Time to close", "至结案", "closed"),
    )
    return tuple(
        Kpi(
            id=f"{step}_p{percent}",
            zh=f"{zh} P{percent}",
            en=f"{en}, P{percent}",
            formula_zh=f"{_COHORT_ZH}：{_WAIT_ZH.format(until_zh, percent)}",
            formula_en=f"{_COHORT_EN}: {_WAIT_EN.format(until_en, percent)}",
            unit=Unit.SECONDS,
            better=Better.LOW,
        )
        for step, zh, en, until_zh, until_en in steps
        for percent in (50, 90)
    )


def _on_time() -> tuple[Kpi, ...]:
    steps = (
        ("accept", "受理及时率", "Accepted in time", "受理", "acceptance"),
        ("arrive", "到场及时率", "Arrived in time", "到场", "arrival"),
        ("close", "办结及时率", "Closed in time", "办结", "closing"),
    )
    return tuple(
        Kpi(
            id=f"on_time_{step}",
            zh=zh,
            en=en,
            formula_zh=f"{_COHORT_ZH}：在时限内{what_zh} ÷（已{what_zh} + 已超时限）",
            formula_en=f"{_COHORT_EN}: {what_en} within its limit ÷ ({what_en} done + limit passed)",
            unit=Unit.PERCENT,
            better=Better.HIGH,
        )
        for step, zh, en, what_zh, what_en in steps
    )


_LIST: tuple[Kpi, ...] = (
    Kpi(
        id="completion",
        zh="民生诉求响应完成率",
        en="Requests answered and completed",
        formula_zh=f"{_COHORT_ZH}：时限内结案且未重新派单 ÷（已结案 + 已超时限）",
        formula_en=f"{_COHORT_EN}: closed within the limit and never reopened ÷ (closed + limit passed)",
        unit=Unit.PERCENT,
        better=Better.HIGH,
        target=95,
        source=_PLAN,
    ),
    Kpi(
        id="satisfaction",
        zh="民生呼叫响应满意度",
        en="Satisfaction",
        formula_zh="本期评价中 4 分及以上 ÷ 本期全部评价（1–5 分）",
        formula_en="ratings of 4 and above ÷ all ratings given in the period (1 to 5)",
        unit=Unit.PERCENT,
        better=Better.HIGH,
        target=95,
        source=_PLAN,
    ),
    Kpi(
        id="rating_response",
        zh="评价回收率",
        en="Rating response rate",
        formula_zh="本期结案且已评价的案件 ÷ 本期结案的案件（不含并案、不予受理、演练）",
        formula_en="cases closed in the period that were rated ÷ cases closed (not merged, rejected, drills)",
        unit=Unit.PERCENT,
        better=Better.HIGH,
    ),
    *_on_time(),
    *_waits(),
    Kpi(
        id="false_alarm",
        zh="误报率",
        en="False alarm rate",
        formula_zh="本期告警中判为误报 ÷（判为真警 + 判为误报）；测试、演练、重复、其他不计",
        formula_en="alerts of the period judged false ÷ (judged true + false); no tests, drills, duplicates",
        unit=Unit.PERCENT,
        better=Better.LOW,
    ),
    Kpi(
        id="reopened",
        zh="重新派单率",
        en="Reopened",
        formula_zh=f"{_COHORT_ZH}：核查不通过重新派单过 ÷ 核查过",
        formula_en=f"{_COHORT_EN}: sent back by the verification at least once ÷ verified at all",
        unit=Unit.PERCENT,
        better=Better.LOW,
    ),
    Kpi(
        id="supervised",
        zh="督办次数",
        en="Times supervised",
        formula_zh="本期督办记录条数（不含演练）",
        formula_en="supervision moves in the period (drills apart)",
        unit=Unit.COUNT,
        better=Better.LOW,
    ),
    Kpi(
        id="xueliang_coverage",
        zh="社区“雪亮工程”覆盖率",
        en="Bright-eyes coverage of communities",
        formula_zh="必设点位全部有在用雪亮摄像机的社区 ÷ 社区总数（未登记点位的社区须至少有一台）；取数时",
        formula_en="communities whose required points all have a camera in use ÷ communities (one without "
        "listed points needs one camera); as of now",
        unit=Unit.PERCENT,
        better=Better.HIGH,
        target=100,
        source=_PLAN,
    ),
    Kpi(
        id="xueliang_networked",
        zh="雪亮联网率",
        en="Bright-eyes cameras networked",
        formula_zh="已接入平台（报过上线或离线）的雪亮摄像机 ÷ 在册雪亮摄像机；取数时",
        formula_en="cameras the broker has ever heard of ÷ registered cameras of that network; as of now",
        unit=Unit.PERCENT,
        better=Better.HIGH,
        target=100,
        source="雪亮工程建设要求",
    ),
    Kpi(
        id="xueliang_healthy",
        zh="雪亮在线完好率",
        en="Bright-eyes cameras online and healthy",
        formula_zh="在线、在用且无未消除设备告警（DEV）的雪亮摄像机 ÷ 在册雪亮摄像机；取数时",
        formula_en="cameras online, active, without an open device alert (DEV) ÷ registered ones; as of now",
        unit=Unit.PERCENT,
        better=Better.HIGH,
        target=95,
        source="雪亮工程建设要求",
    ),
    Kpi(
        id="tianwang_coverage",
        zh="村庄重要路段“天网”覆盖率",
        en="Skynet coverage of key road sections",
        formula_zh="有在用天网摄像机的重要路段 ÷ 登记的重要路段；取数时",
        formula_en="key road sections with a camera in use ÷ registered key road sections; as of now",
        unit=Unit.PERCENT,
        better=Better.HIGH,
        target=80,
        source=_PLAN,
    ),
    Kpi(
        id="plan_coverage",
        zh="预案启用率",
        en="Plans put to use",
        formula_zh=f"{_COHORT_ZH}：其中紧急、重要案件启动过预案 ÷ 紧急、重要案件",
        formula_en=f"{_COHORT_EN}: of severity 1 and 2 with a plan that was run ÷ of severity 1 and 2",
        unit=Unit.PERCENT,
        better=Better.HIGH,
    ),
    Kpi(
        id="grid_workers",
        zh="每 500 户网格员",
        en="Grid workers for 500 households",
        formula_zh="在册并分到基础网格的网格员 ÷ 这些网格的户数 × 500（未登记户数的网格不计）；取数时",
        formula_en="active grid workers of base grids ÷ households of these grids × 500 (grids without a "
        "number of households are left out); as of now",
        unit=Unit.PER_GRID,
        better=Better.HIGH,
        target=1,
        source="网格规模 300—500 户，每网格一名网格员",
    ),
    Kpi(
        id="repairs_open",
        zh="待办维修与回访",
        en="Repairs and visits waiting",
        formula_zh="未完成的维修与回访单；取数时",
        formula_en="repair orders and visits not yet done; as of now",
        unit=Unit.COUNT,
        better=Better.LOW,
    ),
)

KPIS: Mapping[str, Kpi] = MappingProxyType({kpi.id: kpi for kpi in _LIST})
"""Every indicator, in the order of the board."""
