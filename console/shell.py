"""What surrounds every request: security headers, a body limit, counting, and the last catch."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.metrics import Metrics
from console.pictures import MOST_BYTES
from console.problems import unexpected

BODY_LIMIT: Final = 256 * 1024
SHEET_LIMIT: Final = 10 * 1024 * 1024  # an imported spreadsheet
_SHEETS: Final = "/api/devices/import"
DOSSIER_LIMIT: Final = 64 * 1024 * 1024  # a copy with its photos, brought to be checked
_DOSSIER: Final = "/api/dossier/verify"
_SCAN: Final = "/devices/scan"  # the one document that may use the camera
_SCANNER: Final = re.compile(r"/assets/scanner\.worker-[\w-]+\.js")  # a worker has the policy of its own file
_PHOTOS: Final = re.compile(r"/api/incidents/[0-9]+/attachments|/api/floor-plans/[^/]+")

SECURITY: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' data: blob:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SCAN: Final = {**SECURITY, "Permissions-Policy": "camera=(self), microphone=(), geolocation=(self)"}
SCANNER: Final = {
    **SECURITY,
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; base-uri 'none'"
    ),
}
HSTS: Final = ("Strict-Transport-Security", "max-age=31536000")  # a year, and only where TLS is


class Shell:
    """The outermost layer of the application, as plain ASGI so that streams pass through untouched."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin, status, taken = time.perf_counter(), 0, 0
        limit = _limit(scope["path"])

        async def limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise HTTPException(413, f"At most {limit // 1024} KiB are taken.")
            return message

        async def headed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _complete(MutableHeaders(scope=message), scope)
            await send(message)

        try:
            await self._app(scope, limited, headed)
        except Exception as exc:
            answer = unexpected(exc, method=scope["method"], path=scope["path"])
            if status:
                raise  # half an answer is out: only a broken connection tells the truth now
            await answer(scope, receive, headed)
        finally:
            self._metrics.count(scope, status, time.perf_counter() - begin)


def _limit(path: str) -> int:
    if path.startswith(_SHEETS):
        return SHEET_LIMIT
    if path == _DOSSIER:
        return DOSSIER_LIMIT
    return MOST_BYTES if _PHOTOS.fullmatch(path) else BODY_LIMIT


def _complete(headers: MutableHeaders, scope: Scope) -> None:
    for name, value in _policy(scope["path"]).items():
        headers.setdefault(name, value)
    if scope["scheme"] == "https":
        headers.setdefault(*HSTS)
    if scope["path"].startswith("/api/"):
        headers.setdefault("Cache-Control", "no-store")


def _policy(path: str) -> Mapping[str, str]:
    if path == _SCAN:
        return SCAN
    return SCANNER if _SCANNER.fullmatch(path) else SECURITY
