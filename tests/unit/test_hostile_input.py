"""What somebody with bad intent would try, and what must come of it."""

from __future__ import annotations

import asyncio
import csv
import io
import socket
import zipfile
from ipaddress import ip_address, ip_network

import openpyxl
import pytest
from pydantic import ValidationError

from console.device_sheet import table, write_csv, write_xlsx
from console.organisation_wishes import NewPost
from console.problems import Invalid
from console.sheet_out import csv_bytes
from devices.codec import parse_topic
from devices.errors import TopicError, UndeliverableError
from ingest.deliver.guard import locate, permitted

INSIDE = [
    "127.0.0.1",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "64:ff9b:1::a00:1",
]
FORMULAS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")']


@pytest.mark.parametrize("address", INSIDE)
def test_a_webhook_reaches_no_inner_address_in_any_spelling(address: str) -> None:
    assert not permitted(ip_address(address), [])


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "64:ff9b::101:101"])
def test_a_webhook_reaches_the_outside(address: str) -> None:
    assert permitted(ip_address(address), [])


def test_an_address_that_is_listed_may_be_reached_in_its_mapped_spelling_too() -> None:
    assert permitted(ip_address("::ffff:10.1.0.7"), [ip_network("10.1.0.0/16")])


def _resolver(*answers: str) -> object:
    async def getaddrinfo(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answers]

    return getaddrinfo


async def test_a_name_that_changes_its_mind_is_asked_once_and_the_answer_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", _resolver("1.1.1.1"))
    target = await locate("https://rebind.example/hook?a=1", [])
    assert target.url == "https://1.1.1.1:443/hook?a=1", "the connection goes to the address that was judged"
    assert target.name == "rebind.example"


async def test_one_inner_answer_among_outer_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", _resolver("1.1.1.1", "127.0.0.1"))
    with pytest.raises(UndeliverableError, match="private address"):
        await locate("https://rebind.example/", [])


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://x/",
        "http://user@1.1.1.1/",
        "http:///x",
        "//1.1.1.1/",
        "http://2130706433/",
    ],
)
async def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(UndeliverableError):
        await locate(url, [])


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_sheet_that_is_handed_out_begins_a_cell_with_a_formula(cell: str) -> None:
    row = {"id": "d1", "name_zh": cell}
    assert f",{cell}" not in write_csv([row]).decode("utf-8-sig").replace('"', "")
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx([row])))
    values = [one.value for line in book.worksheets[0].iter_rows() for one in line]
    assert cell not in values
    [_, [told]] = csv.reader(io.StringIO(csv_bytes(["a"], [[cell]]).decode("utf-8-sig"), newline=""))
    assert told[0] == "'"


def test_a_workbook_that_unpacks_to_a_gigabyte_is_refused_unread() -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(200):
            part.write(bytes(1024 * 1024))
    assert len(out.getvalue()) < 1024 * 1024
    with pytest.raises(Invalid, match="too large"):
        table("bomb.xlsx", out.getvalue())


@pytest.mark.parametrize(
    "topic",
    [
        "shequ/v1/+/d1/event",
        "shequ/v1/#",
        "$share/g/shequ/v1/e1/d1/event",
        "shequ/v1/e1/../event",
        "shequ/v1/e1/d1/event/",
        "/shequ/v1/e1/d1/event",
        "shequ/v1/e1//event",
        "shequ/v1/e1/d1\u0000/event",
        "shequ/v1/e1/d1/EVENT",
        "shequ/v2/e1/d1/event",
        "$SYS/broker",
        "$CONTROL/dynamic-security/v1",
        "shequ/v1/e1/" + "d" * 65 + "/event",
        "shequ/v1/e1/d%2f1/event",
    ],
)
def test_a_topic_that_plays_tricks_is_no_topic_of_ours(topic: str) -> None:
    with pytest.raises(TopicError):
        parse_topic(topic)


@pytest.mark.parametrize("field", ["opens", "closes"])
def test_a_post_has_no_time_zone_of_its_own(field: str) -> None:
    post = {"code": "gate", "name_zh": "门岗", "name_en": "Gate", "role": "SL", "place": "EST1"}
    assert NewPost.model_validate({**post, field: "08:30"})
    with pytest.raises(ValidationError, match="without a zone"):
        NewPost.model_validate({**post, field: "08:30:00Z"})
