"""The receivers of `shequ up`: gateway, message centre and mail server, and the ways to them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from console.commands.local import free_port, write_private
from ingest.store import sql

Q = sql.load("console.store", "receivers.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class Receivers:
    """Ports and secrets of the local receivers."""

    http: int
    smpp: int
    mail: int
    folder: Path
    words: str

    @property
    def address(self) -> str:
        """Answer where the messages can be read."""
        return f"http://127.0.0.1:{self.http}"


def prepare(data: Path, console: str) -> Receivers:
    """Choose ports, make the secrets once."""
    folder = data / "secrets"
    folder.mkdir(mode=0o700, exist_ok=True)
    found: dict[str, str] = {}
    for name, size in (("local-gateway", 24), ("local-smpp", 6)):
        file = folder / name
        if not file.is_file():
            write_private(file, secrets.token_urlsafe(size)[: 8 if name == "local-smpp" else None])
        found[name] = file.read_text(encoding="utf-8").strip()
    http, smpp, mail = free_port(), free_port(), free_port()
    words = json.dumps(
        {
            "http": http,
            "smpp": smpp,
            "mail": mail,
            "secret": found["local-gateway"],
            "password": found["local-smpp"],
            "console": console,
        }
    )
    return Receivers(http=http, smpp=smpp, mail=mail, folder=folder, words=words)


def ways(receivers: Receivers) -> tuple[tuple[str, str, str, str, str, Mapping[str, Any]], ...]:
    """Every endpoint to the local receivers: code, channel, driver, names, settings."""
    web, sign = receivers.address, {"sign_secret": "local-gateway"}
    smpp = {
        "host": "127.0.0.1",
        "port": receivers.smpp,
        "system_id": "shequ",
        "password_secret": "local-smpp",
    }
    mail = {"host": "127.0.0.1", "port": receivers.mail, "sender": "centre@example.org", "security": "none"}
    robot = {"url": f"{web}/dingtalk/send", "token_secret": "local-gateway", "sign_secret": "local-gateway"}
    wecom = {"url": f"{web}/wecom/send", "key_secret": "local-gateway"}
    return (
        ("local-sms", "sms", "http", "本地短信网关", "Local SMS gateway", {"url": f"{web}/sms", **sign}),
        ("local-smpp", "sms", "smpp", "本地短信中心", "Local message centre", smpp),
        (
            "local-voice",
            "voice",
            "http",
            "本地语音网关",
            "Local voice gateway",
            {"url": f"{web}/voice", **sign},
        ),
        ("local-mail", "email", "smtp", "本地邮件服务器", "Local mail server", mail),
        ("local-hook", "webhook", "http", "本地回调", "Local webhook", {"url": f"{web}/hook", **sign}),
        ("local-dingtalk", "dingtalk", "robot", "本地钉钉群", "Local DingTalk group", robot),
        ("local-wecom", "wecom", "robot", "本地企业微信群", "Local WeCom group", wecom),
    )


async def introduce(
    connection: AsyncConnection[Any], receivers: Receivers, *, only: Collection[str] | None = None
) -> None:
    """Write the ways to the local receivers into the database; what a person changed of them stays."""
    for code, channel, driver, name_zh, name_en, settings in ways(receivers):
        if only is not None and code not in only:
            continue
        row = {
            "code": code,
            "channel": channel,
            "driver": driver,
            "name_zh": name_zh,
            "name_en": name_en,
            "settings": Jsonb(dict(settings)),
        }
        await connection.execute(Q["introduce"], row)
