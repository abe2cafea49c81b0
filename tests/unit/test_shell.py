"""The policies of answers: strict everywhere, a camera for one page, WebAssembly for one worker."""

from __future__ import annotations

import pytest
from starlette.types import Message, Receive, Scope, Send

from console.metrics import Metrics
from console.shell import SECURITY, Shell


async def headers(path: str) -> dict[str, str]:
    """What a browser is told with the answer to this address."""
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    await Shell(app, metrics=Metrics())(
        {"type": "http", "method": "GET", "scheme": "http", "path": path, "app": None}, receive, send
    )
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


@pytest.mark.parametrize(
    "path", ["/", "/devices", "/devices/scan/", "/field", "/api/devices/scan", "/assets/a.js"]
)
async def test_no_page_uses_a_camera_or_webassembly(path: str) -> None:
    told = await headers(path)
    assert told["permissions-policy"] == SECURITY["Permissions-Policy"]
    assert "camera=()" in told["permissions-policy"]
    assert "wasm" not in told["content-security-policy"]


async def test_the_scanning_page_may_use_the_camera_and_nothing_more() -> None:
    told = await headers("/devices/scan")
    assert "camera=(self)" in told["permissions-policy"]
    assert told["content-security-policy"] == SECURITY["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("path", "wasm"),
    [
        ("/assets/scanner.worker-DzyRxt_W.js", True),
        ("/assets/scanner.worker.js", False),
        ("/x/assets/scanner.worker-a.js", False),
        ("/assets/scanner.worker-a.js.html", False),
    ],
)
async def test_webassembly_runs_in_the_scanners_worker_alone(path: str, wasm: bool) -> None:  # noqa: FBT001
    told = await headers(path)
    assert ("'wasm-unsafe-eval'" in told["content-security-policy"]) is wasm
    assert "unsafe-inline" not in told["content-security-policy"]
    assert "camera=()" in told["permissions-policy"]
