"""People as a sheet: headings, cells into values, rows checked one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from devices.model import NAME
from devices.organisation import ROLES, SKILLS
from devices.registry.sheet import MOST_ROWS, Fault, Sheet

HEADINGS: Mapping[str, str] = {
    "id": "人员编号",
    "name": "姓名",
    "roles": "角色",
    "place": "负责位置",
    "grid": "网格编码",
    "skills": "技能",
    "phone": "电话",
    "org": "单位",
    "user_name": "登录名",
}
FIELDS: Final = tuple(HEADINGS)
REQUIRED: Final = ("id", "name", "roles", "place")
_LISTS: Final = frozenset({"roles", "skills"})
_SPLIT = re.compile(r"[;；、,，|/]\s*")
_PHONE = re.compile(r"\+?[0-9][0-9 -]{2,18}[0-9]")
_BY_HEADING = {**{name: name for name in FIELDS}, **{zh: name for name, zh in HEADINGS.items()}}
_TABLES: Mapping[str, Mapping[str, tuple[str, str]]] = {"roles": ROLES, "skills": SKILLS}
_WORDS = {
    "roles": {**{zh: code for code, (zh, _) in ROLES.items()}, **{code: code for code in ROLES}},
    "skills": {**{zh: code for code, (zh, _) in SKILLS.items()}, **{code: code for code in SKILLS}},
}


@dataclass(kw_only=True)
class KnownWords:
    """What the database knows of the words used; `claim` adds what earlier rows took."""

    places: frozenset[str] = frozenset()
    grids: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    taken: set[str] = field(default_factory=set)  # logins of other people
    cared: frozenset[str] = frozenset()
    ids: set[str] = field(default_factory=set)


def person_problems(papers: Mapping[str, Any], known: KnownWords, *, fresh: bool) -> dict[str, str]:
    """Say what is wrong with a person's papers, field by field; empty where nothing is."""
    id_, phone, login = papers.get("id") or "", papers.get("phone"), papers.get("user_name")
    place, grid, cared = papers.get("place"), papers.get("grid"), papers.get("cares_for")
    strange = {
        name: [word for word in papers.get(name) or () if word not in table]
        for name, table in _TABLES.items()
    }
    table = (
        ("id", not re.fullmatch(NAME, id_), "use 1 to 64 letters, digits, '-' and '_'"),
        ("id", fresh and id_ in known.ids, f"there is somebody {id_!r} already"),
        ("name", not papers.get("name"), "a person has a name"),
        ("roles", not papers.get("roles"), f"name at least one of {', '.join(ROLES)}"),
        ("roles", strange["roles"], f"there is no {strange['roles'][:1]}: take of {', '.join(ROLES)}"),
        ("skills", strange["skills"], f"there is no {strange['skills'][:1]}: take of {', '.join(SKILLS)}"),
        ("place", place not in known.places, f"there is no place {place!r} that you see"),
        ("grid", grid and grid not in known.grids, f"there is no grid {grid!r}"),
        ("phone", phone and not _PHONE.fullmatch(phone), "write digits, at most 20"),
        ("user_name", login and login not in known.users, f"there is no user {login!r}"),
        ("user_name", login in known.taken, f"{login!r} is somebody else's login"),
        ("cares_for", cared and cared not in known.cared, f"nobody under care is called {cared!r}"),
    )
    found: dict[str, str] = {}
    for name, broken, problem in table:
        if broken:
            found.setdefault(name, problem)
    return found


def read(lines: Iterable[Sequence[Any]]) -> Sheet:
    """Read a table whose first line is the heading; empty lines are passed over."""
    sheet = Sheet()
    columns: list[str | None] | None = None
    for number, cells in enumerate(lines, start=1):
        texts = [_text(cell) for cell in cells]
        if not any(texts):
            continue
        if columns is None:
            columns = [_BY_HEADING.get(text.removeprefix("\ufeff").removesuffix("*")) for text in texts]
            _headings(columns, texts, sheet)
        elif len(sheet.rows) >= MOST_ROWS:
            sheet.faults.append(Fault(1, "", "", f"more than {MOST_ROWS} rows", "split the sheet"))
            break
        else:
            papers = {column: text for column, text in zip(columns, texts, strict=False) if column and text}
            sheet.rows.append((number, {name: _value(name, text) for name, text in papers.items()}))
    if columns is None:
        sheet.faults.append(Fault(1, "", "", "the sheet is empty", "start from the template"))
    return sheet


def check(sheet: Sheet, known: KnownWords) -> list[dict[str, Any]]:
    """The papers of the good rows; faults of the others are added to the sheet."""
    good: list[dict[str, Any]] = []
    for number, raw in sheet.rows:
        papers = complete(raw)
        found = person_problems(papers, known, fresh=True)
        sheet.faults += [
            Fault(
                number, name, _shown(papers.get(name)), problem, f"mend the column {HEADINGS.get(name, name)}"
            )
            for name, problem in found.items()
        ]
        if not found:
            known.ids.add(papers["id"])
            known.taken |= {papers["user_name"]} if papers["user_name"] else set()
            good.append(papers)
    sheet.faults.sort(key=lambda fault: fault.row)
    return good if not any(fault.row == 1 for fault in sheet.faults) else []


def complete(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Papers with every field, the missing ones empty."""
    empty: dict[str, Any] = {name: [] if name in _LISTS else None for name in (*FIELDS, "cares_for")}
    return {**empty, **{name: value for name, value in raw.items() if value is not None}}


def _headings(columns: Sequence[str | None], texts: Sequence[str], sheet: Sheet) -> None:
    sheet.unknown_columns = [t for t, column in zip(texts, columns, strict=True) if column is None and t]
    for name in REQUIRED:
        if name not in columns:
            problem = f"there is no column {name!r} ({HEADINGS[name]})"
            sheet.faults.append(Fault(1, name, "", problem, "add it to row 1"))
    named = [column for column in columns if column]
    for name in sorted({name for name in named if named.count(name) > 1}):
        sheet.faults.append(Fault(1, name, "", f"two columns are {name!r}", "keep one"))


def _value(name: str, text: str) -> Any:
    if name not in _LISTS:
        return text
    return [_WORDS[name].get(word.strip(), word.strip()) for word in _SPLIT.split(text) if word.strip()]


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = str(cell).strip()
    return text.removeprefix("'")


def _shown(value: Any) -> str:
    return "" if value is None else ";".join(value)[:64] if isinstance(value, list) else str(value)[:64]
