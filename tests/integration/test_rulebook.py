"""The rulebook: shipped texts and local changes, and rules exchanged under a running ingest."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiomqtt
import psycopg
import pytest

from devices.model import Device, Place, PlaceKind
from ingest.clock import system_clock
from ingest.settings import IngestSettings
from ingest.store import rulebook
from ingest.store.history import Connection
from ingest.store.registry import save_registry
from ingest.store.rule_moves import RuleVerb, move
from rules.texts import Text, only, shipped
from tests.integration.test_ingest import (
    estate,
    gateway,
    rows,
    running,
    settings,
    stored,
    subscribed,
    until,
)

__all__ = ["estate", "gateway", "settings"]  # fixtures

NOW = datetime.now(UTC)  # noqa: TID251 - these tests live in real time, as devices do
RULE = """
rules:
  - code: TEST-001
    names: {{zh: 拒, en: Refused}}
    severity: 3
    subject: device
    condition:
      kind: count
      at_least: {least}
      within: 10m
      quiet_for: 20m
      when: {{gate.pass: data.result == 'denied'}}
    roles: [PM]
    sla: {{accept: 5m}}
"""
HELD = """
rules:
  - code: TEST-001
    names: {zh: 门, en: Door}
    severity: 3
    subject: device
    condition:
      kind: held
      for: 5m
      when: {gate.door: data.state == 'open'}
    roles: [PM]
    sla: {accept: 5m}
"""


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Connection]:
    """A connection to an empty database."""
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as opened:
        yield opened


@pytest.fixture
async def gate(connection: Connection, estate: str) -> str:
    """One estate with one gate; answers the gate's id."""
    name = f"{estate}-gate"
    async with connection.transaction():
        await save_registry(
            connection,
            places=[Place(code=estate, kind=PlaceKind.ESTATE, name_zh="苑", name_en="E", path=(estate,))],
            devices=[
                Device(
                    id=name,
                    estate=estate,
                    place=estate,
                    profile="access_gate",
                    name_zh="门",
                    name_en="Gate",
                    registered_at=NOW,
                )
            ],
        )
    return name


async def in_force(connection: Connection, text: str, verb: RuleVerb = RuleVerb.PROMOTE) -> int:
    """Draft a text and put it in force, or in the shadow."""
    rule, version = await rulebook.draft(connection, text, file="t", author="a", reason="r")
    await move(connection, rule, verb, version, author="a", reason="r")
    return version


async def refuse(gateway: aiomqtt.Client, gate: str, number: int) -> None:
    """One refusal at the gate, now: what is ten minutes old when it arrives pages nobody."""
    at = (system_clock() + timedelta(seconds=number)).isoformat()
    data = {"direction": "in", "method": "face", "result": "denied"}
    payload = json.dumps({"id": str(number), "at": at, "type": "gate.pass", "data": data})
    await gateway.publish(f"shequ/v1/{gate.removesuffix('-gate')}/{gate}/event", payload.encode(), qos=1)


async def judged_by(database: str, version: int) -> None:
    """Wait until ingest judges by this version."""

    async def yes() -> bool:
        found = await rows(database, "SELECT version FROM rules_judged WHERE rule = 'TEST-001'")
        return found == [(version,)]

    await until(yes)


async def test_a_local_change_survives_an_upgrade_and_an_unchanged_rule_follows_it(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await rulebook.import_shipped(connection)
    assert len(first) == len(shipped())
    assert await rulebook.import_shipped(connection) == []
    mine = (await rulebook.sources(connection))["SEC-005"] + "# ours\n"
    await in_force(connection, mine)
    newer = tuple(Text(t.rule, t.source + "# newer\n") for t in shipped())
    monkeypatch.setattr(rulebook, "shipped", lambda: newer)
    monkeypatch.setattr(rulebook, "shipped_sources", lambda: {t.source for t in newer})
    done = await rulebook.import_shipped(connection)
    assert "SEC-005: version 3 waits as a draft" in done
    assert "SEC-010: version 2 in force" in done
    sources = await rulebook.sources(connection)
    assert sources["SEC-005"] == mine
    assert sources["SEC-010"].endswith("# newer\n")


async def test_a_rule_is_exchanged_under_a_running_ingest_and_its_memory_kept(
    database: str,
    connection: Connection,
    gate: str,
    settings: IngestSettings,
    gateway: aiomqtt.Client,
) -> None:
    await in_force(connection, RULE.format(least=9))
    async with running(settings):
        await subscribed(database)
        for n in (1, 2):
            await refuse(gateway, gate, n)
        await stored(database, gate, 2)
        version = await in_force(connection, RULE.format(least=3))
        await judged_by(database, version)
        await refuse(gateway, gate, 3)

        async def raised() -> bool:
            return bool(await rows(database, "SELECT 1 FROM alerts WHERE rule = 'TEST-001'"))

        await until(raised)
    alerts = await rows(database, "SELECT code, rule_version, explain->>'count' FROM alerts")
    assert alerts == [("TEST-001", version, "3")]
    logged = await rows(database, "SELECT detail->'rule_version', detail->'window' FROM alert_log")
    assert logged[0][0] == version
    assert gate in json.dumps(logged[0][1])


async def test_a_version_in_the_shadow_judges_and_pages_nobody(
    database: str,
    connection: Connection,
    gate: str,
    settings: IngestSettings,
    gateway: aiomqtt.Client,
) -> None:
    await in_force(connection, RULE.format(least=9))
    shadow = await in_force(connection, RULE.format(least=2), RuleVerb.SHADOW)
    async with running(settings):
        await subscribed(database)
        for n in (1, 2):
            await refuse(gateway, gate, n)

        async def said() -> bool:
            return bool(await rows(database, "SELECT 1 FROM shadow_signals"))

        await until(said)
    found = await rows(database, "SELECT rule, version, verb, subject FROM shadow_signals")
    assert found == [("TEST-001", shadow, "raise", gate)]
    assert await rows(database, "SELECT 1 FROM alerts WHERE rule = 'TEST-001'") == []


async def test_another_kind_of_condition_restarts_the_memory_and_the_log_says_so(
    database: str, connection: Connection, gate: str, settings: IngestSettings, gateway: aiomqtt.Client
) -> None:
    await in_force(connection, RULE.format(least=9))
    async with running(settings):
        await subscribed(database)
        await refuse(gateway, gate, 1)
        await stored(database, gate, 1)
        version = await in_force(connection, HELD)
        await judged_by(database, version)
        held = "SELECT 1 FROM engine_memory WHERE rule = 'TEST-001'"
        assert await rows(database, held) == []
    log = "SELECT detail->>'memory' FROM rule_log WHERE action = 'promote' ORDER BY id"
    assert await rows(database, log) == [("nothing",), ("restarted",)]


async def test_one_action_goes_back_and_one_more_switches_a_new_rule_off(connection: Connection) -> None:
    for least in (9, 8):
        await in_force(connection, RULE.format(least=least))
    for version, state in ((1, "live"), (1, "retired")):
        done = await move(connection, "TEST-001", RuleVerb.ROLLBACK, None, author="a", reason="r")
        assert (done["version"], done["state"]) == (version, state)
    assert (await rulebook.load(connection)).versions == {}


async def test_a_stored_text_that_cannot_be_read_gives_way_to_the_shipped_one(connection: Connection) -> None:
    await rulebook.import_shipped(connection)
    await connection.execute("UPDATE rule_versions SET source = 'rules: 5' WHERE rule = 'SEC-010'")
    book = await rulebook.load(connection)
    assert "SEC-010" in {rule.id for rule in book.live.rules}
    assert only(shipped()[0].source, "t").id in book.versions
