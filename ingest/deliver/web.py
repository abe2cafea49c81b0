"""One HTTP request of a channel: guarded, not redirected, and its failure sorted into later or never."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import httpx

from devices.errors import DeliveryError, UndeliverableError
from ingest.deliver.guard import Network, locate

_LATER: Final = frozenset({408, 423, 425, 429})  # 4xx that mean: not now
_LONGEST: Final = 64 * 1024  # bytes of an answer that are read


@dataclass(frozen=True, kw_only=True, slots=True)
class Web:
    """How channels speak HTTP."""

    client: httpx.AsyncClient
    allowed: Sequence[Network] = ()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Any:
        """Post a body and answer the JSON that came back, None where there was none.

        Raises DeliveryError where it may work later, UndeliverableError where it will not.
        """
        target = await locate(url, self.allowed)
        about = {"Content-Type": "application/json", "User-Agent": "shequ", **headers, "Host": target.host}
        try:
            async with self.client.stream(
                "POST", target.url, content=body, headers=about, extensions={"sni_hostname": target.name}
            ) as response:
                text = bytearray()
                async for part in response.aiter_bytes():
                    text += part
                    if len(text) > _LONGEST:
                        break
        except httpx.HTTPError as exc:
            raise DeliveryError(f"{type(exc).__name__}: {exc}") from exc
        return _judge(response.status_code, bytes(text))


def _judge(status: int, text: bytes) -> Any:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        try:
            return httpx.Response(status, content=text).json() if text else None
        except ValueError:
            return None
    shown = text[:200].decode("utf-8", "replace")
    if status in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise DeliveryError(f"HTTP {status}: {shown}")
    raise UndeliverableError(f"HTTP {status}: {shown}")
