"""What delivery promises: at least once, in its own time, never where it must not, and always on record."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from ingest.clock import system_clock
from ingest.deliver.outbox import OUTSIDE, Channel, Letter, cancel
from ingest.store import personal
from ingest.vault import Vault
from tests.integration.post_office import PATIENCE, Post, open_post

TEXT = {"text": "烟感报警"}


@pytest.fixture
async def post(database: str, tmp_path: Path) -> AsyncIterator[Post]:
    """A town with receivers."""
    async with open_post(database, tmp_path) as opened:
        yield opened


async def test_a_receiver_that_is_out_of_order_is_asked_again_until_the_letter_expires(post: Post) -> None:
    await post.hook("bad", "broken")
    await post.hook("good")
    await post.post(Letter("begun", Channel.WEBHOOK, "good", TEXT))
    async with post.delivering():
        await post.until("begun", "delivered")
        soon = system_clock() + timedelta(seconds=2)
        await post.post(Letter("k1", Channel.WEBHOOK, "bad", TEXT, expires_at=soon))
        row = await post.until("k1", "failed")
    assert row["attempts"] >= 3
    states = await post.receipts("k1")
    assert (states[0], set(states[1:-1]), states[-1]) == ("queued", {"attempt"}, "failed")
    assert "500" in row["last_error"]


async def test_a_receiver_that_comes_back_gets_the_letter(post: Post) -> None:
    await post.hook("flaky", "broken")
    await post.post(Letter("k1", Channel.WEBHOOK, "flaky", TEXT))
    async with post.delivering():
        async with asyncio.timeout(PATIENCE):
            while "attempt" not in await post.receipts("k1"):
                await asyncio.sleep(0.02)
        await post.connection.execute(
            "UPDATE endpoints SET version = 2, settings = settings || jsonb_build_object('url', %s::text)"
            " WHERE code = 'flaky'",
            [f"{post.web}/hook"],
        )
        await post.connection.execute("SELECT pg_notify('shequ_endpoints', '')")
        await post.until("k1", "delivered")
    assert post.ledger.arrivals == {"k1": 1}


async def test_a_hung_gateway_delays_no_other_channel(post: Post) -> None:
    await post.hook("hung", "hang", timeout_s=60.0, concurrency=1)
    await post.hook("good")
    await post.post(
        *(Letter(f"h{n}", Channel.WEBHOOK, "hung", TEXT, severity=1) for n in range(5)),
        *(Letter(f"g{n}", Channel.WEBHOOK, "good", TEXT, severity=4) for n in range(20)),
    )
    async with post.delivering():
        for n in range(20):
            await post.until(f"g{n}", "delivered")
        states = await post.rows("SELECT DISTINCT state FROM outbox WHERE to_whom = 'hung'")
    assert [row["state"] for row in states] == ["queued"]


async def test_the_rate_of_an_endpoint_is_kept(post: Post) -> None:
    await post.hook("slow", rate=10.0, concurrency=2)
    await post.post(*(Letter(f"k{n}", Channel.WEBHOOK, "slow", TEXT) for n in range(22)))
    began = system_clock()  # the first letter's own arrival may be late, and would make the span short
    async with post.delivering():
        for n in range(22):
            await post.until(f"k{n}", "delivered")
    last = await post.rows("SELECT max(sent_at) AS at FROM outbox")
    assert (last[0]["at"] - began).total_seconds() >= 2.0  # two at once, twenty more at ten a second


async def test_urgent_letters_go_first(post: Post) -> None:
    await post.hook("one", concurrency=1)
    await post.post(*(Letter(f"s{n}", Channel.WEBHOOK, "one", TEXT, severity=n) for n in (4, 3, 2, 1)))
    async with post.delivering():
        for n in (1, 2, 3, 4):
            await post.until(f"s{n}", "delivered")
    assert [m.key for m in post.ledger.messages] == ["s1", "s2", "s3", "s4"]


async def test_a_killed_sender_sends_again_and_the_receiver_counts_each_key_once(post: Post) -> None:
    await post.sms(rate=1000.0)
    keys = [f"k{n}" for n in range(40)]
    await post.post(*(Letter(key, Channel.SMS, "13800000001", TEXT) for key in keys))
    killed = asyncio.Event()
    processes: list[asyncio.subprocess.Process] = []

    async def kill_in_mid_send(_: str) -> None:
        """The receiver has the letter, the sender does not know it yet, and dies."""
        if len(post.ledger.messages) >= 7 and not killed.is_set():
            killed.set()
            os.kill(processes[0].pid, signal.SIGKILL)

    post.gateway.before_answer = kill_in_mid_send
    environment = {f"SHEQU_{name.upper()}": str(value) for name, value in post.settings().items()} | {
        "PATH": os.environ["PATH"]
    }

    async def start() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ingest.deliver", env=environment, stderr=asyncio.subprocess.DEVNULL
        )

    processes.append(await start())
    try:
        assert await processes[0].wait() == -signal.SIGKILL
        processes.append(await start())
        async with asyncio.timeout(40):
            for key in keys:
                await post.until(key, "sent")
    finally:
        for process in processes:
            if process.returncode is None:
                process.terminate()
                await process.wait()
    assert sorted(m.key for m in post.ledger.messages) == sorted(keys)
    assert sum(post.ledger.arrivals.values()) > len(keys)  # at least one came twice, and was known


async def test_two_senders_share_the_work_without_doubles(post: Post) -> None:
    await post.hook("both", rate=1000.0)
    await post.post(*(Letter(f"k{n}", Channel.WEBHOOK, "both", TEXT) for n in range(60)))
    async with post.delivering(), post.delivering():
        for n in range(60):
            await post.until(f"k{n}", "delivered")
    assert set(post.ledger.arrivals.values()) == {1}


async def test_the_database_may_go_and_come_back(post: Post) -> None:
    await post.hook("good")
    name = urlsplit(post.url).path.strip("/")
    async with post.delivering():
        await post.post(Letter("k1", Channel.WEBHOOK, "good", TEXT))
        await post.until("k1", "delivered")
        admin = post.url.replace(name, "postgres")
        async with await psycopg.AsyncConnection.connect(admin, autocommit=True) as other:
            for _ in range(5):
                await other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = %s AND application_name <> 'test' AND pid <> %s",
                    [name, post.connection.info.backend_pid],
                )
                await asyncio.sleep(0.1)
        await post.post(Letter("k2", Channel.WEBHOOK, "good", TEXT))
        await post.until("k2", "delivered")


async def test_a_cancelled_letter_does_not_leave(post: Post) -> None:
    await post.post(Letter("page", Channel.WEBHOOK, "good", TEXT, alert_id=1))
    await cancel(post.connection, alert_id=1, reason="acknowledge", actor="wang")
    await post.hook("good")
    async with post.delivering():
        await post.post(Letter("k2", Channel.WEBHOOK, "good", TEXT))
        await post.until("k2", "delivered")
    assert [m.key for m in post.ledger.messages] == ["k2"]


async def test_a_drill_is_marked_and_never_reaches_an_endpoint_of_an_outside_party(post: Post) -> None:
    await post.hook("ours")
    for party in sorted(OUTSIDE):
        await post.hook(f"to-{party}", party=party)
    await post.post(Letter("ours", Channel.WEBHOOK, "ours", TEXT, drill=True))
    await post.post(
        *(Letter(f"drill-{p}", Channel.WEBHOOK, f"to-{p}", TEXT, drill=True) for p in sorted(OUTSIDE)),
        *(Letter(f"real-{p}", Channel.WEBHOOK, f"to-{p}", TEXT) for p in sorted(OUTSIDE)),
    )
    async with post.delivering():
        await post.until("ours", "delivered")
        for party in sorted(OUTSIDE):
            assert (await post.until(f"drill-{party}", "withheld"))["last_error"] == "drill_outside"
            await post.until(f"real-{party}", "delivered")
    assert {m.key for m in post.ledger.messages} == {"ours", *(f"real-{p}" for p in OUTSIDE)}
    assert {m.text for m in post.ledger.messages if m.key == "ours"} == {"【演练】烟感报警"}


async def test_whoever_is_off_duty_has_no_phone_or_sleeps_is_not_called(post: Post) -> None:
    await post.sms()
    await post.connection.execute("INSERT INTO contacts (person, channel, worst) VALUES ('p-no', 'voice', 2)")
    vault = Vault.open(post.extra["personal_keys"])
    number = {"contact.voice": "13800000009"}
    await personal.put(post.connection, vault, personal.person("p-no"), number)
    await post.endpoint("voice-1", "voice", "http", {"url": f"{post.web}/voice", "sign_secret": "sign"})
    await post.connection.execute(
        "INSERT INTO contacts (person, channel, quiet_from, quiet_to) VALUES"
        " ('p-wg', 'sms', (now() AT TIME ZONE 'Asia/Shanghai')::time - INTERVAL '1 hour',"
        " (now() AT TIME ZONE 'Asia/Shanghai')::time + INTERVAL '1 hour');"
        "INSERT INTO leaves (person, starts, ends, kind, created_by)"
        " VALUES ('p-cp', now() - INTERVAL '1 hour', now() + INTERVAL '1 hour', 'sick', 'wang')"
    )
    await post.post(
        Letter("sleeps", Channel.SMS, "", TEXT, person="p-wg", severity=3),
        Letter("wakes", Channel.SMS, "", TEXT, person="p-wg", severity=1),
        Letter("off", Channel.SMS, "", TEXT, person="p-cp"),
        Letter("none", Channel.SMS, "", TEXT, person="p-no"),
        Letter("minor", Channel.VOICE, "", TEXT, person="p-no", severity=3),
        Letter("major", Channel.VOICE, "", {"text": "【演练】疏散"}, person="p-no", severity=2, drill=True),
    )
    async with post.delivering():
        await post.until("wakes", "sent")
        assert (await post.until("off", "withheld"))["last_error"] == "off_duty"
        assert (await post.until("none", "withheld"))["last_error"] == "no_address"
        assert (await post.until("minor", "withheld"))["last_error"] == "not_wanted"
        await post.until("major", "sent")
    assert post.ledger.texts("voice") == ["【演练】疏散"]
    sleeping = (await post.rows("SELECT state, due_at - now() AS wait FROM outbox WHERE key = 'sleeps'"))[0]
    assert sleeping["state"] == "queued"
    assert timedelta(minutes=50) < sleeping["wait"] <= timedelta(hours=1)


async def test_private_addresses_are_refused_unless_they_are_listed(post: Post) -> None:
    post.extra["deliver_private"] = "10.9.9.9"
    await post.hook("inside")
    await post.post(Letter("k1", Channel.WEBHOOK, "inside", TEXT))
    async with post.delivering():
        assert "private address" in (await post.until("k1", "failed"))["last_error"]
    assert post.ledger.messages == []


async def test_a_letter_nobody_carries_is_a_dead_letter_not_silence(post: Post) -> None:
    await post.post(Letter("k1", Channel.VOICE, "13800000001", TEXT))
    await post.connection.execute("UPDATE outbox SET created_at = now() - INTERVAL '1 minute'")
    async with post.delivering():
        assert (await post.until("k1", "failed"))["last_error"] == "not_configured"


async def test_a_template_that_is_not_there_kills_the_letter_only(post: Post) -> None:
    await post.hook("good")
    await post.post(
        Letter("k1", Channel.WEBHOOK, "good", {"template": "nonsense"}, severity=1),
        Letter("k2", Channel.WEBHOOK, "good", TEXT),
    )
    async with post.delivering():
        await post.until("k1", "failed")
        await post.until("k2", "delivered")


async def test_whoever_the_roster_says_is_off_duty_is_told_by_name_only_and_the_stand_in_instead(
    post: Post,
) -> None:
    await post.sms()
    await post.connection.execute(
        "INSERT INTO posts (code, name_zh, name_en, role, place) VALUES ('g', '网格', 'Grid', 'GW', 'EST1');"
        "INSERT INTO rosters (post, person, starts, ends, created_by) VALUES"
        " ('g', 'p-wg', now() - INTERVAL '9 hours', now() - INTERVAL '1 hour', 'wang'),"
        " ('g', 'p-no', now() - INTERVAL '1 hour', now() + INTERVAL '1 hour', 'wang');"
        "INSERT INTO leaves (person, starts, ends, kind, stand_in, created_by)"
        " VALUES ('p-no', now() - INTERVAL '1 hour', now() + INTERVAL '1 hour', 'sick', 'p-cp', 'wang')"
    )
    await post.post(
        Letter("off", Channel.SMS, "", TEXT, person="p-wg"),
        Letter("named", Channel.SMS, "", {**TEXT, "any_hours": True}, person="p-wg"),
        Letter("away", Channel.SMS, "13800000009", {**TEXT, "any_hours": True}, person="p-no"),
        Letter("stands-in", Channel.SMS, "", TEXT, person="p-cp"),
    )
    async with post.delivering():
        assert (await post.until("off", "withheld"))["last_error"] == "off_duty"
        await post.until("named", "sent")
        assert (await post.until("away", "withheld"))["last_error"] == "off_duty"
        await post.until("stands-in", "sent")
