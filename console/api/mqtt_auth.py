"""For a broker of your own (EMQX, VerneMQ): may this device come in, may it say or hear this.

The broker shows a shared secret. Answers are 200 with EMQX's or, where the request bears the header
`vernemq-hook`, VerneMQ's words. The platform's own accounts are the broker's business: for them EMQX
is told `ignore`, which hands the question to the next of its authenticators.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request

from console.access import Data
from console.problems import NotConfigured, Unauthenticated
from ingest.broker_admin import HEARS, SAYS
from ingest.store.sql import load

public = APIRouter(prefix="/api/mqtt", tags=["own broker"])
_SQL: Final = load("console.store", "mqtt_auth.sql")
Secret = Annotated[str | None, Header(alias="X-Shequ-Secret")]
Hook = Annotated[str | None, Header(alias="vernemq-hook")]


@public.post("/auth")
async def mqtt_auth(
    request: Request, database: Data, body: dict[str, Any], secret: Secret = None, hook: Hook = None
) -> dict[str, Any]:
    """Say whether a device may log in: user name and client id are its id."""
    _check(request, secret)
    name, client = str(body.get("username") or ""), body.get("clientid", body.get("client_id"))
    row = await database.row(_SQL["login"], {"device": name})
    if row is None:
        return _answer("ignore", hook)
    digest = hashlib.sha256(str(body.get("password") or "").encode()).digest()
    good = row["password_hash"] is not None and hmac.compare_digest(bytes(row["password_hash"]), digest)
    return _answer("allow" if good and client == name else "deny", hook)


@public.post("/acl")
async def mqtt_acl(
    request: Request, database: Data, body: dict[str, Any], secret: Secret = None, hook: Hook = None
) -> dict[str, Any]:
    """Say whether a device may publish or subscribe."""
    _check(request, secret)
    name = str(body.get("username") or "")
    row = await database.row(_SQL["login"], {"device": name})
    if row is None:
        return _answer("ignore", hook)
    hears = "subscribe" in (hook or "") or body.get("action") == "subscribe"
    topics = [topic.get("topic") for topic in body.get("topics", ())] or [body.get("topic")]
    good = row["valid"] and all(may(row["estate"], name, topic, hears=hears) for topic in topics)
    return _answer("allow" if good else "deny", hook)


def may(estate: str, device: str, topic: object, *, hears: bool) -> bool:
    """Whether a device may publish to a topic, or subscribe to it; wildcards are no topic of its own."""
    own = f"shequ/v1/{estate}/{device}"
    return topic in {f"{own}/{name}" for name in (HEARS if hears else SAYS)}


def _check(request: Request, secret: str | None) -> None:
    wanted = request.app.state.settings.mqtt_auth_secret
    if wanted is None:
        raise NotConfigured("No broker of your own is configured (SHEQU_MQTT_AUTH_SECRET).")
    if not hmac.compare_digest((secret or "").encode(), wanted.get_secret_value().encode()):
        raise Unauthenticated


def _answer(word: str, hook: str | None) -> dict[str, Any]:
    if hook is None:
        return {"result": word}
    words: dict[str, Any] = {"allow": "ok", "deny": {"error": "not_allowed"}, "ignore": "next"}
    return {"result": words[word]}
