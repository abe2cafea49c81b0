"""Background tiles from the configured source, passed on.

So no browser asks an outside host, and no key leaves the server.
"""

from __future__ import annotations

from typing import Final

import httpx

from console.problems import NotConfigured
from console.settings import ConsoleSettings
from devices.errors import NotFound, StoreError

TIMEOUT: Final = httpx.Timeout(10.0, connect=3.0)
LARGEST: Final = 2 * 1024 * 1024  # bytes of one tile
KINDS: Final = frozenset({"image/png", "image/jpeg", "image/webp"})


def layers(settings: ConsoleSettings) -> list[str]:
    """The templates of the background's layers, lowest first."""
    return [one for one in (settings.map_tiles or "").split() if one]


async def tile(settings: ConsoleSettings, layer: int, z: int, x: int, y: int) -> tuple[bytes, str]:
    """Fetch one tile; answers it with its media type.

    Raises NotConfigured without a source, NotFound outside the pyramid and for what is no picture.
    """
    sources = layers(settings)
    if not sources:
        raise NotConfigured("No map background is set: SHEQU_MAP_TILES.")
    if layer >= len(sources) or max(x, y) >= 2**z:
        raise NotFound("tile", f"{layer}/{z}/{x}/{y}")
    url = sources[layer].replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y))
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
            answer = await client.get(url, headers={"User-Agent": "shequ"})
    except httpx.HTTPError as exc:
        raise StoreError(f"map background: {type(exc).__name__}") from exc  # not its text: it names the key
    media = answer.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if not answer.is_success or media not in KINDS or len(answer.content) > LARGEST:
        raise NotFound("tile", f"{layer}/{z}/{x}/{y}")
    return answer.content, media
