"""Writes happen once: the same Idempotency-Key with the same request answers as before.

The answer is kept in the transaction of the write itself, so there is no moment in which one
exists without the other. Refused writes change nothing and are not kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from psycopg.types.json import Jsonb

from console.auth import Me
from console.database import Connection, Database, fetch
from console.problems import Invalid
from ingest.store.sql import load

_SQL: Final = load("console.store", "writes.sql")
_Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=128)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a write answers; `kept` is what a repetition gets, where that must differ (secrets)."""

    body: Mapping[str, Any]
    status: int = HTTPStatus.OK
    kept: Mapping[str, Any] | None = None


class Writer:
    """Runs one write of one request."""

    def __init__(self, request: Request, caller: Me, idempotency_key: _Key = None) -> None:
        self._request, self._caller, self._key = request, caller, idempotency_key

    async def once(self, work: Callable[[Connection], Awaitable[Answer]]) -> JSONResponse:
        """Do `work` in a transaction unless this key has done it already.

        Raises Invalid where the key has been used for another request.
        """
        answer = await self.answer(work)
        return JSONResponse(answer.body, answer.status)

    async def answer(self, work: Callable[[Connection], Awaitable[Answer]], part: str = "") -> Answer:
        """Do one `part` of a request that is several writes, each in a transaction of its own.

        Raises Invalid where the key has been used for another request.
        """
        database: Database = self._request.app.state.database
        if self._key is None:
            return await database.write(work)
        key = f"{self._key}/{part}" if part else self._key
        about = {"user_name": self._caller.name, "key": key, "request": await self._fingerprint()}

        async def kept(connection: Connection) -> Answer:
            await connection.execute(_SQL["lock_key"], about)
            earlier = await fetch(connection, _SQL["earlier_answer"], about)
            if earlier is None:
                answer = await work(connection)
                body = Jsonb(answer.body if answer.kept is None else answer.kept)
                await connection.execute(
                    _SQL["keep_answer"], {**about, "status": answer.status, "body": body}
                )
                return answer
            if earlier["request"] != about["request"]:
                raise Invalid(
                    {"Idempotency-Key": "this key has been used for another request: take a new one"}
                )
            return Answer(body=earlier["body"], status=earlier["status"])

        return await database.write(kept)

    async def _fingerprint(self) -> str:
        digest = hashlib.sha256(await self._request.body()).hexdigest()
        return f"{self._request.method} {self._request.url.path} {digest}"


Once = Annotated[Writer, Depends(Writer)]
