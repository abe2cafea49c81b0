"""A device's papers: life cycle, siting, national ids, and sheets with mistakes in them."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.device_sheet import table, write_csv, write_xlsx
from devices.errors import IllegalMove
from devices.registry.lifecycle import MOVES, Lifecycle, Move, advance, legal
from devices.registry.national_id import national_id_problem
from devices.registry.record import Known, Site, Standing, complete, problems
from devices.registry.sheet import check, read, safe
from devices.registry.siting import NO_CAMERA, Use, siting_problem

GOOD = "51068101011316000001"


def known() -> Known:
    return Known(
        places={
            "E": Site("E"),
            "E-1": Site("E"),
            "WC": Site("E", "toilet"),
            "CITY": Site(None),
            "F": Site("F"),
        },
        devices={"old": Standing("E"), "gw": Standing("E"), "far": Standing("F"), "kid": Standing("E", "gw")},
        foreign={("E", "zigbee2mqtt", "taken"): "old"},
    )


def faults(**papers: object) -> dict[str, str]:
    row = complete({"id": "d1", "place": "E-1", "profile": "smoke_sensor", **papers})
    return {each.field: each.problem for each in problems(row, known(), fresh=True)}


@given(st.sampled_from(Lifecycle), st.sampled_from(Move))
def test_the_table_is_the_only_law_of_life(state: Lifecycle, move: Move) -> None:
    if (state, move) in MOVES:
        assert advance("d", state, move) is MOVES[state, move]
        assert move in legal(state)
    else:
        with pytest.raises(IllegalMove):
            advance("d", state, move)
        assert move not in legal(state)


def test_every_life_ends_in_retirement_and_nothing_follows() -> None:
    assert legal(Lifecycle.RETIRED) == ()
    assert all("retire" in legal(state) for state in Lifecycle if state is not Lifecycle.RETIRED)


@pytest.mark.parametrize("use", list(Use))
def test_no_camera_stands_where_the_law_forbids_it(use: Use) -> None:
    assert (siting_problem("camera", use) is not None) == (use in NO_CAMERA)
    assert siting_problem("smoke_sensor", use) is None


@pytest.mark.parametrize(
    ("value", "profile", "sound"),
    [
        (GOOD, "camera", True),
        ("51068101011326000001", "camera", True),
        (GOOD, "smoke_sensor", False),
        ("51068101011346000001", "smoke_sensor", True),
        ("51068101011346000001", "camera", False),
        (GOOD[:-1], "camera", False),
        (GOOD + "0", "camera", False),
        ("5106810101131600000x", "camera", False),
        ("００００" + GOOD[4:], "camera", False),
        ("00" + GOOD[2:], "camera", False),
    ],
)
def test_a_national_id_is_twenty_digits_of_the_right_type(value: str, profile: str, *, sound: bool) -> None:
    assert (national_id_problem(value, profile) is None) == sound


@pytest.mark.parametrize(
    ("papers", "field"),
    [
        ({"id": "a/b"}, "id"),
        ({"id": "old"}, "id"),
        ({"id": "health"}, "id"),
        ({"profile": "toaster"}, "profile"),
        ({"place": "nowhere"}, "place"),
        ({"place": "CITY"}, "place"),
        ({"place": "WC", "profile": "camera"}, "place"),
        ({"network": "internet"}, "network"),
        ({"gateway": "nobody"}, "gateway"),
        ({"gateway": "d1"}, "gateway"),
        ({"gateway": "far"}, "gateway"),
        ({"gateway": "kid"}, "gateway"),
        ({"x": 1.0}, "x"),
        ({"retention_days": 30}, "retention_days"),
        ({"profile": "camera", "legal_basis": "art7_public", "retention_days": 7}, "retention_days"),
        ({"profile": "camera", "legal_basis": "art7_public", "retention_days": 181}, "retention_days"),
        ({"profile": "camera", "legal_basis": "art9_other", "retention_days": 91}, "retention_days"),
        ({"profile": "camera", "legal_basis": "private", "retention_days": 31}, "retention_days"),
        ({"gb28181_id": "1"}, "gb28181_id"),
        ({"make": "x" * 101}, "make"),
        ({"make": "a\nb"}, "make"),
        ({"dialect": "klingon"}, "dialect"),
        ({"dialect": "frigate"}, "dialect"),
        ({"foreign_name": "bed"}, "foreign_name"),
        ({"dialect": "zigbee2mqtt", "foreign_name": "a/b"}, "foreign_name"),
        ({"dialect": "zigbee2mqtt", "foreign_name": "taken"}, "foreign_name"),
    ],
)
def test_wrong_papers_name_the_field(papers: dict[str, object], field: str) -> None:
    assert list(faults(**papers)) == [field]


def test_sound_papers_have_no_fault_and_a_camera_gets_legal_defaults() -> None:
    assert faults(gateway="gw", x=1.0, y=2.0, network="estate", serial="1") == {}
    assert faults(dialect="zigbee2mqtt", foreign_name="bed smoke") == {}
    assert faults(dialect="tasmota", profile="door_contact") == {}
    camera = complete({"profile": "camera"})
    assert (camera["legal_basis"], camera["retention_days"]) == ("art9_other", 30)


def test_rows_are_checked_one_by_one_and_against_each_other() -> None:
    lines = [
        ("设备编号*", "位置编码", "设备类型", "网关", "序列号", "colour", "保存天数"),
        ("child", "E-1", "smoke_sensor", "hub", "", "red", ""),
        ("hub", "E-1", "smoke_sensor", "", "S1", "", ""),
        ("", "", "", "", "", "", ""),
        ("hub", "E-1", "smoke_sensor", "", "S2", "", ""),
        ("twin", "E-1", "smoke_sensor", "", "S1", "", ""),
        ("cam", "WC", "camera", "", "", "", "many"),
    ]
    sheet = read(lines)
    good = check(sheet, known())
    assert [papers["id"] for papers in good] == ["child", "hub"]
    assert sheet.unknown_columns == ["colour"]
    assert [(fault.row, fault.column) for fault in sheet.faults] == [
        (5, "id"),
        (6, "serial"),
        (7, "place"),
        (7, "retention_days"),
    ]
    assert sheet.bad_rows == 3
    assert all(fault.mend for fault in sheet.faults)


def test_a_row_says_which_row_has_its_id_and_a_family_is_called_by_either_name() -> None:
    lines = [
        ("设备编号", "位置编码", "设备类型"),
        ("one", "E-1", "烟感"),
        ("two", "E-1", "Smoke Sensor"),
        ("one", "E-1", "smoke_sensor"),
        ("old", "E-1", "smoke_sensor"),
        ("odd", "E-1", "烟雾"),
    ]
    sheet = read(lines)
    assert [papers["profile"] for papers in check(sheet, known())] == ["smoke_sensor"] * 2
    told = [(fault.row, fault.column, fault.zh[0]) for fault in sheet.faults]
    assert told == [
        (4, "id", "与第 2 行的编号重复"),
        (5, "id", "编号已被占用"),
        (6, "profile", "没有这个设备类型"),
    ]
    assert "烟感" in sheet.faults[2].zh[1]


def test_a_sheet_without_its_columns_or_rows_says_so() -> None:
    assert [fault.column for fault in read([("id", "name_zh")]).faults] == ["place", "profile"]
    assert read([]).faults[0].problem == "the sheet is empty"


@pytest.mark.parametrize("text", ["=1+1", "+86", "-x", "@SUM(A1)", "\tx", "=cmd|' /C calc'!A0"])
def test_a_cell_that_a_spreadsheet_would_run_is_defused_and_read_back(text: str) -> None:
    (row,) = csv.DictReader(io.StringIO(write_csv([{"id": "d", "make": text}]).decode("utf-8-sig")))
    assert row["make"] == f"'{text}"
    for content in (write_csv([{"id": "d", "make": text}]), write_xlsx([{"id": "d", "make": text}])):
        ((_, papers),) = read(table("x", content)).rows
        assert papers["make"].strip() == text.strip()
    assert safe(-1.5) == "-1.5"


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=50))
def test_what_is_exported_never_starts_a_formula(text: str) -> None:
    assert not safe(text).startswith(("=", "+", "-", "@"))


def test_sheets_survive_both_formats_and_encodings() -> None:
    row = {
        "id": "d",
        "place": "E",
        "profile": "camera",
        "gb28181_id": GOOD,
        "x": -1.5,
        "name_zh": "东门摄像机",
    }
    chinese = write_csv([row]).decode("utf-8-sig").encode("gb18030")
    for content in (write_csv([row]), write_xlsx([row]), chinese):
        ((number, papers),) = read(table("x", content)).rows
        assert (number, papers) == (2, row)
