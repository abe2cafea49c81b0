"""Devices as a sheet: headings, cells into values, rows checked one by one, and safe cells out again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from devices.profiles import PROFILES
from devices.registry.record import FIELDS, Known, Problem, complete, problems

MOST_ROWS = 5_000
HEADINGS: Mapping[str, str] = {
    "id": "设备编号",
    "place": "位置编码",
    "profile": "设备类型",
    "name_zh": "名称",
    "name_en": "英文名称",
    "make": "厂家",
    "model": "型号",
    "serial": "序列号",
    "owner_unit": "产权单位",
    "network": "所属网络",
    "gb28181_id": "国标编号",
    "gateway": "网关",
    "dialect": "接入方言",
    "foreign_name": "方言内名称",
    "legal_basis": "法律依据",
    "retention_days": "保存天数",
    "purpose": "用途",
    "x": "平面图X",
    "y": "平面图Y",
    "offline_after_s": "离线秒数",
    "installed_at": "安装时间",
    "installed_by": "安装人",
    "maintenance_due": "下次维护",
    "callees": "联系人",
}
REQUIRED = ("id", "place", "profile")
_NUMBERS = {"x": float, "y": float, "offline_after_s": float, "retention_days": int}
_DATES = ("installed_at", "maintenance_due")
_BETWEEN = re.compile(r"[;；,，、\s]+")  # people's ids in one cell
_FAMILIES: Mapping[str, str] = {  # a family may be called by either of its names
    said.lower(): name for name, each in PROFILES.items() for said in (name, each.name_zh, each.name_en)
}
_SAID: Mapping[str, Callable[[str], Any]] = {
    "profile": lambda text: _FAMILIES.get(text.lower(), text),
    "callees": lambda text: [who for who in _BETWEEN.split(text) if who],
}
_HERE = timezone(timedelta(hours=8))  # a date without a clock is a date in China
RUNS = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for a formula
_BY_HEADING = {**{name: name for name in FIELDS}, **{zh.lower(): name for name, zh in HEADINGS.items()}}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell; the heading is row 1."""

    row: int
    column: str
    value: str
    problem: str
    mend: str
    zh: tuple[str, str] = ("", "")

    def wire(self) -> dict[str, Any]:
        """As the HTTP contract and the command line show it."""
        told = {name: getattr(self, name) for name in ("row", "column", "value", "problem", "mend")}
        return {**told, "problem_zh": self.zh[0], "mend_zh": self.zh[1]}


@dataclass(kw_only=True)
class Sheet:
    """A sheet as read: papers by row number, and what could not be read."""

    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def bad_rows(self) -> int:
        """How many rows have at least one fault; a fault of the whole sheet counts as none."""
        return len({fault.row for fault in self.faults if fault.row > 1})


def read(lines: Iterable[Sequence[Any]]) -> Sheet:
    """Read a table whose first line is the heading; empty lines are passed over."""
    sheet = Sheet()
    columns: list[str | None] | None = None
    for number, cells in enumerate(lines, start=1):
        texts = [_text(cell) for cell in cells]
        if not any(texts):
            continue
        if columns is None:
            columns = _columns(texts, sheet)
        elif len(sheet.rows) >= MOST_ROWS:
            sheet.faults.append(
                Fault(
                    1, "", "", f"more than {MOST_ROWS} rows", "split the sheet", ("行数过多", "分成几个文件")
                )
            )
            break
        else:
            sheet.rows.append((number, _values(number, columns, cells, sheet)))
    if columns is None:
        sheet.faults.append(
            Fault(1, "", "", "the sheet is empty", "start from the template", ("表格是空的", "从模板开始填"))
        )
    return sheet


def check(sheet: Sheet, known: Known) -> list[dict[str, Any]]:
    """The papers of the good rows; faults of the others are added to the sheet.

    Gateways may stand anywhere in the sheet: rows without a gateway are looked at first.
    """
    unread = {(fault.row, fault.column) for fault in sheet.faults}
    good: list[tuple[int, dict[str, Any]]] = []
    first: dict[Any, int] = {}  # the rows that took an id of this sheet
    for number, raw in sorted(sheet.rows, key=lambda row: (row[1].get("gateway") is not None, row[0])):
        papers = complete(raw)
        found = [each for each in problems(papers, known, fresh=True) if (number, each.field) not in unread]
        if papers["id"] in first:
            found = [_twice(first[papers["id"]]) if each.field == "id" else each for each in found]
        sheet.faults.extend(_fault(number, papers, each) for each in found)
        if not found and not any(row == number for row, _ in unread):
            known.claim(papers)
            first[papers["id"]] = number
            good.append((number, papers))
    sheet.faults.sort(
        key=lambda fault: (fault.row, FIELDS.index(fault.column) if fault.column in FIELDS else 0)
    )
    return [papers for _, papers in sorted(good, key=lambda row: row[0])]


def safe(value: Any) -> str:
    """A value as a cell that no spreadsheet runs as a formula."""
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, (date, datetime)) else str(value)
    return f"'{text}" if text.startswith(RUNS) and not isinstance(value, (int, float)) else text


def _columns(texts: Sequence[str], sheet: Sheet) -> list[str | None]:
    columns = [
        _BY_HEADING.get(text.removeprefix("\ufeff").strip().removesuffix("*").lower()) for text in texts
    ]
    sheet.unknown_columns = [
        text for text, column in zip(texts, columns, strict=True) if column is None and text
    ]
    named = [column for column in columns if column]
    for name in REQUIRED:
        if name not in named:
            fault = Fault(
                1,
                name,
                "",
                f"there is no column {name!r} ({HEADINGS[name]})",
                "add it to row 1",
                (f"缺少列 {HEADINGS[name]}", "在第 1 行加上"),
            )
            sheet.faults.append(fault)
    for name in {name for name in named if named.count(name) > 1}:
        sheet.faults.append(
            Fault(1, name, "", f"two columns are {name!r}", "keep one", ("列重复", "保留一列"))
        )
    return columns


def _values(number: int, columns: Sequence[str | None], cells: Sequence[Any], sheet: Sheet) -> dict[str, Any]:
    papers: dict[str, Any] = {}
    for column, cell in zip(columns, cells, strict=False):
        text = _text(cell)
        if column is None or not text:
            continue
        if column == "gb28181_id" and isinstance(cell, (int, float)):
            fault = Fault(
                number,
                column,
                text,
                "a number cell keeps only 15 of 20 digits",
                "format the column as text",
                ("数字单元格只保留 15 位", "把该列设为文本格式"),
            )
            sheet.faults.append(fault)
            continue
        try:
            papers[column] = _value(column, cell, text)
        except ValueError:
            dated = column in _DATES
            want = "a date such as 2026-05-01" if dated else "a number"
            zh = ("不是日期", "写成 2026-05-01") if dated else ("不是数字", "填写数字")
            fault = Fault(number, column, text[:64], f"{text[:64]!r} is not {want}", f"write {want}", zh)
            sheet.faults.append(fault)
    return papers


def _value(column: str, cell: Any, text: str) -> Any:
    if column in _NUMBERS:
        number = float(text)
        if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124 - not a number
            raise ValueError(text)
        if _NUMBERS[column] is int:
            if number != int(number):
                raise ValueError(text)
            return int(number)
        return number
    if column in _SAID:
        return _SAID[column](text)
    if column in _DATES:
        when = cell if isinstance(cell, datetime) else datetime.fromisoformat(text.replace("/", "-"))
        if column == "maintenance_due":
            return when.date()
        return when if when.tzinfo else datetime.combine(when.date(), when.time() or time(), _HERE)
    return text


def _text(cell: Any) -> str:
    """A cell as text; the quote that `safe` put before a formula is taken off again."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = str(cell).strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(RUNS) else text


def _twice(row: int) -> Problem:
    return Problem(
        "id", f"row {row} has this id", "take another id", (f"与第 {row} 行的编号重复", "换一个编号")
    )


def _fault(number: int, papers: Mapping[str, Any], problem: Problem) -> Fault:
    value = papers.get(problem.field)
    if isinstance(value, list):
        value = ";".join(value)
    return Fault(
        number,
        problem.field,
        "" if value is None else str(value)[:64],
        problem.problem,
        problem.mend,
        problem.zh,
    )
