"""Credentials over HTTP: minted, shown once, revoked; and a broker of one's own that asks."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from cryptography import x509

from ingest.registry_ca import Authority
from tests.integration.api_desk import Desk, open_desk

SECRET = {"X-Shequ-Secret": "between us"}


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database, mqtt_auth_secret="between us") as desk:
        yield desk


async def test_credentials_are_minted_shown_once_and_revoked(desk: Desk, tmp_path: Path) -> None:
    path = "/api/devices/cam-1/credentials"
    assert (await desk.get(path)).json()["state"] == "none"
    made = (await desk.post(path, {}, "wuye", key="m1")).json()
    assert made["password"] == "password-1"
    assert (made["host"], made["port"]) == ("broker.test", 1883)
    assert (await desk.post(path, {}, "wuye", key="m1")).json()["password"] is None
    wish = {"kind": "certificate"}
    assert (await desk.post(path, wish, "wuye")).status_code == 503
    desk.doorman.authority = Authority.open(tmp_path / "ca")
    refused = await desk.post(path, {**wish, "csr": "rubbish"}, "wuye")
    assert [error["field"] for error in refused.json()["errors"]] == ["csr"]
    signed = (await desk.post(path, wish, "wuye", key="c1")).json()
    certificate = x509.load_pem_x509_certificate(signed["certificate"].encode())
    assert certificate.subject.rfc4514_string() == "CN=cam-1"
    assert signed["private_key"].startswith("-----BEGIN PRIVATE KEY")
    assert (await desk.post(path, wish, "wuye", key="c1")).json()["private_key"] is None
    kept = json.dumps(await desk.rows("SELECT body::text FROM idempotency"))
    assert "PRIVATE KEY" not in kept
    assert "password-1" not in kept
    assert (await desk.get("/api/ca")).text == signed["ca"]
    state = (await desk.get(path)).json()
    assert (state["state"], state["kinds"]) == ("valid", ["password", "certificate"])
    gone = await desk.post(f"{path}/revoke", {"reason": "stolen"}, "wuye")
    assert (gone.json()["state"], gone.json()["kinds"]) == ("revoked", [])
    assert desk.doorman.removed == ["cam-1"]
    actions = [row["action"] for row in (await desk.get("/api/devices/cam-1/history")).json()["items"]]
    assert actions == ["revoke", "mint", "mint"]
    for who, device, status in (("wang", "cam-1", 403), ("wuye", "smoke-2", 404)):
        answer = await desk.post(f"/api/devices/{device}/credentials", {}, who)
        assert answer.status_code == status


async def test_a_broker_of_ones_own_is_told_who_may_come_in(desk: Desk) -> None:
    made = (await desk.post("/api/devices/cam-1/credentials", {}, "wuye")).json()

    async def ask(path: str, body: Mapping[str, object], **headers: str) -> object:
        answer = await desk.client.post(f"/api/mqtt/{path}", json=dict(body), headers=SECRET | headers)
        return answer.json()["result"]

    login = {"username": "cam-1", "password": made["password"], "clientid": "cam-1"}
    assert (await desk.client.post("/api/mqtt/auth", json=login)).status_code == 401
    assert await ask("auth", login) == "allow"
    assert await ask("auth", login | {"password": "guess"}) == "deny"
    assert await ask("auth", login | {"clientid": "smoke-1"}) == "deny"
    assert await ask("auth", login | {"username": "shequ-ingest"}) == "ignore"
    assert await ask("auth", login | {"username": "smoke-1", "clientid": "smoke-1"}) == "deny"
    verne = {"username": "cam-1", "password": made["password"], "client_id": "cam-1"}
    assert await ask("auth", verne, **{"vernemq-hook": "auth_on_register_m5"}) == "ok"
    event, config = "shequ/v1/EST1/cam-1/event", "shequ/v1/EST1/cam-1/config"
    for topic, action, word in (
        (event, "publish", "allow"),
        (config, "publish", "deny"),
        (config, "subscribe", "allow"),
        ("#", "subscribe", "deny"),
        ("shequ/v1/EST1/smoke-1/event", "publish", "deny"),
    ):
        assert await ask("acl", {"username": "cam-1", "topic": topic, "action": action}) == word, topic
    topics = {"username": "cam-1", "topics": [{"topic": config, "qos": 1}, {"topic": "#", "qos": 1}]}
    refused = {"error": "not_allowed"}
    assert await ask("acl", topics, **{"vernemq-hook": "auth_on_subscribe_m5"}) == refused
    await desk.post("/api/devices/cam-1/credentials/revoke", {"reason": "stolen"}, "wuye")
    assert await ask("auth", login) == "deny"
    assert await ask("acl", {"username": "cam-1", "topic": event, "action": "publish"}) == "deny"
