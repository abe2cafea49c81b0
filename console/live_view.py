"""Live view: the console relays a node's marked pictures to one viewer, for a reason and for a while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

import httpx

from console.problems import NotConfigured
from console.settings import ConsoleSettings
from devices.errors import NotFound, SettingError
from ingest.transport import trusting

RECHECK_S: Final = 5.0  # a view ends with its session
GRACE_S: Final = 5.0  # the node ends the view; should it not, we do
TIMEOUT: Final = httpx.Timeout(10.0, connect=3.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveStream:
    """An open answer of a node."""

    media: str
    seconds: float
    _answer: httpx.Response
    _stack: AsyncExitStack

    async def pictures(self, allowed: Callable[[], Awaitable[bool]]) -> AsyncIterator[bytes]:
        """Pass on what comes until the time is over, either side leaves, or it is no longer `allowed`."""
        clock = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(self.seconds + GRACE_S):
                checked = clock()
                async for piece in self._answer.aiter_raw():
                    if clock() - checked >= RECHECK_S:
                        if not await allowed():
                            return
                        checked = clock()
                    yield piece
        except (httpx.HTTPError, TimeoutError):
            return  # the viewer sees the picture stand still, and the page says that the view has ended
        finally:
            await self.close()

    async def close(self) -> None:
        """Hang up."""
        await self._stack.aclose()


async def open_live(settings: ConsoleSettings, estate: str, device: str, viewer: str) -> LiveStream:
    """Ask the nodes, one after the other, for a camera's live pictures.

    Raises NotConfigured where no node is set or its authority cannot be read, NotFound where none that
    answers has the camera.
    """
    if not settings.camera_nodes or settings.camera_secret is None:
        raise NotConfigured("No camera node is set: SHEQU_CAMERA_NODES and SHEQU_CAMERA_SECRET.")
    seconds = settings.live_minutes * 60
    login = {"Authorization": f"Bearer {settings.camera_secret.get_secret_value()}"}
    query = {"viewer": viewer, "seconds": str(seconds)}
    try:
        trusted = trusting(settings.camera_ca, "SHEQU_CAMERA_CA")
    except SettingError as exc:
        raise NotConfigured(str(exc)) from exc
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(
            httpx.AsyncClient(timeout=TIMEOUT, trust_env=False, verify=trusted)
        )
        for node in _nodes(settings.camera_nodes):
            request = client.build_request(
                "GET", f"{node}/live/{estate}/{device}", params=query, headers=login
            )
            try:
                answer = await client.send(request, stream=True)
            except httpx.HTTPError:
                continue  # another node may have it; if none has, the caller is told so
            stack.push_async_callback(answer.aclose)
            if answer.is_success:
                media = answer.headers.get("content-type", "multipart/x-mixed-replace")
                return LiveStream(media=media, seconds=seconds, _answer=answer, _stack=stack.pop_all())
    raise NotFound("live view", device)


def _nodes(text: str) -> Sequence[str]:
    return [node.strip().rstrip("/") for node in text.split(",") if node.strip()]
