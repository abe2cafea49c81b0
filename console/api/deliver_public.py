"""For outside systems, each with its own proof: gateways' receipts, answers to tests, CAP feeds.

None of these needs an account; a gateway signs, a link carries a token, a feed's reader shows the
feed's secret. Without them the answer is the same as for what does not exist.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import html
from http import HTTPStatus
from typing import Annotated, Any, Final
from xml.sax.saxutils import escape

import msgspec
from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from console.access import Data
from console.api.deliver import SQL
from console.database import Connection, Database, fetch
from console.deliver_schemas import Receipt
from console.problems import Invalid, Unauthenticated
from devices.errors import NotFound, SettingError
from ingest.clock import system_clock
from ingest.deliver import endpoint as kinds
from ingest.deliver.desk import note_receipt
from ingest.deliver.outbox import Channel, LetterState
from ingest.deliver.secrets import Secrets, verify
from ingest.deliver.testing import answer_by_code, digest, tell

public = APIRouter(tags=["delivery"])
Signature = Annotated[str, Header(alias="X-Shequ-Signature")]
Authorization = Annotated[str, Header(alias="Authorization")]
ATOM: Final = "application/atom+xml"
CAP: Final = "application/cap+xml"


async def found_endpoint(database: Database, code: str, channels: frozenset[Channel]) -> kinds.Wire:
    """Answer an endpoint's settings.

    Raises NotFound for one that is not there, switched off, or another kind of thing.
    """
    row = await database.row(SQL["endpoint"], {"code": code, "scope": None})
    if row is None or not row["enabled"] or row["channel"] not in channels:
        raise NotFound("channel", code)
    return kinds.read(Channel(row["channel"]), row["driver"], row["settings"])


def shown_secret(authorization: str) -> str:
    """Answer the secret of a Bearer or Basic header (there it is the password)."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def check_secret(secrets: Secrets, name: str, authorization: str) -> None:
    """Raise Unauthenticated unless the header shows the named secret."""
    wanted = secrets.find(name)
    if wanted is None or not hmac.compare_digest(wanted.encode(), shown_secret(authorization).encode()):
        raise Unauthenticated


@public.post("/api/deliver/receipts/{code}")
async def take_receipt(
    request: Request, database: Data, code: str, signature: Signature = ""
) -> dict[str, bool]:
    """Take what a gateway says: a receipt (`state`), a key pressed (`digits`), a reply (`text`)."""
    settings = await found_endpoint(database, code, frozenset({Channel.SMS, Channel.VOICE}))
    body = await request.body()
    secret = request.app.state.secrets.find(getattr(settings, "sign_secret", ""))
    now = int(system_clock().timestamp())
    if secret is None or not verify(secret, body, signature, now=now):
        raise Unauthenticated
    try:
        said = Receipt.model_validate_json(body)
    except ValidationError as exc:
        raise Invalid({"body": str(exc.errors()[0]["msg"])}) from exc

    async def work(connection: Connection) -> bool:
        taken = False
        state = LetterState.READ if said.digits else said.state
        if state is not None:
            detail = {"digits": said.digits} if said.digits else {}
            number = await note_receipt(
                connection,
                code,
                state=LetterState(state),
                remote_id=said.id,
                key=said.key,
                reason=said.reason,
                detail=detail,
            )
            taken = number is not None
        if said.text:
            taken = await answer_by_code(connection, code, said.text, said.sender) or taken
        return taken

    if not await database.write(work):
        raise NotFound("letter", said.id or said.key or "")
    return {"taken": True}


@public.get("/api/deliver/answer/{token}", response_class=HTMLResponse)
async def show_channel_test(database: Data, token: str) -> HTMLResponse:
    """Ask for one press: a link alone is opened by machines too."""
    row = await database.row(SQL["test_by_token"], {"token_hash": digest(token)})
    if row is None:
        raise NotFound("test", "")
    asked = row["state"] == "waiting" and row["open"]
    button = '<form method="post"><button>我收到了 · I got it</button></form>' if asked else ""
    return _page(row, _words(row["state"] if asked or row["state"] != "waiting" else "missed"), button)


@public.post("/api/deliver/answer/{token}", response_class=HTMLResponse)
async def answer_channel_test(database: Data, token: str) -> HTMLResponse:
    """Take the answer."""

    async def work(connection: Connection) -> None:
        row = await fetch(connection, SQL["answer_test"], {"token_hash": digest(token), "by": "link"})
        await tell(connection, "answered", [row] if row else [])

    await database.write(work)
    return await show_channel_test(database, token)


def _words(state: str) -> str:
    return {
        "waiting": "通道测试：请确认您收到了消息 · Channel test: please say that the message arrived",
        "answered": "已确认，谢谢 · Confirmed, thank you",
        "missed": "时限已过 · Too late",
    }[state]


def _page(row: dict[str, Any], words: str, button: str) -> HTMLResponse:
    name = html.escape(f"{row['name_zh']} · {row['name_en']}")
    return HTMLResponse(
        '<!doctype html><html lang="zh"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{name}</title><main><h1>{name}</h1><p>{words}</p>{button}</main></html>"
    )


@public.get("/api/cap/{feed}")
async def cap_feed(
    request: Request, database: Data, feed: str, authorization: Authorization = ""
) -> Response:
    """List a feed's CAP messages as Atom, newest first."""
    settings = await _feed(request, database, feed, authorization)
    rows = await database.rows(SQL["cap_feed"], {"feed": feed})
    entries = "".join(
        f"<entry><id>{escape(row['identifier'])}</id>"
        f"<title>{row['msg_type']} {escape(row['subject'])}</title>"
        f"<updated>{row['sent'].isoformat()}</updated>"
        f'<link rel="alternate" type="{CAP}" href="{escape(feed)}/{escape(row["identifier"])}"/></entry>'
        for row in rows
    )
    updated = (rows[0]["sent"] if rows else system_clock()).isoformat()
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>urn:shequ:cap:{escape(feed)}</id><title>{escape(settings.sender)}</title>"
        f"<updated>{updated}</updated>{entries}</feed>"
    )
    return Response(text, media_type=ATOM)


@public.get("/api/cap/{feed}/{identifier}")
async def cap_alert(
    request: Request, database: Data, feed: str, identifier: str, authorization: Authorization = ""
) -> Response:
    """Answer one CAP 1.2 message; whoever pulls it has received it."""
    await _feed(request, database, feed, authorization)
    row = await database.row(SQL["cap_alert"], {"feed": feed, "identifier": identifier})
    if row is None:
        raise NotFound("message", identifier)

    async def pulled(connection: Connection) -> None:
        if await fetch(connection, SQL["cap_pulled"], {"letter": row["letter"]}) is not None:
            await note_receipt(connection, feed, state=LetterState.DELIVERED, remote_id=identifier)

    await database.write(pulled)
    return Response(row["xml"], media_type=CAP, status_code=HTTPStatus.OK)


async def _feed(request: Request, database: Database, code: str, authorization: str) -> kinds.Feed:
    try:
        settings = await found_endpoint(database, code, frozenset({Channel.CAP}))
    except (SettingError, msgspec.ValidationError) as exc:
        raise NotFound("feed", code) from exc
    if not isinstance(settings, kinds.Feed):
        raise NotFound("feed", code)
    check_secret(request.app.state.secrets, settings.token_secret, authorization)
    return settings
