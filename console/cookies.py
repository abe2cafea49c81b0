"""The page's session: a cookie no script can read, and proof that it was our page that asked.

SameSite=Strict keeps other sites from sending it. A request that changes something must besides
carry a header that no foreign form or image can set, and an Origin, where one is told, that is ours.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from fastapi import Request, Response

NAME: Final = "shequ_session"
HEADER: Final = "X-Shequ-Page"
READING: Final = frozenset({"GET", "HEAD"})  # methods that change nothing


def token_of(request: Request) -> str | None:
    """Answer the token in the page's cookie."""
    return request.cookies.get(NAME)


def asked_by_our_page(request: Request) -> bool:
    """Say whether a request with our cookie was made by our page."""
    if request.method in READING:
        return request.headers.get("Sec-Fetch-Site", "same-origin") in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    ours = origin is None or urlsplit(origin).netloc == request.headers.get("Host")
    return ours and HEADER in request.headers


def give(response: Response, request: Request, token: str, *, seconds: int | None) -> None:
    """Put the token into the page's cookie; without seconds it goes when the browser is closed."""
    response.set_cookie(
        NAME,
        token,
        max_age=seconds,
        path="/api",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def take(response: Response) -> None:
    """Take the cookie away."""
    response.delete_cookie(NAME, path="/api", httponly=True, samesite="strict")
