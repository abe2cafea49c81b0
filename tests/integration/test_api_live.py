"""The live feed: nothing missed, nothing twice, and loud when it cannot know."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import httpx
import psycopg
import pytest
import uvicorn

from console.app import create_app
from console.feed import publish
from console.live import REPLAY, Hub
from console.serving import GRACE_S, ConsoleServer
from console.settings import ConsoleSettings
from tests.integration.api_desk import Desk, open_desk


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        yield desk


@dataclass(frozen=True)
class Message:
    """One SSE message."""

    event: str
    id: int
    data: dict[str, Any]


def parse(frame: bytes) -> Message:
    fields = dict(line.split(": ", 1) for line in frame.decode().strip().split("\n"))
    return Message(fields["event"], int(fields["id"]), json.loads(fields["data"]))


async def read(
    stream: AsyncGenerator[bytes], count: int, *, quiet: bool = True, until: str | None = None
) -> list[Message]:
    """Take messages, leaving heartbeats out unless asked for."""
    taken: list[Message] = []
    async with asyncio.timeout(20):
        async for frame in stream:
            message = parse(frame)
            if message.event != "heartbeat" or not quiet:
                taken.append(message)
            if len(taken) == count or message.event == until:
                break
    return taken


async def tell(desk: Desk, number: int) -> None:
    """Write one feed row as any writer does."""
    async with desk.connection.transaction():
        await publish(desk.connection, alerts=[number])


async def settled(desk: Desk) -> None:
    """Wait until the hub has seen everything that is committed."""
    (row,) = await desk.rows("SELECT coalesce(max(seq), 0) AS seq FROM feed")
    async with asyncio.timeout(60):
        while hub_of(desk)._last < row["seq"]:
            await asyncio.sleep(0.01)


def hub_of(desk: Desk) -> Hub:
    hub: Hub = desk.app.state.hub
    return hub


async def test_without_a_cursor_the_stream_starts_now(desk: Desk) -> None:
    number = await desk.alert()
    await tell(desk, number)
    await settled(desk)
    async with aclosing(hub_of(desk).stream(None, None)) as stream:
        (hello,) = await read(stream, 1)
        assert hello.event == "hello"
        assert hello.data == {"seq": hello.id}
        await desk.post(f"/api/alerts/{number}/actions", {"action": "acknowledge"})
        (news,) = await read(stream, 1)
    assert (news.event, news.data["ref"], news.data["body"]["state"]) == (
        "alert",
        str(number),
        "acknowledged",
    )
    assert set(news.data) == {"seq", "at", "kind", "ref", "estate", "body"}


async def test_silence_brings_heartbeats_that_move_the_cursor(desk: Desk) -> None:
    async with aclosing(hub_of(desk).stream(None, None)) as stream:
        hello, *beats = await read(stream, 3, quiet=False)
    assert [beat.event for beat in beats] == ["heartbeat", "heartbeat"]
    assert all(beat.data["seq"] == hello.id and beat.data["at"] for beat in beats)


async def test_resuming_loses_and_repeats_nothing_while_rows_keep_coming(desk: Desk, database: str) -> None:
    numbers = [await desk.alert() for _ in range(3)]
    total = 120

    async def write(share: int) -> None:
        async with await psycopg.AsyncConnection.connect(database) as connection:
            for n in range(share):
                await publish(connection, alerts=[numbers[n % 3]])  # type: ignore[arg-type]
                await (connection.rollback() if n % 10 == 9 else connection.commit())

    seen: list[int] = []

    async def follow() -> None:
        cursor = 0
        while len(seen) < total - total // 10:
            async with aclosing(hub_of(desk).stream(None, cursor)) as stream:  # reconnects every 7 messages
                for message in await read(stream, min(7, total - total // 10 - len(seen))):
                    assert message.event == "alert"
                    seen.append(message.id)
                    cursor = message.id

    async with asyncio.TaskGroup() as tasks:
        for _ in range(3):
            tasks.create_task(write(total // 3))
        tasks.create_task(follow())
    rows = await desk.rows("SELECT seq FROM feed ORDER BY seq")
    assert seen == [row["seq"] for row in rows]


async def test_two_readers_at_once_both_see_everything(desk: Desk) -> None:
    number = await desk.alert()
    async with (
        aclosing(hub_of(desk).stream(None, None)) as one,
        aclosing(hub_of(desk).stream("EST1", None)) as two,
    ):
        await read(one, 1)
        await read(two, 1)
        for _ in range(5):
            await tell(desk, number)
        assert await read(one, 5) == await read(two, 5)
    assert hub_of(desk).readers == 0


async def test_a_reader_sees_only_its_places_and_everybodys_business(desk: Desk) -> None:
    there = await desk.alert()
    here = await desk.alert(estate="EST2", place="EST2", device="smoke-2")
    for number in (there, here):
        await tell(desk, number)
    await desk.connection.execute("INSERT INTO feed (kind, ref, body) VALUES ('platform', 'ingest', '{}')")
    async with aclosing(hub_of(desk).stream("EST2", 0)) as stream:
        missed = await read(stream, 2)
        await tell(desk, there)
        await tell(desk, here)
        (live,) = await read(stream, 1)
    assert [message.event for message in missed] == ["alert", "platform"]
    assert missed[0].data["ref"] == live.data["ref"] == str(here)
    async with aclosing(hub_of(desk).stream("EST1-B1", 0)) as stream:
        first = await read(stream, 1)
    assert first[0].data["ref"] == str(there)


async def test_news_for_others_does_not_silence_the_heartbeat(desk: Desk) -> None:
    number = await desk.alert()
    async with aclosing(hub_of(desk).stream("EST2", None)) as stream:
        await read(stream, 1)

        async def chatter() -> None:
            while True:
                await tell(desk, number)
                await asyncio.sleep(0.05)

        talking = asyncio.create_task(chatter())
        (beat,) = await read(stream, 1, quiet=False)
        talking.cancel()
        await asyncio.wait([talking])
    assert beat.event == "heartbeat"


@pytest.mark.parametrize("cursor", [1, 10**9])
async def test_a_cursor_that_cannot_be_continued_asks_for_a_resync(desk: Desk, cursor: int) -> None:
    number = await desk.alert()
    for _ in range(5):
        await tell(desk, number)
    await settled(desk)
    await desk.connection.execute("DELETE FROM feed WHERE seq <= 3")
    async with aclosing(hub_of(desk).stream(None, cursor)) as stream:
        (resync,) = await read(stream, 1)
        assert (resync.event, resync.data["seq"]) == ("resync", 5)
        await tell(desk, number)
        (news,) = await read(stream, 1)
    assert news.id == 6


async def test_who_was_away_too_long_fetches_the_lists_instead(desk: Desk) -> None:
    await desk.connection.execute(
        "INSERT INTO feed (kind, ref, body) SELECT 'platform', 'x', '{}' FROM generate_series(1, %s)",
        [REPLAY + 2],
    )
    await tell(desk, await desk.alert())
    async with aclosing(hub_of(desk).stream(None, REPLAY + 2)) as stream:
        assert (await read(stream, 1))[0].event == "alert"
    async with aclosing(hub_of(desk).stream(None, 1)) as stream:
        assert (await read(stream, 1))[0].event == "resync"


async def test_a_reader_that_cannot_keep_up_is_told_to_start_over(database: str) -> None:
    async with open_desk(database) as desk:
        number = await desk.alert()
        hub = Hub(database, desk.app.state.database, beat_s=0.2, backlog=10)
        following = asyncio.create_task(hub.run())
        async with aclosing(hub.stream(None, None)) as slow, aclosing(hub.stream(None, None)) as quick:
            await read(slow, 1)
            await read(quick, 1)
            last = 0
            for _ in range(30):
                await tell(desk, number)
                (news,) = await read(quick, 1)
                last = news.id
            (resync,) = await read(slow, 1)
            await tell(desk, number)
            (news,) = await read(slow, 1)
        assert (resync.event, resync.id, news.id) == ("resync", last, last + 1)
        following.cancel()
        await asyncio.wait([following])


async def test_a_lost_connection_is_made_up_for(desk: Desk) -> None:
    number = await desk.alert()
    async with aclosing(hub_of(desk).stream(None, None)) as stream:
        await read(stream, 1)
        killed = await desk.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        assert killed
        await tell(desk, number)
        (news,) = await read(stream, 1)
    assert news.data["ref"] == str(number)


async def test_a_hub_without_a_database_keeps_silent(desk: Desk) -> None:
    hub = hub_of(desk)
    async with aclosing(hub.stream(None, None)) as stream:
        await read(stream, 2, quiet=False)
        hub._url = "postgresql:///nowhere?host=/nonexistent"
        await desk.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(6):
                await read(stream, 6, quiet=False)
    assert not hub.fresh


def lines_of(answer: httpx.Response) -> aclosing[AsyncGenerator[str]]:
    """Read lines, and close the reader in time: the garbage collector would do it in a task of its own."""
    return aclosing(cast("AsyncGenerator[str]", answer.aiter_lines()))


@asynccontextmanager
async def served(desk: Desk) -> AsyncIterator[str]:
    """Serve over a real socket: a stream through ASGI alone proves nothing."""
    server = uvicorn.Server(
        uvicorn.Config(desk.app, port=0, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
    )
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        await serving


async def test_over_http(desk: Desk) -> None:
    number = await desk.alert()
    headers = await desk.as_("wang")
    async with (
        served(desk) as url,
        httpx.AsyncClient(base_url=url, timeout=60) as client,
        client.stream("GET", "/api/live", headers=headers) as answer,
        lines_of(answer) as lines,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert await anext(lines) == "event: hello"
        await tell(desk, number)
        while await anext(lines) != "event: alert":
            pass
    async with served(desk) as url, httpx.AsyncClient(base_url=url, timeout=60) as client:
        resume = headers | {"Last-Event-ID": "0"}
        live = client.stream("GET", "/api/live", params={"cursor": 10**9}, headers=resume)
        async with live as answer, lines_of(answer) as lines:
            assert await anext(lines) == "event: alert"
        assert (await client.get("/api/live")).status_code == 401
        assert (await client.get("/api/live", params={"cursor": "x"}, headers=headers)).status_code == 422


async def test_a_server_that_stops_does_not_wait_for_those_who_watch(database: str) -> None:
    settings = ConsoleSettings.model_validate({"database_url": database, "port": 0, "heartbeat_s": 5})
    server = ConsoleServer(create_app(settings), settings)
    loop = asyncio.get_running_loop()
    async with (
        asyncio.TaskGroup() as tasks,
        open_desk(database) as desk,
        httpx.AsyncClient(timeout=60) as client,
    ):
        headers = await desk.as_("wang")
        serving = tasks.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        live = client.stream("GET", f"http://127.0.0.1:{port}/api/live", headers=headers)
        async with live as answer, lines_of(answer) as lines:
            assert await anext(lines) == "event: hello"
            told = loop.time()
            server.should_exit = True
            assert [line async for line in lines if line.startswith("event")] == []
            await serving
    assert loop.time() - told < GRACE_S


async def test_a_stream_ends_with_its_session(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.api.live.RECHECK_S", 0)
    headers = await desk.as_("wang")
    async with (
        served(desk) as url,
        httpx.AsyncClient(base_url=url, timeout=60) as client,
        client.stream("GET", "/api/live", headers=headers) as answer,
        lines_of(answer) as lines,
    ):
        await anext(lines)
        await desk.client.post("/api/logout", headers=headers)
        async with asyncio.timeout(30):
            async for _ in lines:
                pass
