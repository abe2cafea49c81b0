"""A multipart stream that never ends, cut into its parts. Pure: bytes in, parts out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MAX_HEAD = 8 * 1024  # bytes of a part's header lines
MAX_PART = 4 * 1024 * 1024  # bytes of a part: pictures come along, and are skipped


class StreamError(ValueError):
    """The stream is not what multipart looks like."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its media type in lower case, and its bytes."""

    type: str
    body: bytes


def boundary_of(content_type: str) -> bytes:
    """The boundary that a `Content-Type: multipart/...` names; raises StreamError."""
    found = re.search(r'boundary="?([^";,]{1,70})"?', content_type)
    if not content_type.lower().startswith("multipart/") or found is None:
        raise StreamError(f"no multipart stream: {content_type[:100]!r}")
    return found[1].strip().removeprefix("--").encode("latin-1")


class Cutter:
    """Collects bytes and gives back the parts that are complete.

    Cameras are careless: some leave out Content-Length, some begin the boundary with
    dashes of their own, some end lines with a bare line feed. A part without a length ends
    where the next boundary begins.
    """

    def __init__(self, boundary: bytes) -> None:
        self._mark = re.compile(rb"(?:^|\r?\n)--(?:--)?" + re.escape(boundary) + rb"(?:--)?[ \t]*\r?\n")
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Part]:
        """Take in what arrived; yields complete parts; raises StreamError where one grows beyond measure."""
        self._rest += data
        while (part := self._next()) is not None:
            yield part
        if len(self._rest) > MAX_PART + MAX_HEAD:
            raise StreamError(f"a part of more than {MAX_PART} bytes")

    def _next(self) -> Part | None:
        """The first complete part, taken out of what has been collected."""
        begin = self._mark.search(self._rest)
        if begin is None:
            return None
        start = begin.end()
        head = re.compile(rb"\r?\n\r?\n").search(self._rest, max(0, start - 2))
        if head is None:
            if len(self._rest) - start > MAX_HEAD:
                raise StreamError(f"a part's header of more than {MAX_HEAD} bytes")
            return None
        headers = _headers(self._rest[start : head.start()])
        length = headers.get("content-length", "")
        if length.isdecimal() and len(length) < 10:  # noqa: PLR2004 - no part is so long
            end = head.end() + int(length)
            if int(length) > MAX_PART:
                raise StreamError(f"a part of {length} bytes")
            if len(self._rest) < end:
                return None
        else:
            following = self._mark.search(self._rest, head.end())
            if following is None:
                return None
            end = following.start()
        body, self._rest = self._rest[head.end() : end], self._rest[end:]
        return Part(headers.get("content-type", "").partition(";")[0].strip().lower(), body.strip(b"\r\n"))


def _headers(text: bytes) -> Mapping[str, str]:
    """Header lines by lower-case name."""
    lines = text.decode("latin-1").splitlines()
    return {
        name.strip().lower(): value.strip()
        for name, colon, value in (line.partition(":") for line in lines)
        if colon
    }
