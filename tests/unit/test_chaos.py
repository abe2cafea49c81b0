"""The table of faults, the lines that are cut, the pace of a play, and what must not be overlooked."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from console.commands.drill_platform import database_socket, wired_database
from console.reconcile import Aftermath, Struck
from devices.errors import SettingError
from simulators.chaos.faults import FAULTS, Order, parse_chaos
from simulators.chaos.pace import Pace
from simulators.chaos.sample import taken
from simulators.chaos.site import Site
from simulators.chaos.wire import Address, Wire

START = datetime(2026, 11, 26, tzinfo=UTC)
DELAY = 0.05


def test_a_list_of_faults_may_say_how_much() -> None:
    assert parse_chaos("") == ()
    assert parse_chaos("ingest, database-stop=120,backlog") == (
        Order("ingest", 0),
        Order("database-stop", 120),
        Order("backlog", FAULTS["backlog"].usual),
    )


async def test_a_clock_jumps_forward_and_back_or_says_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    async def look(_: float) -> None:
        told.append((tmp_path / "clock").read_text("ascii"))

    monkeypatch.setattr("simulators.chaos.faults.asyncio.sleep", look)
    jump, site = FAULTS["clock-jump"].act, cast("Site", SimpleNamespace(clock=tmp_path / "clock"))
    assert await jump(site, 1800) == {"forwards_s": 1800, "then_back_s": 1800}
    assert told == ["+1800\n", "+0\n"]
    with pytest.raises(SettingError, match="set_clock"):
        await jump(cast("Site", SimpleNamespace(clock=None)), 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("gremlins", "'gremlins': choose from ingest, console"),
        ("ingest=3", "ingest takes no amount"),
        ("net-cut=long", "write net-cut=2 (s)"),
        ("backlog=0", "write backlog=20000 (messages)"),
    ],
)
def test_a_wrong_list_says_what_is_wrong_with_it(text: str, says: str) -> None:
    with pytest.raises(SettingError, match="--chaos") as caught:
        parse_chaos(text)
    assert says in str(caught.value)


@asynccontextmanager
async def echo(path: Path) -> AsyncIterator[Address]:
    """A server that says everything again."""

    async def say_again(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1000):
                writer.write(data)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_unix_server(say_again, path=path)
    try:
        yield path
    finally:
        server.close()


@asynccontextmanager
async def called(at: Path) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_unix_connection(at)
    try:
        yield reader, writer
    finally:
        writer.close()


async def test_a_line_carries_falls_silent_and_delivers_what_it_held_back(tmp_path: Path) -> None:
    async with echo(tmp_path / "there") as there:
        wire = Wire(there)
        async with wire.listening(tmp_path / "here"), called(tmp_path / "here") as (reader, writer):
            writer.write(b"one")
            assert await reader.readexactly(3) == b"one"
            wire.cut()
            writer.write(b"two")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(DELAY):
                    await reader.read(3)
            writer.write(b"three")
            wire.mend()
            assert await reader.readexactly(8) == b"twothree"


async def test_a_slow_line_is_late_and_keeps_the_order(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    async with echo(tmp_path / "there") as there:
        wire = Wire(there)
        wire.delay = DELAY
        async with wire.listening(tmp_path / "here"), called(tmp_path / "here") as (reader, writer):
            began = loop.time()
            writer.write(b"a" * 100)
            await writer.drain()
            writer.write(b"b" * 100)
            assert await reader.readexactly(200) == b"a" * 100 + b"b" * 100
            assert loop.time() - began >= 2 * DELAY  # there and back


async def test_a_broken_line_ends_its_connections_and_takes_new_ones(tmp_path: Path) -> None:
    async with echo(tmp_path / "there") as there:
        wire = Wire(there)
        async with wire.listening(tmp_path / "here"):
            async with called(tmp_path / "here") as (reader, writer):
                writer.write(b"x")
                assert await reader.readexactly(1) == b"x"
                assert wire.calls == 1
                wire.drop()
                assert await reader.read() == b""
            async with called(tmp_path / "here") as (reader, writer):
                writer.write(b"y")
                assert await reader.readexactly(1) == b"y"


async def test_a_line_to_nobody_ends_the_call(tmp_path: Path) -> None:
    async with (
        Wire(tmp_path / "nobody").listening(tmp_path / "here"),
        called(tmp_path / "here") as (reader, _),
    ):
        assert await reader.read() == b""


def test_a_database_is_reached_by_way_of_a_line() -> None:
    url = "postgresql://shequ:p%40ss@/shequ?host=%2Fdata%2Frun&port=5432"
    assert database_socket(url) == Path("/data/run/.s.PGSQL.5432")
    wired = wired_database(url, Path("/data/wire"))
    assert wired == "postgresql://shequ:p%40ss@/shequ?host=%2Fdata%2Fwire&port=5432"


async def test_a_play_stands_still_while_a_fault_needs_it() -> None:
    pace = Pace(START, START + timedelta(hours=10))
    reached = asyncio.create_task(pace.reach(0.2))
    await pace.hold(START + timedelta(hours=1))
    assert pace.share == 0.1
    assert not reached.done()

    async def stand() -> datetime:
        async with pace.standing() as now:
            assert not stepping.done()
            return now

    standing = asyncio.create_task(stand())
    await asyncio.sleep(0)
    stepping = asyncio.create_task(pace.hold(START + timedelta(hours=2)))
    assert await standing == START + timedelta(hours=2)
    await stepping
    await reached


def struck(recovered: float | None = 1.0, **detail: object) -> Struck:
    return Struck(fault="ingest", at_s=1, lasted_s=2, recovered_s=recovered, detail=detail)


def aftermath(*faults: Struck, broken: tuple[str, ...] = (), lost: tuple[str, ...] = ()) -> Aftermath:
    return Aftermath(faults=faults, incidents=1, broken=broken, letters=1, repeated=0, lost=lost)


@pytest.mark.parametrize(
    "wrong",
    [
        aftermath(struck(None)),
        aftermath(struck(), struck(bounded=False)),
        aftermath(struck(), broken=("case 1: its log has a gap",)),
        aftermath(struck(), lost=("k: queued",)),
    ],
)
def test_an_aftermath_with_anything_wrong_has_not_passed(wrong: Aftermath) -> None:
    assert aftermath(struck(), struck(bounded=True)).passed
    assert not wrong.passed


def test_what_a_process_takes_is_read_from_the_kernel(tmp_path: Path) -> None:
    before = taken(os.getpid())
    with (tmp_path / "more").open("w"):
        after = taken(os.getpid())
    assert before.rss_bytes > 1_000_000
    assert before.processes >= 1
    assert after.handles == before.handles + 1
