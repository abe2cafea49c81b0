"""One message, one trace: the same id in every log and on every span, from MQTT to the outbox."""

from __future__ import annotations

import json
import logging
import secrets
from datetime import timedelta
from pathlib import Path

import aiomqtt
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from console.commands.local import broker_url
from console.database import Database
from console.duty.__main__ import now_of, tick
from console.pace import Pace
from console.settings import DutySettings
from ingest.clock import system_clock
from ingest.logs import Binder, JsonFormatter
from ingest.settings import IngestSettings
from ingest.store import personal
from ingest.tracing import TRACES
from ingest.vault import Vault, add_key
from simulators.stack import Stack
from tests.chaos.test_duty_killed import until
from tests.chaos.test_ingest_silent import heard
from tests.chaos.test_outages import running
from tests.integration.api_desk import Desk, open_desk
from tests.integration.post_office import open_receivers
from tests.parts import as_part


class Lines(logging.Handler):
    """Keeps what a collector would get."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, object]] = []
        self.addFilter(Binder())
        self.setFormatter(JsonFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line."""
        self.lines.append(json.loads(self.format(record)))


async def test_a_message_is_one_trace_from_the_broker_to_the_outbox(
    stack: Stack,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    spans, lines = InMemorySpanExporter(), Lines()
    TRACES.collect("test", spans, at_once=True)
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [*root.handlers, lines])
    caplog.set_level(logging.INFO)  # not by hand: loggers remember what was off
    ingest = IngestSettings.model_validate(
        {
            "database_url": as_part(database, "ingest"),
            "broker_url": broker_url(stack.broker, stack.ingest),
            "client_id": f"ingest-{secrets.token_hex(4)}",
        }
    )
    try:
        async with open_desk(database) as desk, open_receivers(database, tmp_path) as post:
            await post.endpoint("sms-1", "sms", "http", {"url": f"{post.web}/sms", "sign_secret": "sign"})
            await desk.connection.execute(
                "INSERT INTO people (id, name, roles, place) VALUES ('p', '值', '{GW,SL}', '510681');"
                "INSERT INTO contacts (person, channel) VALUES ('p', 'sms')"
            )
            post.extra["personal_keys"] = keys = tmp_path / "personal.keys"
            add_key(keys)
            subject = personal.person("p")
            await personal.put(desk.connection, Vault.open(keys), subject, {"contact.sms": "1"})
            async with running(ingest):
                await until(lambda: heard(desk))
                await smoke(stack)
                await until(lambda: raised(desk))
            async with Database.open(as_part(database, "duty"), size=1) as duty:
                pace = Pace.of(DutySettings.model_validate({"database_url": "x"}))
                later = await now_of(duty) + timedelta(seconds=90)  # nobody took it
                await tick(duty, pace, later)
            async with post.delivering():
                await until(lambda: sent(desk))
            await moved(desk)
            (alert,) = await desk.rows("SELECT id, trace FROM alerts WHERE code = 'FIRE-001'")
    finally:
        TRACES.close()
    _, trace, above, _ = alert["trace"].split("-")
    found = spans.get_finished_spans()
    told = [(span.name, f"{span.context.trace_id:032x}") for span in found]
    ours = [span for span in found if f"{span.context.trace_id:032x}" == trace]
    assert {name for name, _ in told} >= {"event", "receive", "store", "judge", "duty.alert", "deliver.send"}
    order = sorted(ours, key=lambda span: span.start_time or 0)
    names = [span.name for span in order]
    assert names.index("duty.alert") < names.index("deliver.send")
    assert set(names[: names.index("duty.alert")]) == {"event", "receive", "store", "judge"}
    (first,) = [span for span in ours if span.name == "event"]
    assert f"{first.context.span_id:016x}" == above
    assert first.parent is None
    assert all(f"{span.parent.span_id:016x}" == above for span in ours if span.parent is not None)
    assert dict(first.attributes or {})["event"] == "traced"
    actions = [line["action"] for line in lines.lines if line.get("trace") == trace]
    assert actions[0] == "alert_raised"
    assert {"timer_fired", "letter_sent", "case_moved"} <= set(actions)


async def moved(desk: Desk) -> None:
    """An operator notes something on the case that duty made of the alert."""
    (alert,) = await desk.rows("SELECT incident_id FROM alerts WHERE code = 'FIRE-001'")
    wish = {"action": "note", "reason": "asked"}
    answer = await desk.post(f"/api/incidents/{alert['incident_id']}/actions", wish)
    assert answer.status_code == 200, answer.text


async def smoke(stack: Stack) -> None:
    """A detector of the town says that it burns."""
    said = {"id": "traced", "at": system_clock().isoformat(), "type": "smoke", "data": {"alarm": True}}
    login = stack.gateway
    async with aiomqtt.Client(
        stack.broker.host,
        stack.broker.port,
        username=login.username,
        password=login.password,
        identifier=f"gateway-{secrets.token_hex(4)}",
        protocol=aiomqtt.ProtocolVersion.V5,
    ) as client:
        await client.publish("shequ/v1/EST1/smoke-1/event", json.dumps(said), qos=1)


async def raised(desk: Desk) -> bool:
    return bool(await desk.rows("SELECT FROM alerts WHERE code = 'FIRE-001'"))


async def sent(desk: Desk) -> bool:
    return bool(
        await desk.rows("SELECT FROM outbox WHERE state IN ('sent', 'delivered') AND trace IS NOT NULL")
    )
