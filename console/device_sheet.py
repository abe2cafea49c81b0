"""CSV and XLSX, bytes to tables and back; what the cells mean is devices/registry/sheet.py's business."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import anyio.to_thread

from console.problems import Invalid
from devices.registry.record import FIELDS
from devices.registry.sheet import HEADINGS, MOST_ROWS, REQUIRED, safe

LARGEST: Final = 10 * 1024 * 1024
_UNPACKED: Final = 100 * 1024 * 1024  # a small archive may hold a large bomb
_WIDEST: Final = 100  # columns
_SHEETS: Final = ("xl/worksheets/", "xl/sharedStrings")  # parts that grow with the rows
# elements of such a part, and of any other: each costs microseconds, whatever it says. The largest sheet
# that is taken has MOST_ROWS rows of all our columns, each cell of which is three elements
_MOST_ELEMENTS: Final = {True: 400_000, False: 20_000}
_PIECE: Final = 1 << 16


async def read_table(name: str, content: bytes) -> list[Sequence[Any]]:
    """The rows of a sheet, read beside the event loop; raises Invalid where the file cannot be read."""
    return await anyio.to_thread.run_sync(table, name, content)


def table(name: str, content: bytes) -> list[Sequence[Any]]:
    """The rows of a sheet; raises Invalid where the file cannot be read."""
    if content.startswith(b"PK\x03\x04"):
        return _xlsx(content)
    if name.lower().endswith((".xlsx", ".xls")) or b"\x00" in content[:4096]:
        raise Invalid({"file": "this is neither CSV nor an .xlsx workbook: save it as one of them"})
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return _csv(text)
    raise Invalid({"file": "the text is neither UTF-8 nor GB 18030: save it as CSV UTF-8"})


def write_csv(rows: Iterable[Mapping[str, Any]], fields: Sequence[str] = FIELDS) -> bytes:
    """A sheet as CSV with a byte order mark, which Excel needs to see UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(fields)
    for row in rows:
        writer.writerow([safe(row.get(name)) for name in fields])
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(
    rows: Iterable[Mapping[str, Any]],
    *,
    title: str = "设备",
    headings: Mapping[str, str] | None = None,
    required: Sequence[str] = REQUIRED,
    beside: Mapping[str, Iterable[Sequence[Any]]] = MappingProxyType({}),
) -> bytes:
    """A sheet as a workbook with Chinese headings; national ids and serials are text cells.

    `beside` are further tables to look codes up in: nothing of them is read back.
    """
    import openpyxl  # noqa: PLC0415 - with numpy and Pillow half a second, which only a workbook is worth
    from openpyxl.styles import Font  # noqa: PLC0415

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title)
    heading = []
    names = headings or {name: HEADINGS[name] for name in FIELDS}
    for name, shown in names.items():
        cell = openpyxl.cell.WriteOnlyCell(sheet, shown + ("*" if name in required else ""))
        cell.font = Font(bold=True)
        heading.append(cell)
    sheet.append(heading)
    for row in rows:
        sheet.append([_cell(row.get(name)) for name in names])
    for name, table_ in beside.items():
        more = book.create_sheet(name)
        for line in table_:
            more.append([_cell(value) for value in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, (int, float)) else safe(value)


def _csv(text: str) -> list[Sequence[Any]]:
    delimiter = ";" if text.split("\n", 1)[0].count(";") > text.split("\n", 1)[0].count(",") else ","
    rows: list[Sequence[Any]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False):
            rows.append(row[:_WIDEST])
            if len(rows) > MOST_ROWS + 100:
                break
    except csv.Error as exc:
        raise Invalid({"file": f"line {len(rows) + 1} cannot be read as CSV: {exc}"}) from exc
    return rows


def _count_elements(archive: zipfile.ZipFile) -> None:
    """Refuse more elements than a sheet of ours can have: twelve kilobytes may hold minutes of work."""
    for part in archive.infolist():
        most, elements = _MOST_ELEMENTS[part.filename.startswith(_SHEETS)], 0
        with archive.open(part) as file:
            while piece := file.read(_PIECE):
                elements += piece.count(b"<") - piece.count(b"</")
                if elements > most:
                    raise Invalid({"file": f"the workbook is too large ({part.filename[:80]}): split it"})


def _xlsx(content: bytes) -> list[Sequence[Any]]:
    import openpyxl  # noqa: PLC0415 - as above
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > _UNPACKED:
                raise Invalid({"file": "the workbook is too large: split it"})
            _count_elements(archive)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            return list(sheet.iter_rows(max_row=MOST_ROWS + 100, max_col=_WIDEST, values_only=True))
        finally:
            book.close()
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        KeyError,
        ValueError,
        IndexError,
        ParseError,
    ) as exc:
        raise Invalid({"file": f"this workbook cannot be read: {exc}"}) from exc
