"""The simulator's own door on the loopback: how things stand, and wishes, for whoever knows the secret."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.live import Live
from simulators.steering import Unplayable


def control(live: Live, secret: str) -> Starlette:
    """Make the application: GET says how things stand, POST takes a wish and says it too."""

    def guarded(answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def guard(request: Request) -> Response:
            shown = request.headers.get("authorization", "").encode()
            if not hmac.compare_digest(shown, f"Bearer {secret}".encode()):
                return Response(status_code=401)
            return await answer(request)

        return guard

    async def show(_: Request) -> Response:
        return JSONResponse(live.stand())

    async def take(request: Request) -> Response:
        wish: Mapping[str, Any] = await request.json()
        try:
            live.wish(wish)
        except Unplayable as exc:
            return JSONResponse({exc.field: str(exc)}, status_code=422)
        return JSONResponse(live.stand())

    return Starlette(
        routes=[Route("/", guarded(show), methods=["GET"]), Route("/", guarded(take), methods=["POST"])]
    )
