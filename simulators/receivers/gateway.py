"""An HTTP gateway for SMS, voice, webhooks and group robots, with receipts.

`/sms`, `/voice` and `/hook` check the platform's signature; `/wecom` and `/dingtalk` answer as those
robots do. A number ending in 0000 is refused, `/hang` never answers, `/broken` says 500.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import html
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from simulators.receivers.ledger import Ledger, Message

SIGNATURE = "x-shequ-signature"
Clock = Callable[[], float]


@dataclass(kw_only=True, slots=True)
class Gateway:
    """The gateway and how it behaves."""

    ledger: Ledger
    secret: str
    clock: Clock
    robot_secret: str = ""
    console: str = ""  # where receipts go; without one there are none
    endpoints: Mapping[str, str] = field(default_factory=dict)  # way: the platform's endpoint
    before_answer: Callable[[str], Awaitable[None]] | None = None
    let_go: asyncio.Event = field(default_factory=asyncio.Event)  # ends what hangs
    receipts: asyncio.Queue[tuple[str, Message]] = field(default_factory=asyncio.Queue)

    def app(self) -> Starlette:
        """Build the application."""
        return Starlette(
            routes=[
                Route("/", self._page),
                Route("/messages", self._messages),
                Route("/{way}", self._take, methods=["POST"]),
                Route("/{way}/send", self._robot, methods=["POST"]),
            ]
        )

    async def report(self) -> None:
        """Tell the platform that messages were delivered, until cancelled."""
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            while True:
                way, message = await self.receipts.get()
                endpoint = self.endpoints.get(way)
                if not endpoint or not self.console:
                    continue
                body = json.dumps({"id": f"{way}-{message.number}", "key": message.key, "state": "delivered"})
                try:
                    await client.post(
                        f"{self.console}/api/deliver/receipts/{endpoint}",
                        content=body,
                        headers={SIGNATURE: sign(self.secret, body.encode(), int(self.clock()))},
                    )
                except httpx.HTTPError:
                    await asyncio.sleep(1)
                    await self.receipts.put((way, message))

    async def _take(self, request: Request) -> Response:
        way = request.path_params["way"]
        body = await request.body()
        if way == "hang":
            await self.let_go.wait()
        if way == "broken":
            return JSONResponse({"error": "out of order"}, 500)
        if not genuine(self.secret, body, request.headers.get(SIGNATURE, ""), self.clock()):
            return JSONResponse({"error": "signature"}, 403)
        said: dict[str, Any] = json.loads(body)
        if str(said.get("to", "")).endswith("0000"):
            return JSONResponse({"error": "no such number"}, 422)
        message = self.ledger.take(way=way, key=said["key"], to=str(said.get("to", "")), text=said["text"])
        if self.before_answer is not None:
            await self.before_answer(said["key"])
        await self.receipts.put((way, message))
        return JSONResponse({"id": f"{way}-{message.number}"}, 202)

    async def _robot(self, request: Request) -> Response:
        way, query = request.path_params["way"], request.query_params
        if way == "dingtalk" and query.get("sign") != dingtalk_sign(
            self.robot_secret, query.get("timestamp", "")
        ):
            return JSONResponse({"errcode": 310000, "errmsg": "sign not match"})
        if way == "wecom" and query.get("key") != self.robot_secret:
            return JSONResponse({"errcode": 93000, "errmsg": "invalid webhook url"})
        text = (await request.json())["text"]["content"]
        self.ledger.take(way=way, key=f"{way}:{len(self.ledger.messages)}", to=way, text=text)
        return JSONResponse({"errcode": 0, "errmsg": "ok"})

    async def _messages(self, _: Request) -> Response:
        return JSONResponse(
            [
                {
                    "number": m.number,
                    "way": m.way,
                    "key": m.key,
                    "to": m.to,
                    "text": m.text,
                    "came": self.ledger.arrivals[m.key],
                }
                for m in self.ledger.messages
            ]
        )

    async def _page(self, _: Request) -> Response:
        rows = "".join(
            f"<tr><td>{m.number}</td><td>{m.way}</td><td>{html.escape(m.to)}</td><td>{html.escape(m.text)}</td></tr>"
            for m in reversed(self.ledger.messages)
        )
        return HTMLResponse(
            "<!doctype html><html lang=zh><meta charset=utf-8><title>本地网关 local gateway</title>"
            f"<h1>本地网关收到的消息 · messages received</h1><table border=1 cellpadding=6>{rows}</table>"
        )


def sign(secret: str, body: bytes, stamp: int) -> str:
    """Sign like the platform does."""
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


def genuine(secret: str, body: bytes, header: str, now: float) -> bool:
    """Check a signature as docs/howto/deliver.md tells receivers to."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    if not parts.get("t", "").isdigit() or abs(now - int(parts["t"])) > 300:  # noqa: PLR2004 - five minutes
        return False
    return hmac.compare_digest(sign(secret, body, int(parts["t"])), header)


def dingtalk_sign(secret: str, stamp: str) -> str:
    """Compute 钉钉's signature."""
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
