"""Canary secrets through the real parts, on good and bad ways: no log, answer, figure or table holds one."""

from __future__ import annotations

import asyncio
import io
import logging
import secrets
import sys
import traceback
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, LiteralString
from urllib.parse import quote, urlsplit

import httpx
import pyotp
import pytest
from typer.testing import CliRunner

from console import cookies
from console.__main__ import app as shequ
from console.accounts import create_user
from console.commands.local import free_port
from console.permissions import Role
from console.second_factor import STEP_S
from ingest.__main__ import run as run_ingest
from ingest.clock import system_clock
from ingest.deliver.outbox import Channel, Letter
from ingest.logs import Binder, JsonFormatter, set_up_logs
from ingest.settings import IngestSettings
from ingest.vault import add_key
from simulators.stack import Broker
from tests.integration.api_desk import Desk, open_desk
from tests.integration.post_office import PASSWORD as SMPP
from tests.integration.post_office import PATIENCE, ROBOT, SECRET, Post, open_receivers
from tests.parts import PASSWORD as DATABASE
from tests.parts import as_part

EVERYTHING: LiteralString = """
SELECT string_agg(
    query_to_xml(format('SELECT * FROM %I.%I', table_schema, table_name), true, false, '')::text, '') AS all
FROM information_schema.tables WHERE table_schema IN ('public', 'personal') AND table_type = 'BASE TABLE'
"""
KNOWN: Final = {
    "logs": ("DEBUG", "INFO", "WARNING", "ERROR", "broker away", "broker connected", "hook is open"),
    "refusals and commands": ("urn:shequ:problem:", "SHEQU_DATABASE_URL", "SHEQU_BROKER_URL"),
    "metrics": ("shequ_",),
    "database": ("canary", "k-mail"),
}
"""What must be in each place, or nothing was looked into."""


@dataclass(kw_only=True)
class Town:
    """The parts under test, the secrets they are given, and what they said."""

    desk: Desk
    post: Post
    broker: Broker
    database: str
    log: io.StringIO
    said: list[str] = field(default_factory=list)  # answers that refused, what commands printed
    canaries: dict[str, str] = field(default_factory=dict)

    def plant(self, name: str, value: str) -> str:
        """Remember a secret."""
        assert len(value) >= 6, name
        self.canaries[name] = value
        return value

    async def ask(self, method: str, path: str, status: int, **more: Any) -> httpx.Response:
        """Ask the console, and keep what it says where it refuses."""
        answer = await self.desk.client.request(method, path, **more)
        self.desk.client.cookies.clear()
        assert answer.status_code == status, answer.text
        if status >= 400:
            self.said.append(answer.text + str(answer.headers))
        return answer

    def command(self, *words: str) -> None:
        """Run a command that fails."""
        told = CliRunner().invoke(shequ, words)
        assert told.exit_code != 0, told.output
        self.said += [told.output, *traceback.format_exception(told.exception)]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that is logged, in both forms, from the lowest level up."""
    out, root = io.StringIO(), logging.getLogger()
    before, level = root.handlers[:], root.level
    monkeypatch.setattr(sys, "stderr", out)
    for handler in before:
        root.removeHandler(handler)
    set_up_logs("DEBUG")
    json = logging.StreamHandler(out)
    json.addFilter(Binder())
    json.setFormatter(JsonFormatter())
    root.addHandler(json)
    yield out
    root.handlers[:] = before
    root.setLevel(level)


@pytest.fixture
async def town(database: str, broker: Broker, tmp_path: Path, log: io.StringIO) -> AsyncIterator[Town]:
    keys, outbound = tmp_path / "keys", tmp_path / "outbound"
    outbound.mkdir()
    add_key(keys)
    mail, identity = secrets.token_urlsafe(12), secrets.token_urlsafe(12)
    (outbound / "mail").write_text(mail)
    more = {"oidc_issuer": f"http://127.0.0.1:{free_port()}", "oidc_client_secret": identity}
    async with (
        open_desk(database, personal_keys=keys, secrets=outbound, **more) as desk,
        open_receivers(database, outbound) as post,
    ):
        town = Town(desk=desk, post=post, broker=broker, database=database, log=log)
        post.extra["personal_keys"] = keys
        given = {
            "vault key": keys.read_text().strip(),
            "SMTP password": mail,
            "OIDC client secret": identity,
            "webhook secret": SECRET,
            "robot's key": ROBOT,
            "SMPP password": SMPP,
            "database password": DATABASE,
            "MQTT password": broker.ingest.password,
        }
        for name, value in given.items():
            town.plant(name, value)
        yield town


async def _accounts(town: Town) -> None:
    good = town.plant("password", f"correct {secrets.token_urlsafe(9)}")
    wrong = town.plant("wrong password", f"wrong {secrets.token_urlsafe(9)}")
    await create_user(town.desk.connection, "canary", good, Role.SYSTEM_ADMIN)
    await town.ask("POST", "/api/token", 401, data={"username": "canary", "password": wrong})
    await town.ask("POST", "/api/token", 422, data={"password": wrong})
    await town.ask("POST", "/api/token", 401, data={"username": wrong, "password": "in the wrong field"})
    form = {"username": "canary", "password": good}
    answer = await town.ask("POST", "/api/token", 200, data=form)
    session = town.plant("session", answer.json()["access_token"])
    headers = {"Authorization": f"Bearer {session}"}
    page = await town.ask("POST", "/api/session", 204, data=form)
    cookie = town.plant("cookie", page.headers["set-cookie"].split("=", 1)[1].split(";")[0])
    await town.ask("POST", "/api/logout", 403, headers={"Cookie": f"{cookies.NAME}={cookie}"})
    await town.ask("GET", "/api/no-such-thing", 404, headers=headers)
    weak = {"old": good, "new": town.plant("weak password", "canary canary 1")}
    await town.ask("POST", "/api/account/password", 422, json=weak, headers=headers)
    shown = {"password": {"nested": good}}
    await town.ask("POST", "/api/account/second-factor", 422, json=shown, headers=headers)
    await _programs(town, headers, good)
    await _second_factor(town, headers, good)


async def _programs(town: Town, headers: dict[str, str], password: str) -> None:
    wish = {"password": password, "title": "x", "may_write": False}
    made = await town.ask("POST", "/api/account/tokens", 201, json=wish, headers=headers)
    token = town.plant("API token", made.json()["token"])
    wish = {"action": "acknowledge"}
    await town.ask(
        "POST", "/api/alerts/1/actions", 403, json=wish, headers={"Authorization": f"Bearer {token}"}
    )
    await town.ask("DELETE", f"/api/account/tokens/{made.json()['id']}", 200, headers=headers)
    await town.ask("GET", "/api/alerts", 401, headers={"Authorization": f"Bearer {token}"})


async def _second_factor(town: Town, headers: dict[str, str], password: str) -> None:
    path = "/api/account/second-factor"
    begun = await town.ask("POST", path, 201, json={"password": password}, headers=headers)
    totp = pyotp.TOTP(town.plant("second factor", begun.json()["secret"]))
    now = int(system_clock().timestamp()) // STEP_S
    code = town.plant("code", totp.generate_otp(now))
    stale = town.plant("stale code", totp.generate_otp(now - 9))
    await town.ask("POST", f"{path}/confirm", 422, json={"code": stale}, headers=headers)
    kept = await town.ask("POST", f"{path}/confirm", 200, json={"code": code}, headers=headers)
    recovery = town.plant("recovery code", kept.json()["codes"][0])
    await town.ask("POST", path, 409, json={"password": password}, headers=headers)
    form = {"username": "canary", "password": password}
    for otp, status in ((stale, 401), (code, 401), (recovery, 200), (recovery, 401)):
        await town.ask("POST", "/api/token", status, data={**form, "otp": otp})


async def _devices(town: Town) -> None:
    made = await town.desk.post("/api/devices/cam-1/credentials", {}, "wuye")
    assert made.is_success, made.text
    town.plant("device password", made.json()["password"])
    item = {"profile": "smoke_sensor"}
    labels = await town.desk.post("/api/enrolment/labels", {"estate": "EST1", "items": [item]}, "wuye")
    assert labels.status_code == 201, labels.text
    code = town.plant("enrolment code", labels.json()["items"][0]["code"])
    await town.ask("POST", "/api/enrolment/claim", 202, json={"code": code})
    await town.ask("POST", "/api/enrolment/claim", 422, json={"code": code, "extra": code})
    wrong = town.plant("wrong code", "ABCD-" + code[5:])
    await town.ask("POST", "/api/enrolment/claim", 404, json={"code": wrong})


async def _breaking(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error nobody planned for is logged with its traceback."""

    async def broken(*_: object) -> None:
        raise RuntimeError("nobody planned for this")

    monkeypatch.setattr(town.desk.app.state.gatekeeper, "log_in", broken)
    form = {"username": "canary", "password": town.canaries["password"]}
    await town.ask("POST", "/api/token", 500, data=form)


async def _identity(town: Town) -> None:
    await town.ask("GET", "/api/oidc/login", 503)


async def _letters(town: Town) -> None:
    post = town.post
    await post.hook("hook")
    await post.hook("broken", "broken")
    robot = {"url": f"{post.web}/wecom/send", "key_secret": "robot"}
    await post.endpoint("group", "wecom", "robot", robot)
    mail = {
        "host": "127.0.0.1", "port": post.mail.port, "sender": "a@b.example", "security": "none",
        "username": "centre", "password_secret": "mail",
    }  # fmt: skip
    await post.endpoint("mail", "email", "smtp", mail)
    for key, system in (("smpp", "shequ"), ("smpp-wrong", "nobody")):
        settings = {"host": "127.0.0.1", "port": post.centre.port, "system_id": system}
        await post.endpoint(key, "sms", "smpp", {**settings, "password_secret": "pw"})
    text = {"text": "烟感报警"}
    await post.post(
        Letter("k-hook", Channel.WEBHOOK, "hook", text),
        Letter("k-broken", Channel.WEBHOOK, "broken", text),
        Letter("k-group", Channel.WECOM, "group", text),
        Letter("k-mail", Channel.EMAIL, "x@b.example", text),
    )
    async with post.delivering():
        await post.until("k-hook", "delivered")
        for key in ("k-broken", "k-mail", "k-group"):
            await post.until_rows(f"SELECT FROM outbox WHERE key = '{key}' AND attempts > 0")


async def _ingest(town: Town) -> None:
    login, address = town.broker.ingest, town.broker.address
    wrong = town.plant("wrong MQTT password", secrets.token_urlsafe(12))
    lost = town.plant("wrong database password", secrets.token_urlsafe(12))
    url = as_part(town.database, "ingest")
    for password, database, told in (
        (wrong, url, "broker away"),
        (login.password, url.replace(DATABASE, lost), "connection failed"),
        (login.password, url, "broker connected"),
    ):
        settings = {
            "database_url": database,
            "broker_url": f"mqtt://{quote(login.username)}:{quote(password)}@{address.host}:{address.port}",
            "client_id": f"canary-{secrets.token_hex(4)}",
        }
        task = asyncio.create_task(run_ingest(IngestSettings.model_validate(settings)), name="ingest")
        try:
            async with asyncio.timeout(PATIENCE):
                while told not in town.log.getvalue() and not task.done():
                    await asyncio.sleep(0.05)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def _commands(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody at the machine is told whose settings are wrong."""
    monkeypatch.setattr("console.watch.__main__.set_up_logs", lambda: None)  # ours stay
    lost = town.plant("password of an owner", f"{secrets.token_urlsafe(6)}%zz{secrets.token_urlsafe(6)}")
    slash = town.plant("password with a slash", f"canary{secrets.token_hex(4)}")
    host = urlsplit(as_part(town.database, "serve")).query
    for name, value, words in (
        ("SHEQU_DATABASE_URL", f"postgresql://owner:{lost}@/x?{host}", ["user", "list"]),
        ("SHEQU_DATABASE_URL", f"postgresql://owner:{lost}@/x?{host}", ["doctor"]),
        ("SHEQU_DATABASE_URL", f"postgresql://owner:{slash}@/x?{host}", ["user", "list"]),
        ("SHEQU_DATABASE_URL", f"postgresql://owner:{slash}@db.elsewhere/x", ["doctor"]),
        ("SHEQU_BROKER_URL", f"mqtt://ingest:{slash}/x@127.0.0.1", ["dialect", "find"]),
        ("SHEQU_BROKER_URL", f"http://ingest:{slash}@127.0.0.1", ["dialect", "find"]),
        ("SHEQU_CANARY_EVERY_S", "1", ["watch"]),
        ("SHEQU_BROKER_ADMIN_URL", f"mqtt://admin:{slash}@127.0.0.1:1", ["device", "rotate", "smoke-1"]),
    ):
        monkeypatch.setenv("SHEQU_DATABASE_URL", as_part(town.database, "serve"))
        monkeypatch.setenv("SHEQU_BROKER_URL", "mqtt://127.0.0.1:1")
        monkeypatch.setenv(name, value)
        town.command(*words)
        monkeypatch.delenv(name)


async def test_no_secret_is_told_anywhere(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    await _accounts(town)
    await _devices(town)
    await _identity(town)
    await _breaking(town, monkeypatch)
    await _letters(town)
    await _ingest(town)
    await asyncio.to_thread(_commands, town, monkeypatch)
    metrics = (await town.desk.client.get("/metrics")).text
    [dump] = await town.desk.rows(EVERYTHING)
    places: dict[str, str] = {
        "logs": town.log.getvalue(),
        "refusals and commands": "\n".join(town.said),
        "metrics": metrics,
        "database": str(dump["all"]),
    }
    _must_have_been_looked_into(places)
    found = {
        f"{name} in the {place}: …{_around(text, value)}…"
        for name, value in town.canaries.items()
        for place, text in places.items()
        for form in (value, quote(value, safe=""))
        if form in text
    }
    assert not found, "\n".join(sorted(found))


def _around(text: str, value: str) -> str:
    at = max(text.find(value), 0)
    return text[max(at - 200, 0) : at + 100]


def _must_have_been_looked_into(places: dict[str, str]) -> None:
    """The search would find nothing in nothing: each place holds what a test knows to be in it."""
    missing = [(place, word) for place, words in KNOWN.items() for word in words if word not in places[place]]
    assert not missing
