"""From the released version to this one with data, under running parts: old statements go on working.

`tests/released/<version>.zip` holds the SQL of a release as it was: its migrations, views and every
statement of its code (`git archive` of that commit). The database is built from it, filled by its own
statements, and taken through `pre`, a start of the new code beside the old, and `post`.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql as psql
from psycopg.types.json import Jsonb

from console.commands.local import broker_url
from devices.errors import StoreError
from ingest.clock import system_clock
from ingest.settings import IngestSettings
from ingest.store.migrate import OURS, build, migrate, stage_of
from simulators.stack import Stack
from tests.chaos.test_duty_killed import until
from tests.chaos.test_ingest_silent import heard
from tests.chaos.test_outages import running
from tests.integration.api_desk import Desk, open_desk
from tests.integration.test_migrations import shape
from tests.integration.test_tracing import smoke
from tests.parts import as_part

RELEASE = max((Path(__file__).parents[1] / "released").glob("*.zip"))
_PARAM = re.compile(r"%\((\w+)\)s")


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """The SQL of the newest release."""
    with zipfile.ZipFile(RELEASE) as archive:
        archive.extractall(tmp_path)
    return tmp_path


@pytest.fixture
def old(stack: Stack, migrated_template: str, released: Path) -> Iterator[str]:
    """A database as the release made it; the template is asked for because it makes the parts' accounts."""
    del migrated_template
    name = f"released_{os.getpid()}"
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        connection.execute(psql.SQL("CREATE DATABASE {}").format(psql.Identifier(name)))
    url = urlunsplit(urlsplit(stack.database_url)._replace(path=f"/{name}"))
    build(url, source=released / "ingest/store")
    yield url
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        connection.execute(psql.SQL("DROP DATABASE {} WITH (FORCE)").format(psql.Identifier(name)))


def statements(released: Path) -> dict[str, str]:
    """Every named statement of the release's code."""
    found: dict[str, str] = {}
    for file in sorted([*released.glob("ingest/store/*.sql"), *released.glob("console/store/*.sql")]):
        for part in re.split(r"^-- (?=\w+ --$)", file.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            name, _, text = part.partition(" --\n")
            found[f"{file.parent.parent.name}/{file.name}:{name}"] = text
    return found


def understood(url: str, texts: dict[str, str]) -> set[str]:
    """The statements whose tables, columns and types the database knows."""
    good: set[str] = set()
    with psycopg.connect(url, autocommit=True) as connection:
        for name, text in texts.items():
            order: dict[str, int] = {}
            spoken = _PARAM.sub(lambda m: f"${order.setdefault(m[1], len(order) + 1)}", text)  # noqa: B023
            answer = connection.pgconn.prepare(b"", spoken.replace("%%", "%").encode())
            if answer.status == psycopg.pq.ExecStatus.COMMAND_OK:
                good.add(name)
    return good


class OldCode:
    """What the release's parts say to the database, in their own words."""

    def __init__(self, url: str, released: Path) -> None:
        self._url, self._said = url, statements(released)

    def say(self, name: str, **values: Any) -> list[tuple[Any, ...]]:
        """Execute one of its statements."""
        with psycopg.connect(self._url) as connection:
            cursor = connection.execute(self._said[name], values)
            return cursor.fetchall() if cursor.description else []

    def live(self, serial: str) -> int:
        """A little of everything: an event, its alert, the feed, a letter that is claimed; the alert's id."""
        now = system_clock()
        with psycopg.connect(self._url) as connection, connection.cursor() as cursor:
            copy = self._said["ingest/queries.sql:copy_events"]
            with cursor.copy(copy) as rows:
                rows.write_row(("old-1", serial, now, "OLD", "smoke", '{"alarm": true}', "{}", now))
        row = {
            "fingerprint": serial, "rule": "FIRE-001", "rule_version": 1, "code": "FIRE-001", "severity": 1,
            "estate": "OLD", "place": "OLD", "subject": "old-1", "device": "old-1", "reason": "condition_met",
            "explain": Jsonb({}), "at": now, "hits": 1, "late_by_s": None, "group_key": serial,
            "confidence": 0.6, "drill": False, "hush_reason": None, "hushed_by": None, "muted_until": None,
        }  # fmt: skip
        [(alert, state, fresh)] = self.say("ingest/queries.sql:raise_alert", **row)
        assert (state, fresh) == ("open", True)
        assert self.say("ingest/queries.sql:feed_alerts", ids=[alert])
        letter = {
            "key": serial, "channel": "sms", "to": "1", "body": Jsonb({"text": "x"}), "estate": "OLD",
            "incident_id": None, "alert_id": alert, "person": None, "party": "", "severity": 1,
            "expires_at": None, "drill": False, "actor": "old", "outside": [],
        }  # fmt: skip
        assert self.say("ingest/outbox.sql:post", **letter)
        claim = {
            "channel": "sms",
            "endpoint": "e",
            "direct": False,
            "ordered": False,
            "most": 9,
            "lease_s": 60,
        }
        assert [c[1] for c in self.say("ingest/deliver.sql:claim", **claim)] == [serial]
        journal = f'[{{"estate": "OLD", "rule": "r", "subject": "{serial}", "memory": null}}]'
        self.say("ingest/queries.sql:save_memory", changes=journal)
        self.say("ingest/queries.sql:put_progress", worker="old", batch=uuid4(), clock=now, real=False)
        return int(alert)


OLD_TOWN = """
INSERT INTO places (code, kind, name_zh, name_en, path) VALUES ('OLD', 'estate', '旧', 'Old', '{OLD}');
INSERT INTO devices (id, estate, place, profile, name_zh, name_en)
    VALUES ('old-1', 'OLD', 'OLD', 'smoke_sensor', '烟感', 'Smoke');
"""


async def test_a_platform_is_upgraded_under_way_and_loses_nothing(
    stack: Stack, old: str, released: Path, tmp_path: Path
) -> None:
    with psycopg.connect(old) as connection:
        connection.execute(OLD_TOWN)
    parts = OldCode(old, released)
    before = parts.live("before")
    texts = statements(released)
    known = understood(old, texts)
    assert len(known) > 500
    assert migrate(old, "pre") > 0
    assert known - understood(old, texts) == set()  # whatever the old parts say is still understood
    beside = parts.live("beside")
    ingest = IngestSettings.model_validate(
        {
            "database_url": as_part(old, "ingest"),
            "broker_url": broker_url(stack.broker, stack.ingest),
            "client_id": f"ingest-{secrets.token_hex(4)}",
        }
    )
    async with open_desk(old) as desk:
        async with running(ingest):
            await until(lambda: heard(desk))
            parts.live("beside the new ingest")
            await smoke(stack)
            await until(lambda: new_fire(desk))
        source = with_a_last_step(tmp_path)
        last = [path for path in (source / "migrations").iterdir() if stage_of(path.stem) == "post"]
        assert migrate(old, "post", source=source) == len(last)
        ids = {alert["id"] for alert in (await desk.get("/api/alerts")).json()["items"]}
        assert {before, beside} <= ids
        found = (await desk.get(f"/api/alerts/{before}")).json()
        assert (found["state"], found["estate"]) == ("open", "OLD")
        with psycopg.connect(old) as connection:
            assert connection.execute("SELECT count(*) FROM events WHERE device = 'old-1'").fetchone() == (3,)


def with_a_last_step(tmp_path: Path) -> Path:
    """This version's SQL with one more step, which old code would not bear."""
    source = tmp_path / "next"
    shutil.copytree(str(OURS), source)
    (source / "migrations/9999_post_last.sql").write_text(
        "ALTER TABLE watchdog RENAME alarmed_at TO told_at;"
    )
    return source


async def new_fire(desk: Desk) -> bool:
    return bool(await desk.rows("SELECT FROM alerts WHERE device = 'smoke-1' AND trace IS NOT NULL"))


def test_the_last_steps_wait_for_the_first_ones_and_the_shape_is_that_of_a_new_database(
    old: str, database: str, tmp_path: Path
) -> None:
    source = with_a_last_step(tmp_path)
    with pytest.raises(StoreError, match="--pre comes first"):
        migrate(old, "post", source=source)
    migrate(old, "pre", source=source)
    with psycopg.connect(old) as connection:
        connection.execute("SELECT alarmed_at FROM watchdog")  # the last step has not run
        connection.execute("REVOKE SELECT ON places FROM shequ_part_ingest")
        connection.execute("GRANT DELETE ON places TO shequ_part_ingest")
    migrate(old, "pre", source=source)
    assert rights(old) == {"SELECT", "DELETE"}  # given, and not taken: an old part may need it
    migrate(old)
    assert rights(old) == {"SELECT"}
    assert shape(old) == shape(database)


def rights(url: str) -> set[str]:
    """What ingest may do with places."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT privilege_type FROM information_schema.role_table_grants"
            " WHERE grantee = 'shequ_part_ingest' AND table_name = 'places'"
        ).fetchall()
    return {verb for (verb,) in rows}


def test_a_step_says_when_it_may_run() -> None:
    assert {stage_of(path.name.removesuffix(".sql")) for path in (OURS / "migrations").iterdir()} <= {
        "pre",
        "post",
    }
    with pytest.raises(StoreError, match="'0007_slug': name it"):
        stage_of("0007_slug")
